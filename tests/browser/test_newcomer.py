"""A newcomer's first ten minutes with the real product behind the phone, at the size of a phone and of a laptop."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from local.place import Place, prepare
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
from tests.fixtures.installation import Installation, installed


@pytest.fixture
def brand_new(place: Place, tmp_path: Path) -> Iterator[Installation]:
    """The product as its first start leaves it: nobody but Ken has met it."""
    running = installed(prepare(place.data / tmp_path.name, place.binaries))
    running.healthy()
    running.flask("richmenus", "sync")
    yield running
    running.close()


@pytest.mark.parametrize("size", [PHONE, LAPTOP], ids=["phone", "laptop"])
def test_the_first_ten_minutes(page: Page, brand_new: Installation, size: tuple[int, int], tmp_path: Path) -> None:
    """Each screen is kept in the test's folder, to be looked at."""
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.emulate_media(reduced_motion="reduce")
    seen: list[str] = []

    def look(name: str) -> None:
        seen.append(name)
        page.screenshot(path=tmp_path / f"{len(seen):02}-{name}.png")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")

    meet(page, brand_new.plan.simulator)
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
    tap(page, TH("Compare tiers"))
    expect(said(page)).to_contain_text(TH("You are here"))
    look("tiers")
    touch_menu(page, TH("Help"))
    expect(said(page)).to_contain_text(TH("How can we help?"))
    look("help")
    said(page).get_by_role("button", name=re.compile("^English")).click()
    expect(said(page)).to_contain_text(EN("How can we help?"))
    menu_is(page, "bronze-en")
    look("english")
    say(page, "Do you open on Sundays?")
    expect(said(page)).to_contain_text(
        EN("Thank you for your message. Our team reads this chat. Meanwhile, I can help you with these:")
    )
    look("unknown")
    with desk(page):
        look("desk")
        for button in ("clock-year", "clock-month", "clock-month"):
            page.get_by_test_id(button).click()
            expect(page.get_by_test_id(button)).to_be_enabled()
    ask_for_points(page, "points", 0, EN)
    tap(page, EN("History"))
    expect(said(page)).to_contain_text(EN("Expired"))
    expect(said(page)).to_contain_text("−100")
    look("expired")
    page.get_by_test_id("person-ken").click()
    menu_is(page, "gold-en")
    say(page, "history")
    expect(said(page)).to_contain_text(EN("Points history"))
    look("ken")
    turn_back_to(page, "HydraFacial")
    look("ken-earlier")


def turn_back_to(page: Page, treatment: str) -> None:
    """Page by page; what expired meanwhile stands before what was earned a year ago."""
    for _ in range(8):
        shown = said(page).get_attribute("data-seq") or ""
        tap(page, EN("Earlier"))
        expect(said(page)).not_to_have_attribute("data-seq", shown)
        expect(said(page)).to_contain_text(EN("Earlier points history"))
        if treatment in said(page).inner_text():
            return
    pytest.fail(f"no {treatment} in eight pages of history")
