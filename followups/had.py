"""What a customer has been told lately."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from followups import together
from followups.together import Together
from models.clinics import Clinic
from models.conversations import Send
from models.customers import Customer
from models.followups import FollowupExecution, FollowupRule, Purpose

REMEMBERED = timedelta(days=7)
"""For so long after an offer words that answer it are taken to be about it."""
ANSWERED = timedelta(days=14)
"""For so long a button under a question answers it."""
LONGEST = timedelta(days=30)
"""Nobody asks for what was said before."""
SAID = ("sent", "unknown")


@dataclass(frozen=True)
class Had:
    id: UUID
    """Of the execution."""
    rule_id: UUID
    purpose: Purpose
    at: datetime
    said_index: bytes | None
    about_id: UUID
    step: int
    kind: str


def offered_treatment(session: Session, clinic: Clinic, customer: Customer, now: datetime) -> bool:
    """Whether they may be speaking of a treatment that was offered to them. Cost: all that was ever planned for this
    customer is read."""
    table = FollowupExecution
    lately = select(table.rule_id, table.status).where(
        table.clinic_id == clinic.id, table.customer_id == customer.id, table.settled_at > now - REMEMBERED
    )
    had = {row.rule_id for row in session.execute(lately) if row.status in SAID}
    rules = select(FollowupRule.id).where(
        FollowupRule.clinic_id == clinic.id, FollowupRule.type == "upsell_opportunity"
    )
    return not had.isdisjoint(session.scalars(rules)) if had else False


def lately(session: Session, one: FollowupExecution, at: datetime) -> list[Had]:
    """What was said to the customer of this one after `at`, or may have been, the newest first; without this one, which
    is looked at once more where it has waited to leave. Asked for all that are judged with it, so `at` may lie no more
    than `LONGEST` before that of whoever asks first. Cost: all that was ever planned for these customers is read."""
    batch = together.of(session, one)
    told = batch.once(Had, lambda: _told(batch, at - LONGEST))
    return [each for each in told.get(one.customer_id, ()) if each.at > at and each.id != one.id]


def said(session: Session, one: FollowupExecution, now: datetime) -> None:
    """It goes now: what is judged after it is judged by someone who has had it."""
    batch = together.of(session, one)
    told = batch.once(Had, lambda: _told(batch, now - LONGEST))
    had = Had(one.id, one.rule_id, one.purpose, now, one.said_index, one.about_id, one.step, one.rule.type)
    told.setdefault(one.customer_id, []).insert(0, had)


def _told(batch: Together, at: datetime) -> dict[UUID, list[Had]]:
    table = FollowupExecution
    told = table.id, table.rule_id, table.purpose, table.settled_at, table.said_index, table.about_id, table.step
    settled = (
        select(table.customer_id, *told, FollowupRule.type, table.status)
        .join(table.rule)
        .where(table.clinic_id == batch.clinic_id, batch.of_customers(table.customer_id), table.settled_at > at)
        .order_by(table.settled_at.desc())
    )  # fmt: skip
    found: dict[UUID, list[Had]] = {}
    for customer_id, id_, rule_id, purpose, at_, words, about_id, step, kind, status in batch.session.execute(settled):
        if status in SAID and at_ is not None:
            had = Had(id_, rule_id, purpose, at_, words, about_id, step, kind)
            found.setdefault(customer_id, []).append(had)
    return found


def change_told(session: Session, about: FollowupExecution, at: datetime) -> bool:
    """Whether they were told after `at` of a change of the appointment that this is about."""
    told = lately(session, about, at)
    return any((one.about_id, one.kind) == (about.about_id, "appointment_changed") for one in told)


def queued(session: Session, clinic: Clinic, most: int) -> int:
    """How much of the clinic's waits to leave, counted no further than `most`."""
    waiting = select(Send.id).where(Send.clinic_id == clinic.id, Send.state == "queued").limit(most)
    return len(session.scalars(waiting).all())


def last(session: Session, customer: Customer, kind: str, now: datetime) -> FollowupExecution | None:
    """What was said to them last of a kind, if that may still be answered. Cost: as `lately`."""
    table = FollowupExecution
    mine = table.clinic_id == customer.clinic_id, table.customer_id == customer.id
    recent = select(table).options(joinedload(table.rule)).where(*mine, table.settled_at > now - ANSWERED)
    found = session.scalars(recent.order_by(table.settled_at.desc()))
    return next((one for one in found if one.status in SAID and one.rule.type == kind), None)
