"""What stands behind the words of a request in the staff's group and is meant as its code or number, though it fits
nothing. All other words behind it are talk."""

import re

from runtime.codes import folded

FEWEST, MOST = 3, 20
"""Signs of what is meant as a code; `confirm 2` is talk."""
_PIECES = re.compile(r"[0-9a-z]+(?:[ -]+[0-9a-z]+){0,3}")
_QUANTITY = re.compile(r"[0-9]+(?:am|pm|k|h|hrs?|mins?|pcs|mg|ml|cc|x)")
_LETTERS = re.compile(r"[a-z]{8}|[a-z]{4}[ -][a-z]{4}")
_TITLED = re.compile(r"(?:@|คุณ|น้อง|พี่|ลูกค้า|(?:mrs?|ms|miss|khun)\b)", re.IGNORECASE)
_TOLD = re.compile("แล้ว|ไหม|มั้ย|หรือยัง|ไม่|already", re.IGNORECASE)
_NUMBER = re.compile(r"(?<![0-9A-Z])M[ -]{0,2}[0-9]{3,5}[ -]{0,2}[0-9]{2,5}(?![0-9A-Z])", re.IGNORECASE)


def is_code(behind: str, said: str, fewest: int = FEWEST) -> bool:
    """Whether plain words behind those of a request are meant as a code: figures, or large letters as they stand in
    `said`. Small letters alone are words, and `2pm` is a time."""
    pieces = behind.replace("-", " ").split()
    if not _PIECES.fullmatch(behind) or not fewest <= sum(map(len, pieces)) <= MOST:
        return False
    typed = folded(said)
    return all(_figures(one) or re.search(rf"(?<![A-Z]){one.upper()}(?![A-Z])", typed) for one in pieces)


def is_surely_code(behind: str, said: str) -> bool:
    """The same behind an everyday word, where only large letters among figures are no talk: `ok A7K`, not `ok 3500`."""
    mixed = behind.isascii() and behind.isalnum() and not behind.isdigit() and not behind.isalpha()
    return mixed and 4 <= len(behind) <= 6 and behind.upper() in folded(said)


def is_eight_letters(behind: str) -> bool:
    """Whether it has the length of a reward's code, of which one sign at least is a figure."""
    return _LETTERS.fullmatch(behind) is not None


def names_somebody(behind: str) -> bool:
    """Whether somebody is named there for whom it is to be done; that it was done, or whether, is talk."""
    return _TITLED.match(behind) is not None and _TOLD.search(behind) is None


def has_figures(behind: str) -> bool:
    return any(map(str.isdigit, behind)) and _TOLD.search(behind) is None


def number_amiss(said: str) -> str | None:
    """What is meant as the number of a card, which has eight digits, and has more or fewer."""
    for match in _NUMBER.finditer(folded(said)):
        if sum(map(str.isdigit, match[0])) != 8:
            return match[0]
    return None


def _figures(piece: str) -> bool:
    return any(map(str.isdigit, piece)) and _QUANTITY.fullmatch(piece) is None
