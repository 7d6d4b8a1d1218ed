"""What a customer takes an appointment of theirs to be: as they chose it themselves, or as they were told of it.

A change by the clinic is theirs to know once it has stood for `UNDO` and nothing waits to tell them of it: what is
moved and moved back meanwhile is as they know it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from customers.appointments import UNDO
from facts.told import AppointmentTold
from models.appointments import Appointment
from models.followups import FollowupExecution, FollowupRule


@dataclass(frozen=True)
class Before:
    """An appointment, before something is told of it. `known`: None where they take it to be called off."""

    cancelled: bool
    starts_at: datetime
    replaces: str | None
    known: datetime | None


def before(session: Session, one: Appointment | None, now: datetime) -> Before | None:
    if one is None:
        return None
    return Before(one.state == "cancelled", one.starts_at, one.replaces, _known(session, one, now))


def after(
    session: Session,
    one: Appointment,
    old: Appointment | None,
    others: Sequence[Appointment],
    was: Before | None,
    fact: AppointmentTold,
    now: datetime,
) -> None:
    """What was told has been taken up: note whether the customer knows. `old`: the one in whose place it stands;
    `others`: those that stand in its own."""
    chosen = None if one.state == "cancelled" else one.starts_at
    if fact.by_customer and one.state == "moved":
        one.moved_by_customer = True
        for other in others:
            other.known_start = other.starts_at
    if was is None:
        one.known_start = chosen
    elif (one.state == "cancelled", one.starts_at) != (was.cancelled, was.starts_at):
        one.known_start, one.changed_at = was.known, now
    first = one.replaces is not None and (was is None or was.replaces is None)
    if first and old is not None and not old.moved_by_customer:
        one.known_start, one.changed_at = _known(session, old, now), now
    if fact.by_customer:
        one.known_start = chosen


def _known(session: Session, one: Appointment, now: datetime) -> datetime | None:
    if one.changed_at is None or one.changed_at + UNDO > now or _untold(session, one):
        return one.known_start
    return None if one.state == "cancelled" else one.starts_at


def _untold(session: Session, one: Appointment) -> bool:
    table = FollowupExecution
    waits = exists(
        select(1)
        .select_from(table)
        .join(FollowupRule, (FollowupRule.clinic_id == table.clinic_id) & (FollowupRule.id == table.rule_id))
        .where(table.clinic_id == one.clinic_id, table.about_id == one.id, table.status == "planned")
        .where(FollowupRule.type == "appointment_changed")
    )
    return bool(session.scalar(select(waits)))
