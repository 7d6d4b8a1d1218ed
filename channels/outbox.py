"""The only door out: one frozen request at a time, claimed, sent with its own key, recorded.

A send is never recomposed once tried: LINE takes the same key for the same body only. Its key is kept 24 hours by
LINE, after which it would be a new message, so one that is unsettled 23 hours after its first try stays `unknown`.
"""

import json
from datetime import timedelta
from uuid import UUID

import structlog
from prometheus_client import Counter
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, sessionmaker

from channels.line.client import Line, LineError
from models.conversations import Send
from runtime.clock import Clock, real

LEASE = timedelta(seconds=30)
KEY_LIFE = timedelta(hours=23)
BACKOFF_SECONDS = (5, 15, 60, 300, 900)

log = structlog.get_logger(__name__)
_sends = Counter("aura_sends", "Requests that left, by what became of them", ["channel", "state"])


def send_one(sessions: sessionmaker[Session], clock: Clock, line: Line) -> bool:
    """Send the request that is due longest. False when none is due."""
    with sessions.begin() as session:
        now = clock.now(session)
        send = session.scalars(
            select(Send)
            .options(joinedload(Send.clinic), joinedload(Send.customer))
            .where(Send.state == "queued", Send.due_at <= now)
            .order_by(Send.due_at)
            .limit(1)
            .with_for_update(of=Send, skip_locked=True)
        ).one_or_none()
        if send is None:
            return False
        if send.first_tried_at is not None and real() - send.first_tried_at > KEY_LIFE:
            _settle(send, "unknown", "unsettled_after_23_hours")
            return True
        recipient, body = send.recipient, send.body
        if recipient is None or body is None:
            _settle(send, "failed", "erased")
            return True
        access, key = line.access(send.clinic), (send.id, send.clinic_id)
        send.attempts += 1
        send.first_tried_at = send.first_tried_at or real()
        # The lease: whoever finds this row due again may judge it, because its key makes the repetition harmless.
        send.due_at = now + LEASE
    try:
        answer = line.push(access, recipient, json.loads(body), send.id)
        _record(sessions, clock, key, answer.request_id, None)
    except LineError as error:
        log.warning("send not accepted", send=str(send.id), fault=error.fault, request_id=error.request_id)
        _record(sessions, clock, key, error.request_id, error)
    return True


def _record(
    sessions: sessionmaker[Session],
    clock: Clock,
    key: tuple[UUID, UUID],
    request_id: str | None,
    error: LineError | None,
) -> None:
    with sessions.begin() as session:
        send = session.get_one(Send, key, with_for_update=True)
        send.request_id = request_id or send.request_id
        if error is None or error.fault == "accepted_before":
            _settle(send, "sent", None)
        elif error.permanent:
            _settle(send, "failed", str(error))
        else:
            send.error = str(error)
            rest = BACKOFF_SECONDS[min(send.attempts, len(BACKOFF_SECONDS)) - 1]
            send.due_at = clock.now(session) + timedelta(seconds=rest)


def _settle(send: Send, state: str, error: str | None) -> None:
    send.state, send.error = state, error
    _sends.labels(send.channel, state).inc()
