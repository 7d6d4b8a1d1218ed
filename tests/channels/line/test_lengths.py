import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.line.lengths import clusters, graphemes, truncate, truncate_units, truncate_words, utf16_units

FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
WAVE = "\U0001f44b\U0001f3fd"
HEART = "\u2764\ufe0f"
KEYCAP = "1\ufe0f\u20e3"
THAILAND, SCOTLAND = "\U0001f1f9\U0001f1ed", "\U0001f3f4\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", 0),
        ("Aura", 4),
        ("น้ำ", 1),
        ("ที่นี่", 2),
        ("ผึ้ง", 2),
        ("กตัญญู", 4),
        ("แต้มของฉัน", 8),
        ("cafe\u0301", 4),
        (FAMILY, 1),
        (WAVE, 1),
        (HEART, 1),
        (KEYCAP, 1),
        (THAILAND, 1),
        (THAILAND * 3, 3),
        ("x" + THAILAND + "x", 3),
        (SCOTLAND, 1),
        ("a\u200db", 2),
        ("\r\n", 1),
        ("\n\n", 2),
        ("a\u200bb", 3),
        ("\u200b\u0301", 2),
    ],
)
def test_a_person_s_characters(text: str, shown: int) -> None:
    assert graphemes(text) == shown


def test_utf16_counts_thai_marks_emoji_and_lone_surrogates() -> None:
    assert utf16_units("น้ำ") == 3
    assert utf16_units("😀") == 2
    assert utf16_units("\ud83d") == 1


anything = st.text(st.characters(exclude_categories=()), max_size=60)
living = st.lists(
    st.sampled_from(
        ["ก", "น้ำ", "เ", "ที่", "a", "e\u0301", FAMILY, WAVE, HEART, THAILAND, SCOTLAND, " ", "\n", "\u200d", "\ud800"]
    )
).map("".join)


@given(anything | living)
def test_clusters_are_the_text(text: str) -> None:
    parts = list(clusters(text))
    assert "".join(parts) == text
    assert all(parts)
    assert graphemes(text) <= len(text) <= utf16_units(text)


@given(anything | living, st.integers(1, 30))
def test_cut_to_graphemes(text: str, limit: int) -> None:
    cut = truncate(text, limit)
    assert graphemes(cut) <= limit
    if graphemes(text) <= limit:
        assert cut == text
    else:
        assert cut.endswith("…")
        assert text.startswith(cut[:-1])


@given(anything | living, st.integers(1, 30))
def test_cut_to_units(text: str, limit: int) -> None:
    cut = truncate_units(text, limit)
    assert utf16_units(cut) <= limit
    assert cut == text if utf16_units(text) <= limit else cut.endswith("…")


def test_a_cut_never_separates_a_mark_from_its_letter() -> None:
    assert truncate("น้ำตาล", 2) == "น้ำ…"
    assert truncate_units("น้ำตาล", 3) == "…"
    assert truncate_units("น้ำตาล", 4) == "น้ำ…"


def test_nothing_can_be_cut_to_nothing() -> None:
    with pytest.raises(ValueError, match="cut to 0"):
        truncate("ก", 0)


@pytest.mark.parametrize(
    ("text", "limit", "cut"),
    [
        ("one two three", 13, "one two three"),
        ("one two three", 12, "one two…"),
        ("one two three", 9, "one two…"),
        ("one two three", 8, "one two…"),
        ("one two three", 7, "one…"),
        ("รับแต้ม ใช้แต้ม", 12, "รับแต้ม…"),
        ("ก" * 100, 80, "ก" * 79 + "…"),
        ("a " + "ก" * 100, 80, "a " + "ก" * 77 + "…"),  # too far back to be the end of a word
        ("🌸" * 10, 6, "🌸🌸…"),
    ],
)
def test_a_text_is_cut_at_a_word(text: str, limit: int, cut: str) -> None:
    assert truncate_words(text, limit) == cut


@given(st.text(), st.integers(1, 40))
def test_a_cut_text_fits_and_begins_as_the_whole_does(text: str, limit: int) -> None:
    cut = truncate_words(text, limit)
    assert utf16_units(cut) <= limit
    assert text.startswith(cut.removesuffix("…"))
