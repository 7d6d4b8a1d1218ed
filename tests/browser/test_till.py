"""Money at the till, seen on the phone: points, tier and menu follow, a reward is used, a refund takes back."""

from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import LAPTOP, PHONE
from tests.browser.newcomer import TH, by_day, desk, join, menu_is, refuse_offers, said, tap, touch_menu
from tests.browser.screen import say
from tests.browser.till import CODE, TOLD, find, later, open_till, show_card
from tests.fixtures.installation import Installation


@pytest.fixture
def mali(page: Page, installation: Installation) -> Page:
    """The phone of a Mali whom the clinic has not met; the three lines have been read."""
    installation.flask("richmenus", "sync")
    by_day(installation)
    person = installation.simulator.post("/sim/people", json={"name": "Mali", "language": "th"}).json()["user_id"]
    page.add_init_script(
        f"localStorage.setItem('simulator.person', '{person}'); localStorage.setItem('simulator.guide', 'seen')"
    )
    page.emulate_media(reduced_motion="reduce")
    page.goto(installation.plan.simulator)
    page.get_by_test_id("follow").click()
    expect(said(page)).to_contain_text(TH("Welcome to {clinic}", clinic="Aura Clinic"))
    return page


@pytest.mark.parametrize("size", [PHONE, LAPTOP], ids=["phone", "laptop"])
def test_a_payment_and_all_that_follows(
    mali: Page, installation: Installation, size: tuple[int, int], tmp_path: Path
) -> None:
    page, seen = mali, list[str]()
    page.set_viewport_size({"width": size[0], "height": size[1]})

    def look(name: str) -> None:
        seen.append(name)
        page.screenshot(path=tmp_path / f"{len(seen):02}-{name}.png")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")

    def told(*words: str) -> None:
        """The till has answered so."""
        for part in words:
            expect(page.get_by_test_id("till-said")).to_contain_text(part)

    join(page)
    refuse_offers(page)
    menu_is(page, "bronze-th")
    number, living = show_card(page)
    look("card")
    with desk(page):
        open_till(page)
        find(page, f"{number[:-1]}{(int(number[-1]) + 1) % 10}")
        told("M")
        find(page, number)
        expect(page.get_by_test_id("till-confirm")).to_contain_text("Mali")
        look("confirm")
        page.get_by_test_id("till-no").click()
        find(page, f"{number} {living}".lower())
        expect(page.get_by_test_id("till-customer")).to_contain_text("Mali")
        expect(page.get_by_test_id("till-discount")).to_contain_text("5%")
        page.get_by_test_id("till-amount").fill("12000")
        page.get_by_test_id("till-quote").click()
        told("1,200", "×1", TH("Bronze"))
        look("quote")
        page.get_by_test_id("till-pay").dblclick()
        told("฿12,000", "+1,200", "+400", "2 ", "สายเปย์", TH("Silver"))
        expect(page.get_by_test_id("till-receipts").get_by_role("listitem")).to_have_count(1)
        expect(page.get_by_test_id("till-customer")).to_contain_text("1,700")
        look("paid")
    menu_is(page, "silver-th")
    later(installation)
    for words in (
        TH("You received {points}", points=TH.n("{count} point", "{count} points", 1200)),
        TH("You are {tier} now", tier=TH("Silver")),
        "ก้าวแรกด้วยกัน",
        "สายเปย์",
    ):
        expect(said(page)).to_contain_text(words, timeout=TOLD)
    look("told-on-the-phone")

    touch_menu(page, TH("Points & rewards"))
    expect(said(page)).to_contain_text(TH("Points to spend"))
    tap(page, TH("Rewards"))
    expect(said(page)).to_contain_text("ส่วนลด 5%")
    look("rewards")
    said(page).get_by_role("button", name=TH("Redeem"), exact=True).first.click()
    expect(said(page)).to_contain_text(TH("Redeem this reward?"))
    look("question")
    tap(page, TH("Redeem for {points}", points=TH.n("{count} point", "{count} points", 500)))
    expect(said(page)).to_contain_text("ส่วนลด 5%")
    code = said(page).locator(".fx-text", has_text=CODE).inner_text()
    look("code")
    with desk(page):
        page.get_by_test_id("till-code").fill(code.lower())
        page.get_by_test_id("till-use").click()
        told("ใช้โค้ดแล้ว", "ส่วนลด 5%")
        page.get_by_test_id("till-code").fill(code)
        page.get_by_test_id("till-use").click()
        told("โค้ดนี้ใช้ไปแล้ว")
        look("used")
    later(installation)
    expect(said(page)).to_contain_text(TH("Used: {reward}", reward="ส่วนลด 5%"), timeout=TOLD)

    with desk(page):
        page.get_by_test_id("till-refund").click()
        page.get_by_test_id("till-refund-sure").click()
        told("฿12,000", "1,200")
        expect(page.get_by_test_id("till-refund")).to_have_count(0)
        expect(page.get_by_test_id("till-customer")).to_contain_text(TH("Bronze"))
        look("refunded")
    menu_is(page, "bronze-th")
    later(installation)
    taken = TH("{points} were taken back", points=TH.n("{count} point", "{count} points", 1200))
    expect(said(page)).to_contain_text(taken, timeout=TOLD)
    look("taken-back")
    say(page, "ประวัติแต้ม")
    expect(said(page)).to_contain_text(TH("Points history"))
    for line in ("−1,200", "−500", "+300", "+1,200", "+100"):
        expect(said(page)).to_contain_text(line)
    look("history")


def test_why_a_payment_earns_nothing_and_whether_a_number_is_theirs(
    mali: Page, installation: Installation, tmp_path: Path
) -> None:
    """Told by another system before; and asked in LINE, where the answer is one tap."""
    page = mali
    page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    join(page)
    refuse_offers(page)
    number, living = show_card(page)
    key = installation.flask("api-keys", "create", "aura", "Other", "--scope", "facts:write").split()[-1]
    now = installation.simulator.get("/sim/clock").json()["now"]
    address, known = f"{installation.plan.app}/api/loyalty", {"Authorization": f"Bearer {key}"}
    with httpx.Client(base_url=address, headers=known) as other:
        found = other.post("/customers/identify", json={"card": f"{number} {living}"}).raise_for_status().json()
        paid = {"customerId": found["customerId"], "id": "1", "source": "other", "amount": "500", "paidAt": now}
        other.post("/payments", json=paid, headers={"Idempotency-Key": "1"}).raise_for_status()
    with desk(page):
        open_till(page)
        find(page, f"{number} {living}")
        page.get_by_test_id("till-amount").fill("500")
        page.get_by_test_id("till-pay").click()
        expect(page.get_by_test_id("till-said")).to_contain_text("ไม่ได้แต้ม: อาจเป็นรายการที่กลุ่มพนักงาน")
        page.screenshot(path=tmp_path / "uncounted.png")
        page.get_by_test_id("till-own").fill("HN-1001")
        page.get_by_test_id("till-tie").click()
        expect(page.get_by_test_id("till-tie-state")).to_contain_text("ถามลูกค้าใน LINE แล้ว")
        page.screenshot(path=tmp_path / "asked.png")
    expect(said(page)).to_contain_text(TH("Is this you at our counter?"), timeout=TOLD)
    tap(page, TH("Yes, that is me"))
    with desk(page):
        expect(page.get_by_test_id("till-tie-state")).to_contain_text("ลูกค้าตอบว่าใช่", timeout=TOLD)
