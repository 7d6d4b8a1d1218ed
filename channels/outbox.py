"""Everything that is pushed, over whatever channel: frozen requests, claimed, sent with their keys, recorded.

One drain for all channels: it claims and records, and the calls between wait in the pool of their channel. What one
person is sent over one channel leaves in its order: a request waits behind an older one that is due or on its way, and
passes one that backs off. A send is never recomposed once tried: a provider takes the same key for the same body only.
One that is unsettled when its key is about to be forgotten stays `unknown`, because the same key would then be a new
message.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

import structlog
from prometheus_client import Counter
from sqlalchemy import Select, Text, all_, bindparam, exists, or_, select, tuple_
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session, aliased, joinedload, sessionmaker

from channels.base import Channel, ChannelError, Channels, Measuring, Receipt, Wired
from channels.calls import NOT_TRIED, Calls, Landed, Lane
from models.base import open_key
from models.clinics import Clinic
from models.conversations import Send, SendState
from models.customers import Customer
from runtime import wake, work
from runtime.clock import DATABASE_NOW
from runtime.database import lost
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
        retry={
            "state": "queued",
            "attempts": 0,
            "first_tried_at": None,
            "lease_until": None,
            "not_after": None,
            "due_at": DATABASE_NOW,
        },
        drop=lambda reason: {"state": "dropped", "error": reason},
        wake="send",
        dead=Send.state == "failed",
        unknown=Send.state == "unknown",
    ),
)

BATCH = 32
"""Requests that are claimed in one transaction."""

OPEN = work.clinics_with(Send.clinic_id, Send.state == "queued")
"""The clinics that have something to send."""
_older = aliased(Send)
_BEHIND_ANOTHER = exists().where(
    _older.clinic_id == Send.clinic_id,
    _older.customer_id == Send.customer_id,
    _older.channel == Send.channel,
    _older.state == "queued",
    _older.id < Send.id,
    or_(_older.lease_until.is_not(None), _older.due_at <= DATABASE_NOW),
)
_OLDEST = (
    select(Send, DATABASE_NOW)
    .options(joinedload(Send.clinic), joinedload(Send.customer))
    .where(Send.clinic_id == bindparam("clinic"), Send.channel != all_(bindparam("full", type_=ARRAY(Text))))
    .where(Send.state == "queued", Send.due_at <= DATABASE_NOW, ~_BEHIND_ANOTHER)
    .order_by(Send.due_at)
    .limit(bindparam("most"))
    .with_for_update(of=Send, skip_locked=True)
)
_Oldest = Select[Send, datetime]
_CLAIMED = (
    select(Send)
    .where(tuple_(Send.id, Send.clinic_id).in_(bindparam("keys", expanding=True)))
    .order_by(Send.id)
    .with_for_update()
)


def write(
    session: Session,
    channel: Channel,
    clinic: Clinic,
    customer: Customer | None,
    address: str,
    body: bytes,
    reason: str,
    *,
    worth: timedelta | None = None,
    at: datetime | None = None,
    unit: str | None = None,
) -> Send:
    """The request as a row of the caller's transaction; over a channel without a wire it is settled with it.

    `reason`: why it is said (`notification`, `reply_expired`, …). `worth`: for how long it is worth saying; what could
    not be sent by then, such as wishes on a birthday, is dropped. `at`: the database's time, for who writes many: rows
    with a time that is asked for while they are written are written one by one.
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
        unit=unit,
        state="queued" if wired else "sent",
        attempts=0,
        due_at=at or DATABASE_NOW,
        not_after=None if worth is None else (at or DATABASE_NOW) + worth,
        created_at=at or DATABASE_NOW,
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
    unit: str | None
    first: bool
    """Nobody has tried it before."""


@dataclass(frozen=True)
class Ended:
    """A send that is sent, failed, unknown or dropped now; with the provider's receipt, where there is one."""

    send: Send
    receipt: Receipt | None = None


@dataclass(frozen=True)
class Outbox:
    """One drain for all channels."""

    sessions: sessionmaker[Session]
    channels: Channels
    calls: Calls
    timing: Timing
    lane: Lane[Claim]
    settled: Callable[[Session, Sequence[Ended]], None] = lambda _session, _ended: None
    """Told once, in the same transaction, of all that have ended in it."""
    why_not: Callable[[Session, Sequence[Send]], Mapping[UUID, str]] = lambda _session, _sends: {}
    """Asked once of a batch, before their first try, which are not sent after all, and why: by the ids of their rows.
    Whoever says no has settled what they carry."""

    def step(self, clinic_id: UUID, *, staff_only: bool = False) -> int:
        """Begin to send what is due longest in the clinic, over the channels that have room. How many were taken."""
        wired = [self.calls.of(name) for name in self.channels if isinstance(self.channels[name], Wired)]
        rooms = {calls.name: calls.room(clinic_id) for calls in wired}
        full = [calls for calls in wired if rooms[calls.name] < 1]
        for calls in full:
            if wait := calls.wait(clinic_id):
                self.lane.again_in(wait)
        most = min((BATCH, *(room for room in rooms.values() if room > 0)))
        oldest = _OLDEST.where(Send.customer_id.is_(None)) if staff_only else _OLDEST
        return self._taken(oldest, clinic_id, [calls.name for calls in full], most)

    def _taken(self, oldest: _Oldest, clinic_id: UUID, full: list[str], most: int) -> int:
        """Where one of them breaks the transaction, nothing of it remains and each is taken alone."""
        with self.sessions() as session:
            found = session.execute(oldest, {"clinic": clinic_id, "full": full, "most": most}).all()
            keys = [(send.id, send.clinic_id) for send, _ in found]
            try:
                untried = [send for send, _ in found if send.first_tried_at is None]
                refused = self.why_not(session, untried) if untried else {}
                taken = [self._claim(send, now, refused.get(send.id)) for send, now in found]
                self._tell(session, [one for one in taken if isinstance(one, Ended)])
                session.commit()
            except Exception as error:
                session.rollback()
                if len(keys) == 1:
                    log.error("send not opened", send=str(keys[0][0]), exc_info=error)
                    self._postpone(keys[0], type(error).__name__)
                    return 1
                log.info("batch undone", sends=len(keys), error=type(error).__name__)
                taken = None
        if taken is None:
            return sum(self._taken(oldest, clinic_id, full, 1) for _ in keys)
        for one in taken:
            if isinstance(one, Claim):
                self._begin(one)
        return len(keys)

    def _claim(self, send: Send, now: datetime, refused: str | None) -> Claim | Ended:
        """Take the lease, unless the send ends instead."""
        channel = self.channels[send.channel]
        if not isinstance(channel, Wired):
            raise TypeError(f"the channel {send.channel!r} has no wire")
        if send.lease_until is not None and channel.key_life is None:
            # Whoever held it has died, perhaps after the call: without a key it may not be said again.
            return _end(send, "unknown", "lease_ran_out")
        if send.first_tried_at is not None and channel.key_life and now - send.first_tried_at > channel.key_life:
            return _end(send, "unknown", "unsettled_when_its_key_ended")
        if refused or (send.not_after is not None and now > send.not_after):
            return _end(send, "dropped", refused or "too_late")
        address, body = send.recipient, send.body
        if address is None or body is None:
            return _end(send, "failed", "erased")
        # While there is a session: the channel reads the clinic's credentials and settings without one.
        open_key(send.clinic)
        _ = send.clinic.settings
        send.attempts += 1
        first, send.first_tried_at = send.first_tried_at is None, send.first_tried_at or now
        # Whoever finds the row due again may judge it: its key makes the repetition harmless.
        send.due_at = send.lease_until = now + self.timing.send_lease
        return Claim((send.id, send.clinic_id), channel, send.clinic, address, body, send.lease_until, send.unit, first)

    def _begin(self, claim: Claim) -> None:
        """The call goes its way, with no transaction open."""
        given = claim.clinic, claim.address, claim.body, claim.key[0]
        measured = isinstance(claim.channel, Measuring) and claim.unit is not None
        call = partial(claim.channel.send, *given, *((claim.unit,) if measured else ()))
        if not self.calls.of(claim.channel.name).begin(
            claim.key[1], self.lane, claim, call, again=claim.channel.key_life is not None
        ):
            self._record([Landed(claim, error=NOT_TRIED, stopped=True)])

    def record(self, wait: float = 0.0) -> int:
        """Write down what has become of calls, and how many; the first is waited for this many seconds."""
        landed = self.lane.landed(wait)
        self._record(landed)
        if landed:
            self.lane.again_in(0)
        return len(landed)

    def _record(self, landed: Sequence[Landed[Claim]]) -> None:
        """Where one of them breaks the transaction, each is recorded alone; its lease judges what cannot be."""
        by_key = {one.claim.key: one for one in landed}
        try:
            with self.sessions.begin() as session:
                sends = session.scalars(_CLAIMED, {"keys": list(by_key)}).all()
                settled = [self._settle(send, by_key[send.id, send.clinic_id]) for send in sends]
                self._tell(session, [one for one in settled if one is not None])
        except Exception as error:
            if lost(error):
                raise
            if len(landed) == 1:
                log.error("result not recorded", send=str(landed[0].claim.key[0]), exc_info=error)
                return
            log.info("results undone", sends=len(landed), error=type(error).__name__)
            for one in landed:
                self._record([one])

    def _settle(self, send: Send, landed: Landed[Claim]) -> Ended | None:
        """None: it is tried again, or is not ours any more."""
        if send.state != "queued" or send.lease_until != landed.claim.lease:
            return None  # another has taken it since, and knows more
        send.lease_until = None
        if landed.error is None:
            send.request_id = landed.answer.request_id or send.request_id
            return _end(send, "sent", None, landed.answer)
        error = self._understood(send, landed.error)
        send.request_id = error.request_id or send.request_id
        if error.permanent:
            return _end(send, "failed", str(error))
        if error.outcome_unknown and landed.claim.channel.key_life is None:
            return _end(send, "unknown", str(error))
        if landed.claim.first and not error.outcome_unknown:
            send.first_tried_at = None  # it has certainly not been taken: whether to send it is asked anew
        # Nobody's back-off grows while the breaker is open: that is wait enough.
        send.attempts -= landed.stopped
        wait = max(error.retry_after or timedelta(0), landed.pause(self.timing.send_backoff, send.attempts))
        send.error, send.due_at = str(error), DATABASE_NOW + wait
        self.lane.again_in(wait)
        return None

    def _understood(self, send: Send, error: Exception) -> ChannelError:
        if isinstance(error, ChannelError):
            log.warning("send not accepted", send=str(send.id), error=str(error), request_id=error.request_id)
            return error
        log.error("send broke", send=str(send.id), exc_info=error)
        return ChannelError(type(error).__name__, permanent=False, outcome_unknown=True)

    def _postpone(self, key: tuple[UUID, UUID], error: str) -> None:
        with self.sessions.begin() as session:
            send = session.get_one(Send, key, with_for_update=True)
            send.attempts += 1
            send.error = error
            send.due_at = DATABASE_NOW + self._backoff(send.attempts)
            if send.attempts >= TRIES:
                self._tell(session, [_end(send, "failed", error)])

    def _backoff(self, attempts: int) -> timedelta:
        return after_failure(self.timing.send_backoff, attempts)

    def _tell(self, session: Session, ended: Sequence[Ended]) -> None:
        if ended:
            self.settled(session, ended)


def _end(send: Send, state: SendState, error: str | None, receipt: Receipt | None = None) -> Ended:
    send.state, send.error = state, error
    _sends.labels(send.channel, state).inc()
    return Ended(send, receipt)
