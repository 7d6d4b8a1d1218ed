"""A newcomer's first ten minutes, step by step: the test walks through them, and so does whoever takes the picture.

Each step ends when its outcome is on the screen.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from playwright.sync_api import Locator, Page, expect

from runtime.language import Language
from tests.browser.screen import say
from tests.fixtures.installation import Installation

TH, EN = Language("th"), Language("en")
CLINIC = "Aura Clinic"


def by_day(installation: Installation) -> None:
    """Moves the clock on to an hour at which the clinic writes to people unasked, if it is none."""
    clock = installation.simulator.get("/sim/clock").json()
    there = datetime.fromisoformat(clock["now"]).astimezone(TH.zone)
    if not 9 <= there.hour < 20:
        # From 20:00 to midnight that is tomorrow, after midnight the same day.
        morning = (there + timedelta(hours=4)).replace(hour=10)
        installation.simulator.put("/sim/clock", json={"at": morning.isoformat()}).raise_for_status()


def said(page: Page) -> Locator:
    """The newest message of the clinic."""
    return page.locator('[data-testid="chat-item"][data-from="bot"]').last


def tap(page: Page, label: str) -> None:
    """A button of the newest message of the clinic."""
    said(page).get_by_role("button", name=label, exact=True).click()


def touch_menu(page: Page, label: str) -> None:
    """An area of the picture under the chat; the menu is opened first when it is closed."""
    area = page.get_by_test_id("rich-menu").get_by_role("button", name=label, exact=True)
    expect(page.get_by_test_id("menu-toggle")).to_be_visible()
    if not area.is_visible():
        page.get_by_test_id("menu-toggle").click()
    area.click()


def menu_is(page: Page, name: str) -> None:
    """The picture under the chat is the menu `<look>-<language>`."""
    picture = page.get_by_test_id("rich-menu-image")
    expect(picture).to_have_attribute("alt", re.compile(f"^{name}:"), timeout=15_000)


@contextmanager
def desk(page: Page) -> Iterator[None]:
    """What is beside the phone: on a narrow screen behind a button."""
    opener = page.get_by_test_id("desk-open")
    narrow = opener.is_visible()
    if narrow:
        opener.click()
    yield
    if narrow:
        page.get_by_test_id("desk-close").click()
        expect(page.get_by_test_id("desk-close")).to_be_hidden()


def meet(page: Page, address: str) -> None:
    """Opens the simulator, reads the three lines and adds the clinic: it greets in Thai."""
    page.goto(address)
    expect(page.get_by_test_id("guide").get_by_role("listitem")).to_have_count(3)
    page.get_by_test_id("guide-done").click()
    page.get_by_test_id("follow").click()
    expect(said(page)).to_contain_text(TH("Welcome to {clinic}", clinic=CLINIC))


def read_the_notice(page: Page) -> None:
    tap(page, TH("Read the privacy notice"))
    rights = TH("You may ask for a copy, a correction or erasure at any time: write to us in this chat.")
    expect(said(page)).to_contain_text(rights)


def greeted(page: Page, language: Language) -> None:
    """In the language of the phone, where LINE has told it within some seconds; else it is chosen by a tap."""
    welcome = [one("Welcome to {clinic}", clinic=CLINIC) for one in (TH, EN)]
    expect(said(page)).to_contain_text(re.compile("|".join(map(re.escape, welcome))))
    if language("Welcome to {clinic}", clinic=CLINIC) not in said(page).inner_text():
        called = {"th": "ภาษาไทย", "en": "English"}
        page.get_by_test_id("quick-reply").filter(has_text=called[language.code]).click()
    menu_is(page, f"guest-{language.code}")


def join(page: Page, language: Language = TH) -> None:
    """By the picture under the chat: the points come first, then the age, and the question about offers by itself."""
    touch_menu(page, language("Become a member"))
    age = "Are you 20 or older? We keep nothing but your answer, and your membership does not depend on it."
    expect(said(page)).to_contain_text(language(age))
    expect(said(page)).not_to_contain_text("100")
    welcome = page.locator('[data-testid="chat-item"][data-from="bot"]').nth(-2)
    expect(welcome).to_contain_text(language("You are a member now, and your first points are here."))
    expect(welcome).to_contain_text("100")
    tap(page, language("Yes, 20 or older"))
    question = "May {clinic} send you news and offers in LINE? You can change your mind at any time, and nothing else "
    expect(said(page)).to_contain_text(language(f"{question}depends on your answer.", clinic=CLINIC))


def refuse_offers(page: Page, language: Language = TH) -> None:
    tap(page, language("No, thank you"))
    expect(said(page)).to_contain_text(language("Understood. We will not send you offers."))


def ask_for_points(page: Page, words: str, held: int, language: Language = TH) -> None:
    say(page, words)
    expect(said(page)).to_contain_text(language("Points to spend"))
    expect(said(page)).to_contain_text(language.number(held))
