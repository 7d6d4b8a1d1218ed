"""Words as they are compared."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.words import plain


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("แต้มค่ะ", "แต้ม"),
        ("แต้ม นะคะ", "แต้ม"),
        ("  แต้ม หน่อยครับ  ", "แต้ม"),
        ("แต้ม\u200b", "แต้ม"),
        ("แต้ม!!!", "แต้ม"),
        ("POINTS please", "points"),
        ("Ｐｏｉｎｔｓ", "points"),
        ("my   points", "my points"),
        ("\u0000points", "points"),
        ("ค่ะ", "ค่ะ"),
    ],
)
def test_the_same_words_typed_in_many_ways_are_one(typed: str, meant: str) -> None:
    assert plain(typed) == plain(meant)


@given(st.text())
def test_plain_words_stay_plain_and_no_text_breaks_it(text: str) -> None:
    assert isinstance(plain(text), str)
    assert "\u0000" not in plain(text)
