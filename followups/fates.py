"""What becomes of what was said: of its sends, answers that went as pushes among them, and with them of the executions
that they carry."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from prometheus_client import Counter
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from channels.line.replies import PUSHED
from customers import meters
from followups import anew
from followups.kind import BESIDE, kinds
from models.base import among
from models.conversations import Send
from models.followups import DeliveryState, FollowupDelivery, FollowupExecution, Status

_FATES: dict[DeliveryState, tuple[Status, str | None]] = {
    "delivered": ("sent", None),
    "sent": ("sent", None),
    "queued": ("sent", None),
    "unknown": ("unknown", "send_unknown"),
    "dropped": ("missed", "too_late"),
    "failed": ("failed", "send_failed"),
}
"""The best first."""
_ended = Counter("aura_followups", "Executions, by what became of them", ["kind", "status", "reason"])


@dataclass(frozen=True)
class _Carried:
    delivery: FollowupDelivery
    execution: FollowupExecution
    all_: list[FollowupDelivery]
    """Of the execution: of several the best counts, since what has arrived by one way has arrived."""

    @property
    def best(self) -> DeliveryState:
        """What goes beside others counts for none of them."""
        states = {one.state for one in self.all_ if one.channel != BESIDE}
        return next(state for state in _FATES if state in states)


def settled(session: Session, sends: Sequence[Send], now: datetime) -> None:
    """What has become of sends has become of what they carried: one that failed for good leaves the next channel.

    Cost: one statement a clinic; what is written is flushed together.
    """
    of_clinics: dict[UUID, list[Send]] = {}
    for send in sends:
        if send.customer_id is not None and (send.reason in kinds or send.reason == PUSHED):
            of_clinics.setdefault(send.clinic_id, []).append(send)
    for clinic_id, theirs in of_clinics.items():
        carried = _carried(session, clinic_id, [send.id for send in theirs])
        for send in theirs:
            _settled(session, send, carried[send.id], now)


def _settled(session: Session, send: Send, carried: Sequence[_Carried], now: datetime) -> None:
    for_want = meters.for_want_of_messages(send)
    for each in carried:
        delivery, one = each.delivery, each.execution
        if send.state == "dropped" == delivery.state:
            continue  # whoever had it dropped has said what becomes of it (`followups/leaving.py`)
        delivery.state = "delivered" if send.state == "sent" and send.delivered_at else send.state
        delivery.reason, delivery.settled_at = send.error, now
        state = each.best
        if state == "failed" and for_want:
            session.delete(delivery)
            each.all_.remove(delivery)
            anew.planned(session, one, each.all_, now, "line_quota")
        elif state == "failed" and one.rule.delivery == "first":
            one.status, one.reason, one.settled_at, one.due_at = "planned", "send_failed", None, now
        elif (one.status, one.reason) != _FATES[state]:
            end(one, *_FATES[state], now)
    if for_want and send.reason in kinds:
        send.state = "dropped"  # tried again by hand it would say the same once more


def _carried(session: Session, clinic_id: UUID, sends: Sequence[UUID]) -> Mapping[UUID, Sequence[_Carried]]:
    """What each of them carried, held: another worker may be settling one of these."""
    table, delivery = FollowupExecution, FollowupDelivery
    theirs = select(delivery.execution_id).where(delivery.clinic_id == clinic_id, among(delivery.send_id, sends))
    chosen = (
        select(delivery, table)
        .join(table, (table.clinic_id == delivery.clinic_id) & (table.id == delivery.execution_id))
        .options(joinedload(table.rule))
        .where(delivery.clinic_id == clinic_id, delivery.execution_id.in_(theirs))
        .order_by(delivery.created_at, delivery.id)
        .with_for_update(of=[table, delivery])
    )
    with session.no_autoflush:  # else what was changed just before would be written by itself
        rows = [(row[0], row[1]) for row in session.execute(chosen) if row[0] not in session.deleted]
    all_: dict[UUID, list[FollowupDelivery]] = {}
    found: dict[UUID, list[_Carried]] = {id_: [] for id_ in sends}
    for each, one in rows:
        all_.setdefault(one.id, []).append(each)
        if each.send_id in found:
            found[each.send_id].append(_Carried(each, one, all_[one.id]))
    return found


def end(one: FollowupExecution, status: Status, reason: str | None, now: datetime) -> None:
    one.status, one.reason, one.settled_at = status, reason, now
    _ended.labels(one.rule.type, status, reason or "").inc()
