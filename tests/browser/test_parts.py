"""The parts of pages as a browser draws them: on a phone and a desk, in every look, as axe judges them."""

from collections.abc import Callable
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import DESKTOP, PHONE

SMALLEST = 44
REACHED = "a, button, summary, select, input:not([type=hidden]), textarea"
SMALL = """elements => elements.filter(one => {
  const target = one.closest("label") || one;
  const box = target.getBoundingClientRect();
  const inSentence = one.tagName === "A" && getComputedStyle(one).display === "inline";
  return box.width && !inSentence && !one.matches(".skip") && (box.height < 43.5 || box.width < 43.5);
}).map(one => `${one.outerHTML.slice(0, 80)} ${one.getBoundingClientRect().height}`)"""
BEYOND = """elements => elements.filter(one => {
  const box = one.getBoundingClientRect();
  return !one.closest(".filters, .unseen, svg") && box.right > one.closest("main").getBoundingClientRect().right + 0.5;
}).map(one => one.outerHTML.slice(0, 80))"""
CLOSE_LINES = """elements => elements.filter(one => /[\\u0e00-\\u0e7f]/.test(
  [...one.childNodes].filter(node => node.nodeType === 3).map(node => node.data).join("")
)).filter(one => {
  const style = getComputedStyle(one);
  return parseFloat(style.lineHeight) / parseFloat(style.fontSize) < 1.59 || style.letterSpacing !== "normal";
}).map(one => one.outerHTML.slice(0, 80))"""


@pytest.fixture
def opened(make_page: Callable[[tuple[int, int]], Page], site: str) -> Callable[..., Page]:
    def open_(path: str, size: tuple[int, int] = PHONE, look: str = "light") -> Page:
        page = make_page(size)
        page.emulate_media(color_scheme="dark" if look == "dark" else "light", reduced_motion="reduce")
        refused: list[str] = []
        page.on("console", lambda said: refused.append(said.text) if said.type == "error" else None)
        page.goto(site + path, wait_until="load")
        assert refused == []
        return page

    return open_


@pytest.mark.parametrize("language", ["th", "en"])
@pytest.mark.parametrize("look", ["light", "dark"])
@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desk"])
def test_every_part_in_every_state(
    opened: Callable[..., Page], tmp_path: Path, size: tuple[int, int], look: str, language: str
) -> None:
    page = opened(f"/dev/parts?in={language}", size, look)
    page.locator(".numbers summary").click()
    page.screenshot(path=tmp_path / f"parts-{size[0]}-{look}-{language}.png", full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.locator("main *").evaluate_all(BEYOND) == []
    assert page.locator(REACHED).evaluate_all(SMALL) == []
    assert page.locator("body *").evaluate_all(CLOSE_LINES) == []
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    page.get_by_role("link", name="Redeem" if language == "en" else "แลกเลย", exact=True).click()
    page.screenshot(path=tmp_path / f"dialog-{size[0]}-{look}-{language}.png")
    found = Axe().run(page, context="dialog")
    assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize("language", ["th", "en"])
@pytest.mark.parametrize("look", ["light", "dark"])
def test_a_home_fits_a_phone(opened: Callable[..., Page], tmp_path: Path, look: str, language: str) -> None:
    page = opened(f"/dev/parts/home?in={language}", PHONE, look)
    page.screenshot(path=tmp_path / f"home-{look}-{language}.png")
    last, ways = page.locator(".quick-actions").bounding_box(), page.locator(".ways").bounding_box()
    assert last is not None and ways is not None
    assert last["y"] + last["height"] <= ways["y"]
    assert Axe().run(page).violations_count == 0


@pytest.mark.parametrize("color", ["FFE14D", "101010", "E60073"])
def test_any_clinics_colour(opened: Callable[..., Page], tmp_path: Path, color: str) -> None:
    for look in ("light", "dark"):
        page = opened(f"/dev/parts/home?color={color}", PHONE, look)
        page.screenshot(path=tmp_path / f"home-{color}-{look}.png")
        assert Axe().run(page).violations_count == 0


def test_a_dialog_opens_by_its_link_and_closes_in_three_ways(opened: Callable[..., Page]) -> None:
    page = opened("/dev/parts")
    link, dialog = page.locator("[data-opens=ask]"), page.locator("dialog#ask")
    ways: tuple[Callable[[], None], ...] = (
        lambda: dialog.get_by_role("button", name="ปิด").click(),
        lambda: page.keyboard.press("Escape"),
        lambda: page.mouse.click(195, 40),
    )
    for close in ways:
        link.click()
        expect(dialog).to_be_visible()
        close()
        expect(dialog).to_be_hidden()
        expect(link).to_be_focused()
    assert page.url.endswith("/dev/parts")


def test_without_a_script_the_link_leads_to_its_page(browser: Browser, site: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site}/dev/parts")
    page.locator("[data-opens=ask]").click()
    assert page.url.endswith("#ask")
    context.close()


def test_keys_reach_the_content_and_show_where_one_is(opened: Callable[..., Page]) -> None:
    page = opened("/dev/parts", DESKTOP)
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    expect(page.locator(".skip")).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    page.keyboard.press("Tab")
    width = page.evaluate("getComputedStyle(document.activeElement).outlineWidth")
    assert page.evaluate("document.querySelector('main').contains(document.activeElement)")
    assert width == "3px"
