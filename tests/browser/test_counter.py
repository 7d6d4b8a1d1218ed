"""The counter: the day's picture in the simulator and on a tablet, which renews itself or says that it cannot."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from local.demo import FILE
from tests.browser.conftest import PHONE
from tests.browser.newcomer import TH, by_day, desk, join, refuse_offers, said
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


@pytest.mark.parametrize("spoken", [("en",), ("en", "th")], ids="-".join)
def test_it_speaks_what_the_clinic_speaks(
    make_page: Callable[[tuple[int, int]], Page],
    installation: Installation,
    address: str,
    tmp_path: Path,
    spoken: tuple[str, ...],
) -> None:
    file, text = tmp_path / "clinic.yaml", FILE.read_text(encoding="utf-8")
    page = make_page(UPRIGHT)
    for languages in (", ".join(spoken), "th, en"):
        assert text.count("languages: [th, en]") == 1
        file.write_text(text.replace("languages: [th, en]", f"languages: [{languages}]"), encoding="utf-8")
        installation.flask("clinics", "apply", "aura", str(file), "--yes")
        page.goto("about:blank")
        page.goto(address)
        expect(page.locator("#text")).to_have_text(TEXT)
        for where in ("h1", "#points", ".how", "#day"):
            said = page.locator(f"{where} > span:visible")
            assert said.evaluate_all("spans => spans.map(one => one.lang)") == languages.split(", ")
        page.screenshot(path=tmp_path / f"{languages}.png")


def test_it_renews_itself_at_midnight(
    make_page: Callable[[tuple[int, int]], Page], installation: Installation, address: str
) -> None:
    clock = installation.simulator.get("/sim/clock").json()
    tonight = datetime.fromisoformat(clock["now"]).astimezone(TH.zone) + timedelta(days=1)
    before = tonight.replace(hour=23, minute=59, second=5, microsecond=0)
    installation.simulator.put("/sim/clock", json={"at": before.isoformat()}).raise_for_status()
    page = make_page(UPRIGHT)
    page.clock.install()
    with page.expect_response("**/api/loyalty/check-in") as told:
        page.goto(address)
    left = told.value.json()["renewInSeconds"]
    assert left < 60  # sooner than it would ask anyway
    expect(page.locator("#text")).to_have_text(TEXT)
    old = page.locator("#text").inner_text()
    day = page.locator("#day").inner_text()
    installation.simulator.put("/sim/clock", json={"advance_seconds": left}).raise_for_status()
    page.clock.fast_forward((left + 1) * 1000)
    expect(page.locator("#text")).not_to_have_text(old, timeout=20_000)
    expect(page.locator("#text")).to_have_text(TEXT)
    assert page.locator("#day").inner_text() != day
    by_day(installation)


def test_it_says_when_it_cannot_renew_and_takes_down_what_is_over(
    make_page: Callable[[tuple[int, int]], Page], address: str, tmp_path: Path
) -> None:
    page = make_page(UPRIGHT)
    page.clock.install()
    page.goto(address)
    expect(page.locator("#picture")).to_be_visible()
    page.context.set_offline(True)
    page.clock.fast_forward("01:05")
    expect(page.locator("#trouble")).to_contain_text(re.compile(r"ต่ออายุรูปไม่ได้ตั้งแต่ \d\d:\d\d"))
    expect(page.locator("#picture")).to_be_visible()
    page.screenshot(path=tmp_path / "lost.png")
    page.clock.fast_forward("24:10:00")
    expect(page.locator("#picture")).to_be_hidden()
    expect(page.locator("#none")).to_contain_text("กรุณาแจ้งพนักงาน")
    page.screenshot(path=tmp_path / "over.png")
    page.context.set_offline(False)
    expect(page.locator("#picture")).to_be_visible(timeout=30_000)
    expect(page.locator("#trouble")).to_be_hidden()


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


def test_a_member_scans_it_in_the_simulator(page: Page, installation: Installation, tmp_path: Path) -> None:
    installation.flask("richmenus", "sync")
    by_day(installation)
    person = installation.simulator.post("/sim/people", json={"name": "Mali", "language": "th"}).json()["user_id"]
    page.add_init_script(
        f"localStorage.setItem('simulator.person', '{person}'); localStorage.setItem('simulator.guide', 'seen')"
    )
    page.goto(installation.plan.simulator)
    page.get_by_test_id("follow").click()
    expect(said(page)).to_contain_text(TH("Welcome to {clinic}", clinic="Aura Clinic"))
    join(page)
    refuse_offers(page)
    page.get_by_test_id("desk-open").click()
    page.get_by_test_id("counter").locator("summary").click()
    expect(page.get_by_test_id("counter-text")).to_have_text(TEXT)
    page.get_by_test_id("counter-picture").scroll_into_view_if_needed()
    page.screenshot(path=tmp_path / "counter.png")
    assert "/counter#aura_aura_" in (page.get_by_test_id("counter-page").get_attribute("href") or "")
    page.get_by_test_id("counter-scan").click()
    expect(page.get_by_test_id("composer")).to_have_value(TEXT)
    page.keyboard.press("Enter")
    expect(said(page)).to_contain_text(TH("You are checked in"))
    expect(said(page)).to_contain_text("+10")
    page.screenshot(path=tmp_path / "checked-in.png")
    with desk(page):
        page.get_by_test_id("clock-tomorrow").click()
        expect(page.get_by_test_id("clock-tomorrow")).to_be_enabled()
