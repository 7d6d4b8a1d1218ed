"""Sending the answers that handlers wrote: right after the commit, again by the sweep, never twice.

A reply token works once, so repeating a reply cannot double it. The row counts a try before the try is made: a
process killed in between leaves an answer of unknown outcome, which may be repeated with its token but never pushed.
"""

import json
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from sqlalchemy import bindparam, func, select, update
from sqlalchemy.orm import Session, sessionmaker

from channels.line.client import Access, Line, LineError
from models.conversations import OutgoingReply, Send
from runtime import wake

TOKEN_LIFE = timedelta(seconds=55)
"""LINE allows a minute from the webhook's arrival; the rest is for the way there."""
LEASE = timedelta(seconds=12)
"""Longer than one call's time-outs, shorter than the sweep's interval."""
REST_SECONDS = 2.0
"""After LINE was away, drains only write answers for this long; the sweep sends them."""

_RECORD = update(OutgoingReply).where(
    OutgoingReply.id == bindparam("reply"),
    OutgoingReply.state == "open",
    # Losing this record costs one repeated call that LINE refuses, so it need not wait for the disk.
    func.set_config("synchronous_commit", "off", True) == "off",
)

log = structlog.get_logger(__name__)


class Breaker:
    """Remembers that LINE is away, so that one hung call does not become one a customer. One per process."""

    def __init__(self) -> None:
        self._closed_until = 0.0

    @property
    def closed(self) -> bool:
        return time.monotonic() < self._closed_until

    def trip(self) -> None:
        self._closed_until = time.monotonic() + REST_SECONDS


@dataclass(frozen=True)
class Spoken:
    """An answer as it goes out, opened while its row was at hand; token and body are None once they were erased."""

    reply_id: UUID
    attempts: int
    access: Access
    token: str | None
    body: bytes | None


def spoken(line: Line, reply: OutgoingReply) -> Spoken:
    return Spoken(reply.id, reply.attempts, line.access(reply.clinic), reply.token, reply.body)


def send(sessions: sessionmaker[Session], line: Line, breaker: Breaker, answer: Spoken) -> None:
    """Send one answer whose try is already counted and committed, and record what became of it."""
    values: dict[str, object] = {"state": "sent"}
    try:
        if answer.token is None or not answer.body:
            raise LineError("refused", "the customer's data was erased", permanent=True)
        values["request_id"] = line.reply(answer.access, answer.token, json.loads(answer.body)).request_id
    except LineError as error:
        values = _outcome(answer.attempts, error)
        if error.fault in ("away", "unknown"):
            breaker.trip()
        log.warning("reply not accepted", reply=str(answer.reply_id), fault=error.fault, request_id=error.request_id)
    with sessions() as session:
        # One round trip: no transaction around the one statement.
        session.connection(execution_options={"isolation_level": "AUTOCOMMIT"}).execute(
            _RECORD, {"reply": answer.reply_id, **values}
        )


def _outcome(attempts: int, error: LineError) -> dict[str, object]:
    if error.fault == "token" and attempts > 1:
        # The token was spent, and only we have it: an earlier try of unknown outcome arrived.
        return {"state": "sent", "error": str(error), "request_id": error.request_id}
    if not error.permanent and not error.outcome_unknown:
        # LINE was not reached, or said "not now": the try does not count, so the answer may still go as a push.
        return {"error": str(error), "attempts": attempts - 1}
    if error.permanent:
        return {"state": "failed", "error": str(error), "request_id": error.request_id}
    return {"error": str(error), "request_id": error.request_id}


def sweep(sessions: sessionmaker[Session], line: Line, breaker: Breaker, real_now: datetime, now: datetime) -> int:
    """Send what is open and nobody holds; turn what is too old into a push or a failure. How many rows were moved."""
    moved = 0
    while not breaker.closed:
        with sessions.begin() as session:
            reply = session.scalars(
                select(OutgoingReply)
                .where(OutgoingReply.state == "open", OutgoingReply.lease_until <= real_now)
                .order_by(OutgoingReply.lease_until)
                .limit(1)
                .with_for_update(skip_locked=True)
            ).one_or_none()
            if reply is None:
                return moved
            fresh = real_now - reply.received_at < TOKEN_LIFE
            if fresh:
                reply.attempts += 1
                reply.lease_until = real_now + LEASE
                answer = spoken(line, reply)
            else:
                _too_late(session, reply, now)
        if fresh:
            send(sessions, line, breaker, answer)
        moved += 1
    return moved


def _too_late(session: Session, reply: OutgoingReply, now: datetime) -> None:
    """The token is too old. Never tried: the words go as one push. Tried: they may have arrived, so never again."""
    if reply.attempts or reply.recipient is None:
        reply.state = "failed"
        reply.error = reply.error or "the token grew old after a try of unknown outcome"
        return
    session.add(
        Send(
            clinic_id=reply.clinic_id,
            customer_id=reply.customer_id,
            clinic=reply.clinic,
            customer=reply.customer,
            channel="line",
            recipient=reply.recipient,
            body=reply.body,
            reason="reply_expired",
            due_at=now,
            created_at=now,
        )
    )
    reply.state = "pushed"
    wake.after(session, "send")
