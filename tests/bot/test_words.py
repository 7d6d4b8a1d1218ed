"""Words as they are compared."""

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.routes import Table
from bot.words import plain, says_use
from runtime.language import LANGUAGES, hearing_words


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
        ("เเต้ม", "แต้ม"),  # SARA E twice
        ("แต\u0e49\u0e49ม", "แต้ม"),
        ("แต้มค่ะ🙏", "แต้ม"),
        ("❤️ แต้ม ❤️🙏🏽", "แต้ม"),
        ("แต้ม🙏ค่ะ🙏", "แต้ม"),
        ("แต้ม 1️⃣", "แต้ม 1"),
        ("แต้มๆ", "แต้ม"),
        ("แต้มฯค่ะ", "แต้ม"),
        ("แต้มมมมม", "แต้ม"),
        ("แต้มค่าาาา", "แต้ม"),
        ("แแต้ม", "แต้ม"),
        ("แต้ม\u00a0ของ\u00a0ฉัน", "แต้มของฉัน"),
        ("แต้ม ของ ฉัน", "แต้มของฉัน"),
        ("แต้\u00adม\u200f", "แต้ม"),
        ("แต้มครับผม", "แต้ม"),
        ("ทํา", "ทำ"),  # NIKHAHIT and SARA AA
        ("นํ้า", "น้ำ"),
        ("น้ํา", "น้ำ"),
        ("นำ้", "น้ำ"),
        ("ค้ะ", "คะ้"),
        ("ก่ี", "กี่"),
        ("สิทธ์ิ", "สิทธิ์"),
        ("สิทธิิ", "สิทธิ"),
        ("ชิํน", "ชึน"),
        ("คะเเนน", "คะแนน"),
        ("ประวัตๅ", "ประวัตา"),
        ("๑๒๓", "123"),
        ("friend’s code", "friend's code"),
        ("check–in", "check-in"),
        ("ｍｙ　ｐｏｉｎｔｓ。", "my points"),
        ("🙏", "🙏"),
    ],
)
def test_the_same_words_typed_in_many_ways_are_one(typed: str, meant: str) -> None:
    assert plain(typed) == plain(meant)


@pytest.mark.parametrize(
    "unit",
    ["นะคะ", "คะ🙏", "นะ ", "please ", "ค่ะ!", "ref ", "ผูกกลุ่ม", "๊้", "เเ", "7KQM ", "  ", "-", "อย่า", "ใช้", "use "],
)
def test_the_longest_text_is_read_in_no_time(table: Table, unit: str) -> None:
    """A minute of a worker's time for one message would be everybody's minute."""
    text = (unit * 5_000)[:4_999] + "x"
    began = time.process_time()
    for group in (False, True):
        assert (table.phrase(text, group=group), table.prefixed(text, group=group)) == (None, None)
        assert table.among(text, group=group) is None
    says_use(text)
    assert time.process_time() - began < 2


THAI = st.text("กตมนว" + "".join(map(chr, range(0x0E30, 0x0E5C))) + " \u00a0\u200bae1.🙏", max_size=12)


@given(st.text() | THAI)
def test_plain_words_stay_plain_and_no_text_breaks_it(text: str) -> None:
    once = plain(text)
    assert plain(once) == once
    assert "\u0000" not in once


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_word_that_is_heard_is_heard_however_it_is_typed(table: Table, language: str) -> None:
    for phrase, words in hearing_words(language).items():
        for word in words:
            for typed in (word, f"{word}ค่ะ🙏", "\u200b".join(word), unicodedata.normalize("NFD", word), word.upper()):
                assert _heard(table, typed) == phrase, typed


@pytest.mark.parametrize(
    ("typed", "phrase"),
    [
        ("ขอดูแต้มค่ะ", "points"), ("ขอแต้มหน่อย", "points"), ("แต้มเท่าไหร่คะ", "points"), ("มีกี่แต้มแล้ว", "points"),
        ("คะแนนนนน", "points"), ("point's", "points"), ("pointsss", "points"), ("ขอเช็คแต้มด้วยค่ะ", "points"),
        ("รบกวนดูคะแนนให้หน่อยนะคะ", "points"), ("อยากรู้แต้มค่ะ", "points"), ("show me my points", "points"),
        ("Check points please", "points"), ("How many points?", "points"), ("ขอ ดู รางวัล ค่ะ", "rewards"),
        ("ดูคูปองของฉันหน่อย", "redemptions"), ("ขอเมนูด้วยค่ะ", "help"), ("friends code", "friend_code"),
        ("ขอสมัครด้วยค่ะ", "join"), ("hellooo", "greeting"), ("ขอของรางวัล", "rewards"),
        ("ขอเลื่อนนัด", "appointments"), ("check my appointment", "appointments"), ("ขอที่อยู่", "clinic"),
        ("ขอดูบัตรค่ะ", "card"), ("points & rewards", "points"), ("เพิ่มเติม", "help"),
    ],
)  # fmt: skip
def test_asking_for_a_phrase_is_the_phrase(table: Table, typed: str, phrase: str) -> None:
    route = table.phrase(typed)
    assert route is not None
    assert route.name == phrase


@pytest.mark.parametrize(
    "typed",
    [
        "ขอยกเลิก", "ขอยกเลิกค่ะ", "ขอ", "ขอค่ะ", "ดู", "เช็ค", "ช่วยหน่อย", "สมัครแล้ว",
        "รีวิวแล้วค่ะ", "แต้มหาย", "แต้มหมดแล้ว",
        "ขอเลื่อนเวลา", "ขอที่จอดรถ", "ดูดวง", "ไม่ขอแต้ม", "แต้มไม่เข้า", "ขอคะแนนสอบ", "show",
        "please", "check", "no points", "pointing",
        "point it out", "see you", "tell me", "check my weight", "ขอแต้มเพิ่ม", "รางวัลชนะเลิศ",
        "ขอไม่รับ", "แต้มเธอเท่าไหร่",
    ],
)  # fmt: skip
def test_other_words_of_asking_are_no_phrase(table: Table, typed: str) -> None:
    assert table.phrase(typed) is None


def _heard(table: Table, typed: str) -> str | None:
    for event_type in table.words.values():
        if (phrase := event_type.get(plain(typed))) is not None:
            return phrase
    return None


@pytest.mark.parametrize(
    "text", ["อย่าเพิ่งใช้", "ใช้ได้ไหมคะ", "don't use", "?", "ยังไม่ใช้", "ใช้ไม่ได้", "use not", "reuse", "used"]
)
def test_a_question_and_a_no_do_not_say_to_use_it(text: str) -> None:
    assert not says_use(text)


@pytest.mark.parametrize("text", ["ลูกค้าใช้ ค่ะ", "please use ", "", "ขอ ใช้ สิทธิ์ นะ คะ", "ใช้\u200bค่าาา", "ＵＳＥ"])
def test_a_plain_request_does(text: str) -> None:
    assert says_use(text)
