"""Sending the answers that handlers wrote: right after the commit, again by the sweep, never twice.

A reply token works once, so repeating a reply cannot double it. The row counts a try before the try is made: a
process killed in between leaves an answer of unknown outcome, which may be repeated with its token but never pushed.
"""

import json
import time
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import select, text, update
from sqlalchemy.orm import Session, joinedload, sessionmaker

import wake
from channels.line import Line, LineError
from models.conversations import OutgoingReply, Send

TOKEN_LIFE = timedelta(seconds=55)
"""LINE allows a minute from the webhook's arrival; the rest is for the way there."""
LEASE = timedelta(seconds=12)
"""Longer than one call's time-outs, shorter than the sweep's interval."""
REST_SECONDS = 2.0
"""After LINE was away, drains only write answers for this long; the sweep sends them."""

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


def send(sessions: sessionmaker[Session], line: Line, breaker: Breaker, reply_id: UUID) -> None:
    """Send one answer whose try is already counted, and record what became of it."""
    with sessions() as session:
        reply = session.get_one(
            OutgoingReply, reply_id, options=[joinedload(OutgoingReply.clinic), joinedload(OutgoingReply.customer)]
        )
        access, token = line.access(reply.clinic), reply.token
        body: list[dict[str, Any]] = json.loads(reply.body or b"[]")
    values: dict[str, object] = {"state": "sent"}
    try:
        if token is None or not body:
            raise LineError("refused", "the customer's data was erased", permanent=True)
        values["request_id"] = line.reply(access, token, body).request_id
    except LineError as error:
        values = _outcome(reply.attempts, error)
        if error.fault in ("away", "unknown"):
            breaker.trip()
        log.warning("reply not accepted", reply=str(reply_id), fault=error.fault, request_id=error.request_id)
    with sessions.begin() as session:
        # Losing this record costs one repeated call that LINE refuses, so it need not wait for the disk.
        session.execute(text("SET LOCAL synchronous_commit = off"))
        session.execute(_record(reply_id, values))


def _outcome(attempts: int, error: LineError) -> dict[str, object]:
    if error.fault == "token" and attempts > 1:
        # The token was spent, and only we have it: an earlier try of unknown outcome arrived.
        return {"state": "sent", "error": str(error), "request_id": error.request_id}
    if error.fault == "away":
        # The request never left, so the try does not count: the answer may still go as a push when it is too late.
        return {"error": str(error), "attempts": attempts - 1}
    if error.permanent:
        return {"state": "failed", "error": str(error), "request_id": error.request_id}
    return {"error": str(error), "request_id": error.request_id}


def _record(reply_id: UUID, values: dict[str, object]) -> Any:
    return update(OutgoingReply).where(OutgoingReply.id == reply_id, OutgoingReply.state == "open").values(values)


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
            else:
                _too_late(session, reply, now)
            reply_id = reply.id
        if fresh:
            send(sessions, line, breaker, reply_id)
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
