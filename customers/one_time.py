"""One-time codes. Staff read one out to who stands before them, or a person tells it to somebody they trust; who types
it in the chat has shown that they were there.

A code is six digits and lives ten minutes. Kept is a keyed hash of it, bound to its row, so that neither a database nor
a backup tells a code. Whoever types five that are none waits ten minutes. What a phone leads to is told to nobody who
types one: known or not, the answer and the limits are the same.
"""

import hmac
import re
import secrets
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import ColumnElement, func, select, text
from sqlalchemy.orm import Session

from customers import abroad, cards, contacts, ties
from customers.people import vault_of
from models.clinics import Clinic
from models.customers import Customer
from models.one_time import CodeState, OneTimeCode, Purpose
from runtime.actors import CUSTOMER
from runtime.clock import DATABASE_NOW
from runtime.codes import BETWEEN, folded
from runtime.errors import Refused

LIFE = timedelta(minutes=10)
DECIDED_WITHIN = timedelta(days=1)
"""So long a link waits for the staff's yes."""
TRIES = 5
AN_HOUR, A_DAY = 3, 10
"""Codes for one phone, or for one record."""
OF_ONE_PERSON = 5
"""Codes that one person asks for in a day."""
OPEN = 50
"""Open codes of a clinic that are looked at: more are a mistake, and the oldest of them are nobody's any more."""

_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
_ALONE = text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 3))")
_THAI_MOBILE = re.compile(r"\+66[689][0-9]{8}")
_CODE = re.compile(r"[0-9]{6}")
_APART = re.compile(rf"[{BETWEEN}]+")


class TooManyCodes(Refused):
    """`code`: of_this_phone, of_this_person, of_the_clinic. The same for a phone that is known and one that is not.
    `soon`: there are more within the hour, else within a day."""

    def __init__(self, code: str, *, soon: bool = False) -> None:
        super().__init__("no more codes for now")
        self.code, self.soon = code, soon


def phone_of(clinic: Clinic, typed: str) -> str | None:
    """The phone by which somebody may ask for a code, in the one spelling; None where it is none, or not from here."""
    phone = abroad.phone_of(typed)
    here = phone is not None and (clinic.settings.linking.phones_abroad or _THAI_MOBILE.fullmatch(phone))
    return phone if here else None


def code_of(typed: str) -> str | None:
    """The code that is all of a text, with Thai digits, spaces or dashes in it."""
    squeezed = _APART.sub("", folded(typed))
    return squeezed if _CODE.fullmatch(squeezed) else None


def ask(session: Session, taker: Customer, phone: str, now: datetime) -> OneTimeCode:
    """Somebody in the chat wants to be linked with the record of this phone, which is in the one spelling. The code is
    shown to the staff, who know whether it is them (`show`). Raises `TooManyCodes`."""
    _one_after_another(session, taker.clinic)
    _unless_too_many(session, taker.clinic, now)
    index = vault_of(session).index(taker.clinic_id, "phone", phone)
    _unless(session, now, OneTimeCode.clinic_id == taker.clinic_id, OneTimeCode.phone_index == index)
    theirs = OneTimeCode.taker_id == taker.id, OneTimeCode.phone_index.is_not(None)
    if _within(session, _DAY, now, *theirs) >= OF_ONE_PERSON:
        raise TooManyCodes("of_this_person")
    # What was asked for before is over: one phone is asked about at a time.
    before = select(OneTimeCode).where(*theirs, OneTimeCode.state.in_(("asked", "open")), OneTimeCode.until > now)
    for one in session.scalars(before.with_for_update()):
        one.until = now
    row = _row(taker.clinic, "link", "asked", now, taker=taker, by=CUSTOMER)
    row.phone_index = index
    session.add(row)
    session.flush()
    return row


def to_prove(
    session: Session, taker: Customer, purpose: Purpose, index: bytes, what: str, now: datetime
) -> tuple[OneTimeCode, str]:
    """A code that is sent to where somebody says that they are reached: who types it has read it there. `index`: the
    keyed hash of that phone or address; `what`: the contact's id. Raises `TooManyCodes`."""
    _one_after_another(session, taker.clinic)
    _unless_too_many(session, taker.clinic, now)
    _unless(session, now, OneTimeCode.clinic_id == taker.clinic_id, OneTimeCode.phone_index == index)
    theirs = OneTimeCode.taker_id == taker.id, OneTimeCode.purpose == purpose
    if _within(session, _DAY, now, *theirs, OneTimeCode.state != "guess") >= OF_ONE_PERSON:
        raise TooManyCodes("of_this_person")
    before = select(OneTimeCode).where(*theirs, OneTimeCode.state.in_(("asked", "open")), OneTimeCode.until > now)
    for one in session.scalars(before.with_for_update()):
        one.until = now
    row = _row(taker.clinic, purpose, "open", now, taker=taker, by=CUSTOMER)
    row.phone_index, row.what = index, what
    session.add(row)
    return row, _drawn(session, row, now)


def candidates(session: Session, row: OneTimeCode) -> list[Customer]:
    """Whose record may be meant: those of the phone who are no friends in LINE."""
    taker = session.get(Customer, (row.taker_id, row.clinic_id)) if row.taker_id else None
    phone = row.phone_index
    if taker is None or phone is None:
        return []
    found = contacts.of_index(session, taker.clinic, "phone", phone)
    return [one for one in found if one is not taker and not ties.has_line(session, one)]


def begin(
    session: Session,
    customer: Customer,
    purpose: Purpose,
    now: datetime,
    *,
    by: str,
    what: str | None = None,
) -> tuple[OneTimeCode, str]:
    """A code that leads to this customer's record, or lets somebody do `what` for them; and the row. Whoever types it
    is who it was told to. Raises `TooManyCodes`."""
    _one_after_another(session, customer.clinic)
    _unless_too_many(session, customer.clinic, now)
    _unless(session, now, OneTimeCode.customer_id == customer.id, OneTimeCode.purpose == purpose)
    row = _row(customer.clinic, purpose, "open", now, by=by)
    row.customer_id, row.what = customer.id, what
    session.add(row)
    return row, _drawn(session, row, now)


def show(session: Session, row: OneTimeCode, customer: Customer, now: datetime, *, by: str) -> str | None:
    """The code for what was asked by a phone: this record is meant. A second time it is another code, and the first is
    good no more. None where it is too late, or no record of this phone."""
    session.refresh(row, with_for_update=True)
    if row.state not in ("asked", "open") or row.until <= now or customer not in candidates(session, row):
        return None
    row.customer_id, row.state, row.asked_by = customer.id, "open", by
    return _drawn(session, row, now)


def draw(session: Session, row: OneTimeCode, now: datetime) -> str:
    """The code for what was asked by a phone, to be told to that phone alone: it leads to nobody yet."""
    row.state = "open"
    return _drawn(session, row, now)


def enter(session: Session, taker: Customer, typed: str, now: datetime) -> OneTimeCode | Literal["wrong", "too_many"]:
    """What the code stands for, which is this person's to answer from now on."""
    # Whoever types with two phones at once is counted once after the other.
    session.execute(_ALONE, {"key": f"one_time:{taker.id}"})
    wrong = OneTimeCode.taker_id == taker.id, OneTimeCode.state == "guess"
    if _within(session, LIFE, now, *wrong) >= TRIES:
        return "too_many"
    mine = (OneTimeCode.taker_id.is_(None)) | (OneTimeCode.taker_id == taker.id)
    newest = (
        select(OneTimeCode)
        .where(*_open(taker.clinic, now), mine)
        .order_by(OneTimeCode.until.desc(), OneTimeCode.id)
        .limit(OPEN)
        .with_for_update()
    )
    fits = [
        one
        # All are looked at: how long it takes tells nothing of which fits.
        for one in session.scalars(newest).all()
        if hmac.compare_digest(one.code_hash or b"", _hash(session, one, typed)) and one.customer_id != taker.id
    ]
    if len(fits) != 1:  # two that were drawn alike say nobody
        session.add(_row(taker.clinic, "link", "guess", now, taker=taker, by=CUSTOMER))
        session.flush()
        return "wrong"
    fits[0].taker_id, fits[0].state, fits[0].until = taker.id, "entered", now + LIFE
    session.flush()
    return fits[0]


def anything_open(session: Session, clinic: Clinic, now: datetime) -> bool:
    """Whether six digits may be a code now."""
    return session.scalars(select(OneTimeCode.id).where(*_open(clinic, now)).limit(1)).first() is not None


def owner(session: Session, row: OneTimeCode) -> Customer | None:
    """To whom it leads, as they stand today."""
    return cards.today(session, session.get(Customer, (row.customer_id, row.clinic_id)) if row.customer_id else None)


def taker(session: Session, row: OneTimeCode) -> Customer | None:
    """Who asked, or has typed it, as they stand today."""
    return cards.today(session, session.get(Customer, (row.taker_id, row.clinic_id)) if row.taker_id else None)


def by_code(session: Session, clinic: Clinic, short: str, now: datetime) -> OneTimeCode | None:
    """What the staff speak of by the end of its id."""
    lately = OneTimeCode.asked_at > now - DECIDED_WITHIN, OneTimeCode.asked_at <= now
    ours = OneTimeCode.clinic_id == clinic.id, OneTimeCode.state != "guess"
    found = session.scalars(select(OneTimeCode).where(*ours, *lately))
    return next((one for one in found if short_of(one) == short.upper()), None)


def short_of(row: OneTimeCode | Customer) -> str:
    """By which people speak of it: told apart from the few others of a day."""
    return row.id.hex[-6:].upper()


def _drawn(session: Session, row: OneTimeCode, now: datetime) -> str:
    code = f"{secrets.randbelow(10**6):06}"
    row.until, row.code_hash = now + LIFE, _hash(session, row, code)
    session.flush()
    return code


def _hash(session: Session, row: OneTimeCode, code: str) -> bytes:
    return vault_of(session).index(row.clinic_id, "one_time_code", f"{row.id} {code}")


def _open(clinic: Clinic, now: datetime) -> tuple[ColumnElement[bool], ...]:
    lives = OneTimeCode.until > now, OneTimeCode.until <= now + LIFE
    return OneTimeCode.clinic_id == clinic.id, OneTimeCode.state == "open", *lives


def _row(
    clinic: Clinic, purpose: Purpose, state: CodeState, now: datetime, *, by: str, taker: Customer | None = None
) -> OneTimeCode:
    return OneTimeCode(
        clinic_id=clinic.id,
        purpose=purpose,
        state=state,
        taker_id=taker.id if taker else None,
        asked_by=by,
        asked_at=now,
        until=now + LIFE,
        created_at=DATABASE_NOW,
    )


def _one_after_another(session: Session, clinic: Clinic) -> None:
    """Two that ask at once are counted one after the other."""
    session.execute(_ALONE, {"key": f"one_time:{clinic.id}"})


def _unless_too_many(session: Session, clinic: Clinic, now: datetime) -> None:
    asked = OneTimeCode.clinic_id == clinic.id, OneTimeCode.state != "guess"
    if _within(session, _DAY, now, *asked) >= clinic.settings.linking.codes_a_day:
        raise TooManyCodes("of_the_clinic")


def _unless(session: Session, now: datetime, *which: ColumnElement[bool]) -> None:
    if _within(session, _DAY, now, *which) >= A_DAY:
        raise TooManyCodes("of_this_phone")
    if _within(session, _HOUR, now, *which) >= AN_HOUR:
        raise TooManyCodes("of_this_phone", soon=True)


def _within(session: Session, time: timedelta, now: datetime, *which: ColumnElement[bool]) -> int:
    lately = OneTimeCode.asked_at > now - time, OneTimeCode.asked_at <= now
    return session.scalar(select(func.count()).select_from(OneTimeCode).where(*which, *lately)) or 0
