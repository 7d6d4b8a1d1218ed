"""One event, one transaction: claim, handle, write the answer, commit.

Events of one actor are handled in their order, one at a time, by whichever worker is free. An event that fails holds
its successors for one short retry; then they pass it. After its last try it is kept as dead, with its error.
"""

import json
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from prometheus_client import Counter
from sqlalchemy import bindparam, func, select, text
from sqlalchemy.orm import Session, joinedload, sessionmaker

from bot import listen
from bot.routes import Table
from channels.line import replies
from channels.line.client import Line
from channels.line.messages import Reply
from channels.line.render import wire
from models.conversations import InboxEvent, OutgoingReply
from runtime.clock import Clock, real

RETRIES = (timedelta(seconds=2), timedelta(seconds=10))
"""After the first and second failure; the third is the last, still inside the reply token's minute."""

log = structlog.get_logger(__name__)
_handled = Counter("aura_events", "Events handled", ["state", "reason"])

_CLAIM = text(
    """
    SELECT id, clinic_id FROM (
        SELECT id, clinic_id, actor_index FROM inbox event
        WHERE state = 'new' AND due_at <= :now AND NOT EXISTS (
            SELECT 1 FROM inbox older
            WHERE older.state = 'new' AND older.holds AND older.actor_index = event.actor_index
              AND older.clinic_id = event.clinic_id
              AND (older.occurred_at, older.arrival) < (event.occurred_at, event.arrival)
        )
        ORDER BY occurred_at, arrival LIMIT 16
    ) oldest
    -- The lock is the actor's: a first-time follower has no row of their own that could be locked.
    WHERE pg_try_advisory_xact_lock(hashtextextended(encode(actor_index, 'hex'), 1))
    LIMIT 1
    """
)

_CLAIMED = (
    select(InboxEvent)
    .options(joinedload(InboxEvent.clinic), joinedload(InboxEvent.customer))
    .where(InboxEvent.clinic_id == bindparam("clinic"), InboxEvent.id == bindparam("event"), InboxEvent.state == "new")
)


@dataclass(frozen=True)
class Ears:
    """What a draining process holds."""

    sessions: sessionmaker[Session]
    clock: Clock
    line: Line
    table: Table
    breaker: replies.Breaker


def drain_one(ears: Ears) -> bool:
    """Handle the oldest due event and send its answer. False when there is nothing to do."""
    received = real()
    with ears.sessions() as session:
        key = session.execute(_CLAIM, {"now": received}).one_or_none()
        if key is None:
            return False
        spoken = None
        try:
            # READ COMMITTED: another worker may have finished it between the claim's snapshot and its lock.
            event = session.scalars(_CLAIMED, {"event": key.id, "clinic": key.clinic_id}).one_or_none()
            if event is None:
                session.rollback()
                return True
            structlog.contextvars.bind_contextvars(event=str(key.id))
            spoken = _handle(session, ears, event)
            session.commit()
        except Exception as error:  # noqa: BLE001 - whatever a handler raises is kept with its event, below
            session.rollback()
            spoken = _fail(session, ears, (key.id, key.clinic_id), error)
        finally:
            structlog.contextvars.unbind_contextvars("event")
    if spoken is not None:
        replies.send(ears.sessions, ears.line, ears.breaker, spoken)
    return True


def _handle(session: Session, ears: Ears, event: InboxEvent) -> replies.Spoken | None:
    now = ears.clock.now(session)
    outcome = listen.answer(session, ears.table, event, now)
    _settle(event, "ignored" if outcome.reply.silence else "done", outcome.reply.silence or event.reason)
    if not outcome.reply.messages or not outcome.token:
        return None
    return _write(session, ears, event, outcome.reply, outcome.token, outcome.recipient)


def _settle(event: InboxEvent, state: str, reason: str | None) -> None:
    event.state, event.reason, event.handled_at = state, reason, real()
    _handled.labels(state, reason or "").inc()


def _write(
    session: Session, ears: Ears, event: InboxEvent, reply: Reply, token: str, recipient: str | None
) -> replies.Spoken | None:
    """The answer as a row. Its first try is counted now when it will be made right after the commit; else None.

    An event that has waited too long is not tried: only an untried answer may still go as a push.
    """
    at_once = not ears.breaker.closed and real() - event.received_at < replies.TOKEN_LIFE
    row = OutgoingReply(
        clinic_id=event.clinic_id,
        customer_id=event.customer_id,
        clinic=event.clinic,
        customer=event.customer,
        inbox_id=event.id,
        body=json.dumps(wire(reply)).encode(),
        token=token,
        recipient=recipient,
        received_at=event.received_at,
        state="open",
        attempts=1 if at_once else 0,
        lease_until=real() + (replies.LEASE if at_once else timedelta(0)),
    )
    session.add(row)
    return replies.spoken(ears.line, row) if at_once else None


def _fail(session: Session, ears: Ears, key: tuple[UUID, UUID], error: Exception) -> replies.Spoken | None:
    """Keep the error with its event; after the last try tell the customer, with a reference."""
    reference = key[0].hex[-8:].upper()
    log.error("event failed", reference=reference, error=type(error).__name__, where=_where(error))
    with session.begin():
        event = session.get(InboxEvent, key, with_for_update=True)
        if event is None or event.state != "new":
            return None
        event.attempts += 1
        event.reason = f"{type(error).__name__} at {_where(error)}"
        event.holds = event.attempts <= 1
        if event.attempts <= len(RETRIES):
            event.due_at = real() + RETRIES[event.attempts - 1]
            return None
        event.state, event.handled_at = "dead", real()
        _handled.labels("dead", "").inc()
    with session.begin():
        event = session.get_one(InboxEvent, key)
        outcome = listen.apology(session, event, reference, ears.clock.now(session))
        if outcome is None or not outcome.token:
            return None
        return _write(session, ears, event, outcome.reply, outcome.token, outcome.recipient)


def next_retry(session: Session, real_now: datetime) -> float | None:
    """Seconds until an event that failed is due again; None when none waits."""
    due = session.scalar(
        select(func.min(InboxEvent.due_at)).where(InboxEvent.state == "new", InboxEvent.due_at > real_now)
    )
    return None if due is None else (due - real_now).total_seconds()


def _where(error: Exception) -> str:
    """The innermost line of our own; never the message, which may quote what a customer wrote."""
    frames: Sequence[Any] = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if "site-packages" not in frame.filename] or frames
    return f"{own[-1].filename.rsplit('/', 1)[-1]}:{own[-1].lineno}" if own else "nowhere"
