"""What a person may ask of a clinic about their data. It is recorded with its date and its deadline, and told to staff.

Thai PDPA ss. 30, 33, 35-36. The law gives a copy 30 days; the others are answered as its subordinate rules have it.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from customers import journey, staff_notices
from models.clinics import Clinic
from models.consents import PrivacyRequest, RequestKind
from models.customers import Customer
from models.staff_notices import NoticeData
from privacy.consent import records
from privacy.wishes import CHAT

Outcome = Literal["done", "refused"]

DAYS: dict[RequestKind, int] = {"copy": 30, "correction": 30, "erasure": 90}
"""Within how many days each is answered."""


class NotOpen(Exception):
    """It was taken back, or answered already."""


def open_of(session: Session, customer: Customer, kind: RequestKind) -> PrivacyRequest | None:
    """The one that is not answered yet, of any record of the person."""
    theirs = (
        select(PrivacyRequest)
        .where(PrivacyRequest.clinic_id == customer.clinic_id, PrivacyRequest.state == "open")
        .where(PrivacyRequest.customer_id.in_(select(Customer.id).where(records(customer))))
        .where(PrivacyRequest.kind == kind)
        .order_by(PrivacyRequest.asked_at)
        .limit(1)
    )
    return session.scalars(theirs).one_or_none()


def ask(
    session: Session, customer: Customer, kind: RequestKind, now: datetime, *, source: str = CHAT
) -> PrivacyRequest:
    """Record what the customer asks for; asked twice it stays one, with the date of the first."""
    if (known := open_of(session, customer, kind)) is not None:
        return known
    request = PrivacyRequest(
        clinic_id=customer.clinic_id,
        customer_id=customer.id,
        customer=customer,
        kind=kind,
        state="open",
        source=source,
        asked_at=now,
        due_at=now + timedelta(days=DAYS[kind]),
    )
    session.add(request)
    session.flush()
    journey.write(session, customer, "privacy_requested", now, key=f"privacy:{request.id}", data={"kind": kind})
    about: NoticeData = {"request": str(request.id)}
    staff_notices.write(
        session, customer.clinic, "privacy_request", now, key=_told(request), customer=customer, data=about
    )
    return request


def withdraw(session: Session, customer: Customer, kind: RequestKind, now: datetime) -> bool:
    """The customer takes it back, of which the staff hear who were told that it was asked for. False where nothing was
    open."""
    request = open_of(session, customer, kind)
    if request is None:
        return False
    session.refresh(request, with_for_update=True)
    if request.state != "open":
        return False
    request.state, request.closed_at = "withdrawn", now
    journey.write(
        session, customer, "privacy_withdrawn", now, key=f"privacy_withdrawn:{request.id}", data={"kind": kind}
    )
    if not staff_notices.drop(session, customer.clinic, _told(request)):
        about: NoticeData = {"request": str(request.id)}
        key = f"privacy_withdrawn:{request.id}"
        staff_notices.write(
            session, customer.clinic, "privacy_request", now, key=key, customer=customer, data=about, rides=True
        )
    return True


def close(session: Session, request: PrivacyRequest, outcome: Outcome, why: str, now: datetime, *, actor: str) -> None:
    """Somebody of the clinic has answered it; of a refusal `why` says the reason. Raises `NotOpen`."""
    session.refresh(request, with_for_update=True)
    if request.state != "open":
        raise NotOpen
    request.state, request.closed_at, request.closed_by = outcome, now, actor
    if why and request.customer.data_key is not None:
        request.words = why
    staff_notices.drop(session, request.customer.clinic, _told(request))
    journey.write(
        session, request.customer, "privacy_closed", now, key=f"privacy_closed:{request.id}",
        data={"kind": request.kind, "by": actor},
    )  # fmt: skip
    session.flush()


def code_of(request: PrivacyRequest) -> str:
    """The end of its id, by which people speak of it: told apart from the few others that wait."""
    return request.id.hex[-6:].upper()


def by_code(session: Session, clinic: Clinic, code: str) -> PrivacyRequest | None:
    """The one that waits with this code, as a person typed it."""
    return next((one for one in waiting(session, clinic) if code_of(one) == code.upper()), None)


def waiting(session: Session, clinic: Clinic) -> Sequence[PrivacyRequest]:
    """What the clinic has still to answer, the most urgent first."""
    return session.scalars(
        select(PrivacyRequest)
        .where(PrivacyRequest.clinic_id == clinic.id, PrivacyRequest.state == "open")
        .order_by(PrivacyRequest.due_at, PrivacyRequest.id)
    ).all()


def _told(request: PrivacyRequest) -> str:
    """The key of the notice that it was asked for."""
    return f"privacy_request:{request.id}"
