"""Amounts and phones as people write them."""

from decimal import Decimal

import pytest

from bot.amounts import amounts, phones, without_phones


@pytest.mark.parametrize(
    ("text", "baht"),
    [
        ("3,500", "3500"), ("3500", "3500"), ("3500.-", "3500"), ("3500,-", "3500"), ("3500บาท", "3500"),
        ("3500 บาท", "3500"), ("๓๕๐๐", "3500"), ("๓,๕๐๐.๕๐", "3500.50"), ("3.5k", "3500"), ("3.5K", "3500"),
        ("12พัน", "12000"), ("฿3,500", "3500"), ("3500฿", "3500"), ("3500 baht", "3500"), ("3500THB", "3500"),
        ("จ่าย 3,500 ค่ะ", "3500"), ("1,234,567.89", "1234567.89"), ("３５００", "3500"), ("ยอด3500ค่ะ", "3500"),
    ],
)  # fmt: skip
def test_an_amount_is_read(text: str, baht: str) -> None:
    assert amounts(text) == [Decimal(baht)]


@pytest.mark.parametrize("text", ["", "สวัสดีค่ะ", "12:30", "A3500", "3500abc", "v3.5kg", "1/2", "3,50,0x"])
def test_what_is_none_is_not_read(text: str) -> None:
    assert amounts(text) == []


def test_several_are_all_told() -> None:
    assert amounts("3500 กับ 1,200 และ 3500") == [Decimal(3500), Decimal(1200)]


@pytest.mark.parametrize(
    "text",
    ["0812345678", "081-234-5678", "081 234 5678", "081.234.5678", "+66812345678", "+66 81 234 5678", "0066812345678",
     "66812345678", "66-81-234-5678", "+66 (0)81 234 5678", "๐๘๑๒๓๔๕๖๗๘", "โทร 0812345678"],
)  # fmt: skip
def test_a_phone_is_read_and_no_amount(text: str) -> None:
    assert phones(text) == ["+66812345678"]
    assert amounts(without_phones(f"{text} 35")) == [Decimal(35)]
    assert amounts(without_phones(f"3,500 {text}")) == [Decimal(3500)]


def test_a_long_number_is_no_phone() -> None:
    assert phones("08123456789") == []
