"""What an SMS costs is what an independent count says, and it holds no space that a phone shows as a box."""

import random

import pytest

from channels.sms.text import BASIC, EXTENDED, measure, written

THAI = "".join(map(chr, (*range(0x0E01, 0x0E3B), *range(0x0E3F, 0x0E5C))))
EMOJI = "😀🎂🌸👍🏽❤️🙏"


def counted(text: str) -> int:
    """As a network cuts it: the bytes of each alphabet, part after part, never in the middle of a sign."""
    septets = bytearray()
    for letter in text:
        if letter in EXTENDED:
            septets += b"\x1b\x00"
        elif letter in BASIC:
            septets += b"\x01"
        else:
            return _ucs2(text)
    if len(septets) <= 160:
        return 1 if septets else 0
    parts, at = 0, 0
    while at < len(septets):
        end = min(at + 153, len(septets))
        if end < len(septets) and septets[end - 1] == 0x1B:
            end -= 1  # its second half goes with it
        parts, at = parts + 1, end
    return parts


def _ucs2(text: str) -> int:
    octets = text.encode("utf-16-be")
    if len(octets) <= 140:
        return 1
    parts, at = 0, 0
    while at < len(octets):
        end = min(at + 134, len(octets))
        if end < len(octets) and 0xD8 <= octets[end - 2] <= 0xDB:
            end -= 2  # a lead surrogate goes with its other half
        parts, at = parts + 1, end
    return parts


@pytest.mark.parametrize(
    ("text", "alphabet", "units", "parts"),
    [
        ("", "gsm", 0, 0), ("ก" * 70, "ucs2", 70, 1), ("ก" * 71, "ucs2", 71, 2), ("ก" * 134, "ucs2", 134, 2),
        ("ก" * 135, "ucs2", 135, 3), ("ก" * 69 + "😀", "ucs2", 71, 2), ("a" * 160, "gsm", 160, 1),
        ("a" * 161, "gsm", 161, 2), ("a" * 306, "gsm", 306, 2), ("a" * 307, "gsm", 307, 3),
        ("€" * 80, "gsm", 160, 1), ("€" * 81, "gsm", 162, 2), ("a" * 152 + "€" * 5, "gsm", 162, 2),
        ("a" * 152 + "€" + "a" * 152, "gsm", 306, 3), ("น้ำ", "ucs2", 3, 1), ("“", "ucs2", 1, 1),
        ("ก" * 66 + "😀" + "ก" * 66, "ucs2", 134, 3),
    ],
)  # fmt: skip
def test_parts_by_the_book(text: str, alphabet: str, units: int, parts: int) -> None:
    found = measure(text)
    assert (found.alphabet, found.units, found.parts) == (alphabet, units, parts)


def test_ten_thousand_texts_have_as_many_parts_as_an_independent_count_says() -> None:
    drawn = random.Random(20_260_203)
    letters = (THAI, "".join(sorted(BASIC)), "".join(sorted(EXTENDED)), EMOJI, "abc def 123 ")
    for number in range(10_000):
        mixed = "".join(drawn.sample(letters, drawn.randint(1, 5))) if number % 2 else drawn.choice(letters)
        text = "".join(drawn.choices(mixed, k=drawn.randint(0, 700)))
        assert measure(text).parts == counted(text), repr(text)


def test_what_is_left_is_what_still_fits() -> None:
    drawn = random.Random(7)
    for _ in range(500):
        text = "".join(drawn.choices(THAI, k=drawn.randint(1, 400)))
        found = measure(text)
        assert measure(text + "ก" * found.left).parts == found.parts
        assert measure(text + "ก" * (found.left + 1)).parts == found.parts + 1


def test_no_space_is_one_that_does_not_break() -> None:
    said = written("Dr.\u00a0Ann\u202f—\u200bat 10:00\u2007 sharp…\u2060 \r\n  “Yes” ")
    assert said == 'Dr. Ann -at 10:00 sharp...\n"Yes"'
    assert measure(said).alphabet == "gsm"


def test_signs_of_a_typewriter_stand_only_where_they_save_something() -> None:
    assert written("“สวัสดีค่ะ” … ") == "“สวัสดีค่ะ” …"
    assert written("It’s “today”") == 'It\'s "today"'
