"""Names that sound alike in Thai and in Latin letters."""

import time
from pathlib import Path

import pytest

from customers.sounds import MOST, alike, keys

ROWS = [line.split("\t") for line in (Path(__file__).parent / "alike.tsv").read_text().splitlines()[1:]]
"""(label, a word, another). `unseen` were written when the rules stood: 59 of 64 were alike at first sight."""


def pairs(*labels: str) -> list[tuple[str, str]]:
    return [(one.casefold(), other.casefold()) for label, one, other in ROWS if label in labels]


def test_a_thai_spelling_and_a_latin_one_of_a_name_sound_alike() -> None:
    found = pairs("same", "unseen")
    assert len(found) > 180
    assert [pair for pair in found if not alike(*pair)] == [("สตีฟ", "steve")]


def test_other_names_do_not() -> None:
    assert [pair for pair in pairs("other") if alike(*pair)] == []


@pytest.mark.parametrize("word", ["", "ะ", "์", "1375", "小明", "🌸", "ๆ", "-"])
def test_what_has_no_sound_is_like_nothing(word: str) -> None:
    assert keys(word) == frozenset()
    assert not alike(word, word)


def test_a_word_has_few_keys_however_long_it_is() -> None:
    began = time.process_time()
    for word in ("รล" * 500, "rn" * 500, "นน์" * 500, "ph" * 500, "x" * 1000, "ทร" * 300):
        assert len(keys(word)) <= MOST
    assert time.process_time() - began < 1
