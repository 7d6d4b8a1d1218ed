"""The till beside the phone, and what a customer shows there."""

import re

from playwright.sync_api import Page, expect

from loyalty.notifications import MERGE_WINDOW
from tests.browser.conftest import PHONE
from tests.browser.newcomer import TH, said, touch_menu
from tests.fixtures.installation import Installation

NUMBER = re.compile(r"^M [0-9]{4} [0-9]{4}$")
LIVING = re.compile(r"^[A-Z][2-9][2-9A-Z]{3}$")
CODE = re.compile(r"^[0-9A-Z]{4} [0-9A-Z]{4}$")
TOLD = 30_000
"""Milliseconds."""


def later(installation: Installation) -> None:
    """What happens at once waits ten seconds, to be one message; here the clinic's clock goes on instead."""
    seconds = MERGE_WINDOW.total_seconds() + 1
    installation.simulator.put("/sim/clock", json={"advance_seconds": seconds}).raise_for_status()


def show_card(page: Page) -> tuple[str, str]:
    """The number and the living part on Mali's phone."""
    touch_menu(page, TH("My card"))
    expect(said(page)).to_contain_text(TH("Show this at the counter, or read out the code:"))
    texts = said(page).locator(".fx-text")
    if page.evaluate("innerWidth") == PHONE[0]:
        expect(page.get_by_test_id("rich-menu")).to_be_visible()
        for part in (texts.filter(has_text=NUMBER), texts.filter(has_text=LIVING), said(page).locator("img").last):
            expect(part).to_be_in_viewport(ratio=1)  # above the open menu
    return texts.filter(has_text=NUMBER).inner_text(), texts.filter(has_text=LIVING).inner_text()


def open_till(page: Page) -> None:
    till = page.get_by_test_id("till")
    if till.get_attribute("open") is None:
        till.locator("summary").click()
    expect(page.get_by_test_id("till-card")).to_be_visible()


def find(page: Page, card: str) -> None:
    page.get_by_test_id("till-card").fill(card)
    page.get_by_test_id("till-find").click()
