"""What whoever reads the mail of an address wants of it: fewer kinds, or those again, without logging in.

The way out of a mail leads here. Whom it is about is found by the keyed hash of the address: all who are written to by
it. It ends one purpose over e-mail; what LINE or SMS brings is decided there.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from sqlalchemy.orm import Session

from customers import contacts
from models.clinics import Clinic
from models.customers import Customer
from models.followups import Purpose
from privacy import consent

CHANNEL: Literal["email"] = "email"
PAGE, ONE_CLICK = "mail_page", "one_click"
"""Where a decision was made: on the page, or by a button of the mail program, which shows no page."""
State = Literal["in", "out", "nobody"]


def people(session: Session, clinic: Clinic, index: bytes) -> list[Customer]:
    """Those of the address: who has proved it, and of whom somebody told it; nobody once they were erased."""
    return contacts.of_index(session, clinic, CHANNEL, index)


def state(session: Session, those: Sequence[Customer], purpose: Purpose) -> State:
    if not those:
        return "nobody"
    return "out" if all(_out(session, one, purpose) for one in those) else "in"


def leave(
    session: Session, those: Sequence[Customer], purpose: Purpose, text: str, now: datetime, *, source: str
) -> None:
    """`text`: what was read before."""
    for one in those:
        consent.decide(
            session, one, purpose=purpose, channel=CHANNEL, granted=False, text=text, now=now, source=source
        )  # fmt: skip


def come_back(session: Session, those: Sequence[Customer], purpose: Purpose, text: str, now: datetime) -> bool:
    """Takes back what was ended here; what never was given is not given here. Whether
    there was something."""
    left = [one for one in those if _out(session, one, purpose)]
    for one in left:
        consent.decide(
            session, one, purpose=purpose, channel=CHANNEL, granted=True, text=text, now=now, source=PAGE
        )  # fmt: skip
    return bool(left)


def _out(session: Session, customer: Customer, purpose: Purpose) -> bool:
    return consent.decision(session, customer, purpose, CHANNEL) is False
