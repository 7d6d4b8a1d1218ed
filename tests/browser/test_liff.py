"""LINE's own browser in the pretend phone, with a small page for the product's; and LINE Login in a plain one."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import Download, FrameLocator, Page, expect

from simulator.serve import Server
from tests.browser.conftest import KEN, MALI, PHONE, Line
from tests.browser.screen import items, newest, text

LOGIN = "1660000001"
LIFF = f"{LOGIN}-testpage"
PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Page of the app</title>
<h1 id="path"></h1><pre id="said"></pre><p id="token"></p>
<a id="file" download="points.txt" href="/file">Download</a>
<a id="line" href="https://line.me/R/oaMessage/%40aura/?REF%20ABC123">Write to the clinic</a>
<a id="again" href="LINE/liff/LIFF/second">Second page</a>
<button id="close">Close</button><button id="outside">Open outside</button>
<script src="LINE/liff/edge/2/sdk.js"></script><script src="/page.js"></script></html>"""
SCRIPT = """
const show = (id, text) => { document.getElementById(id).textContent = text; };
show("path", location.pathname + location.search);
liff.init({ liffId: "LIFF" }).then(() => {
  show("token", liff.getIDToken() ?? "none");
  show("said", JSON.stringify({
    client: liff.isInClient(), signedIn: liff.isLoggedIn(), os: liff.getOS(), language: liff.getAppLanguage(),
    hash: location.hash, worker: "serviceWorker" in navigator, share: liff.isApiAvailable("shareTargetPicker"),
    name: liff.getDecodedIDToken()?.name ?? null, id: liff.id,
  }));
}, (error) => show("said", error.code));
document.getElementById("close").onclick = () => liff.closeWindow();
document.getElementById("outside").onclick = () => liff.openWindow({ url: "/elsewhere", external: true });
"""


@dataclass
class App:
    """Stands where the product's portal would be; remembers what it was asked for."""

    line: str
    liff: str = LIFF
    url: str = ""
    asked: list[str] = field(default_factory=list)

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        path = environ["PATH_INFO"]
        self.asked.append("?".join(filter(None, (path, environ["QUERY_STRING"]))))
        kinds = {"/page.js": "text/javascript", "/file": "text/plain"}
        written = {"/page.js": SCRIPT, "/file": "a file"}.get(path, PAGE)
        body = written.replace("LINE/", f"{self.line}/").replace("LIFF", self.liff).encode()
        kind = kinds.get(path, "text/html; charset=utf-8")
        start_response("200 OK", [("Content-Type", kind), ("Content-Length", str(len(body)))])
        return [body]


@pytest.fixture
def app(line: Line) -> Iterator[App]:
    it = App(line.url)
    server = Server(it, 0)
    server.start()
    it.url = server.url
    channel = {"secret": "s", "liff_id": LIFF, "endpoint": f"{it.url}/app", "callback": f"{it.url}/signed-in"}
    put = line.http.put(f"/sim/login/{LOGIN}", json=channel)
    assert put.status_code == 200, put.text
    yield it
    server.stop()


def opened(page: Page) -> FrameLocator:
    expect(page.get_by_test_id("liff-page")).to_be_visible()
    return page.frame_locator('[data-testid="liff-page"]')


def told(frame: FrameLocator | Page) -> dict[str, Any]:
    said = frame.locator("#said")
    expect(said).to_contain_text("client")
    return dict(json.loads(said.text_content() or ""))


def who(line: Line, frame: FrameLocator) -> str:
    form = {"id_token": frame.locator("#token").text_content() or "", "client_id": LOGIN}
    answer = line.http.post("/oauth2/v2.1/verify", data=form)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["sub"])


def button(line: Line, rest: str) -> dict[str, Any]:
    action = {"type": "uri", "label": "แต้มของฉัน", "uri": f"{line.url}/liff/{LIFF}{rest}"}
    return {"type": "template", "altText": "x", "template": {"type": "buttons", "text": "x", "actions": [action]}}


def test_a_tap_opens_the_app_for_whoever_holds_the_phone(phone: Page, line: Line, app: App) -> None:
    line.push(MALI, button(line, "/points?of=1"))
    newest(phone).get_by_role("button", name="แต้มของฉัน").click()
    frame = opened(phone)
    expect(frame.locator("#path")).to_have_text("/app/points?of=1")
    assert told(frame) == {
        "client": True, "signedIn": True, "os": "ios", "language": "th", "hash": "", "worker": False, "share": False,
        "name": "Mali", "id": LIFF,
    }  # fmt: skip
    assert who(line, frame) == MALI
    pages = [asked for asked in app.asked if asked.startswith("/app")]
    assert pages == ["/app?liff.state=%2Fpoints%3Fof%3D1", "/app/points?of=1"]
    expect(phone.locator("#sheet-title")).to_have_text("Page of the app")
    sheet, screen = phone.get_by_test_id("sheet").bounding_box(), phone.locator(".phone").bounding_box()
    assert sheet is not None and screen is not None
    assert sheet["height"] == pytest.approx(screen["height"], abs=2)
    frame.locator("#close").click()
    expect(phone.get_by_test_id("liff-page")).to_have_count(0)
    expect(phone.get_by_test_id("composer")).to_be_visible()


def test_somebody_else_is_somebody_else(phone: Page, line: Line, app: App) -> None:
    for user, name in ((MALI, "Mali"), (KEN, "Ken")):
        line.push(user, text(f"{line.url}/liff/{LIFF}"))
        phone.get_by_test_id(f"person-{name.lower()}").click()
        newest(phone).get_by_role("link").click()
        frame = opened(phone)
        assert told(frame)["name"] == name
        assert who(line, frame) == user
        expect(frame.locator("#path")).to_have_text("/app")
        phone.get_by_test_id("sheet").get_by_role("button").click()


def test_no_download_in_the_app_and_one_in_a_plain_browser(
    phone: Page, make_page: Callable[[tuple[int, int]], Page], line: Line, app: App
) -> None:
    downloads: list[Download] = []

    def kept(download: Download) -> None:
        downloads.append(download)

    phone.on("download", kept)
    line.push(MALI, button(line, "/points"))
    newest(phone).get_by_role("button", name="แต้มของฉัน").click()
    frame = opened(phone)
    told(frame)
    frame.locator("#file").click()
    plain = make_page(PHONE)
    plain.goto(f"{line.url}/liff/{LIFF}/points")
    expect(plain.locator("#path")).to_have_text("/app/points")
    assert told(plain) == {
        "client": False, "signedIn": False, "os": "web", "language": "th-TH", "hash": "", "worker": True,
        "share": False, "name": None, "id": LIFF,
    }  # fmt: skip
    with plain.expect_download() as download:
        plain.locator("#file").click()
    assert download.value.suggested_filename == "points.txt"
    assert downloads == []


def test_links_to_line_leave_the_app_and_those_of_the_app_stay(phone: Page, line: Line, app: App) -> None:
    line.push(MALI, button(line, ""))
    newest(phone).get_by_role("button", name="แต้มของฉัน").click()
    frame = opened(phone)
    told(frame)
    frame.locator("#again").click()
    frame = opened(phone)
    expect(frame.locator("#path")).to_have_text("/app/second")
    assert told(frame)["name"] == "Mali"
    with phone.expect_popup() as popup:
        frame.locator("#outside").click()
    expect(popup.value.locator("#path")).to_have_text("/elsewhere")
    popup.value.close()
    frame.locator("#line").click()
    phone.get_by_test_id("do-here").click()
    expect(phone.get_by_test_id("composer")).to_have_value("REF ABC123")


def test_an_app_that_was_not_opened_is_refused(phone: Page, line: Line, app: App) -> None:
    app.liff = f"{LOGIN}-otherapp"
    line.push(MALI, button(line, ""))
    newest(phone).get_by_role("button", name="แต้มของฉัน").click()
    expect(opened(phone).locator("#said")).to_have_text("INIT_FAILED")


def test_line_login_leads_back_with_a_code(page: Page, line: Line, app: App) -> None:
    query = f"response_type=code&client_id={LOGIN}&redirect_uri={app.url}/signed-in&state=s&scope=openid%20profile"
    page.goto(f"{line.url}/oauth2/v2.1/authorize?{query}")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_test_id("login-as-mali").click()
    expect(page.locator("#path")).to_contain_text("/signed-in?code=")
    form = {
        "grant_type": "authorization_code", "code": page.evaluate("new URLSearchParams(location.search).get('code')"),
        "redirect_uri": f"{app.url}/signed-in", "client_id": LOGIN, "client_secret": "s",
    }  # fmt: skip
    granted = line.http.post("/oauth2/v2.1/token", data=form).json()
    checked = line.http.post("/oauth2/v2.1/verify", data={"id_token": granted["id_token"], "client_id": LOGIN}).json()
    assert (checked["sub"], checked["name"]) == (MALI, "Mali")
    page.goto(f"{line.url}/oauth2/v2.1/authorize?{query}")
    page.get_by_test_id("login-no").click()
    expect(page.locator("#path")).to_contain_text("/signed-in?error=access_denied")
    assert items(page, "text").count() == 0
