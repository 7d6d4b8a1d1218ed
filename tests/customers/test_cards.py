"""The number and the code of a card: how they are typed, what they prove, and to whom they lead."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from customers import cards
from customers.cards import Card
from customers.people import new_customer
from facts.merged import merge
from loyalty.points import create_loyalty_profile
from models.clinics import Clinic
from models.customers import Customer
from runtime import codes
from tests.fixtures.clinic import NOW, make_clinic

NUMBER, LIVING = "M48291372", "K7QXP"


def member(session: Session, clinic: Clinic) -> Customer:
    customer = new_customer(session, clinic, NOW)
    create_loyalty_profile(session, customer, NOW)
    session.flush()
    return customer


def number_of(customer: Customer) -> str:
    assert customer.member_number is not None
    return customer.member_number


def proof_of(session: Session, clinic: Clinic, text: str, later: timedelta = timedelta()) -> str | None:
    card = cards.read(text)
    assert card is not None
    held = cards.holder(session, clinic, card, NOW + later)
    return held.proof if held else None


def found(session: Session, clinic: Clinic, text: str) -> Customer | None:
    card = cards.read(text)
    held = card and cards.holder(session, clinic, card, NOW)
    return held.customer if held else None


@pytest.mark.parametrize(
    "typed",
    [
        "M48291372", "m48291372", "M 4829 1372", "M-4829-1372", "M4829–1372", "m 4829.1372", "M 48 29 13 72",
        "M４８２９１３７２",
        "Ｍ　４８２９　１３７２", "M๔๘๒๙๑๓๗๒", "m ๔๘๒๙ ๑๓๗๒", "M4829\u200b1372", "M\n4829\n1372", "M_4829_1372",
        "M:48291372",
    ],
)  # fmt: skip
def test_a_number_is_read_however_it_is_typed(typed: str) -> None:
    assert cards.read(typed) == Card(NUMBER)
    assert cards.read(f"{typed}-{LIVING}") == cards.read(f"{typed} k7 qxp") == Card(NUMBER, LIVING)
    assert cards.read(f"{typed}{LIVING}") == cards.read(f"{typed} ｋ７ｑｘｐ") == Card(NUMBER, LIVING)


@pytest.mark.parametrize("typed", ["K7QXP", "k7qxp", "k7 qxp", "K-7-Q-X-P", "ｋ７ｑｘｐ", " K7QXP. "])
def test_what_stands_beside_the_qr_code_is_read_alone(typed: str) -> None:
    assert cards.read(typed) == Card("", LIVING)


@pytest.mark.parametrize(
    "text",
    [
        "77QXP", "KKQXP", "K7QX", "K7QXP2", "K7OXP", "48291372", "M4829137", "M482913729", "N48291372", "3500", "3,500",
        "3.5k", "฿3500", "0812345678", "+66812345678", "7KQM2XRA", "M4829137K7QXP", "M48291372K7QX", "M48291372?",
        "my M48291372", "",
    ],
)  # fmt: skip
def test_nothing_else_is_read_as_a_card(text: str) -> None:
    assert cards.read(text) is None


@pytest.mark.parametrize(
    ("text", "shown", "rest"),
    [
        ("M48291372 3500", [Card(NUMBER)], "3500"),
        ("m4829 1372 3,500 บาท", [Card(NUMBER)], "3,500 บาท"),
        ("M 4829 1372 23456", [Card(NUMBER)], "23456"),
        ("M48291372 3.5k", [Card(NUMBER)], "3.5k"),
        ("M48291372 TREAT", [Card(NUMBER)], "TREAT"),
        ("รับเงิน 3500 จาก M-4829-1372 ค่ะ", [Card(NUMBER)], "รับเงิน 3500 จาก ค่ะ"),
        ("บัตรm๔๘๒๙๑๓๗๒จ่าย๓๕๐๐", [Card(NUMBER)], "บัตร จ่าย3500"),
        ("M48291372-K7QXP 3500", [Card(NUMBER, LIVING)], "3500"),
        ("3500 m4829 1372 k7qxp", [Card(NUMBER, LIVING)], "3500"),
        ("M48291372 M48291372", [Card(NUMBER)], ""),
        ("M48291372 M50000001", [Card(NUMBER), Card("M50000001")], ""),
        ("M4829 137 5,000", [], "M4829 137 5,000"),
        ("M482913723500", [], "M482913723500"),
        ("9M48291372", [], "9M48291372"),
        ("SIZE M 3500", [], "SIZE M 3500"),
    ],
)
def test_cards_are_found_among_words(text: str, shown: list[Card], rest: str) -> None:
    assert cards.among(text) == shown
    assert " ".join(cards.without(text).split()) == rest


@given(st.text(), st.text())
def test_no_text_breaks_it_and_a_card_between_spaces_is_found(before: str, after: str) -> None:
    assert Card(NUMBER) in cards.among(f"{before} M48291372 . {after}")
    cards.read(before)
    cards.without(before)


def test_a_number_is_no_code_of_a_reward_and_says_when_it_is_mistyped() -> None:
    for _ in range(200):
        number = cards.new_number()
        shown = cards.spaced(number)
        assert cards.read(shown) == Card(number)
        assert not Card(number).mistyped
        assert codes.read(number) is None
        assert codes.read(shown) is None
        assert not any(codes.among(f"{shown} {number}").values())


def test_one_wrong_digit_and_two_that_were_swapped_are_found() -> None:
    assert cards.spaced(NUMBER) == "M 4829 1372"
    for at in range(1, len(NUMBER)):
        for digit in set("0123456789") - {NUMBER[at]}:
            assert Card(f"{NUMBER[:at]}{digit}{NUMBER[at + 1 :]}").mistyped
        swapped = f"{NUMBER[:at]}{NUMBER[at + 1 : at + 2]}{NUMBER[at]}{NUMBER[at + 2 :]}"
        assert swapped == NUMBER or Card(swapped).mistyped


def test_who_joins_has_a_number_and_keeps_it(session: Session, clinic: Clinic) -> None:
    customer = new_customer(session, clinic, NOW)
    session.flush()
    assert session.scalars(select(Customer.member_number)).one() is None
    create_loyalty_profile(session, customer, NOW)
    number = number_of(customer)
    create_loyalty_profile(session, customer, NOW)
    assert customer.member_number == number == cards.give_number(session, customer)
    assert found(session, clinic, number) is customer


def test_a_number_that_somebody_has_is_drawn_again(
    session: Session, clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    mali = member(session, clinic)
    drawn = iter([number_of(mali), number_of(mali), NUMBER])
    monkeypatch.setattr(cards, "new_number", lambda: next(drawn))
    assert number_of(member(session, clinic)) == NUMBER
    elsewhere = make_clinic(session, "other")
    drawn = iter([NUMBER])
    assert number_of(member(session, elsewhere)) == NUMBER
    thief = new_customer(session, clinic, NOW)
    thief.member_number = NUMBER
    with pytest.raises(IntegrityError, match="uq_customers_member_number"):
        session.flush()


def test_a_code_lives_five_to_ten_minutes_and_is_over_after(session: Session, clinic: Clinic) -> None:
    mali = member(session, clinic)
    code = cards.living_code(session, mali, NOW)
    assert NOW + timedelta(minutes=5) <= code.until <= NOW + timedelta(minutes=10)
    last = code.until - NOW - timedelta(seconds=1)
    # Shown again, at the same moment or by another till: it is the same, and still theirs.
    assert [proof_of(session, clinic, code.text, at) for at in (timedelta(), timedelta(), last)] == ["living"] * 3
    assert cards.living_code(session, mali, NOW) == code
    assert proof_of(session, clinic, code.text, code.until - NOW) == "over"
    assert proof_of(session, clinic, code.text, timedelta(hours=23)) == "over"
    assert proof_of(session, clinic, code.text, timedelta(days=2)) == "wrong"
    assert proof_of(session, clinic, number_of(mali)) == "none"
    assert cards.living_code(session, mali, code.until).text != code.text


def test_a_code_fits_one_person_of_one_clinic(session: Session, clinic: Clinic) -> None:
    mali, ken = member(session, clinic), member(session, clinic)
    living = cards.living_code(session, mali, NOW).text.partition("-")[2]
    # One of those that ken's card had within the last day may be the same by chance.
    assert proof_of(session, clinic, f"{number_of(ken)}-{living}") in {"wrong", "over"}
    elsewhere = make_clinic(session, "other")
    assert found(session, elsewhere, number_of(mali)) is None
    twin = new_customer(session, elsewhere, NOW)
    twin.member_number = mali.member_number
    session.flush()
    assert found(session, elsewhere, number_of(mali)) is twin
    assert proof_of(session, elsewhere, cards.living_code(session, mali, NOW).text) == "wrong"


def test_a_mistyped_number_is_nobodys_even_if_somebody_had_it(session: Session, clinic: Clinic) -> None:
    customer = new_customer(session, clinic, NOW)
    customer.member_number = "M48291371"
    session.flush()
    assert found(session, clinic, "M48291371") is None


def test_after_a_merge_both_numbers_and_a_living_code_lead_to_the_one_that_stays(
    session: Session, clinic: Clinic
) -> None:
    gone, stays, last = (member(session, clinic) for _ in range(3))
    numbers = [number_of(each) for each in (gone, stays, last)]
    code = cards.living_code(session, gone, NOW)
    merge(session, gone, stays, NOW, actor="staff")
    session.flush()
    assert [found(session, clinic, number) for number in numbers] == [stays, stays, last]
    assert (proof_of(session, clinic, code.text), found(session, clinic, code.text)) == ("living", stays)
    merge(session, stays, last, NOW, actor="staff")
    session.flush()
    assert {found(session, clinic, number) for number in numbers} == {last}
    assert number_of(last) == numbers[2]


def test_who_had_no_number_takes_over_that_of_the_duplicate(session: Session, clinic: Clinic) -> None:
    gone, stays = member(session, clinic), new_customer(session, clinic, NOW)
    session.flush()
    number = number_of(gone)
    merge(session, gone, stays, NOW, actor="staff")
    session.flush()
    session.expire_all()
    assert (stays.member_number, gone.member_number) == (number, None)
    assert found(session, clinic, number) is stays


def test_the_card_of_somebody_who_was_forgotten_leads_nowhere(session: Session, clinic: Clinic) -> None:
    mali = member(session, clinic)
    mali.data_key = None
    session.flush()
    assert found(session, clinic, number_of(mali)) is None
