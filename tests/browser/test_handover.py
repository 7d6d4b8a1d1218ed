"""At night a customer asks for a person; in the morning the staff answer by a reply in their group, and by hand; then
they hand the customer back. All of it on screens of a phone's size."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from runtime.language import Language
from tests.browser.conftest import PHONE
from tests.browser.day import Customer, Staff, answered
from tests.browser.newcomer import EN, TH, by_day, desk, said
from tests.browser.screen import newest, say
from tests.browser.till import TOLD
from tests.fixtures.installation import Installation

ASKS = {"th": "ขอคุยกับเจ้าหน้าที่หน่อยค่ะ เรื่องนัดพรุ่งนี้", "en": "Can I talk to a human please? It is about tomorrow"}
ANSWER = {"th": "บ่ายสองว่างค่ะ แล้วเจอกันนะคะ", "en": "Two in the afternoon is fine, see you then"}
BY_HAND = {"th": "แวะมาก่อนเวลาได้เลยนะคะ", "en": "Come a little earlier if you like"}
QUESTION = {"th": "แต้มจะหมดอายุเมื่อไหร่คะ", "en": "when do my points expire?"}


def at(installation: Installation, hour: int) -> None:
    """The next time that it is so late in Bangkok."""
    here = datetime.fromisoformat(installation.simulator.get("/sim/clock").json()["now"]).astimezone(TH.zone)
    there = here.replace(hour=hour, minute=5, second=0)
    later = there if there > here else there + timedelta(days=1)
    installation.simulator.put("/sim/clock", json={"at": later.isoformat()}).raise_for_status()


def alert(staff: Staff, name: str) -> Locator:
    asked = TH("{name} wants to talk to you", name=name)
    return staff.page.locator('[data-testid="chat-item"][data-from="bot"]').filter(has_text=asked).last


@pytest.mark.parametrize("language", [TH, EN], ids=["thai", "english"])
def test_a_night_and_a_morning(
    open_screen: Callable[[tuple[int, int], str, str], Page],
    installation: Installation,
    tmp_path: Path,
    language: Language,
) -> None:
    t, code = language, language.code
    name = {"th": "Malee", "en": "Kenneth"}[code]
    installation.flask("richmenus", "sync")
    by_day(installation)
    made = {"name": name, "language": code}
    person = installation.simulator.post("/sim/people", json=made).json()["user_id"]
    for folder in ("customer", "staff"):
        (tmp_path / folder).mkdir()
    customer = Customer(open_screen(PHONE, code, person), tmp_path / "customer", t)
    staff = Staff(open_screen(PHONE, code, person), tmp_path / "staff")
    customer.joins()
    at(installation, 22)
    customer.asks(ASKS[code])
    customer.hears({"th": "ทีมงานจะกลับมา", "en": "Our team is back on"}[code])
    customer.look("asked-at-night")

    staff.opens()
    staff.be("Ploy")
    expect(alert(staff, name)).to_contain_text(ASKS[code], timeout=TOLD)
    staff.look("alert")
    at(installation, 10)
    quotes(staff, name, ANSWER[code])
    presses(staff, TH("Send"))
    reads(staff, TH("Sent to {name}", name=name))
    staff.look("sent")
    expect(said(customer.page)).to_contain_text(ANSWER[code], timeout=TOLD)
    customer.look("answered")

    silent(customer, t)
    by_hand(customer, name, BY_HAND[code])
    presses(staff, TH("Done: the bot answers again"))
    reads(staff, TH("{who} has handed {name} back: the bot answers again.", who="Ploy", name=name))
    staff.look("handed-back")
    customer.asks(QUESTION[code])
    customer.hears(t("Points to spend"), "100")
    customer.look("the-bot-again")


def quotes(staff: Staff, name: str, words: str) -> None:
    """A reply to the alert, as LINE's app has it."""
    alert(staff, name).click(button="right")
    staff.look("menu-of-the-message")
    staff.page.get_by_test_id("reply").click()
    expect(staff.page.get_by_test_id("quoting")).to_contain_text(name)
    staff.look("replying")
    with answered(staff.page):
        say(staff.page, words)
    reads(staff, TH("Send this to {name}?", name=name), words)
    staff.look("shall-it-be-sent")


def presses(staff: Staff, label: str) -> None:
    with answered(staff.page):
        staff.button(label).click()


def reads(staff: Staff, *words: str) -> None:
    """What waits for the group, such as the digest of the day before, may stand under it."""
    for one in words:
        expect(staff.page.get_by_test_id("chat")).to_contain_text(one, timeout=TOLD)


def silent(customer: Customer, t: Language) -> None:
    """What the customer says to it is not the bot's."""
    before = said(customer.page).get_attribute("data-seq")
    thanks = "ขอบคุณมากค่ะ แล้วต้องเตรียมอะไรไหมคะ" if t.code == "th" else "thank you, should I bring anything?"
    say(customer.page, thanks)
    expect(newest(customer.page)).to_contain_text(thanks)
    assert said(customer.page).get_attribute("data-seq") == before


def by_hand(customer: Customer, name: str, words: str) -> None:
    """Written in LINE's own manager, beside the phone."""
    page = customer.page
    with desk(page):
        page.get_by_test_id("manager").locator("summary").click()
        page.get_by_test_id("manager-who").select_option(label=name)
        page.get_by_test_id("manager-text").fill(words)
        page.get_by_test_id("manager-send").click()
        expect(page.get_by_test_id("manager-lines")).to_contain_text(words)
        page.get_by_test_id("manager").scroll_into_view_if_needed()
        customer.look("manager")
    expect(said(page)).to_contain_text(words)
    customer.look("by-hand")
