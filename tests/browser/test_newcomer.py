"""Two newcomers' first ten minutes with the real product, one at the size of a phone and one at that of a laptop."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import LAPTOP, PHONE
from tests.browser.newcomer import (
    EN,
    TH,
    ask_for_points,
    desk,
    join,
    meet,
    menu_is,
    read_the_notice,
    refuse_offers,
    said,
    tap,
    touch_menu,
)
from tests.browser.screen import say
from tests.fixtures.installation import Installation

MOVES = {PHONE: ("clock-year",), LAPTOP: ("clock-month", "clock-month")}
"""Fourteen months in all: what each of the two sizes moves the clock by."""


@dataclass
class Newcomer:
    """Somebody new in front of a screen. Each screen is kept in the test's folder, to be looked at."""

    page: Page
    folder: Path
    seen: list[str] = field(default_factory=list)

    def look(self, name: str) -> None:
        self.seen.append(name)
        self.page.screenshot(path=self.folder / f"{len(self.seen):02}-{name}.png")
        assert self.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.fixture
def brand_new(installation: Installation) -> Installation:
    """The product as its first start leaves it: nobody but Ken has met it. Whoever asks for it comes first."""
    told = [entry for entry in installation.simulator.get("/sim/log").json()["entries"] if entry["kind"] == "webhook"]
    assert told == []
    installation.flask("richmenus", "sync")
    return installation


@pytest.fixture
def newcomers(
    make_page: Callable[[tuple[int, int]], Page], brand_new: Installation, tmp_path: Path
) -> dict[tuple[int, int], Newcomer]:
    """Mali with a phone, and somebody of her name with a laptop."""
    other = brand_new.simulator.post("/sim/people", json={"name": "Mali", "language": "th"}).json()["user_id"]
    found = {}
    for size, name in ((PHONE, "phone"), (LAPTOP, "laptop")):
        page = make_page(size)
        page.emulate_media(reduced_motion="reduce")
        (tmp_path / name).mkdir()
        found[size] = Newcomer(page, tmp_path / name)
    found[LAPTOP].page.add_init_script(f"localStorage.setItem('simulator.person', '{other}')")
    return found


def test_the_first_ten_minutes(newcomers: dict[tuple[int, int], Newcomer], brand_new: Installation) -> None:
    for one in newcomers.values():
        ten_minutes(one, brand_new.plan.simulator)
    for size, one in newcomers.items():
        with desk(one.page):
            one.look("desk")
            for button in MOVES[size]:
                one.page.get_by_test_id(button).click()
                expect(one.page.get_by_test_id(button)).to_be_enabled()
    for one in newcomers.values():
        a_year_later(one)


def ten_minutes(one: Newcomer, address: str) -> None:
    page, look = one.page, one.look
    meet(page, address)
    menu_is(page, "guest-th")
    look("greeting")
    read_the_notice(page)
    look("notice")
    join(page)
    look("welcome")
    refuse_offers(page)
    menu_is(page, "bronze-th")
    look("bronze")
    ask_for_points(page, "แต้ม", 100)
    look("points")
    tap(page, TH("History"))
    expect(said(page)).to_contain_text(TH("Welcome points"))
    expect(said(page)).to_contain_text("+100")
    tap(page, TH("My points"))
    expect(said(page)).to_contain_text(TH("Points to spend"))
    tap(page, TH("Tiers"))
    expect(said(page)).to_contain_text(TH("You are here"))
    look("tiers")
    touch_menu(page, TH("More"))
    expect(said(page)).to_contain_text(TH("How can we help?"))
    look("help")
    said(page).get_by_role("button", name=re.compile("^English")).click()
    expect(said(page)).to_contain_text(EN("How can we help?"))
    menu_is(page, "bronze-en")
    look("english")
    say(page, "Who painted the picture in your hall?")
    expect(said(page)).to_contain_text(
        EN("Thank you for your message. Our team reads this chat. Meanwhile, I can help you with these:")
    )
    look("unknown")


def a_year_later(one: Newcomer) -> None:
    page, look = one.page, one.look
    ask_for_points(page, "points", 0, EN)
    tap(page, EN("History"))
    expect(said(page)).to_contain_text(EN("Expired"))
    expect(said(page)).to_contain_text("−100")
    look("expired")
    page.get_by_test_id("person-ken").click()
    menu_is(page, "gold-en")
    shown = (said(page).get_attribute("data-seq") or "") if said(page).count() else "nothing yet"
    say(page, "history")
    expect(said(page)).not_to_have_attribute("data-seq", shown)
    expect(said(page)).to_contain_text(EN("Points history"))
    look("ken")
    turn_back_to(page, "HydraFacial")
    look("ken-earlier")


def turn_back_to(page: Page, treatment: str) -> None:
    """Page by page; what expired meanwhile stands before what was earned a year ago."""
    for _ in range(12):
        shown = said(page).get_attribute("data-seq") or ""
        tap(page, EN("Earlier"))
        expect(said(page)).not_to_have_attribute("data-seq", shown)
        expect(said(page)).to_contain_text(EN("Earlier points history"))
        if treatment in said(page).inner_text():
            return
    pytest.fail(f"no {treatment} in twelve pages of history")
