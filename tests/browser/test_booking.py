"""Booking, seen on the phone and at the desk: through the chat's link, moved, cancelled; and what may go wrong."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from bot.words import wording
from runtime.language import Language
from tests.browser.conftest import LAPTOP, PHONE
from tests.browser.day import answered
from tests.browser.newcomer import EN, TH, by_day, desk, greeted, join, menu_is, refuse_offers, said, tap
from tests.browser.screen import say
from tests.browser.till import TOLD
from tests.fixtures.installation import Installation

NAMES = {"th": "Mali", "en": "Kate"}
CHILD = {"th": "น้องพลอย", "en": "Nong Ploy"}
SERVICE = {"th": "เลเซอร์กำจัดขน", "en": "Laser hair removal"}
STATES = {"th": ("จองแล้ว", "ยกเลิกแล้ว"), "en": ("booked", "cancelled")}
SIZES = {"th": PHONE, "en": LAPTOP}


class Screen:
    def __init__(self, page: Page, installation: Installation, language: Language, folder: Path) -> None:
        self.page, self.language, self.folder = page, language, folder
        self.seen: list[str] = []
        made = {"name": NAMES[language.code], "language": language.code}
        person = installation.simulator.post("/sim/people", json=made).json()["user_id"]
        kept = {"simulator.guide": "seen", "simulator.language": language.code, "simulator.person": person}
        for name, value in kept.items():
            page.add_init_script(f"localStorage.getItem('{name}') ?? localStorage.setItem('{name}', '{value}')")
        page.emulate_media(reduced_motion="reduce")
        page.goto(installation.plan.simulator)

    def look(self, name: str) -> None:
        self.seen.append(name)
        self.page.screenshot(path=self.folder / f"{len(self.seen):02}-{name}.png")
        assert self.page.evaluate("document.documentElement.scrollWidth <= innerWidth")

    def becomes_a_member(self) -> None:
        t, page = self.language, self.page
        page.get_by_test_id("follow").click()
        greeted(page, t)
        join(page, t)
        refuse_offers(page, t)

    def asks(self) -> Locator:
        """Of the next appointments; the clinic's answer."""
        with answered(self.page):
            say(self.page, wording(self.language, "appointments"))
        return said(self.page)

    def sees(self, *words: str, without: str = "") -> None:
        """The next appointments, above the open menu. A webhook is answered before what it says is done."""
        for _ in range(10):
            shown = self.asks().inner_text()
            if all(word in shown for word in words) and not (without and without in shown):
                break
        for word in words:
            expect(said(self.page)).to_contain_text(word)
        if without:
            expect(said(self.page)).not_to_contain_text(without)

    def books_by_the_link(self, name: str, day: int) -> None:
        """On the day that is so many days ahead."""
        self.asks()
        tap(self.page, self.language("Book online"))
        self.page.get_by_test_id("page-name").fill(name)
        self.page.get_by_test_id("page-day").select_option(index=day)
        self.page.get_by_test_id("page-book").click()
        expect(self.page.get_by_test_id("booking-page")).to_be_hidden()

    @property
    def row(self) -> Locator:
        return self.page.get_by_test_id("booking-row").first

    def opens_the_desk(self) -> None:
        panel = self.page.get_by_test_id("booking")
        if panel.get_attribute("open") is None:
            panel.locator("summary").click()
        expect(self.page.get_by_test_id("booking-book")).to_be_visible()
        panel.scroll_into_view_if_needed()


@pytest.mark.parametrize("language", [TH, EN], ids=["thai", "english"])
def test_a_friend_books_by_the_chats_link(
    page: Page, installation: Installation, tmp_path: Path, language: Language
) -> None:
    installation.flask("richmenus", "sync")
    by_day(installation)
    screen, t = Screen(page, installation, language, tmp_path), language
    screen.becomes_a_member()
    menu_is(page, f"bronze-{t.code}")
    screen.asks()
    screen.look("nothing yet")
    tap(page, t("Book online"))
    booking = page.get_by_test_id("booking-page")
    expect(page.get_by_test_id("sheet")).to_contain_text("https://book.aura-clinic.example/siam?reference=")
    expect(page.get_by_test_id("page-name")).to_have_value(NAMES[t.code])
    page.get_by_test_id("page-service").select_option("Laser hair removal")
    screen.look("booking page")
    page.get_by_test_id("page-name").focus()
    page.keyboard.press("Enter")  # by the keyboard as well
    expect(booking).to_be_hidden()
    screen.look("booked")
    screen.sees(t("Your next appointment"), "14:00–14:45", SERVICE[t.code])
    expect(page.get_by_test_id("rich-menu")).to_be_visible()
    expect(said(page).locator(".fx-bubble").first).to_be_in_viewport(ratio=1)
    screen.look("the next appointment")

    page.set_viewport_size({"width": SIZES[t.code][0], "height": SIZES[t.code][1]})
    with desk(page):
        screen.opens_the_desk()
        screen.look("desk")
        screen.row.get_by_test_id("booking-move").click()
        page.get_by_test_id("booking-move-hour").select_option("16:30")
        screen.look("moving")
        page.get_by_test_id("booking-move-sure").click()
        expect(screen.row).to_contain_text("16:30")
        expect(page.get_by_test_id("booking-said")).to_contain_text("200")
        screen.look("moved")
    screen.sees("16:30–17:15", SERVICE[t.code], without="14:00")
    with desk(page):
        screen.row.get_by_test_id("booking-cancel").focus()
        page.keyboard.press("Enter")
        expect(screen.row.get_by_test_id("booking-state")).to_have_text(STATES[t.code][1])
        expect(screen.row.get_by_role("button")).to_have_count(0)
        screen.look("cancelled")
    screen.sees(t("To book, move or cancel an appointment, choose what suits you:"), without="16:30")

    page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    for name, day in ((CHILD[t.code], 2), (NAMES[t.code], 3), (NAMES[t.code], 4), (NAMES[t.code], 5)):
        screen.books_by_the_link(name, day)
    first = installation.simulator.get("/sim/booking").json()["bookings"][3]["number"]
    installation.simulator.post(f"/sim/booking/{first}/confirm", json={}).raise_for_status()
    more = t.n("See {count} more", "See {count} more", 2)
    screen.sees(t("Your next appointments"), t("For {name}", name=CHILD[t.code]), t("Confirmed"), more)
    expect(page.get_by_test_id("rich-menu")).to_be_visible()
    screen.look("next appointments")
    expect(said(page).locator(".fx-bubble").first).to_be_in_viewport(ratio=1)
    said(page).get_by_text(more).click()
    expect(said(page).locator(".fx-bubble").get_by_text(more)).to_have_count(0)
    screen.look("the ones after them")


@pytest.mark.parametrize("size", [PHONE, LAPTOP], ids=["phone", "laptop"])
def test_the_desk_and_what_goes_wrong(
    page: Page, installation: Installation, tmp_path: Path, size: tuple[int, int]
) -> None:
    screen = Screen(page, installation, TH, tmp_path)
    page.set_viewport_size({"width": size[0], "height": size[1]})
    told = page.get_by_test_id("booking-said")
    with desk(page):
        screen.opens_the_desk()
        screen.look("empty")
        page.get_by_test_id("booking-name").fill("สมศรี ใจดี")
        page.get_by_test_id("booking-phone").fill("081-234-5678")
        page.get_by_test_id("booking-hour").select_option("10:30")

        page.get_by_test_id("booking-way").select_option("wrong_signature")
        page.get_by_test_id("booking-book").click()
        expect(told).to_contain_text("401")
        expect(page.get_by_test_id("booking-way")).to_have_value("")  # for one sending only
        expect(screen.row.get_by_test_id("booking-known")).to_have_count(0)
        screen.look("wrong signature")
        screen.row.get_by_test_id("booking-again").click()
        expect(told).to_contain_text("200")
        expect(screen.row.get_by_test_id("booking-known")).to_contain_text(STATES["th"][0], timeout=TOLD)
        screen.look("known")

        page.get_by_test_id("booking-way").select_option("swapped")
        screen.row.get_by_test_id("booking-confirm").click()
        expect(screen.row.get_by_test_id("booking-answer")).to_be_visible()
        screen.look("waiting")
        # What the clinic sees comes in while a button is pressed: the tap is none the less one.
        with page.expect_response(re.compile(r"/sim/booking/\w+/known")) as seen:
            screen.row.get_by_test_id("booking-move").hover()
            page.mouse.down()
        seen.value.finished()
        page.mouse.up()
        page.get_by_test_id("booking-move-hour").select_option("11:30")
        page.get_by_test_id("booking-move-sure").click()
        expect(screen.row.get_by_test_id("booking-known")).to_contain_text("11:30", timeout=TOLD)
        expect(screen.row.get_by_test_id("booking-answer")).to_have_count(0)

        page.get_by_test_id("booking-source").select_option("calcom")
        expect(page.get_by_test_id("booking-way").locator("option")).to_have_count(5)  # it signs no time
        page.get_by_test_id("booking-book").click()
        expect(page.get_by_test_id("booking-email")).to_be_focused()  # nobody books there without one
        page.get_by_test_id("booking-email").fill("somsri@example.com")
        page.get_by_test_id("wire-clear").click()
        page.get_by_test_id("booking-way").select_option("twice")
        page.get_by_test_id("booking-book").click()
        expect(screen.row).to_contain_text("Cal.com")
        expect(told).to_contain_text("200")
        screen.look("four systems")
        calls = page.get_by_test_id("wire").locator(".wire-title", has_text=re.compile("Cal.com BOOKING_CREATED"))
        expect(calls).to_have_count(2)
        page.get_by_test_id("language").click()
        expect(screen.row.get_by_test_id("booking-state")).to_have_text(STATES["en"][0])
        screen.look("english")
