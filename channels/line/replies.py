"""Sending the answers that handlers wrote: right after the commit, again by the sweep, never twice.

A reply token works once, so repeating a reply cannot double it. The row counts a try before the try is made: a
process killed in between leaves an answer of unknown outcome, which may be repeated with its token but never pushed.
All times are the database's.
"""

import json
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from sqlalchemy import and_, bindparam, delete, func, select, update
from sqlalchemy.orm import Session, sessionmaker

from channels import outbox
from channels.base import Channel
from channels.line.client import Access, Line
from channels.line.errors import LineError
from channels.line.messages import Reply
from channels.line.render import freeze
from models.conversations import InboxEvent, OutgoingReply
from runtime import work
from runtime.clock import DATABASE_NOW, database_now
from runtime.logs import place
from runtime.timing import Timing

_RECORD = update(OutgoingReply).where(
    OutgoingReply.id == bindparam("reply"),
    OutgoingReply.clinic_id == bindparam("clinic"),
    OutgoingReply.state == "open",
    OutgoingReply.lease_until == bindparam("lease"),
    # Losing this record costs one repeated call that LINE refuses, so it need not wait for the disk.
    func.set_config("synchronous_commit", "off", True) == "off",
)
_OPEN = (
    select(OutgoingReply, DATABASE_NOW)
    .where(
        OutgoingReply.clinic_id == bindparam("clinic"),
        OutgoingReply.state == "open",
        OutgoingReply.lease_until <= DATABASE_NOW,
    )
    .order_by(OutgoingReply.lease_until)
    .limit(1)
    .with_for_update(skip_locked=True)
)

_DUE = work.clinics_with(
    OutgoingReply.clinic_id, and_(OutgoingReply.state == "open", OutgoingReply.lease_until <= DATABASE_NOW)
)

work.queues.add(
    "replies",
    work.Queue(
        OutgoingReply.id,
        OutgoingReply.clinic_id,
        waiting=OutgoingReply.state == "open",
        due=OutgoingReply.lease_until,
        error=OutgoingReply.error,
        # Its token has died long ago, so it goes as a push: as one that was never tried.
        retry={"state": "open", "attempts": 0, "lease_until": DATABASE_NOW},
        drop=lambda reason: {"state": "dropped", "error": reason},
        wake="chat",
        dead=OutgoingReply.state == "failed",
    ),
)

log = structlog.get_logger(__name__)


class Breaker:
    """Opens when LINE is away, so that one hung call does not become one a customer. One per process."""

    def __init__(self, rest: timedelta) -> None:
        self._rest, self._open_until = rest.total_seconds(), 0.0

    @property
    def open(self) -> bool:
        """Nothing is let through."""
        return time.monotonic() < self._open_until

    def trip(self) -> None:
        self._open_until = time.monotonic() + self._rest


@dataclass(frozen=True)
class PreparedReply:
    """An answer as it goes out, opened while its row was at hand; token and body are None once they were erased."""

    key: tuple[UUID, UUID]
    attempts: int
    lease: datetime
    access: Access
    token: str | None
    body: bytes | None


@dataclass(frozen=True)
class Replies:
    """What this process does with answers. `channel` is how one goes whose token has grown too old."""

    sessions: sessionmaker[Session]
    line: Line
    channel: Channel
    breaker: Breaker
    timing: Timing

    def write(
        self, session: Session, event: InboxEvent, reply: Reply, token: str, recipient: str | None, now: datetime
    ) -> PreparedReply | None:
        """The answer as a row, at the database's time `now`. Its first try is counted now when it will be made right
        after the commit; else None.

        An event that has waited too long is not tried: only an untried answer may still go as a push. Raises
        `LimitExceeded`: what LINE would refuse is never stored as something to send.
        """
        if event.handled_at is not None:
            # It was dead and is tried again by somebody's word: the apology of then gives way to the answer.
            theirs = (OutgoingReply.clinic_id == event.clinic_id, OutgoingReply.inbox_id == event.id)
            session.execute(delete(OutgoingReply).where(*theirs))
        at_once = not self.breaker.open and now - event.received_at < self.timing.token_life
        row = OutgoingReply(
            clinic_id=event.clinic_id,
            customer_id=event.customer_id,
            clinic=event.clinic,
            customer=event.customer,
            inbox_id=event.id,
            body=freeze(reply),
            token=token,
            recipient=recipient,
            received_at=event.received_at,
            state="open",
            attempts=1 if at_once else 0,
            lease_until=now + (self.timing.reply_lease if at_once else timedelta(0)),
        )
        session.add(row)
        return self._prepared(row) if at_once else None

    def send(self, reply: PreparedReply) -> None:
        """Send one answer whose try is already counted and committed, and record what became of it."""
        values: dict[str, object] = {"state": "sent"}
        try:
            if reply.token is None or not reply.body:
                raise LineError("erased", permanent=True)
            values["request_id"] = self.line.reply(reply.access, reply.token, json.loads(reply.body)).request_id
        except LineError as error:
            values = outcome(reply.attempts, error)
            if error.fault in ("away", "unknown"):
                self.breaker.trip()
            log.warning("reply not accepted", reply=str(reply.key[0]), fault=error.fault, request_id=error.request_id)
            if error.fault == "token" and reply.attempts == 1:
                # Refused at its only try, it certainly has not arrived.
                self._push_instead(reply, error)
                return
        except Exception as error:
            log.error("reply broke", reply=str(reply.key[0]), exc_info=error)
            values = {"error": place(error)}
        with self.sessions() as session:
            # One round trip: no transaction around the one statement.
            session.connection(execution_options={"isolation_level": "AUTOCOMMIT"}).execute(
                _RECORD, {"reply": reply.key[0], "clinic": reply.key[1], "lease": reply.lease, **values}
            )

    def _push_instead(self, reply: PreparedReply, error: LineError) -> None:
        with self.sessions.begin() as session:
            row = session.get_one(OutgoingReply, reply.key, with_for_update=True)
            if row.state != "open" or row.lease_until != reply.lease:
                return  # somebody else has taken it since, and knows more
            row.attempts, row.error, row.request_id = 0, str(error), error.request_id
            self._too_late(session, row)

    def due(self) -> list[UUID]:
        """The clinics that have answers which are open and which nobody holds."""
        with self.sessions() as session:
            return list(session.scalars(_DUE))

    def sweep_one(self, clinic_id: UUID) -> bool:
        """Send the clinic's answer that is open longest; turn what is too old into a push or a failure.

        False when there is none, or LINE is away.
        """
        if self.breaker.open:
            return False
        with self.sessions() as session:
            found = session.execute(_OPEN, {"clinic": clinic_id}).one_or_none()
            if found is None:
                return False
            reply, now = found
            key = (reply.id, reply.clinic_id)
            try:
                prepared = self._taken(session, reply, now)
                session.commit()
            except Exception as error:
                session.rollback()
                log.error("reply not opened", reply=str(key[0]), exc_info=error)
                self._postpone(key, error)
                return True
        if prepared is not None:
            self.send(prepared)
        return True

    def _taken(self, session: Session, reply: OutgoingReply, now: datetime) -> PreparedReply | None:
        """One try more, counted; None when its token is too old for one."""
        if now - reply.received_at >= self.timing.token_life:
            self._too_late(session, reply)
            return None
        reply.attempts += 1
        reply.lease_until = now + self.timing.reply_lease
        return self._prepared(reply)

    def _postpone(self, key: tuple[UUID, UUID], error: Exception) -> None:
        """No try of LINE was made, so none is counted: the wait grows with the answer's age, and ends with a day."""
        with self.sessions.begin() as session:
            reply = session.get_one(OutgoingReply, key, with_for_update=True)
            now = database_now(session)
            age = now - reply.received_at
            reply.error = place(error)
            reply.lease_until = now + max(self.timing.reply_lease, age)
            if age > self.timing.key_life:
                reply.state = "failed"

    def _prepared(self, row: OutgoingReply) -> PreparedReply:
        return PreparedReply(
            (row.id, row.clinic_id), row.attempts, row.lease_until, self.line.access(row.clinic), row.token, row.body
        )

    def _too_late(self, session: Session, reply: OutgoingReply) -> None:
        """The token is no good. Never tried, or refused: the words go as one push. Else they may have arrived."""
        if reply.attempts or reply.recipient is None or reply.body is None:
            reply.state = "failed"
            reply.error = reply.error or "the token grew old after a try of unknown outcome"
            return
        outbox.write(session, self.channel, reply.clinic, reply.customer, reply.recipient, reply.body, "reply_expired")
        reply.state = "pushed"


def outcome(attempts: int, error: LineError) -> dict[str, object]:
    """What a failed try leaves in the row."""
    if error.fault == "token" and attempts > 1:
        # The token was spent, and only we have it: an earlier try of unknown outcome arrived.
        return {"state": "sent", "error": str(error), "request_id": error.request_id}
    if not error.permanent and not error.outcome_unknown:
        # LINE was not reached, or said "not now": the try does not count, so the answer may still go as a push.
        return {"error": str(error), "attempts": attempts - 1}
    if error.permanent:
        return {"state": "failed", "error": str(error), "request_id": error.request_id}
    return {"error": str(error), "request_id": error.request_id}
