"""What the gates and the kinds ask of the world, each for all that are judged together."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from customers import appointments, pauses
from followups import had, preferences, together
from followups.together import Together
from models.base import among
from models.branches import Branch, Service
from models.followups import FollowupDelivery, FollowupExecution, FollowupTemplate
from models.preferences import CustomerPreferences, Pause
from privacy import consent
from privacy.consent import Decisions


def decisions(session: Session, one: FollowupExecution) -> Decisions:
    """What the customer has decided."""
    return together.of(session, one).each(_decisions)[one.customer_id]


def chosen(session: Session, one: FollowupExecution) -> CustomerPreferences | None:
    """How the customer wants to be spoken to; None: nothing was chosen."""
    return together.of(session, one).each(_chosen).get(one.customer_id)


def paused(session: Session, one: FollowupExecution, now: datetime) -> Sequence[Pause]:
    """Why marketing to the customer rests now, the oldest first."""
    theirs = together.of(session, one).each(_pauses).get(one.customer_id, ())
    return [each for each in theirs if pauses.stands(each, now)]


def tried(session: Session, one: FollowupExecution) -> frozenset[str]:
    """The channels over which it was given away before."""
    return together.of(session, one).each(_tried).get(one.id, frozenset())


def ahead(session: Session, one: FollowupExecution, now: datetime) -> bool:
    """Whether the customer has an appointment ahead."""
    last = together.of(session, one).each(_last_ahead).get(one.customer_id)
    return last is not None and appointments.still_ahead(last, now)


def service(session: Session, one: FollowupExecution, code: str | None) -> Service | None:
    """What the clinic calls by this code, offered now or not."""
    batch = together.of(session, one)
    return batch.once(Service, lambda: _services(batch)).get(code or "")


def branch(session: Session, one: FollowupExecution, id_: UUID | None) -> Branch | None:
    batch = together.of(session, one)
    return batch.once(Branch, lambda: _branches(batch)).get(id_) if id_ else None


def template(session: Session, one: FollowupExecution) -> FollowupTemplate | None:
    """The text of its rule, where that has one of its own."""
    batch = together.of(session, one)
    return batch.once(FollowupTemplate, lambda: _templates(batch)).get(one.rule.template_id)


def queued(session: Session, one: FollowupExecution, most: int) -> int:
    """How much of the clinic's waits to leave, counted no further than `most` before these were judged."""
    batch = together.of(session, one)
    return batch.once(had.queued, lambda: had.queued(session, one.customer.clinic, most)) + batch.leaving


def _ids(batch: Together) -> list[UUID]:
    return [one.id for one in batch.customers]


def _decisions(batch: Together) -> Mapping[UUID, Decisions]:
    return consent.decided(batch.session, batch.customers)


def _chosen(batch: Together) -> Mapping[UUID, CustomerPreferences]:
    return preferences.of_many(batch.session, batch.clinic_id, _ids(batch))


def _pauses(batch: Together) -> Mapping[UUID, Sequence[Pause]]:
    return pauses.of_many(batch.session, batch.clinic_id, _ids(batch))


def _last_ahead(batch: Together) -> Mapping[UUID, datetime]:
    return appointments.last_ahead(batch.session, batch.clinic_id, _ids(batch))


def _tried(batch: Together) -> Mapping[UUID, frozenset[str]]:
    table = FollowupDelivery
    theirs = table.clinic_id == batch.clinic_id, among(table.execution_id, [one.id for one in batch.executions])
    found: dict[UUID, frozenset[str]] = {}
    for id_, channel in batch.session.execute(select(table.execution_id, table.channel).where(*theirs)):
        found[id_] = found.get(id_, frozenset()) | {channel}
    return found


def _services(batch: Together) -> Mapping[str, Service]:
    all_ = batch.session.scalars(select(Service).where(Service.clinic_id == batch.clinic_id))
    return {one.code: one for one in all_}


def _templates(batch: Together) -> Mapping[UUID | None, FollowupTemplate]:
    ids = {one.rule.template_id for one in batch.executions} - {None}
    if not ids:
        return {}
    named = FollowupTemplate.clinic_id == batch.clinic_id, among(FollowupTemplate.id, [id_ for id_ in ids if id_])
    return {one.id: one for one in batch.session.scalars(select(FollowupTemplate).where(*named))}


def _branches(batch: Together) -> Mapping[UUID, Branch]:
    all_ = batch.session.scalars(select(Branch).where(Branch.clinic_id == batch.clinic_id))
    return {one.id: one for one in all_}
