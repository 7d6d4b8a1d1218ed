"""Codes that people carry: read from a phone, spoken over a counter, typed into a chat."""

import re
import secrets
import unicodedata

ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Without 0 O, 1 I L and U, which are misread or misheard."""

LENGTH = 8
_BETWEEN = re.compile(r"[\s\-‐-―\u200b-\u200d\u2060\ufeff]+")
_CODE = re.compile(rf"(?=.*\d)(?=.*[A-Z])[{ALPHABET}]{{{LENGTH}}}")


def new_code() -> str:
    """Eight letters and digits, some of each: no word and no telephone number is ever taken for a code."""
    while True:
        code = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
        if read(code):
            return code


def read(text: str) -> str | None:
    """The code that a person typed, in any case, with spaces and dashes; None for anything that cannot be one."""
    code = _BETWEEN.sub("", unicodedata.normalize("NFKC", text)).upper()
    return code if _CODE.fullmatch(code) else None


def spaced(code: str) -> str:
    """As it is shown: `7KQM 2XRA`."""
    return f"{code[:4]} {code[4:]}"
