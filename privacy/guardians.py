"""What a guardian allows for somebody under age: recorded by a manager, with evidence, until a day."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from customers import journey
from models.base import among
from models.consents import Evidence, GuardianConsent
from models.customers import Customer, JourneyData
from runtime.errors import Refused

LONGEST = timedelta(days=20 * 366)
"""Nobody's 20th birthday is further away."""
TEXT = 200
"""Characters that are kept of who it is, and of the evidence."""


class GuardianRefused(Refused):
    """`code`: of_age (who has said that they are), who_needed, evidence_needed, end_date_wrong."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def agrees(session: Session, customer: Customer, now: datetime) -> bool:
    """Whether a guardian's consent stands for them now."""
    return session.scalars(select(GuardianConsent.id).where(*_stands(customer, now)).limit(1)).first() is not None


def until(session: Session, clinic_id: UUID, customers: Sequence[UUID]) -> dict[UUID, date]:
    """The first day on which none stands, of those of these customers who have some."""
    if not customers:
        return {}
    theirs = among(GuardianConsent.customer_id, customers)
    chosen = select(GuardianConsent.customer_id, func.max(GuardianConsent.until)).where(
        GuardianConsent.clinic_id == clinic_id, theirs, GuardianConsent.ended_at.is_(None)
    )
    return dict(session.execute(chosen.group_by(GuardianConsent.customer_id)).all())


def of(session: Session, customer: Customer, now: datetime) -> Sequence[GuardianConsent]:
    """What stands, the oldest first."""
    return session.scalars(select(GuardianConsent).where(*_stands(customer, now)).order_by(GuardianConsent.id)).all()


def record(
    session: Session,
    customer: Customer,
    *,
    guardian: str,
    kind: Evidence,
    evidence: str,
    until: date,
    now: datetime,
    by: str,
) -> GuardianConsent:
    """The same again is the same one. Recording it says that they are under age. Raises `GuardianRefused`."""
    guardian, evidence = (" ".join(one.split())[:TEXT] for one in (guardian, evidence))
    _check(customer, guardian, evidence, until, now)
    # Two that record the same at once: one after the other.
    session.refresh(customer, with_for_update=True)
    same = (one for one in of(session, customer, now) if (one.guardian, one.kind, one.until) == (guardian, kind, until))
    known = next((one for one in same if one.evidence == evidence), None)
    if known is not None:
        return known
    customer.adult = False
    found = GuardianConsent(
        clinic_id=customer.clinic_id,
        customer_id=customer.id,
        customer=customer,
        guardian=guardian,
        kind=kind,
        evidence=evidence,
        until=until,
        recorded_by=by,
        recorded_at=now,
    )
    session.add(found)
    session.flush()
    data: JourneyData = {"by": by, "kind": kind}
    journey.write(session, customer, "guardian_agreed", now, key=f"guardian_agreed:{found.id}", data=data)
    return found


def end(session: Session, found: GuardianConsent, now: datetime, *, by: str) -> bool:
    """The guardian has taken it back, or it was recorded by mistake. Whether it stood until now."""
    session.refresh(found, with_for_update=True)
    if found.ended_at is not None:
        return False
    found.ended_at, found.ended_by = now, by
    session.flush()
    journey.write(session, found.customer, "guardian_ended", now, key=f"guardian_ended:{found.id}", data={"by": by})
    return True


def short_of(found: GuardianConsent) -> str:
    """By which staff speak of it: the end of its id."""
    return found.id.hex[-6:].upper()


def _stands(customer: Customer, now: datetime) -> tuple[ColumnElement[bool], ...]:
    today = now.astimezone(customer.clinic.settings.voice.zone).date()
    theirs = GuardianConsent.clinic_id == customer.clinic_id, GuardianConsent.customer_id == customer.id
    return *theirs, GuardianConsent.ended_at.is_(None), GuardianConsent.until > today


def _check(customer: Customer, guardian: str, evidence: str, until: date, now: datetime) -> None:
    if customer.adult is True:
        raise GuardianRefused("of_age", "they have said that they are 20 or older: nobody else answers for them")
    if not guardian:
        raise GuardianRefused("who_needed", "write who the guardian is")
    if not evidence:
        raise GuardianRefused("evidence_needed", "write where the evidence is kept, or its number")
    today = now.astimezone(customer.clinic.settings.voice.zone).date()
    if not today < until <= today + LONGEST:
        raise GuardianRefused("end_date_wrong", "write the day of the 20th birthday, or one before it")
