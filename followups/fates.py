"""What becomes of what was said: of its sends, and with them of the executions that they carry."""

from datetime import datetime

from prometheus_client import Counter
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from customers import meters
from followups import anew
from followups.kind import BESIDE, kinds
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


def settled(session: Session, send: Send, now: datetime) -> None:
    """What has become of a send has become of what it carried: one that failed for good leaves the next channel."""
    if send.customer_id is None or send.reason not in kinds:
        return
    for_want = meters.for_want_of_messages(send)
    for delivery, one, others in _carried(session, send):
        if send.state == "dropped" == delivery.state:
            continue  # whoever had it dropped has said what becomes of it (`followups/leaving.py`)
        delivery.state = "delivered" if send.state == "sent" and send.delivered_at else send.state
        delivery.reason, delivery.settled_at = send.error, now
        states = {each.state for each in others if each.channel != BESIDE}
        state = next(state for state in _FATES if state in states)
        if state == "failed" and for_want:
            session.delete(delivery)
            anew.planned(session, one, now, "line_quota")
        elif state == "failed" and one.rule.delivery == "first":
            one.status, one.reason, one.settled_at, one.due_at = "planned", "send_failed", None, now
        elif (one.status, one.reason) != _FATES[state]:
            end(one, *_FATES[state], now)
    if for_want:
        send.state = "dropped"  # tried again by hand it would say the same once more


def _carried(session: Session, send: Send) -> list[tuple[FollowupDelivery, FollowupExecution, list[FollowupDelivery]]]:
    """What it carried, held, each with all its deliveries: of several the best counts, since what has arrived by one
    way has arrived. What goes beside others counts for none of them."""
    table, delivery = FollowupExecution, FollowupDelivery
    theirs = select(delivery.execution_id).where(delivery.clinic_id == send.clinic_id, delivery.send_id == send.id)
    chosen = (
        select(delivery, table)
        .join(table, (table.clinic_id == delivery.clinic_id) & (table.id == delivery.execution_id))
        .options(joinedload(table.rule))
        .where(delivery.clinic_id == send.clinic_id, delivery.execution_id.in_(theirs))
        .order_by(delivery.created_at, delivery.id)
        .with_for_update(of=[table, delivery])  # another worker may be settling one of them
    )
    with session.no_autoflush:  # of several sends that are settled together, each would be written by itself
        rows = [(row[0], row[1]) for row in session.execute(chosen) if row[0] not in session.deleted]
    return [(of, one, [each for each, its in rows if its is one]) for of, one in rows if of.send_id == send.id]


def end(one: FollowupExecution, status: Status, reason: str | None, now: datetime) -> None:
    one.status, one.reason, one.settled_at = status, reason, now
    _ended.labels(one.rule.type, status, reason or "").inc()
