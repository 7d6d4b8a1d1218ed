"""A friend in LINE and the clinic's record of them, made one by a one-time code."""

from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import ColumnElement, exists, func, or_, select
from sqlalchemy.orm import Session

from channels import outbox
from channels.base import Texting
from channels.message import Message
from customers import families, journey, one_time, staff_notices
from customers.people import identify, known_as
from customers.voice import language_of
from facts import tied
from facts.tied import CannotTie
from loyalty import ledger, notifications
from models.appointments import Appointment
from models.conversations import Send
from models.courses import Course
from models.customers import Customer, JourneyData, JourneyEvent
from models.facts import Payment, Visit
from models.loyalty import LoyaltyProfile
from models.one_time import CodeState, OneTimeCode
from models.treatments import Treatment
from privacy import suppressions
from runtime.actors import CUSTOMER

SILENT = timedelta(days=365)
"""Of a record that was silent for so long, staff say whether it is theirs: its phone may have another owner by now."""

CODE = "one_time_code"
"""The reason of an SMS with a code: outside of quiet hours and caps, for it was asked for just now."""
Proved = Literal["one", "alone", "several", "somebodys", "gone"]
"""One: whose record it may be is asked. Alone: the phone is theirs, and there is no record of it. Several: staff are to
say which is meant. Somebodys: another friend has proved it before. Gone: too late."""

OURS = ("staff_told", "family")
"""What is said about a record by us is no sign of life."""


def asked(session: Session, taker: Customer, phone: str, now: datetime, over: Texting | None = None) -> bool:
    """Somebody wants to be linked with the record of a phone. `over`: the code goes to that phone, whoever has it, and
    whether anybody is known by it; whether it does. Else staff are told where there is a record; who asked is not told
    whether there is. Raises `TooManyCodes`."""
    row = one_time.ask(session, taker, phone, now)
    if over is not None and not suppressions.holds(session, taker.clinic, over.name, phone):
        clinic, t = taker.clinic, language_of(taker.clinic, taker)
        said = t(
            "{code} is your code for {clinic}. It is good for ten minutes: please tell it to nobody.",
            code=one_time.draw(session, row, now), clinic=clinic.called(t.code),
        )  # fmt: skip
        body = over.render(Message(said), clinic, t)
        row.send_id = outbox.write(session, over, clinic, taker, phone, body, CODE, worth=one_time.LIFE).id
        return True
    if one_time.candidates(session, row):
        _tell_staff(session, row, taker, now)
    return False


def proved(session: Session, row: OneTimeCode, taker: Customer, now: datetime) -> Proved:
    """Who has typed what was told to a phone alone has it: from now on it is theirs. Where the clinic has one record of
    this phone, they are asked whether it is theirs too."""
    send = session.get(Send, (row.send_id, row.clinic_id)) if row.send_id is not None else None
    phone = send.recipient if send is not None else None
    if phone is None:
        _settle(row, "refused", CUSTOMER, now)
        return "gone"
    owner = known_as(session, taker.clinic, "phone", phone)
    records = one_time.candidates(session, row)
    if owner is not None and owner is not taker and owner not in records:
        _settle(row, "refused", CUSTOMER, now)
        row.reason = "another_friend"
        return "somebodys"
    if owner is None:
        identify(session, taker, "phone", phone, now)
    if len(records) == 1:
        row.customer_id = records[0].id
    elif records:
        _left_to_staff(session, row, taker, now)
    else:
        _settle(row, "done", CUSTOMER, now)
    session.flush()
    return "one" if len(records) == 1 else "several" if records else "alone"


def _left_to_staff(session: Session, row: OneTimeCode, taker: Customer, now: datetime) -> None:
    """Of a family's records staff say which is meant, by a code that they read out: as if no SMS had gone."""
    row.state, row.send_id, row.code_hash, row.until = "asked", None, None, now + one_time.LIFE
    _tell_staff(session, row, taker, now)


def _tell_staff(session: Session, row: OneTimeCode, taker: Customer, now: datetime) -> None:
    staff_notices.write(
        session, taker.clinic, "linking", now, key=f"link:{row.id}", customer=taker, data={"code": str(row.id)},
        worth=one_time.LIFE,
    )  # fmt: skip


def answered(session: Session, row: OneTimeCode, taker: Customer, now: datetime, *, yes: bool) -> CodeState:
    """Where it stands after the answer of who has typed the code; it takes one, and the first one holds."""
    record = _locked(session, row)
    if row.state != "entered" or row.taker_id != taker.id or row.until <= now:
        return row.state
    if not yes or record is None:
        _settle(row, "declined", CUSTOMER, now)
    elif has_something_to_lose(session, record, now) or families.are_apart(session, record, taker):
        row.state, row.until = "waits", now + one_time.DECIDED_WITHIN
        staff_notices.write(
            session, taker.clinic, "linking", now, key=f"link_waits:{row.id}", customer=taker,
            data={"code": str(row.id)}, worth=one_time.DECIDED_WITHIN,
        )  # fmt: skip
    else:
        _link(session, row, record, taker, row.asked_by, now)
    session.flush()
    return row.state


def decided(session: Session, row: OneTimeCode, now: datetime, *, yes: bool, actor: str) -> CodeState | None:
    """The staff's answer, of which the friend is told; None where nothing waits for one."""
    record, taker = _locked(session, row), one_time.taker(session, row)
    if row.state != "waits" or row.until <= now:
        return None
    if not yes or record is None or taker is None:
        _settle(row, "declined", actor, now)
    else:
        _link(session, row, record, taker, actor, now)
    session.flush()
    session.refresh(row)
    stands: CodeState = row.state
    if taker is not None:
        key = f"linked:{row.id}"
        if stands == "done":
            notifications.write(session, taker, "linked", now, key=key)
        else:
            notifications.write(session, taker, "not_linked", now, key=key)
    return stands


def has_something_to_lose(session: Session, record: Customer, now: datetime) -> bool:
    """Whether staff say yes before it becomes somebody's: it holds something, or was silent for a year."""
    clinic, id_ = record.clinic_id, record.id

    def any_(*which: ColumnElement[bool]) -> ColumnElement[bool]:
        return exists().where(*which)

    theirs = or_(
        any_(Payment.clinic_id == clinic, Payment.customer_id == id_),
        any_(Visit.clinic_id == clinic, Visit.customer_id == id_),
        any_(Treatment.clinic_id == clinic, Treatment.customer_id == id_),
        any_(Course.clinic_id == clinic, Course.customer_id == id_),
        any_(
            Appointment.clinic_id == clinic,
            Appointment.customer_id == id_,
            Appointment.state.in_(("come", "completed")),
        ),
        any_(LoyaltyProfile.clinic_id == clinic, LoyaltyProfile.customer_id == id_, LoyaltyProfile.total_points > 0),
    )
    if session.scalar(select(theirs)):
        return True
    told = JourneyEvent.clinic_id == clinic, JourneyEvent.customer_id == id_, JourneyEvent.type.not_in(OURS)
    last = session.scalar(select(func.max(JourneyEvent.occurred_at)).where(*told))
    return (last or record.created_at) < now - SILENT


def _locked(session: Session, row: OneTimeCode) -> Customer | None:
    """The record that is to be linked, with the profiles of both locked first, as everywhere, and then the row."""
    record, taker = one_time.owner(session, row), one_time.taker(session, row)
    for one in sorted({one for one in (record, taker) if one is not None}, key=lambda each: each.id):
        ledger.lock(session, one)
    session.refresh(row, with_for_update=True)
    return record


def _link(session: Session, row: OneTimeCode, record: Customer, taker: Customer, actor: str, now: datetime) -> None:
    """As a till's record is tied to a card, with the same guards."""
    try:
        if record is not taker:
            tied.join(session, record, taker, now, actor=actor)
    except CannotTie as refused:
        row.reason = refused.why
        _settle(row, "refused", actor, now)
        return
    data: JourneyData = {"by": actor, "duplicate": str(record.id)}
    journey.write(session, taker, "linked", now, key=f"linked:{row.id}", data=data)
    _settle(row, "done", actor, now)


def _settle(row: OneTimeCode, state: CodeState, by: str, now: datetime) -> None:
    row.state, row.decided_by, row.decided_at = state, by, now
