"""The counter: the day's picture in the simulator and on a tablet, which renews itself or says that it cannot."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE
from tests.browser.newcomer import by_day
from tests.fixtures.installation import Installation

UPRIGHT, LYING = (820, 1180), (1180, 820)
TEXT = re.compile(r"CHECKIN-[0-9A-F]{12}")


@pytest.fixture
def address(installation: Installation) -> str:
    by_day(installation)
    return installation.flask("counter", "address", "aura").strip().splitlines()[-1]


def test_the_tablets_page_in_every_size(
    make_page: Callable[[tuple[int, int]], Page], address: str, tmp_path: Path
) -> None:
    for name, size in (("phone", PHONE), ("upright", UPRIGHT), ("lying", LYING)):
        page = make_page(size)
        page.goto(address)
        expect(page.locator("#text")).to_have_text(TEXT)
        expect(page.locator("#clinic")).to_have_text("Aura Clinic")
        expect(page.locator("#points")).to_contain_text("+10")
        assert page.evaluate("document.querySelector('#picture').naturalWidth") > 200
        page.screenshot(path=tmp_path / f"{name}.png")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        box = page.locator("#picture").bounding_box()
        assert box is not None and box["width"] >= 250 and box["y"] + box["height"] <= size[1]


def test_a_revoked_address_says_so(
    make_page: Callable[[tuple[int, int]], Page], installation: Installation, address: str, tmp_path: Path
) -> None:
    listed = [line for line in installation.flask("api-keys", "list").splitlines() if "  Counter  counter  " in line]
    installation.flask("api-keys", "revoke", listed[-1].split()[0])
    page = make_page(PHONE)
    page.goto(address)
    expect(page.locator("#none")).to_contain_text("ที่อยู่ของหน้านี้ใช้ไม่ได้แล้ว")
    expect(page.locator("#picture")).to_be_hidden()
    page.screenshot(path=tmp_path / "revoked.png")
    page.goto("about:blank")
    page.goto(address.partition("#")[0])
    expect(page.locator("#none")).to_contain_text("#")
