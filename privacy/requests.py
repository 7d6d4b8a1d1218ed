"""What a person may ask of a clinic about their data. It is recorded with its date and its deadline, and told to staff.

Thai PDPA ss. 30, 33, 35-36. The law gives a copy 30 days; the others are answered as its subordinate rules have it.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from customers import journey, staff_notices
from models.clinics import Clinic
from models.consents import PrivacyRequest, RequestKind
from models.customers import Customer
from models.staff_notices import NoticeData
from privacy.consent import records

DAYS: dict[RequestKind, int] = {"copy": 30, "correction": 30, "erasure": 90}
"""Within how many days each is answered."""


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


def ask(session: Session, customer: Customer, kind: RequestKind, now: datetime) -> PrivacyRequest:
    """Record what the customer asks for in the chat; asked twice it stays one, with the date of the first."""
    if (known := open_of(session, customer, kind)) is not None:
        return known
    request = PrivacyRequest(
        clinic_id=customer.clinic_id,
        customer_id=customer.id,
        kind=kind,
        state="open",
        source="line_chat",
        asked_at=now,
        due_at=now + timedelta(days=DAYS[kind]),
    )
    session.add(request)
    session.flush()
    journey.write(session, customer, "privacy_requested", now, key=f"privacy:{request.id}", data={"kind": kind})
    about: NoticeData = {"request": str(request.id)}
    key = f"privacy_request:{request.id}"
    staff_notices.write(session, customer.clinic, "privacy_request", now, key=key, customer=customer, data=about)
    return request


def withdraw(session: Session, customer: Customer, kind: RequestKind, now: datetime) -> bool:
    """The customer takes it back. False where nothing was open."""
    request = open_of(session, customer, kind)
    if request is None:
        return False
    request.state, request.closed_at = "withdrawn", now
    journey.write(
        session, customer, "privacy_withdrawn", now, key=f"privacy_withdrawn:{request.id}", data={"kind": kind}
    )
    return True


def waiting(session: Session, clinic: Clinic) -> Sequence[PrivacyRequest]:
    """What the clinic has still to answer, the most urgent first."""
    return session.scalars(
        select(PrivacyRequest)
        .where(PrivacyRequest.clinic_id == clinic.id, PrivacyRequest.state == "open")
        .order_by(PrivacyRequest.due_at, PrivacyRequest.id)
    ).all()
