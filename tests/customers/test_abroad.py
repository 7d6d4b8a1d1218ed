"""Phones and addresses as people and systems write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from customers import contacts
from customers.abroad import email_of, phone_of

DIGITS = st.text("0123456789", min_size=8, max_size=8)


@given(first=st.sampled_from("23456789"), rest=DIGITS, apart=st.sampled_from(("", "-", " ", ".", " - ")))
def test_a_thai_phone_is_one_phone_however_it_is_written(first: str, rest: str, apart: str) -> None:
    number = first + rest
    pieces = apart.join((number[:2], number[2:5], number[5:]))
    spelled = contacts.spelling("phone", f"0{number}")
    for written in (f"0{pieces}", f"+66{apart}{pieces}", f"66{pieces}", f"0066{pieces}", f"+66 (0){pieces}"):
        assert phone_of(written) == spelled == f"+66{number}"


@given(st.text("0123456789", min_size=7, max_size=11))
def test_a_phone_of_another_country_keeps_its_own_number(rest: str) -> None:
    assert phone_of(f"+49{rest}") == phone_of(f"0049{rest}") == f"+49{rest}"


@pytest.mark.parametrize("written", ["", "12345", "0812-CALL", "+", "phone", "08123456789012345", "00", "000000"])
def test_what_is_no_phone_is_none(written: str) -> None:
    assert phone_of(written) is None


def test_an_address_is_in_small_letters_and_what_is_none_is_none() -> None:
    assert email_of(" Mali@Example.COM ") == "mali@example.com"
    for written in ("mali", "mali@", "@example.com", "a b@example.com", "mali@example"):
        assert email_of(written) is None
