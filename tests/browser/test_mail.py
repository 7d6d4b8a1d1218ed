"""A mail and its way out as people see them: on a phone, at a desk, in the light and in the dark."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
from flask import Flask
from playwright.sync_api import Page, Route, expect
from sqlalchemy.orm import Session

from channels.email.draw import draw
from channels.email.leave import Leaving, address
from channels.email.letter import letter
from channels.email.smtp import Server, Smtp
from channels.message import Action, Button, Figure, Message, Paragraph
from channels.palette import contrast
from customers.people import identify, vault_of
from customers.voice import in_language
from models.clinics import Clinic
from models.customers import LineLink
from runtime.clock import real
from runtime.settings import Settings
from tests.browser.conftest import LAPTOP, PHONE
from tests.fixtures.running import RunningSimulator

MAIL = "mali@mail.example"
SAID = {
    "th": Message(
        "วันนี้เป็นอย่างไรบ้าง", (Paragraph(text="สวัสดีค่ะ คุณมะลิ หากกังวลหรืออยากถามอะไร ทักเราได้ทุกเวลาค่ะ"),),
        (Figure("120", "แต้ม"),), buttons=(Button("คุยกับทีมงาน", Action("human")),
                                           Button("ยังไม่ใช่ตอนนี้", Action("not_now"), quiet=True)),
        subject="วันนี้เป็นอย่างไรบ้าง", purpose="care",
    ),
    "en": Message(
        "How are you today?", (Paragraph(text="Hello Mali! Should anything worry you, write to us at any time."),),
        (Figure("120", "points"),), buttons=(Button("Talk to our team", Action("human")),),
        subject="How are you today?", purpose="care",
    ),
}  # fmt: skip
COLORS = """() => [...document.querySelectorAll('h1, h2, p, a, strong')].map((one) => {
  let ground = one;
  const back = (each) => getComputedStyle(each).backgroundColor;
  while (ground && back(ground) === 'rgba(0, 0, 0, 0)') ground = ground.parentElement;
  return [one.textContent, getComputedStyle(one).color, ground ? back(ground) : 'rgb(255, 255, 255)'];
})"""


def posted(session: Session, clinic: Clinic, simulator: RunningSimulator, language: str) -> int:
    clinic.line_basic_id = "@aura"
    drawn = draw(SAID[language], clinic, in_language(clinic, language))
    made = letter(
        drawn, sender="hello@aura.example", recipient=MAIL, key=uuid4(), at=datetime.now(UTC),
        leave="http://127.0.0.1:1/u/aura/token",
    )  # fmt: skip
    smtp = Smtp("aura.example")
    smtp.carry(Server("127.0.0.1", simulator.call("GET", "mail")["port"]), made)
    smtp.close()
    return int(simulator.call("GET", "mail?of=")["mails"][0]["number"])


def fits(page: Page) -> None:
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide == 0


def readable(page: Page) -> None:
    """Every text against what is behind it, as WCAG's level AA has it."""
    for words, ink, ground in page.evaluate(COLORS):
        if words.strip():
            assert contrast(_hex(ink), _hex(ground)) >= 4.5, (words, ink, ground)


def _hex(rgb: str) -> str:
    return "#" + "".join(f"{int(part):02X}" for part in rgb[rgb.index("(") + 1 : -1].split(",")[:3])


@pytest.mark.parametrize("language", ["th", "en"])
@pytest.mark.parametrize("shade", ["light", "dark"])
def test_a_mail_can_be_read(
    page: Page, session: Session, clinic: Clinic, simulator: RunningSimulator, tmp_path: Path, language: str, shade: str
) -> None:
    number = posted(session, clinic, simulator, language)
    page.emulate_media(color_scheme=shade)  # type: ignore[arg-type]
    page.goto(f"{simulator.url}/sim/mail/{number}/html")
    expect(page.get_by_role("heading", level=1)).to_have_text(SAID[language].title)
    fits(page)
    readable(page)
    tap = page.get_by_role("link", name=SAID[language].buttons[0].label)
    box = tap.bounding_box()
    assert box is not None and box["height"] >= 44
    page.screenshot(path=tmp_path / f"mail-{language}-{shade}.png", full_page=True)


@pytest.mark.parametrize("size", [PHONE, LAPTOP], ids=["phone", "desk"])
@pytest.mark.parametrize("language", ["th", "en"])
def test_the_mailbox_shows_both_forms(
    make_page: Callable[[tuple[int, int]], Page], session: Session, clinic: Clinic, simulator: RunningSimulator,
    tmp_path: Path, size: tuple[int, int], language: str,
) -> None:  # fmt: skip
    number = posted(session, clinic, simulator, language)
    page = make_page(size)
    page.add_init_script(f"window === top && localStorage.setItem('simulator.language', '{language}')")
    page.goto(f"{simulator.url}/mail")
    fits(page)
    page.get_by_test_id(f"mail-{number}").click()
    expect(page.get_by_test_id("subject")).to_have_text(SAID[language].subject)
    inside = page.frame_locator("[data-testid=html]")
    expect(inside.get_by_role("heading", level=1)).to_have_text(SAID[language].title)
    expect(page.get_by_test_id("text")).to_contain_text(SAID[language].buttons[0].label)
    expect(page.get_by_test_id("deeds").or_(page.locator("#deeds"))).to_be_visible()
    fits(page)
    page.get_by_test_id("dark").click()
    expect(inside.get_by_role("heading", level=1)).to_have_css("color", "rgb(241, 235, 238)")
    page.screenshot(path=tmp_path / "mailbox.png", full_page=True)
    with page.context.expect_page() as opened:
        inside.get_by_role("link", name=SAID[language].buttons[0].label).click()
    expect(opened.value.get_by_test_id("do-here")).to_be_visible()  # the pretend phone says what a real one would do


@pytest.mark.parametrize("language", ["th", "en"])
@pytest.mark.parametrize("shade", ["light", "dark"])
def test_the_way_out(
    page: Page, app: Flask, settings: Settings, session: Session, mali: LineLink, tmp_path: Path, language: str,
    shade: str,
) -> None:  # fmt: skip
    identify(session, mali.customer, "email", MAIL, real())
    session.commit()
    clinic = mali.customer.clinic
    index = vault_of(session).index(clinic.id, "email", MAIL)
    at = address(settings, Leaving(clinic.slug, "marketing", index))
    web = app.test_client()

    def serve(route: Route) -> None:
        asked = route.request
        path = asked.url.removeprefix(settings.public_url)
        body = asked.post_data_buffer if asked.method == "POST" else None
        kept = {name: value for name, value in asked.headers.items() if name in ("accept-language", "content-type")}
        given = web.open(path, method=asked.method, data=body, headers=kept)
        route.fulfill(status=given.status_code, headers=dict(given.headers), body=given.data)

    page.route(f"{settings.public_url}/**", serve)
    page.emulate_media(color_scheme=shade)  # type: ignore[arg-type]
    page.goto(f"{at}?in={language}")
    fits(page)
    readable(page)
    first = page.get_by_role("button").inner_text()
    page.get_by_role("button").click()
    expect(page.get_by_role("button")).not_to_have_text(first)
    expect(page.locator("section li")).to_have_count(3)
    readable(page)
    page.screenshot(path=tmp_path / f"way-out-{language}-{shade}.png", full_page=True)
    page.get_by_role("button").click()
    expect(page.get_by_role("button")).to_have_text(first)
