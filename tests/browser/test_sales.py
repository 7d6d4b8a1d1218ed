"""Bills and courses at the booking desk, seen on a phone and a laptop, in each language; and in the friend's chat."""

from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from runtime.language import Language
from tests.browser.conftest import LAPTOP, PHONE
from tests.browser.newcomer import EN, TH, by_day, desk, menu_is, said
from tests.browser.screen import say
from tests.browser.test_booking import NAMES, Screen
from tests.browser.till import TOLD
from tests.fixtures.installation import Installation

LEFT = {"th": "เหลือ 9 จาก 10 ครั้ง", "en": "9 of 10 sessions left"}
STATES = {"th": {"paid": "ชำระแล้ว", "frozen": "พักอยู่"}, "en": {"paid": "paid", "frozen": "frozen"}}
SEEN = {"th": "คลินิกเห็นว่า: พักอยู่ 7/10", "en": "The clinic sees: frozen, 7/10"}


class Shop(Screen):
    """The desk, where something is sold to whoever booked last."""

    @property
    def sale(self) -> Locator:
        return self.page.get_by_test_id("sale-row").first

    def does(self, *deeds: str) -> None:
        told = self.page.get_by_test_id("booking-said")
        for deed in deeds:
            self.sale.get_by_test_id(f"sale-{deed}").click()
            expect(self.page.locator("[aria-busy]")).to_have_count(0)  # what stands there may be the answer before
            expect(told).to_contain_text("200")


@pytest.mark.parametrize(
    ("language", "size"), [(TH, PHONE), (EN, PHONE), (TH, LAPTOP)], ids=["thai", "english", "laptop"]
)
def test_a_bill_and_a_course_are_sold_and_the_clinic_sees_them(
    page: Page, installation: Installation, tmp_path: Path, language: Language, size: tuple[int, int]
) -> None:
    screen, code = Shop(page, installation, language, tmp_path), language.code
    page.set_viewport_size({"width": size[0], "height": size[1]})
    with desk(page):
        screen.opens_the_desk()
        page.get_by_test_id("booking-name").fill("สมศรี ใจดี")
        page.get_by_test_id("booking-phone").fill("081-234-5678")
        page.get_by_test_id("booking-book").click()
        screen.row.get_by_test_id("booking-sell-invoice").click()
        expect(screen.sale).to_contain_text("฿3,000")
        screen.does("due_moved", "pay_part")
        expect(screen.sale).to_contain_text("฿1,500")
        screen.look("a bill")
        screen.does("pay")
        expect(screen.sale.get_by_test_id("sale-state")).to_have_text(STATES[code]["paid"])

        screen.row.get_by_test_id("booking-sell-course").click()
        expect(screen.sale).to_contain_text("10")
        screen.does("plan", "use", "freeze", "resume")
        page.get_by_test_id("booking-way").select_option("wrong_signature")
        screen.sale.get_by_test_id("sale-share").click()
        page.get_by_test_id("sale-share-name").fill("กานดา")
        screen.look("sharing")
        page.keyboard.press("Enter")
        expect(page.get_by_test_id("booking-said")).to_contain_text("401")
        mine = page.get_by_test_id("sale-row").nth(1)  # what is the other person's stands first
        mine.get_by_test_id("sale-again").click()
        expect(page.get_by_test_id("booking-said")).to_contain_text("200")
        mine.get_by_test_id("sale-freeze").click()
        expect(mine.get_by_test_id("sale-known")).to_have_text(SEEN[code], timeout=TOLD)
        screen.look("a course")


@pytest.mark.parametrize("language", [TH, EN], ids=["thai", "english"])
def test_a_friends_course_is_seen_in_the_chat(
    page: Page, installation: Installation, tmp_path: Path, language: Language
) -> None:
    installation.flask("richmenus", "sync")
    by_day(installation)
    screen, t = Shop(page, installation, language, tmp_path), language
    screen.becomes_a_member()
    menu_is(page, f"bronze-{t.code}")
    screen.books_by_the_link(NAMES[t.code], 2)
    page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    with desk(page):
        screen.opens_the_desk()
        screen.row.get_by_test_id("booking-sell-course").click()
        screen.does("use")
    for _ in range(10):
        say(page, t("My courses"))
        expect(said(page)).to_contain_text(t("My courses"))
        if LEFT[t.code] in said(page).inner_text():
            break
    expect(said(page)).to_contain_text(LEFT[t.code])
    expect(said(page).locator(".fx-bubble").first).to_be_in_viewport(ratio=1)
    screen.look("my courses")
