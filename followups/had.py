"""What a customer has been told lately."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from models.clinics import Clinic
from models.conversations import Send
from models.customers import Customer
from models.followups import FollowupExecution, FollowupRule, Purpose

REMEMBERED = timedelta(days=7)
"""For so long after an offer words that answer it are taken to be about it."""
ANSWERED = timedelta(days=14)
"""For so long a button under a question answers it."""
SAID = ("sent", "unknown")


@dataclass(frozen=True)
class Had:
    rule_id: UUID
    purpose: Purpose
    at: datetime
    said_index: bytes | None


def since(
    session: Session, clinic: Clinic, customer: Customer, at: datetime, besides: UUID | None = None
) -> Sequence[Had]:
    """What was said to them after `at`, or may have been, the newest first, `besides` an execution that is to go now.
    Cost: all that was ever planned for this customer is read."""
    table = FollowupExecution
    settled = (
        select(table.rule_id, table.purpose, table.settled_at, table.status, table.said_index)
        .where(table.clinic_id == clinic.id, table.customer_id == customer.id, table.settled_at > at)
        .order_by(table.settled_at.desc())
    )
    found = session.execute(settled if besides is None else settled.where(table.id != besides))
    return [Had(row.rule_id, row.purpose, row.settled_at, row.said_index) for row in found if row.status in SAID]


def offered_treatment(session: Session, clinic: Clinic, customer: Customer, now: datetime) -> bool:
    """Whether they may be speaking of a treatment that was offered to them."""
    lately = {one.rule_id for one in since(session, clinic, customer, now - REMEMBERED)}
    rules = select(FollowupRule.id).where(
        FollowupRule.clinic_id == clinic.id, FollowupRule.type == "upsell_opportunity"
    )
    return not lately.isdisjoint(session.scalars(rules)) if lately else False


def change_told(session: Session, about: FollowupExecution, at: datetime) -> bool:
    """Whether they were told after `at` of a change of the appointment that this is about. Costs as much as `since`."""
    table = FollowupExecution
    settled = (
        select(table.about_id, table.status, FollowupRule.type)
        .join(table.rule)
        .where(table.clinic_id == about.clinic_id, table.customer_id == about.customer_id, table.settled_at > at)
    )
    return any(
        row.about_id == about.about_id and row.status in SAID and row.type == "appointment_changed"
        for row in session.execute(settled)
    )


def queued(session: Session, clinic: Clinic, most: int) -> int:
    """How much of the clinic's waits to leave, counted no further than `most`."""
    waiting = select(Send.id).where(Send.clinic_id == clinic.id, Send.state == "queued").limit(most)
    return len(session.scalars(waiting).all())


def last(session: Session, customer: Customer, kind: str, now: datetime) -> FollowupExecution | None:
    """What was said to them last of a kind, if that may still be answered. Cost: as `since`."""
    table = FollowupExecution
    mine = table.clinic_id == customer.clinic_id, table.customer_id == customer.id
    recent = select(table).options(joinedload(table.rule)).where(*mine, table.settled_at > now - ANSWERED)
    found = session.scalars(recent.order_by(table.settled_at.desc()))
    return next((one for one in found if one.status in SAID and one.rule.type == kind), None)
