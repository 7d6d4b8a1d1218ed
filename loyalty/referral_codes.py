"""Referral codes: short, spoken over a counter, typed on a phone."""

import secrets

from runtime.codes import ALPHABET

LENGTH = 8


def new_code() -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
