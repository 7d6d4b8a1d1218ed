"""A tier that was reached, as a browser celebrates it: for two seconds, until a tap or Escape, or standing still."""

from collections.abc import Callable
from pathlib import Path
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE

Motion = Literal["reduce", "no-preference"]


@pytest.fixture
def reached(make_page: Callable[[tuple[int, int]], Page], site: str) -> Callable[..., Page]:
    def open_(motion: Motion = "no-preference", look: Literal["light", "dark"] = "light", language: str = "en") -> Page:
        page = make_page(PHONE)
        page.emulate_media(color_scheme=look, reduced_motion=motion)
        page.goto(f"{site}/dev/parts/reached?in={language}", wait_until="load")
        return page

    return open_


def covers(page: Page) -> bool:
    """Whether it stands over the page, and takes what is tapped."""
    return bool(page.evaluate("document.elementFromPoint(195, 700).closest('.celebration') !== null"))


def test_it_is_over_after_two_seconds(reached: Callable[..., Page], tmp_path: Path) -> None:
    page = reached()
    assert covers(page)
    page.wait_for_timeout(700)
    page.screenshot(path=tmp_path / "reached.png")
    expect(page.locator(".celebration")).to_be_hidden()
    assert not covers(page)
    assert page.evaluate("document.getAnimations().every(one => one.effect.getTiming().duration <= 2000)")
    expect(page.get_by_role("status").first).to_have_text("You have reached Gold. Congratulations!")


@pytest.mark.parametrize("how", ["tap", "Escape"])
def test_it_is_skipped(reached: Callable[..., Page], how: str) -> None:
    page = reached()
    # Slowed down, so that it is not over by itself.
    page.evaluate("document.getAnimations().forEach(one => { one.playbackRate = 0.001; })")
    assert covers(page)
    if how == "tap":
        page.mouse.click(195, 700)
    else:
        page.keyboard.press("Escape")
    assert page.locator(".celebration").count() == 0
    assert page.url.endswith("/dev/parts/reached?in=en")


@pytest.mark.parametrize("look", ["light", "dark"])
@pytest.mark.parametrize("language", ["th", "en"])
def test_where_motion_is_not_wanted_it_stands(
    reached: Callable[..., Page], tmp_path: Path, look: str, language: str
) -> None:
    page = reached("reduce", look, language)
    page.wait_for_timeout(2_500)
    page.screenshot(path=tmp_path / f"reached-still-{look}-{language}.png")
    expect(page.locator(".celebration")).to_be_visible()
    assert not covers(page)
    assert page.evaluate("document.querySelector('.celebration').getAnimations({subtree: true}).length") == 0
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    page.keyboard.press("Escape")
    assert page.locator(".celebration").count() == 0
