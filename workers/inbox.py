"""The inbox: claim, load, handle, write what follows, commit; whatever source the events came from.

A batch of one clinic's events, of different actors, is one transaction. Where one of them breaks it nothing of it
remains, and each is done alone, as a batch of one. Events of one actor are handled in their order, one at a time, by
whichever worker is free. An event that fails holds its successors for one short retry; then they pass it. After its
last try it is kept as dead, with its error.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeAlias
from uuid import UUID

import structlog
from prometheus_client import Counter
from sqlalchemy import DateTime, Integer, Row, column, select, text
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from models.clinics import Clinic
from models.conversations import InboxEvent
from runtime import work
from runtime.clock import DATABASE_NOW, database_now
from runtime.context import Runtime
from runtime.database import PATIENCE, hurry, locked, transient
from runtime.errors import NeverAgain, TooEarly
from runtime.logs import place
from runtime.work import Handled

BATCH = 16
"""Events of different actors that are handled in one transaction: one claim, one load, one commit."""
BATCH_SECONDS = 0.1
"""No event joins a batch that has taken this long: it holds its people's profiles until it ends."""
BUSY = timedelta(milliseconds=500)
"""Until the next look at an event that met a lock."""
NOW = timedelta(0)

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

OPEN = work.clinics_with(InboxEvent.clinic_id, InboxEvent.state == "new")
"""The clinics that have open events."""
_GIVEN = [*InboxEvent.__table__.c, *Clinic.__table__.c]
_REAL_NOW, _DUE = column("real_now", DateTime(timezone=True)), column("due", Integer())
_CLAIM = select(InboxEvent, Clinic, _REAL_NOW, _DUE).from_statement(
    text(
        f"""
        WITH oldest AS MATERIALIZED (
            SELECT id, actor_index, attempts, row_number() OVER (ORDER BY occurred_at, arrival) AS place
            FROM inbox event
            WHERE clinic_id = :clinic AND state = 'new' AND due_at <= statement_timestamp() AND NOT EXISTS (
                SELECT 1 FROM inbox older
                WHERE older.clinic_id = event.clinic_id AND older.state = 'new' AND older.holds
                  AND older.actor_index = event.actor_index
                  AND (older.occurred_at, older.arrival) < (event.occurred_at, event.arrival)
            )
            ORDER BY occurred_at, arrival LIMIT 64
        )
        SELECT {", ".join(f"{column.table.name}.{column.name}" for column in _GIVEN)},
            statement_timestamp() AS real_now,
            -- One more than can be taken is enough to know that it is not all.
            (SELECT count(*) FROM (
                SELECT FROM inbox WHERE clinic_id = :clinic AND state = 'new' AND due_at <= statement_timestamp()
                LIMIT :most + 1
            ) each) AS due
        FROM oldest CROSS JOIN LATERAL (
            -- One row after the other, so that no more is locked than is taken; what somebody holds is passed over.
            SELECT * FROM inbox WHERE id = oldest.id AND clinic_id = :clinic AND state = 'new' FOR UPDATE SKIP LOCKED
        ) inbox JOIN clinics ON clinics.id = inbox.clinic_id
        -- One that has failed is done alone, when it is the oldest.
        WHERE (oldest.attempts = 0 OR oldest.place = 1)
          -- What keeps the order is the condition above; this only keeps two workers from meeting at one actor. The
          -- lock is the actor's, since a first-time follower has no row of their own that could be locked.
          AND pg_try_advisory_xact_lock(hashtextextended(encode(oldest.actor_index, 'hex'), 1))
        ORDER BY oldest.place LIMIT :most
        """  # noqa: S608 - names of columns
    ).columns(*_GIVEN, _REAL_NOW, _DUE)
)


_Claimed: TypeAlias = Row[InboxEvent, Clinic, datetime, int]
"""An event, its clinic, the database's time, and how many of the clinic's are due."""


class Handler(Protocol):
    """What the events of one source mean. It works in the engine's transaction and sends nothing."""

    @property
    def retries(self) -> Sequence[timedelta]:
        """The wait after the first, second … failure; the failure after the last of them is final."""
        ...

    def load(self, session: Session, events: Sequence[InboxEvent]) -> Mapping[UUID, Any]:
        """What `handle` wants to know with each of these events of different actors, by the event's id, loaded and
        locked together. One that is left out is busy: somebody holds what it would change, and it is tried again."""
        ...

    def handle(
        self, session: Session, event: InboxEvent, loaded: Any, now: datetime, real_now: datetime
    ) -> Callable[[], Handled]:
        """`now` is business time, `real_now` the database's. Whatever it raises is kept with the event.

        What it returns is called when the whole batch is handled, and writes what is left to be written.
        """
        ...

    def give_up(
        self, session: Session, event: InboxEvent, loaded: Any, reference: str, now: datetime, real_now: datetime
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


class Pace:
    """How many events a batch takes: no more than fit into its time, which on a busy machine are few.

    What a batch claims and does not come to was loaded and locked for nothing.
    """

    def __init__(self) -> None:
        self.most = BATCH

    def learn(self, taken: int, handled: int) -> None:
        self.most = handled if handled < taken else min(max(self.most, 2 * handled), BATCH)


@dataclass(frozen=True)
class Inbox:
    """The engine, with a handler for each source."""

    runtime: Runtime
    handlers: Mapping[str, Handler]
    patience: Patience = field(default_factory=Patience)
    pace: Pace = field(default_factory=Pace)
    later: Callable[[timedelta], object] = lambda _wait: None
    """Told that something is due after this long: also what is left of a clinic by a batch that took less than all."""

    def step(self, clinic_id: UUID) -> int:
        """Handle the oldest due events of the clinic that nobody holds. How many were taken."""
        return self._taken(clinic_id, self.pace.most)

    def _taken(self, clinic_id: UUID, most: int) -> int:
        with self.runtime.sessions() as session:
            found = session.execute(_CLAIM, {"clinic": clinic_id, "most": most}).all()
            if not found:
                return 0
            keys = [(event.id, clinic_id) for event, *_ in found]
            handled: list[Handled | None] | None = None
            try:
                handled = self._handle(session, found)
                session.commit()
            except Exception as error:  # noqa: BLE001 - whatever a handler raises is kept with its event, below
                session.rollback()
                if len(keys) == 1:
                    handled = [self._fail(session, keys[0], error)]
                else:
                    log.info("batch undone", events=len(keys), error=type(error).__name__)
                    handled = None
        if handled is None:
            return sum(self._taken(clinic_id, 1) for _ in keys)
        if found[0].due > len(handled):
            self.later(NOW)
        for one in handled:
            if one is not None and one.then is not None:
                one.then()
        return len(handled)

    def _handle(self, session: Session, found: Sequence[_Claimed]) -> list[Handled | None]:
        """What no other event of the batch reads is written last, together. Who comes too late waits for the next, and
        of whom somebody holds what they would change, nothing is handled: they are None."""
        began, now, batch = time.monotonic(), self.runtime.clock.now(session), _together(found)
        for event, clinic, *_ in batch:
            set_committed_value(event, "clinic", clinic)
        # A batch waits for nobody: who meets a lock is done alone. One that was passed over has waited before.
        if len(batch) > 1 or batch[0][0].reason or self.patience.spent:
            hurry(session, Patience.SHORT)
        loaded = self._loaded(session, [event for event, *_ in batch])
        settling: list[tuple[InboxEvent, datetime, Callable[[], Handled]]] = []
        busy: list[Handled | None] = []
        for event, _, real_now, _ in batch:
            if event.id not in loaded:
                _look_again(event, real_now)
                self.later(BUSY)
                busy.append(None)
                continue
            if settling and time.monotonic() - began > BATCH_SECONDS:
                break
            with structlog.contextvars.bound_contextvars(event=str(event.id)):
                handler = self.handlers[event.source]
                settling.append((event, real_now, handler.handle(session, event, loaded[event.id], now, real_now)))
        self.pace.learn(len(batch), len(settling) + len(busy))
        return [*(_settled(event, real_now, settle()) for event, real_now, settle in settling), *busy]

    def _loaded(self, session: Session, events: Sequence[InboxEvent]) -> dict[UUID, Any]:
        loaded: dict[UUID, Any] = {}
        for source in {event.source for event in events}:
            loaded |= self.handlers[source].load(session, [event for event in events if event.source == source])
        return loaded

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
            said = final or isinstance(error, TooEarly)
            reason, event.reason = event.reason, str(error) if said else place(error)
            if transient(error) and real_now - event.received_at < PATIENCE:
                event.due_at = real_now + BUSY
                if event.reason != reason:
                    log.warning("event waits", reference=reference, exc_info=error)
                self.later(BUSY)
                return None
            log.error("event failed", reference=reference, exc_info=error)
            event.attempts += 1
            event.holds = event.attempts <= 1
            retries = self.handlers[event.source].retries if event.source in self.handlers else ()
            if event.attempts <= len(retries) and not final:
                event.due_at = real_now + retries[event.attempts - 1]
                self.later(retries[event.attempts - 1])
                return None
            event.state, event.handled_at = "dead", real_now
            _handled.labels(event.source, "dead", "").inc()
        return self._given_up(session, key, reference) if event.source in self.handlers else None

    def _given_up(self, session: Session, key: tuple[UUID, UUID], reference: str) -> Handled | None:
        """Tell who sent it. What was wrong with the event may be wrong here too: it stays dead, and others go on."""
        try:
            with session.begin():
                event = session.get_one(InboxEvent, key)
                now, handler = self.runtime.clock.now(session), self.handlers[event.source]
                loaded = handler.load(session, [event])[event.id]
                return handler.give_up(session, event, loaded, reference, now, database_now(session))
        except Exception as error:
            log.error("nobody could be told of a dead event", reference=reference, exc_info=error)
            return None


class Busy(Exception):
    """Somebody has held the person's rows for too long."""


def _together(found: Sequence[_Claimed]) -> list[_Claimed]:
    """Those that may be handled in one transaction: one that has failed alone, else one of each actor."""
    if found and found[0][0].attempts:
        return [found[0]]
    first: dict[bytes, _Claimed] = {}
    for row in found:
        first.setdefault(row[0].actor_index, row)
    return list(first.values())


def _look_again(event: InboxEvent, real_now: datetime) -> None:
    """It counts no try; raises `Busy`, which does, when that has gone on for too long."""
    if real_now - event.received_at >= PATIENCE:
        raise Busy("somebody holds the person's rows")
    event.due_at = real_now + BUSY


def _settled(event: InboxEvent, real_now: datetime, handled: Handled) -> Handled:
    event.state = "ignored" if handled.ignored else "done"
    event.reason, event.handled_at = handled.reason, real_now
    _handled.labels(event.source, event.state, handled.reason or "").inc()
    return handled
