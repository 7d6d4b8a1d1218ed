"""Codes as people type them: alone, and among other words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime import codes


@pytest.mark.parametrize(
    "typed",
    [
        "7KQM2XRA", "7kqm 2xra", "7KQM-2XRA", "７ＫＱＭ　２ＸＲＡ", "๗KQM ๒XRA", "7KQM–2XRA", "7KQM−2XRA",
        "7 K Q M 2 X R A", "7KQM.2XRA", "7KQM_2XRA", "7KQM‿2XRA", "7KQM·2XRA", "7KQM•2XRA", "7KQM・2XRA", "7KQM/2XRA",
        "7KQM , 2XRA", "7KQM：2XRA", "7KQM|2XRA", "7KQM~2XRA", "7KQM～2XRA", "7KQM\\2XRA", "7KQM+2XRA", "7KQM*2XRA",
        "7KQM‐2XRA", "7KQM‒2XRA", "7KQM—2XRA", "7KQM―2XRA", "7KQM﹘2XRA", "7KQM－2XRA", "7KQM⸺2XRA", "7KQM。2XRA",
        "7.K.Q.M.2.X.R.A", "７ＫＱＭ．２ＸＲＡ", "๗kqm_๒xra", "7KQM\n2XRA", "7KQM\t2XRA", "7KQM\u30002XRA",
        "7KQM\u200b2XRA", "7KQM\u00a02XRA", "\u202a7KQM2XRA\u202c",
    ],
)  # fmt: skip
def test_a_code_is_read_however_it_is_typed(typed: str) -> None:
    assert codes.read(typed) == "7KQM2XRA"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("ใช้โค้ด 7KQM 2XRA ค่ะ", {"7KQM2XRA": True}),
        ("ใช้โค้ด7kqm2xraค่ะ", {"7KQM2XRA": True}),
        ("ลูกค้าใช้ ๗kqm-๒xra แล้ว", {"7KQM2XRA": True}),
        ("ใช้ 7KQM.2XRA ค่ะ", {"7KQM2XRA": True}),
        ("ใช้7kqm_2xraค่ะ", {"7KQM2XRA": True}),
        ("(7KQM–2XRA), please", {"7KQM2XRA": True}),
        ("7KQM・2XRA", {"7KQM2XRA": True}),
        ("7kqm.2xra", {"7KQM2XRA": False}),
        ("see aura.example/7kqm", {}),
        ("code: ７ＫＱＭ２ＸＲＡ!", {"7KQM2XRA": True}),
        ("7KQM 2XRA กับ B9DW 4FHN", {"7KQM2XRA": True, "B9DW4FHN": True}),
        ("มาส์ก mask 2pcs ค่ะ", {"MASK2PCS": False}),
        ("FREE 7KQM 2XRA", {"FREE7KQM": True, "7KQM2XRA": True}),
        ("brand KWMNPQRS", {"KWMNPQRS": False}),
        ("0812345678", {}),
        ("reference", {}),
        ("7KQM2XRA9", {}),
        ("A7KQM2XRA", {}),
        ("O7KQM2XRA", {}),
        ("", {}),
    ],
)
def test_codes_are_found_among_words(text: str, found: dict[str, bool]) -> None:
    assert codes.among(text) == found


@given(st.text(), st.text())
def test_no_text_breaks_it_and_a_code_between_spaces_is_found(before: str, after: str) -> None:
    assert "7KQM2XRA" in codes.among(f"{before} 7KQM2XRA {after}")
    assert isinstance(codes.squeezed(before), str)


@pytest.mark.parametrize("text", ["7KQM2XRA?", "7KQM 2XRA？", "7KQM2XRA!", "7KQM(2XRA)", '"7KQM" "2XRA"', "7KQM=2XRA"])
def test_a_mark_that_asks_or_tells_is_no_part_of_a_code(text: str) -> None:
    """In the staff's group a code by itself is used, for good: with a question mark it is asked about."""
    assert codes.read(text) is None


@pytest.mark.parametrize(
    "text", ["N 5 3 3 M T Z F", "N5 33 MT ZF", "refN533MTZF", "my code is n5-33 mtzf!", "โค้ด N5 33 MTZF ค่ะ"]
)
def test_a_code_in_any_pieces_is_among_what_could_be_one(text: str) -> None:
    assert "N533MTZF" in codes.hidden(text)


def test_a_code_of_letters_alone_could_be_one_too() -> None:
    assert "NQJJKTWK" in codes.hidden("it is NQ JJ KT WK")


def test_of_the_longest_text_little_is_looked_for() -> None:
    assert len(codes.hidden("7KQM2XRA" * 10_000)) <= codes.LONGEST
    assert codes.hidden("points, please") == []
