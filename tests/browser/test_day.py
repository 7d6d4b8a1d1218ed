"""A whole day: a friend joins and shows the card, the staff take money in their group, the owner changes the file."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from bot.words import wording
from local.demo import FILE
from runtime.language import Language
from tests.browser.conftest import LAPTOP, PHONE
from tests.browser.day import Customer, Staff, stranger, told_together
from tests.browser.newcomer import EN, TH, by_day, menu_is, said
from tests.browser.till import TOLD
from tests.fixtures.installation import Installation

REWARD = {"th": "ส่วนลด 5%", "en": "5% discount"}
SIZES = {"th": PHONE, "en": LAPTOP}
"""The staff's screen; the customer has a phone."""


@pytest.fixture
def owner(installation: Installation, tmp_path: Path) -> Iterator[Callable[[dict[str, str]], str]]:
    """Changes these texts of the clinic's file and applies it; what the command says. Afterwards all is as before."""

    def applies(changes: dict[str, str]) -> str:
        text = FILE.read_text(encoding="utf-8")
        for before, after in changes.items():
            assert text.count(before) == 1
            text = text.replace(before, after)
        (tmp_path / "clinic.yaml").write_text(text, encoding="utf-8")
        return installation.flask("clinics", "apply", "aura", str(tmp_path / "clinic.yaml"), "--yes")

    yield applies
    applies({})


@pytest.mark.parametrize("language", [TH, EN], ids=["thai", "english"])
def test_a_day(
    open_screen: Callable[[tuple[int, int], str, str], Page],
    installation: Installation,
    owner: Callable[[dict[str, str]], str],
    tmp_path: Path,
    language: Language,
) -> None:
    installation.flask("richmenus", "sync")
    by_day(installation)
    code = language.code
    made = {"name": "Mali" if code == "th" else "Kate", "language": code}
    person = installation.simulator.post("/sim/people", json=made).json()["user_id"]
    for name in ("customer", "staff"):
        (tmp_path / name).mkdir()
    customer = Customer(open_screen(PHONE, code, person), tmp_path / "customer", language)
    staff = Staff(open_screen(SIZES[code], code, person), tmp_path / "staff")
    customer.joins()
    menu_is(customer.page, f"bronze-{code}")
    number = customer.shows_the_card()
    staff.opens()
    with told_together(installation):
        taken_undone_and_taken_again(staff, number)
    told_of_what_stands(customer)
    with told_together(installation):
        a_large_amount(staff, number)
        with stranger(installation, f"Nid {code}"):
            a_stranger_changes_nothing(staff, number, f"nid {code}")
        at_a_computer(staff, number, language)
    customer.hears(language("You are {tier} now", tier=language("Gold")))
    customer.look("risen")
    reward = customer.redeems(REWARD[code], 500)
    with told_together(installation):
        a_code_in_a_sentence(staff, reward, REWARD["th"])
    customer.hears(language("Used: {reward}", reward=REWARD[code]))
    customer.look("used")
    the_owner_changes_the_file(customer, owner)


def taken_undone_and_taken_again(staff: Staff, number: str) -> None:
    staff.be("Ploy")
    staff.says(f"{number} 3,500")
    staff.hears("฿3,500", number, TH("Is this right?"))
    staff.look("asked")
    staff.taps(TH("Record it"))
    staff.hears("฿3,500", TH("Recorded by"), "Ploy", TH.n("{count} point", "{count} points", 350))
    staff.look("recorded")
    staff.taps(TH("Undo"))
    staff.hears("฿3,500", TH("Taken back: {amount} of {name}, and what it brought.", amount="", name="").split(":")[0])
    staff.look("undone")
    staff.says(f"{number} 3800.-")
    staff.taps(TH("Record it"))
    staff.hears("฿3,800", TH.n("{count} point", "{count} points", 380))


def told_of_what_stands(customer: Customer) -> None:
    """Nothing is told of what was undone before it had been told."""
    t = customer.language
    customer.hears(t("You received {points}", points=t.n("{count} point", "{count} points", 380)))
    customer.look("told")
    expect(customer.page.get_by_test_id("chat")).not_to_contain_text("350")
    customer.asks(wording(t, "points"))
    customer.hears("580")
    customer.sees_all_of_it("points")
    customer.taps(t("History"))
    customer.hears("+380", "−350", "−100", t("Taken back"))
    customer.look("history")


def a_large_amount(staff: Staff, number: str) -> None:
    """Somsak cannot say yes to himself; Fon, at a computer, says it by words."""
    staff.be("Somsak")
    staff.says(f"{number} 32,000")
    staff.hears(TH("It is a large amount: another member has to confirm."))
    staff.look("large")
    staff.taps(TH("Record it"))
    staff.hears(TH("Another member has to confirm this one."))
    staff.be("Fon")
    staff.says(wording(TH, "confirm"))
    staff.hears("฿32,000")
    staff.look("large-again-for-fon")
    words = re.search(rf"{wording(TH, 'confirm')} [0-9A-Z]{{4}}", said(staff.page).inner_text())
    assert words
    staff.says(words[0])
    staff.hears(TH("Taken by"), "Somsak", TH("Confirmed by"), "Fon", "฿32,000")
    staff.look("large-recorded")


def a_stranger_changes_nothing(staff: Staff, number: str, who: str) -> None:
    staff.be(who)
    for words in (f"{number} 900", wording(TH, "today")):
        staff.says(words)
        staff.hears("Somsak", TH("Allow"))
    staff.look("stranger")
    before = said(staff.page).get_attribute("data-seq") or ""
    staff.button(TH("Undo")).click()
    expect(said(staff.page)).not_to_have_attribute("data-seq", before, timeout=TOLD)
    staff.hears("Somsak", TH("Allow"))
    staff.taps(TH("Allow"))
    staff.hears(TH("Allow"))
    staff.look("stranger-allows-nobody")


def at_a_computer(staff: Staff, number: str, language: Language) -> None:
    """Fon has no quick replies and types everything, in either language."""
    staff.be("Fon")
    staff.says(f"{number} 1,200 baht")
    staff.says(wording(language, "confirm"))
    staff.hears("฿1,200", "Fon")
    staff.says(wording(language, "undo"))
    staff.hears("฿1,200")
    staff.look("by-words")
    staff.says(wording(language, "today"))
    staff.hears(TH("Today"), TH("Payments"))
    staff.look("today")
    staff.says(wording(language, "group_help"))
    staff.hears(TH("What you can write here:"))
    staff.look("commands")
    staff.says(f"{wording(language, 'find')} {number}")
    staff.hears(number)
    staff.look("found")
    expect(staff.page.get_by_test_id("quick-reply")).to_have_count(0)


def a_code_in_a_sentence(staff: Staff, code: str, reward: str) -> None:
    staff.be("Ploy")
    staff.says(f"ลูกค้าใช้โค้ด {code} ค่ะ")
    staff.hears(TH("Used now"), reward, code)
    staff.look("code-used")
    staff.taps(TH("Undo"))
    staff.hears(TH("Taken back: the code of {name} is good again.", name="").split(":")[0])
    staff.look("code-undone")
    staff.says(f"วันนี้ใช้ {code} ได้ไหมคะ")
    staff.hears(TH("Shall {code} be used? Then tap the button, or send the code by itself.", code=code))
    staff.look("code-asked")
    staff.taps(TH("Use it now"))
    staff.hears(TH("Used now"), reward, code)


def the_owner_changes_the_file(customer: Customer, owner: Callable[[dict[str, str]], str]) -> None:
    t = customer.language
    changes = {
        "points: 500\n    percent: 5": "points: 400\n    percent: 5",
        "threshold: 3000, discount: 10": "threshold: 3000, discount: 11",
    }
    said_so = owner(changes)
    assert "500 → 400" in said_so
    assert "10 → 11" in said_so
    customer.asks(wording(t, "rewards"))
    customer.hears("400")
    customer.look("new-price")
    customer.asks(wording(t, "tiers"))
    customer.hears("11%")
    customer.look("new-tier")
