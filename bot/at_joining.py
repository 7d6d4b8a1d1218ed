"""Typed answers to the two questions at joining: of age or not, offers or none."""

import re

from bot.words import folded, plain, says
from runtime.language import LANGUAGES, Language

STEPS = ("age", "offers")
"""In which they are heard."""
OF_AGE = 20
"""Years, as the question says."""
OLDEST = 120
_AGE = re.compile(r"(?<![0-9.,:/-])[0-9]{2,3}(?![0-9]|[.,:/-][0-9])")


def _words(pattern: str) -> re.Pattern[str]:
    """Spelled as texts are compared: one Thai vowel is two signs there."""
    return re.compile(folded(pattern))


# The longest first: ยังไม่ถึง is not ยัง, and what is not below is above.
_LEAST = _words(
    r"ไม่ต่ำกว่า|ไม่น้อยกว่า|not (?:younger|less) than|not under|at least|(?:or|and) older|or over|or more|ขึ้นไป|เกิน|มากกว่า"
    r"|older than|over|above|\+"
)
_BELOW = _words(
    r"(?:ยัง)?ไม่ถึง|ยังไม่ครบ|ไม่ครบ|ยังไม่|ต่ำกว่า|น้อยกว่า|เด็กกว่า|not yet|not|(?:younger|less) than|younger|under|below"
)
_YES = _words(r"ใช่|\b(?:yes|yep|yeah|yup|ok)\b")
_NO = _words(r"ไม่ใช่|ไม่|เปล่า|\b(?:no|nope|nah)\b")
_AROUND = _words(
    r"อายุ|ปี|ขวบ|แล้ว|เพิ่ง|หนู|ผม|ดิฉัน|ฉัน|เรา|ตอนนี้|ค่ะ|คะ|ครับ|คับ|ค่า|จ้า|นะ|ยัง"
    r"|\b(?:i am|i'm|im|my age is|aged?|years? old|years?|yrs?|yo|y/o|old|only|just|already|turned|i|am|still|yet)\b"
    r"|[\s.,!()]+"
)
_WELCOME = {
    True: ("รับ", "ยินดี", "อยากรับ", "ขอรับ", "ได้", "ได้เลย", "sure", "yes please"),
    False: ("ไม่ยินดี", "ไม่อยากรับ", "ไม่ขอรับ", "ไม่ต้องการ", "ไม่เอา", "not now"),
}


def said_adult(text: str) -> bool | None:
    """Whether somebody says that they are 20 or older; None where the text is no answer to that.

    An age in figures decides, whatever yes or no stands before it. Other words make it another text: `50 units` is no
    age.
    """
    if (said := _button(text, "Yes, 20 or older", "No, younger")) is not None:
        return said
    if (said := _yes_or_no(text)) is not None:
        return said
    words = folded(text)
    ages = [int(age) for age in _AGE.findall(words)]
    least, words = _taken(_LEAST, _AGE.sub(" ", words))
    below, words = _taken(_BELOW, words)
    no, words = _taken(_NO, words)
    yes, words = _taken(_YES, words)
    if _AROUND.sub("", words) or (least and below) or len(ages) > 1 or (yes and no):
        return None
    if not ages:
        return False if below and not yes and not least else None
    return _by_age(ages[0], least=least, below=below, no=no)


def said_welcome(text: str) -> bool | None:
    """Whether somebody wants offers; None where the text is no answer to that."""
    if (said := _button(text, "Yes, please", "No, thank you")) is not None:
        return said
    listed = (wanted for wanted, words in _WELCOME.items() if plain(text) in map(plain, words))
    return next(listed, _yes_or_no(text))


def _by_age(age: int, *, least: bool, below: bool, no: bool) -> bool | None:
    if age > OLDEST:
        return None
    if below:  # below 25 may be either
        return False if age <= OF_AGE else None
    if least:
        return True if age >= OF_AGE and not no else None
    return None if no and age == OF_AGE else age >= OF_AGE


def _button(text: str, yes: str, no: str) -> bool | None:
    """What a typed label says, in any language."""
    labels = {plain(Language(code)(msgid)): msgid == yes for code in LANGUAGES for msgid in (yes, no)}
    return labels.get(plain(text))


def _yes_or_no(text: str) -> bool | None:
    return True if says(text, "yes") else False if says(text, "no") else None


def _taken(pattern: re.Pattern[str], words: str) -> tuple[bool, str]:
    left, times = pattern.subn(" ", words)
    return times > 0, left
