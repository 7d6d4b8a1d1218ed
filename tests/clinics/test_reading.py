"""A file is read as it was written: nothing is guessed, and whatever is in it, reading it ends soon."""

import time
from decimal import Decimal

import pytest

from clinics.reading import LARGEST, NotReadable, read


def problem(raw: str | bytes) -> str:
    with pytest.raises(NotReadable) as found:
        read(raw.encode() if isinstance(raw, str) else raw)
    return str(found.value.problem)


def test_what_is_written_stays_what_it_is() -> None:
    text = """
        phone: 0812345670
        norway: no
        hours: 10:00-20:00
        time: 12:30
        day: 2026-12-31
        whole: 1500
        part: 0.10
        minus: -3
        thousand: 1,500
        quoted: "1500"
        yes: true
        none: ~
        empty:
        list: [a, 1]
    """
    assert read(text.encode()).content == {
        "phone": "0812345670", "norway": "no", "hours": "10:00-20:00", "time": "12:30", "day": "2026-12-31",
        "whole": 1500, "part": Decimal("0.10"), "minus": -3, "thousand": "1,500", "quoted": "1500", "yes": True,
        "none": None, "empty": None, "list": ["a", 1],
    }  # fmt: skip


def test_each_thing_knows_its_line() -> None:
    written = read(b"\xef\xbb\xbfa: 1\nb:\n  - c: 1\n    d: x\n  - c: 2\n")
    assert [written.line(path) for path in (("a",), ("b",), ("b", 0, "d"), ("b", 1), ("b", 1, "x", "y"))] == [
        1, 2, 4, 5, 5,
    ]  # fmt: skip


def test_a_key_that_stands_twice_is_told_and_the_rest_is_read() -> None:
    written = read(b"a: 1\nb: {c: 1, c: 2}\na: {x: 3}\nd: 4\n")
    assert [str(one) for one in written.problems] == [
        "line 2: c stands here again, after line 2", "line 3: a stands here again, after line 1",
    ]  # fmt: skip
    assert written.content == {"a": 1, "b": {"c": 1}, "d": 4}


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        ("a: 1\nb: c: d", "line 2: a colon where none can stand"),
        ("a: 'x\nb: c\n", "line 3: a quotation mark or bracket is never closed"),
        ("a:\n\tb: 1", "line 2: a tab"),
        ("a: @x", "line 1: a tab or a sign such as @"),
        ("a:\n  b: 1\n c: 2", "line 3: the spaces before this line"),
        ("a\nb: c\n", "line 2: a colon where none can stand"),
        ("a: [1, 2\nb: c", "line 2: a bracket is never closed"),
        ("- a", "line 1: write settings"),
        ("text", "line 1: write settings"),
        ("", "line 1: write settings"),
        ("a: 1\n---\nb: 2", "line 2: a second document"),
        ("a: 1\n? [b]\n: c", "line 2: a key is a word"),
        ("%YAML 9\na: 1", "line 1: this cannot be read as YAML"),
        (b"a: 1\nb: \xff", "line 2: this is no UTF-8"),
        ("a: 1".encode("utf-16"), "line 1: this is no UTF-8"),
        ("a: 1\nb: \0", "line 2: a character stands here that nobody can see"),
        ("a: 1\nb: \x1b[31m", "line 2: a character stands here that nobody can see"),
        ("x" * (LARGEST + 1), "the file is larger than"),
    ],
)
def test_what_cannot_be_read_says_where_and_why(raw: str | bytes, says: str) -> None:
    assert problem(raw).startswith(says)


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        ("a: &x [1]\nb: *x", "line 1: & and *"),
        ("a: 1\nb: {<<: *x}", "line 2: & and *"),
        ("&x a: 1", "line 1: & and *"),
        ("a: !!python/object/apply:os.system [ls]", "line 1: ! names a type"),
        ("a: 1\nb: !!binary aGk=", "line 2: ! names a type"),
        ("!x a: 1", "line 1: ! names a type"),
        ("a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]", "line 1: & and *"),
        ("a:" + " [" * 100_000, "line 1: this is nested deeper"),
        ("a:\n" + "- " * 10_000, "line 2: this is nested deeper"),
        ("? " * 10_000, "line 1: a key is a word"),
        ("{" * 10_000, "line 1: a key is a word"),
    ],
)
def test_what_was_made_to_harm_ends_where_it_is_seen(raw: str, says: str) -> None:
    began = time.process_time()
    assert problem(raw).startswith(says)
    assert time.process_time() - began < 3


def test_a_merge_is_a_key_like_any_other() -> None:
    assert read(b"<<: {a: 1}").content == {"<<": {"a": 1}}


@pytest.mark.parametrize("escaped", [r'"\0"', r'"\ud800"', r'"\x07"', r'"a\u0085b"'])
def test_characters_that_nobody_sees_do_not_come_in_by_their_numbers(escaped: str) -> None:
    written = read(f"a: 1\nb: {escaped}\n".encode())
    assert [one.line for one in written.problems] == [2]


def test_the_largest_file_is_read_in_seconds() -> None:
    raw = "".join(f"k{number}: [{number}, a, 'b']\n" for number in range(21_000)).encode()
    assert LARGEST * 0.9 < len(raw) <= LARGEST
    began = time.process_time()
    assert len(read(raw).content) == 21_000
    assert time.process_time() - began < 30
