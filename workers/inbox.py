"""The inbox: one event, one transaction. Claim, handle, write what follows, commit; whatever source it came from.

Events of one actor are handled in their order, one at a time, by whichever worker is free. An event that fails holds
its successors for one short retry; then they pass it. After its last try it is kept as dead, with its error.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

import structlog
from prometheus_client import Counter
from sqlalchemy import Interval, bindparam, func, select, text, type_coerce
from sqlalchemy.orm import Session, joinedload

from models.conversations import InboxEvent
from runtime import work
from runtime.clock import DATABASE_NOW, database_now
from runtime.context import Runtime
from runtime.database import PATIENCE, hurry, locked, transient
from runtime.errors import NeverAgain
from runtime.logs import place
from runtime.work import Handled

BUSY = timedelta(milliseconds=500)
"""Until the next look at an event that met a lock."""

log = structlog.get_logger(__name__)
_handled = Counter("aura_events", "Events handled", ["source", "state", "reason"])

work.queues.add(
    "inbox",
    work.Queue(
        InboxEvent.id,
        InboxEvent.clinic_id,
        waiting=InboxEvent.state == "new",
        due=InboxEvent.due_at,
        error=InboxEvent.reason,
        # Those of the same person that came later have passed it long ago.
        retry={"state": "new", "attempts": 0, "holds": False, "due_at": DATABASE_NOW},
        drop=lambda reason: {"state": "ignored", "reason": reason},
        wake="chat",
        dead=InboxEvent.state == "dead",
    ),
)

_OPEN = work.clinics_with(InboxEvent.clinic_id, InboxEvent.state == "new")
_CLAIM = text(
    """
    WITH oldest AS MATERIALIZED (
        SELECT id, actor_index FROM inbox event
        WHERE clinic_id = :clinic AND state = 'new' AND due_at <= statement_timestamp() AND NOT EXISTS (
            SELECT 1 FROM inbox older
            WHERE older.clinic_id = event.clinic_id AND older.state = 'new' AND older.holds
              AND older.actor_index = event.actor_index
              AND (older.occurred_at, older.arrival) < (event.occurred_at, event.arrival)
        )
        ORDER BY occurred_at, arrival LIMIT 64
    )
    SELECT held.id FROM oldest CROSS JOIN LATERAL (
        -- One row after the other, so that no more is locked than is taken; what somebody holds is passed over.
        SELECT id FROM inbox WHERE id = oldest.id AND clinic_id = :clinic AND state = 'new' FOR UPDATE SKIP LOCKED
    ) held
    -- What keeps the order is the condition above; this only keeps two workers from meeting at one actor. The lock is
    -- the actor's, since a first-time follower has no row of their own that could be locked.
    WHERE pg_try_advisory_xact_lock(hashtextextended(encode(oldest.actor_index, 'hex'), 1))
    LIMIT 1
    """
)
_CLAIMED = (
    select(InboxEvent, DATABASE_NOW)
    .options(joinedload(InboxEvent.clinic), joinedload(InboxEvent.customer))
    .where(InboxEvent.id == bindparam("event"), InboxEvent.clinic_id == bindparam("clinic"))
)


class Handler(Protocol):
    """What the events of one source mean. It works in the engine's transaction and sends nothing."""

    @property
    def retries(self) -> Sequence[timedelta]:
        """The wait after the first, second … failure; the failure after the last of them is final."""
        ...

    def handle(self, session: Session, event: InboxEvent, now: datetime, real_now: datetime) -> Handled:
        """`now` is business time, `real_now` the database's. Whatever it raises is kept with the event."""
        ...

    def give_up(
        self, session: Session, event: InboxEvent, reference: str, now: datetime, real_now: datetime
    ) -> Handled | None:
        """The event is dead: who sent it may be told, with the reference under which it is kept."""
        ...


class Patience:
    """A lock is waited for once a second; until that second is over, whoever else is locked is passed over at once.

    So what somebody holds for a minute costs the others a third of a second, however many wait for it.
    """

    EVERY, SHORT = 1.0, 0.01
    """Seconds."""

    def __init__(self) -> None:
        self._spent_until = 0.0

    @property
    def spent(self) -> bool:
        return time.monotonic() < self._spent_until

    def spend(self) -> None:
        if not self.spent:
            self._spent_until = time.monotonic() + self.EVERY


@dataclass(frozen=True)
class Inbox:
    """The engine, with a handler for each source."""

    runtime: Runtime
    handlers: Mapping[str, Handler]
    patience: Patience = field(default_factory=Patience)

    def due(self) -> list[UUID]:
        """The clinics that have open events."""
        with self.runtime.sessions() as session:
            return list(session.scalars(_OPEN))

    def drain_one(self, clinic_id: UUID) -> bool:
        """Handle the oldest due event of the clinic that nobody holds. False when there is none."""
        with self.runtime.sessions() as session:
            event_id = session.execute(_CLAIM, {"clinic": clinic_id}).scalar_one_or_none()
            if event_id is None:
                return False
            key = (event_id, clinic_id)
            handled = None
            try:
                event, real_now = session.execute(_CLAIMED, {"event": event_id, "clinic": clinic_id}).one()
                structlog.contextvars.bind_contextvars(event=str(event_id))
                if self.patience.spent or event.reason:  # one that was passed over has waited before
                    hurry(session, Patience.SHORT)
                handled = self._handle(session, event, real_now)
                session.commit()
            except Exception as error:  # noqa: BLE001 - whatever a handler raises is kept with its event, below
                session.rollback()
                handled = self._fail(session, key, error)
            finally:
                structlog.contextvars.unbind_contextvars("event")
        if handled is not None and handled.then is not None:
            handled.then()
        return True

    def next_retry(self) -> float | None:
        """Seconds until an event that failed is due again; None when none waits."""
        with self.runtime.sessions() as session:
            wait = session.scalar(
                select(type_coerce(func.min(InboxEvent.due_at) - DATABASE_NOW, Interval)).where(
                    InboxEvent.state == "new", InboxEvent.due_at > DATABASE_NOW
                )
            )
        return None if wait is None else max(wait.total_seconds(), 0.0)

    def _handle(self, session: Session, event: InboxEvent, real_now: datetime) -> Handled:
        handler = self.handlers[event.source]
        handled = handler.handle(session, event, self.runtime.clock.now(session), real_now)
        event.state = "ignored" if handled.ignored else "done"
        event.reason, event.handled_at = handled.reason, real_now
        _handled.labels(event.source, event.state, handled.reason or "").inc()
        return handled

    def _fail(self, session: Session, key: tuple[UUID, UUID], error: Exception) -> Handled | None:
        """Keep the error with its event; after the last try tell who sent it, with a reference."""
        reference = key[0].hex[-8:].upper()
        if locked(error):
            self.patience.spend()
        with session.begin():
            event = session.get(InboxEvent, key, with_for_update=True)
            if event is None or event.state != "new":
                return None
            real_now = database_now(session)
            final = isinstance(error, NeverAgain)
            reason, event.reason = event.reason, str(error) if final else place(error)
            if transient(error) and real_now - event.received_at < PATIENCE:
                event.due_at = real_now + BUSY
                if event.reason != reason:
                    log.warning("event waits", reference=reference, exc_info=error)
                return None
            log.error("event failed", reference=reference, exc_info=error)
            event.attempts += 1
            event.holds = event.attempts <= 1
            retries = self.handlers[event.source].retries if event.source in self.handlers else ()
            if event.attempts <= len(retries) and not final:
                event.due_at = real_now + retries[event.attempts - 1]
                return None
            event.state, event.handled_at = "dead", real_now
            _handled.labels(event.source, "dead", "").inc()
        return self._given_up(session, key, reference) if event.source in self.handlers else None

    def _given_up(self, session: Session, key: tuple[UUID, UUID], reference: str) -> Handled | None:
        """Tell who sent it. What was wrong with the event may be wrong here too: it stays dead, and others go on."""
        try:
            with session.begin():
                event = session.get_one(InboxEvent, key)
                now = self.runtime.clock.now(session)
                return self.handlers[event.source].give_up(session, event, reference, now, database_now(session))
        except Exception as error:
            log.error("nobody could be told of a dead event", reference=reference, exc_info=error)
            return None
