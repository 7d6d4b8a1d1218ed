"""What the browser tests share: one Chromium, and a loopback server for pages that need no product behind them.

Without a Chromium the tests are skipped and say so; with CI=true that is a failure instead, so that the pictures a
customer sees are never silently untested.
"""

import functools
import json
import os
import queue
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect, sync_playwright
from werkzeug.serving import make_server

from simulator.accounts import named_user
from simulator.app import close_simulator, create_simulator
from simulator.config import Config
from simulator.serve import Server
from tests.fixtures.installation import Installation
from web import parts, statics

ROOT = Path(__file__).parents[2]
CHROMIUM = Path(os.environ.get("CHROMIUM", "/usr/bin/chromium"))
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"]
PHONE = (390, 844)
LAPTOP = (1280, 900)
DESKTOP = (1440, 900)
expect.set_options(
    timeout=30_000
)  # on a machine with much else to do an answer takes longer than Playwright's five seconds


def _installed(playwright: Playwright) -> Path | None:
    """The system's Chromium, or the one that `playwright install chromium` brought."""
    own = Path(playwright.chromium.executable_path)
    return next((path for path in (CHROMIUM, own) if path.exists()), None)


def launch(playwright: Playwright) -> Browser | None:
    """A Chromium that asks nobody for anything; None where there is none."""
    chromium = _installed(playwright)
    return playwright.chromium.launch(executable_path=str(chromium), args=ARGUMENTS) if chromium else None


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = launch(playwright)
        if opened is None:
            reason = f"NO BROWSER: there is no Chromium at {CHROMIUM}; what people see on the screen is NOT tested"
            if os.environ.get("CI") == "true":
                pytest.fail(reason)
            pytest.skip(reason)
        yield opened
        opened.close()


@pytest.fixture
def make_page(browser: Browser) -> Iterator[Callable[[tuple[int, int]], Page]]:
    """Pages of a size, each a visitor of its own. Every error of their scripts is a failure of the test."""
    contexts: list[BrowserContext] = []
    errors: list[str] = []

    def make(size: tuple[int, int]) -> Page:
        contexts.append(browser.new_context(viewport={"width": size[0], "height": size[1]}, locale="th-TH"))
        opened = contexts[-1].new_page()
        opened.on("pageerror", lambda error: errors.append(str(error)))
        return opened

    yield make
    for context in contexts:
        context.close()
    assert errors == []


@pytest.fixture
def page(make_page: Callable[[tuple[int, int]], Page]) -> Page:
    """A page of a phone's size."""
    return make_page(PHONE)


@pytest.fixture
def open_screen(
    make_page: Callable[[tuple[int, int]], Page], installation: Installation
) -> Callable[[tuple[int, int], str, str], Page]:
    """The simulator in a size and a language, with somebody's phone up."""

    def open_(size: tuple[int, int], language: str, person: str) -> Page:
        page = make_page(size)
        page.emulate_media(reduced_motion="reduce")
        kept = {"simulator.guide": "seen", "simulator.language": language, "simulator.person": person}
        for name, value in kept.items():
            page.add_init_script(f"localStorage.getItem('{name}') ?? localStorage.setItem('{name}', '{value}')")
        page.goto(installation.plan.simulator)
        return page

    return open_


class _Quiet(SimpleHTTPRequestHandler):
    """The simulator's static files, and an empty page at /blank. The policy is stricter than the simulator needs."""

    def do_GET(self) -> None:
        if self.path != "/blank":
            super().do_GET()
            return
        body = b'<!doctype html><meta charset="utf-8"><link rel="stylesheet" href="/static/base.css">'
        body += b'<link rel="stylesheet" href="/static/flex.css"><div id="root"></div>'
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def end_headers(self) -> None:
        policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'"
        self.send_header("Content-Security-Policy", policy)
        super().end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's own name
        """Requests of a test are of no interest."""


@pytest.fixture(scope="session")
def static_site() -> Iterator[str]:
    """Address of a server with the simulator's static files under /static and an empty page at /blank."""
    handler = functools.partial(_Quiet, directory=str(ROOT / "simulator"))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


CHANNEL, TOKEN = "2000000043", "a-token-for-the-screen"
MALI, KEN = named_user("mali"), named_user("ken")


@dataclass
class Clinic:
    """Stands where the product would be: keeps the events it hears, and a clock that can be moved."""

    url: str = ""
    events: "queue.Queue[dict[str, Any]]" = field(default_factory=queue.Queue)
    moves: list[dict[str, Any]] = field(default_factory=list)
    ahead: timedelta = timedelta()
    now: str = ""
    waits: list[dict[str, Any]] = field(default_factory=list)

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        body = environ["wsgi.input"].read()
        answer = b"{}"
        if environ["PATH_INFO"] == "/dev/clock":
            if environ["REQUEST_METHOD"] == "PUT":
                self.move(json.loads(body))
            self.now = (datetime.now(UTC) + self.ahead).isoformat()
            answer = json.dumps(
                {"now": self.now, "offset_seconds": self.ahead.total_seconds(), "waits": self.waits}
            ).encode()
        else:
            for event in json.loads(body)["events"]:
                self.events.put(event)
        start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(answer)))])
        return [answer]

    def move(self, wanted: dict[str, Any]) -> None:
        self.moves.append(wanted)
        if "at" in wanted:
            self.ahead = datetime.fromisoformat(wanted["at"]) - datetime.now(UTC)
        else:
            self.ahead += timedelta(seconds=wanted["advance_seconds"])

    def heard(self, kind: str) -> dict[str, Any]:
        """The next event of this kind; others before it are passed over."""
        while (event := self.events.get(timeout=5))["type"] != kind:
            pass
        return event


@dataclass
class Line:
    """A running simulator as the clinic's program and a test reach it."""

    url: str
    clinic: Clinic
    http: httpx.Client

    def push(self, to: str, *messages: dict[str, Any]) -> None:
        answer = self.http.post("/v2/bot/message/push", json={"to": to, "messages": list(messages)})
        assert answer.status_code == 200, answer.text


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Line]:
    clinic = Clinic()
    product = Server(clinic, 0)
    product.start()
    clinic.url = product.url
    config = Config(data=tmp_path, app_url=product.url, channel_id=CHANNEL, bot_token=TOKEN, redelivery=())
    app = create_simulator(config)
    server = Server(app, 0)
    server.start()
    with httpx.Client(base_url=server.url, headers={"Authorization": f"Bearer {TOKEN}"}, trust_env=False) as http:
        yield Line(server.url, clinic, http)
    server.stop()
    close_simulator(app)
    product.stop()


@pytest.fixture
def phone(page: Page, line: Line) -> Page:
    """Mali's phone, guidance read, the clinic just added as a friend."""
    page.goto(line.url)
    page.get_by_test_id("guide-done").click()
    page.get_by_test_id("follow").click()
    expect(page.get_by_test_id("composer")).to_be_visible()
    assert line.clinic.heard("follow")["source"]["userId"] == MALI
    return page


@pytest.fixture(scope="session")
def site() -> Iterator[str]:
    """`/dev/parts`, with nothing of the product behind it."""
    app = Flask(__name__, static_folder=None)
    app.register_blueprint(statics.blueprint())
    app.register_blueprint(parts.blueprint())
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()
