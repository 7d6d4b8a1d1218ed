"""Words as they are compared: what a person typed, and what the phrase book lists, in one plain form.

Thai is typed in more ways than can be seen: keyboards and copied texts differ in the order of marks over one letter,
write one vowel as two signs, repeat marks, and put in characters without width. What looks the same is the same here.
"""

import re
import unicodedata
from collections.abc import Iterator

from runtime.codes import THAI_DIGITS
from runtime.language import LANGUAGES, Language, hearing_words, kinds_of_words

_ENDINGS = (
    "นะคะ", "นะค่ะ", "นะครับ", "นะจ๊ะ", "หน่อย", "ค่ะ", "คะ", "ค๊ะ", "ครับผม", "ครับ", "คร้าบ", "ค้าบ", "คับผม", "คับ", "ค่า",
    "จ้า", "จ้ะ", "จ๊ะ", "น้า", "นะ", "please", "pls", "plz",
)  # fmt: skip
"""Polite particles, cut off one by one: a pattern reads นะคะ in two ways, and a thousand of them in 2^1000."""
_SPACES = re.compile(r"\s+")
_QUOTES_AND_DASHES = str.maketrans("‘’ʼ“”‐‑‒–—―−", "'''\"\"-------")
_VARIATIONS = range(0xFE00, 0xFE10)
_KEYCAP = "\u20e3"
_MARKS = re.compile("[\u0e31\u0e34-\u0e3a\u0e47-\u0e4e]{2,}")
"""What stands over and under a Thai letter."""
_LATE = re.compile("([ะา])([\u0e47-\u0e4e]+)")
"""A tone typed after the vowel that stands beside its letter."""
_TONES, _SILENCERS = "\u0e48\u0e49\u0e4a\u0e4b", "\u0e4c\u0e4e"
# A vowel or sign that no Thai word has twice running; any other letter three times is a voice drawn out.
_AGAIN = re.compile("(\u0e4d\u0e32|[ะาแโใไๆฯ])\\1+")
_DRAWN_OUT = re.compile("([\u0e01-\u0e2e])\\1{2,}")
_INSIDE_THAI = re.compile("(?<=[\u0e00-\u0e7f]) (?=[\u0e00-\u0e7f])")
_ONE_FOR_TWO = {"เเ": "แ", "ๅ": "า", "\u0e34\u0e4d": "\u0e36"}
"""Signs that look like one other: SARA E twice, LAKKHANGYAO, SARA I with NIKHAHIT."""
_LAST_AGAIN = re.compile(r"([^\W\d])\1+$")
_ASKING = (
    "ขอ", "ดู", "เช็ค", "เช็ก", "ตรวจสอบ", "อยาก", "ต้องการ", "รู้", "ทราบ", "สอบถาม", "รบกวน", "ช่วย", "please ", "show ",
    "me ", "check ", "see ", "view ", "tell ",
)  # fmt: skip
_ASKED = ("ให้", "ด้วย", "ที")
"""Words of asking, before what is asked for and behind it."""
_USE = (
    "ใช้", "มาใช้", "แลก", "รับสิทธิ์", "รับสิทธิ", "รับรางวัล", "รับของรางวัล", "use", "uses", "using", "redeem", "redeems",
    "redeeming", "apply",
)  # fmt: skip
_BESIDE_USE = (
    "ลูกค้า", "ให้ลูกค้า", "ขอ", "ช่วย", "รบกวน", "ให้หน่อย", "ให้ด้วย", "ด้วย", "เลย", "คูปอง", "สิทธิ์", "สิทธิ", "รางวัล", "ของรางวัล",
    "the", "customer", "client", "for", "now", "coupon", "voucher", "reward",
)  # fmt: skip
_NOTHING_SAID = (
    *_ENDINGS, "โค้ด", "โค๊ด", "โคด", "รหัส", "สวัสดี", "หวัดดี", "ขอบคุณ", "ขอบคุณมาก", "code", "hello", "hi", "thanks",
    "thank you",
)  # fmt: skip
_SIGNS_OF_NOTHING = ".,:;!()[]'\"/\\|_~+*-·•・、。ๆ✨🙏😊🙂😀😃😄😁🥰😍☺🤗❤♥💕💖🌸🌷🌹💐🎁🎉👍👌✅✔🏻🏼🏽🏾🏿"


def is_phrase(said: str, phrase: str) -> bool:
    """Whether a text is this phrase and nothing else, in any language."""
    return plain(said) in {plain(words) for language in LANGUAGES for words in hearing_words(language)[phrase]}


def says(said: str, kind: str) -> bool:
    """Whether a text is a word of this kind (`kinds.po`) and nothing else, in any language."""
    return plain(said) in {plain(word) for language in LANGUAGES for word in kinds_of_words(language).get(kind, ())}


def wording(t: Language, phrase: str, code: str = "") -> str:
    """What a button lets the person say, to be heard as `phrase`: its first words in their language, and the code."""
    words = hearing_words(t.code)[phrase][0]
    return f"{words} {code}" if code else words


def language_meant(text: str) -> str:
    """The language that is asked for by words of its own `speak`. Raises `LookupError` where there is none."""
    for code in LANGUAGES:
        if plain(text) in map(plain, hearing_words(code)["speak"]):
            return code
    raise LookupError("no language is asked for by these words")


def plain(text: str) -> str:
    """NFKC, case folded, Thai as it looks, without spaces inside it; without invisible characters, outer punctuation
    and symbols, and final polite particles. Plain words stay as they are: `plain(plain(text)) == plain(text)`.
    """
    while (plainer := _plainer(text)) != text:
        text = plainer
    return text


def without_manners(text: str) -> str:
    """A text as it was written, without the particles and words of asking at its end."""
    said = _bare(text)
    while (ending := next(filter(said.endswith, (*_ENDINGS, *_ASKED)), None)) is not None:
        said = _bare(said[: -len(ending)])
    return said


def worn(said: str) -> str:
    """Plain words without what fingers leave out or repeat: apostrophes, and the last letter."""
    return _LAST_AGAIN.sub(r"\1", said.replace("'", ""))


def asked(said: str) -> Iterator[str]:
    """What plain words may ask for: with fewer and fewer words of asking before it and behind it."""
    while True:
        end = said
        while (word := next(filter(end.endswith, _ASKED), None)) is not None:
            yield (end := plain(end.removesuffix(word)))
        if (word := next(filter(said.startswith, _ASKING), None)) is None:
            return
        yield (said := plain(said.removeprefix(word)))


def says_use(words: str) -> bool:
    """Whether words, of which the code has been taken, say nothing but that it is to be used, or nothing at all.

    What may be said beside a code is listed, and what forbids, asks or puts off is not: of that there is no end.
    """
    said = folded(words)
    return not _NOTHING.sub("", said) or (_TO_USE.search(said) is not None and not _USING.sub("", said))


def _plainer(text: str) -> str:
    said = _bare(folded(text))
    # A word that is nothing but particles stays what it is.
    return _without_endings(said) or said


def _without_endings(said: str) -> str:
    while (ending := next(filter(said.endswith, _ENDINGS), None)) is not None:
        said = _bare(said[: -len(ending)])
    return said


def folded(text: str) -> str:
    """NFKC, case folded, Thai as it looks, without spaces inside it and without characters that are not seen."""
    seen = "".join(char for char in text if not _unseen(char)).translate(_QUOTES_AND_DASHES)
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", seen).casefold()).translate(THAI_DIGITS)
    for two, one in _ONE_FOR_TWO.items():
        folded = folded.replace(two, one)
    folded = _AGAIN.sub(r"\1", _MARKS.sub(_in_order, _LATE.sub(r"\2\1", folded)))
    return _INSIDE_THAI.sub("", _SPACES.sub(" ", _DRAWN_OUT.sub(r"\1", folded)))


def _unseen(char: str) -> bool:
    if char < "\x7f":
        return char < " " and not char.isspace()
    return unicodedata.category(char) in ("Cf", "Cc") or ord(char) in _VARIATIONS or char == _KEYCAP


def _in_order(marks: re.Match[str]) -> str:
    """Vowels, then tones, then what silences, each once."""
    order = (lambda mark: (mark in _TONES) + 2 * (mark in _SILENCERS), str)
    return "".join(sorted(set(marks[0]), key=lambda mark: tuple(by(mark) for by in order)))


def _bare(text: str) -> str:
    """Without what stands around the words: punctuation, symbols, pictures, signs of repetition, stray marks."""
    start, end = 0, len(text)
    while start < end and (_edge(text[start]) or unicodedata.category(text[start])[0] == "M"):
        start += 1
    while end > start and _edge(text[end - 1]):
        end -= 1
    return text[start:end]


def _edge(char: str) -> bool:
    return char in "ๆฯ" or unicodedata.category(char)[0] in "PSZ" or char.isspace()


def _any_of(*words: str) -> re.Pattern[str]:
    """One of these words, the longest first and Latin ones whole, or a sign or space that says nothing."""
    ordered = sorted({folded(word) for word in words}, key=lambda word: (-len(word), word))
    each = (rf"(?<![a-z]){re.escape(word)}(?![a-z])" if word.isascii() else re.escape(word) for word in ordered)
    return re.compile("|".join((*each, rf"[\s{re.escape(_SIGNS_OF_NOTHING)}]")))


_TO_USE = re.compile("|".join(sorted(map(folded, _USE))))
_NOTHING = _any_of(*_NOTHING_SAID)
_USING = _any_of(*_NOTHING_SAID, *_BESIDE_USE, *_USE)
