"""Executions, page by page by key: what a page costs does not follow how many there are."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from uuid import UUID

from sqlalchemy import ARRAY, Select, Uuid, any_, literal, select, tuple_
from sqlalchemy.orm import Session, aliased

from models.followups import FollowupDelivery, FollowupExecution, Status

PAGE = 50
LOOKED_AT = 1_000
"""So many are read for a page where several things are asked for at once: for these together there is no index, and
perhaps few of a rule's have failed. The page is short then, and says where to go on."""
_BY = (("customer_id",), ("status", "reason"), ("workflow_id",), ("rule_id",), ("status",))
"""What there is an index by, the one first that leaves fewest."""


@dataclass(frozen=True)
class Wanted:
    """None: any."""

    customer_id: UUID | None = None
    rule_id: UUID | None = None
    status: Status | None = None
    reason: str | None = None
    workflow_id: str | None = None


def page(
    session: Session, clinic_id: UUID, wanted: Wanted, before: FollowupExecution | None
) -> tuple[Sequence[FollowupExecution], UUID | None]:
    """The newest of these that are older than `before`, and from which to go on; None: there are no more."""
    table = FollowupExecution
    given = {name: value for name, value in asdict(wanted).items() if value is not None}
    first = next((names for names in _BY if all(name in given for name in names)), ())
    some = select(table).where(
        table.clinic_id == clinic_id, *(getattr(table, name) == given.pop(name) for name in first)
    )
    if before is not None:
        some = some.where(tuple_(table.created_at, table.id) < (before.created_at, before.id))
    some = _newest(some, table)
    if not given:
        found = session.scalars(some.limit(PAGE + 1)).all()
        return found[:PAGE], found[PAGE - 1].id if len(found) > PAGE else None
    looked_at = aliased(table, some.limit(LOOKED_AT).subquery())
    those = select(looked_at).where(*(getattr(looked_at, name) == value for name, value in given.items()))
    found = session.scalars(_newest(those, looked_at).limit(PAGE + 1)).all()
    if len(found) > PAGE:
        return found[:PAGE], found[PAGE - 1].id
    last = session.scalars(some.offset(LOOKED_AT - 1).limit(1)).one_or_none()
    return found, last.id if last else None


def _newest(chosen: Select[FollowupExecution], table: type[FollowupExecution]) -> Select[FollowupExecution]:
    return chosen.order_by(table.created_at.desc(), table.id.desc())


def deliveries(session: Session, executions: Sequence[FollowupExecution]) -> dict[UUID, list[FollowupDelivery]]:
    """Of executions of one clinic, by execution, the oldest first."""
    found: dict[UUID, list[FollowupDelivery]] = {one.id: [] for one in executions}
    if not executions:
        return found
    theirs = (
        select(FollowupDelivery)
        .where(FollowupDelivery.clinic_id == executions[0].clinic_id)
        .where(FollowupDelivery.execution_id == any_(literal(list(found), ARRAY(Uuid()))))
        .order_by(FollowupDelivery.created_at, FollowupDelivery.id)
    )
    for each in session.scalars(theirs):
        found[each.execution_id].append(each)
    return found
