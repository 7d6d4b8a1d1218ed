"""The demo's staff group, as a visitor finds it: bound, with people in it who may act, and a newcomer who may not."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.newcomer import TH, said
from tests.browser.screen import say
from tests.fixtures.installation import Installation

TOLD = 20_000


@pytest.mark.parametrize("who", ["somsak", "fon"])
def test_the_group_is_bound_and_each_of_them_may_act(
    page: Page, installation: Installation, tmp_path: Path, who: str
) -> None:
    page.add_init_script("localStorage.setItem('simulator.guide', 'seen')")
    page.goto(installation.plan.simulator)
    page.get_by_test_id("group").filter(has_text="ทีมงาน Aura").click()
    expect(page.get_by_test_id("head-name")).to_have_text("ทีมงาน Aura")
    page.get_by_test_id(f"be-{who}").click()
    expect(page.get_by_test_id(f"be-{who}")).to_have_attribute("aria-pressed", "true")
    say(page, "ABCD 2345")
    expect(said(page)).to_contain_text(
        TH("{code} is not known here. Please read it again from the customer's phone.", code="ABCD 2345"), timeout=TOLD
    )
    page.screenshot(path=tmp_path / f"{who}.png")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
