"""Everything that is pushed, over whatever channel: one frozen request at a time, claimed, sent with its key, recorded.

A send is never recomposed once tried: a provider takes the same key for the same body only. One that is unsettled when
its key is about to be forgotten stays `unknown`, because the same key would then be a new message.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from prometheus_client import Counter
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, sessionmaker

from channels.base import Channel, ChannelError, Channels, Receipt, Wired
from models.base import open_key
from models.clinics import Clinic
from models.conversations import Send, SendState
from models.customers import Customer
from runtime import wake, work
from runtime.clock import DATABASE_NOW
from runtime.timing import TRIES, Timing, after_failure

log = structlog.get_logger(__name__)
_sends = Counter("aura_sends", "Requests that left, by what became of them", ["channel", "state"])

work.queues.add(
    "sends",
    work.Queue(
        Send.id,
        Send.clinic_id,
        waiting=Send.state == "queued",
        due=Send.due_at,
        error=Send.error,
        # Its key may be a new one to the provider by now: whoever asks for this accepts that it may arrive twice.
        retry={"state": "queued", "attempts": 0, "first_tried_at": None, "lease_until": None, "due_at": DATABASE_NOW},
        drop=lambda reason: {"state": "dropped", "error": reason},
        wake="send",
        dead=Send.state == "failed",
        unknown=Send.state == "unknown",
    ),
)

_OPEN = work.clinics_with(Send.clinic_id, Send.state == "queued")
_OLDEST = (
    select(Send, DATABASE_NOW)
    .options(joinedload(Send.clinic), joinedload(Send.customer))
    .where(Send.state == "queued", Send.due_at <= DATABASE_NOW)
    .order_by(Send.due_at)
    .limit(1)
    .with_for_update(of=Send, skip_locked=True)
)


def write(
    session: Session,
    channel: Channel,
    clinic: Clinic,
    customer: Customer | None,
    address: str,
    body: bytes,
    reason: str,
) -> Send:
    """The request as a row of the caller's transaction; over a channel without a wire it is settled with it.

    `reason`: why it is said (`notification`, `reply_expired`, …).
    """
    wired = isinstance(channel, Wired)
    send = Send(
        clinic_id=clinic.id,
        clinic=clinic,
        customer_id=customer.id if customer else None,
        customer=customer,
        channel=channel.name,
        recipient=address,
        body=body,
        reason=reason,
        state="queued" if wired else "sent",
        attempts=0,
        due_at=DATABASE_NOW,
        created_at=DATABASE_NOW,
    )
    session.add(send)
    if wired:
        wake.after(session, "send")
    return send


@dataclass(frozen=True)
class Claim:
    """A send that is ours until `lease` (the database's time), opened while its row was at hand."""

    key: tuple[UUID, UUID]
    channel: Wired
    clinic: Clinic
    address: str
    body: bytes
    lease: datetime


@dataclass(frozen=True)
class Outbox:
    """One drain for all channels."""

    sessions: sessionmaker[Session]
    channels: Channels
    timing: Timing
    settled: Callable[[Session, Send], None] = lambda _session, _send: None
    """Told in the same transaction what has become of a send: sent, failed or unknown."""

    def due(self) -> list[UUID]:
        """The clinics that have something to send."""
        with self.sessions() as session:
            return list(session.scalars(_OPEN))

    def send_one(self, clinic_id: UUID) -> bool:
        """Send the clinic's request that is due longest. False when none is due."""
        with self.sessions() as session:
            found = session.execute(_OLDEST.where(Send.clinic_id == clinic_id)).one_or_none()
            if found is None:
                return False
            send, now = found
            key = (send.id, send.clinic_id)
            try:
                claim = self._claim(session, send, now)
                session.commit()
            except Exception as error:  # noqa: BLE001 - whatever it is, it is kept with its row and stops nobody else
                session.rollback()
                log.error("send not opened", send=str(key[0]), error=type(error).__name__)
                self._postpone(key, type(error).__name__)
                return True
        if claim is not None:
            self._carry(claim)
        return True

    def _claim(self, session: Session, send: Send, now: datetime) -> Claim | None:
        """Take the lease; None when the send was settled instead."""
        channel = self.channels[send.channel]
        if not isinstance(channel, Wired):
            raise TypeError(f"the channel {send.channel!r} has no wire")
        if send.lease_until is not None and channel.key_life is None:
            # Whoever held it has died, perhaps after the call: without a key it may not be said again.
            self._end(session, send, "unknown", "lease_ran_out")
            return None
        if send.first_tried_at is not None and channel.key_life and now - send.first_tried_at > channel.key_life:
            self._end(session, send, "unknown", "unsettled_when_its_key_ended")
            return None
        address, body = send.recipient, send.body
        if address is None or body is None:
            self._end(session, send, "failed", "erased")
            return None
        open_key(send.clinic)  # while there is a session: the channel reads the clinic's credentials without one
        send.attempts += 1
        send.first_tried_at = send.first_tried_at or now
        # Whoever finds the row due again may judge it: its key makes the repetition harmless.
        send.due_at = send.lease_until = now + self.timing.send_lease
        return Claim((send.id, send.clinic_id), channel, send.clinic, address, body, send.lease_until)

    def _carry(self, claim: Claim) -> None:
        """The call, with no transaction open, and what became of it."""
        try:
            receipt = claim.channel.send(claim.clinic, claim.address, claim.body, claim.key[0])
        except ChannelError as error:
            log.warning("send not accepted", send=str(claim.key[0]), error=str(error), request_id=error.request_id)
            self._record(claim, Receipt(error.request_id), error)
        except Exception as error:  # noqa: BLE001 - a provider's surprise is kept with its row, and others go on
            log.error("send broke", send=str(claim.key[0]), error=type(error).__name__)
            self._record(claim, Receipt(), ChannelError(type(error).__name__, permanent=False, outcome_unknown=True))
        else:
            self._record(claim, receipt, None)

    def _record(self, claim: Claim, receipt: Receipt, error: ChannelError | None) -> None:
        with self.sessions.begin() as session:
            send = session.get_one(Send, claim.key, with_for_update=True)
            if send.state != "queued" or send.lease_until != claim.lease:
                return  # another has taken it since, and knows more
            send.request_id = receipt.request_id or send.request_id
            send.lease_until = None
            if error is None:
                self._end(session, send, "sent", None)
            elif error.permanent:
                self._end(session, send, "failed", str(error))
            elif error.outcome_unknown and claim.channel.key_life is None:
                self._end(session, send, "unknown", str(error))
            else:
                send.error = str(error)
                send.due_at = DATABASE_NOW + max(error.retry_after or timedelta(0), self._backoff(send.attempts))

    def _postpone(self, key: tuple[UUID, UUID], error: str) -> None:
        with self.sessions.begin() as session:
            send = session.get_one(Send, key, with_for_update=True)
            send.attempts += 1
            send.error = error
            send.due_at = DATABASE_NOW + self._backoff(send.attempts)
            if send.attempts >= TRIES:
                self._end(session, send, "failed", error)

    def _backoff(self, attempts: int) -> timedelta:
        return after_failure(self.timing.send_backoff, attempts)

    def _end(self, session: Session, send: Send, state: SendState, error: str | None) -> None:
        send.state, send.error = state, error
        _sends.labels(send.channel, state).inc()
        self.settled(session, send)
