"""Sending the answers that handlers wrote: right after the commit, again by the sweep, never twice.

A reply token works once, so repeating a reply cannot double it. The row counts a try before the try is made: a
process killed in between leaves an answer of unknown outcome, which may be repeated with its token but never pushed.
All times are the database's.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import TypeAlias
from uuid import UUID

import structlog
from sqlalchemy import ColumnElement, Interval, Select, and_, bindparam, delete, exists, not_, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased, joinedload, sessionmaker

from channels import outbox
from channels.base import Channel
from channels.calls import NOT_TRIED, ChannelCalls, Landed, Lane
from channels.line.client import Answer, Line
from channels.line.errors import LineError
from channels.line.messages import Reply
from channels.line.render import freeze
from channels.line.tries import Fate, PreparedReply, outcome, record
from models.conversations import InboxEvent, OutgoingReply, Send
from runtime import wake, work
from runtime.clock import DATABASE_NOW, database_now
from runtime.database import locked
from runtime.logs import place
from runtime.timing import Timing

_Id: TypeAlias = InstrumentedAttribute[UUID] | InstrumentedAttribute[UUID | None]

BATCH = 16
"""Answers that are claimed in one transaction."""
ROOM_SECONDS = 0.1
"""How long an answer waits for room; where calls hang that long, others do not wait for it."""
PUSHED = "reply_expired"
"""Why there is a push that is an answer."""
PROBES = 5
"""How often one answer is tried before others whether LINE is back: it may be its own body that LINE does not take."""
HOLDS = 2
"""An answer holds the same person's later ones until it has failed this often; then they pass, as events do."""


def _holds(row: type[OutgoingReply], clinic_id: _Id, customer_id: _Id) -> tuple[ColumnElement[bool], ...]:
    """One that has not gone out yet, of this person. Not one that has been on its way for longer than the calls'
    patience: it hangs, or the process that sent it has ended, and its lease would keep them waiting.

    `on_its_way`: what is left of a lease at that moment.
    """
    lost = and_(
        row.attempts == 1,
        row.error.is_(None),
        row.lease_until < DATABASE_NOW + bindparam("on_its_way", type_=Interval),
    )
    return (
        row.clinic_id == clinic_id,
        row.customer_id == customer_id,
        row.state == "open",
        row.attempts < HOLDS,
        not_(lost),
    )


_older = aliased(OutgoingReply)
_BEHIND_ANOTHER = exists().where(
    *_holds(_older, OutgoingReply.clinic_id, OutgoingReply.customer_id), _older.id < OutgoingReply.id
)
_OPEN = (
    select(OutgoingReply, DATABASE_NOW)
    .options(joinedload(OutgoingReply.clinic), joinedload(OutgoingReply.customer))
    .where(
        OutgoingReply.clinic_id == bindparam("clinic"),
        OutgoingReply.state == "open",
        OutgoingReply.lease_until <= DATABASE_NOW,
        ~_BEHIND_ANOTHER,
    )
    .order_by(OutgoingReply.lease_until)
    .limit(bindparam("most"))
    .with_for_update(of=OutgoingReply, skip_locked=True)
)
# A try of unknown outcome may never be followed by a push: who has had one probes first, a few times.
_PROBE = _OPEN.order_by(None).order_by(OutgoingReply.attempts.between(1, PROBES).desc(), OutgoingReply.lease_until)
_OLD = _OPEN.where(OutgoingReply.received_at <= DATABASE_NOW - bindparam("life", type_=Interval))

DUE = work.clinics_with(
    OutgoingReply.clinic_id, and_(OutgoingReply.state == "open", OutgoingReply.lease_until <= DATABASE_NOW)
)
"""The clinics that have answers which are open and which nobody holds."""

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


@dataclass(frozen=True)
class Replies:
    """What this process does with answers. `channel` is how one goes whose token has grown too old."""

    sessions: sessionmaker[Session]
    line: Line
    channel: Channel
    calls: ChannelCalls
    timing: Timing
    lane: Lane[PreparedReply]
    settled: Callable[[Session, OutgoingReply, Send | None], None] = lambda _session, _reply, _push: None
    """Told in the same transaction of an answer that did not go as one: it failed, or it goes as this push. What is
    left in `attempts` are tries of unknown outcome: with none, nobody has seen it."""
    said: Callable[[Session, tuple[UUID, UUID], tuple[str, ...]], None] = lambda _session, _key, _ids: None
    """Told of an answer in a group by which ids LINE knows its messages."""

    def write(
        self,
        session: Session,
        event: InboxEvent,
        reply: Reply,
        token: str,
        recipient: str | None,
        now: datetime,
        *,
        behind: bool = False,
    ) -> PreparedReply | None:
        """The answer as a row, at the database's time `now`. Its first try is counted now when it will be made right
        after the commit; else None: LINE is away, or it is `behind` an older answer to the same person.

        An event that has waited too long is not tried: only an untried answer may still go as a push. Raises
        `LimitExceeded`: what LINE would refuse is never stored as something to send.
        """
        if event.handled_at is not None:
            # It was dead and is tried again by somebody's word: the apology of then gives way to the answer.
            theirs = (OutgoingReply.clinic_id == event.clinic_id, OutgoingReply.inbox_id == event.id)
            session.execute(delete(OutgoingReply).where(*theirs))
        young = now - event.received_at < self.timing.token_life
        at_once = young and self.calls.closed(event.clinic_id) and not behind
        row = _row(event, reply, token, recipient)
        row.attempts = 1 if at_once else 0
        row.lease_until = now + (self.timing.reply_lease if at_once else timedelta(0))
        session.add(row)
        if at_once:
            return self._prepared(row)
        self.lane.again_in(0)
        if behind:
            # Whoever records the older one may do so in the very moment of this commit, and not see it.
            self.lane.again_in(self.calls.patience)
        return None

    def begin(self, reply: PreparedReply) -> None:
        """Send an answer whose try is already counted and committed. `record` writes down what becomes of it.

        Where there is no room the next landing makes some, and is waited for: as an answer that was not tried it would
        be claimed anew, a second later.
        """
        clinic_id, call = reply.key[1], partial(self._call, reply)
        while not self.calls.begin(clinic_id, self.lane, reply, call):
            if not self.calls.closed(clinic_id) or not self.record(ROOM_SECONDS):
                self._record([Landed(reply, error=NOT_TRIED, stopped=True)])
                return

    def _call(self, reply: PreparedReply) -> Answer:
        if reply.token is None or not reply.body:
            raise LineError("erased", permanent=True)
        return self.line.reply(reply.access, reply.token, reply.body)

    def record(self, wait: float = 0.0) -> int:
        """Write down what has become of calls, and how many; the first is waited for this many seconds."""
        landed = self.lane.landed(wait)
        self._record(landed)
        return len(landed)

    def _record(self, landed: Sequence[Landed[PreparedReply]]) -> None:
        """All in one statement but what was refused for good, which is settled row by row. What waits is looked at."""
        fated = [(one, outcome(one, self.timing)) for one in landed]
        for _, fate in fated:
            if fate.state == "open":
                self.lane.again_in(fate.wait)
        fates = [(one.claim, fate) for one, fate in fated if fate.state != "failed"]
        waits = record(self.sessions.kw["bind"], fates) if fates else False
        for one, fate in fated:
            if fate.state == "failed":
                self._refused(one.claim, fate, one.error)
                waits = True
            elif fate.state == "sent" and one.claim.shared and one.answer is not None and one.answer.message_ids:
                self._said(one.claim, one.answer.message_ids)
        if waits:
            self.lane.again_in(0)

    def _said(self, reply: PreparedReply, message_ids: tuple[str, ...]) -> None:
        try:
            with self.sessions.begin() as session:
                self.said(session, reply.key, message_ids)
        except DBAPIError as held:
            if not locked(held):
                raise
            log.warning("ids of messages not recorded", reply=str(reply.key[0]), exc_info=held)

    def _refused(self, reply: PreparedReply, fate: Fate, error: Exception | None) -> None:
        """It certainly has not arrived by this try: for its token it may go as a push, for anything else it failed."""
        try:
            with self.sessions.begin() as session:
                row = session.get_one(OutgoingReply, reply.key, with_for_update=True)
                if row.state != "open" or row.lease_until != reply.lease:
                    return  # somebody else has taken it since, and knows more
                row.attempts, row.error, row.request_id = reply.attempts - 1, fate.error, fate.request_id
                if isinstance(error, LineError) and error.fault == "token":
                    self._too_late(session, row)
                else:
                    self._fail(session, row)
        except DBAPIError as held:
            if not locked(held):
                raise
            log.warning("result not recorded", reply=str(reply.key[0]), exc_info=held)  # its lease judges

    def step(self, clinic_id: UUID) -> int:
        """Turn what is too old into a push or a failure, and begin to send what is open longest. How many were taken.

        While LINE is away only what is too old is taken.
        """
        old = self._taken(clinic_id, _OLD, BATCH)
        room = self.calls.room(clinic_id)
        if room < 1:
            if wait := self.calls.wait(clinic_id):
                self.lane.again_in(wait)
            return old
        due = _OPEN if self.calls.closed(clinic_id) else _PROBE
        return old + self._taken(clinic_id, due, min(BATCH, room))

    def _taken(self, clinic_id: UUID, due: Select[OutgoingReply, datetime], most: int) -> int:
        """Where one of them breaks the transaction, nothing of it remains and each is taken alone."""
        with self.sessions() as session:
            values = {"clinic": clinic_id, "life": self.timing.token_life, "most": most, **bound(self.timing)}
            found = session.execute(due, values).all()
            keys = [(reply.id, reply.clinic_id) for reply, _ in found]
            try:
                prepared = [self._claim(session, reply, now) for reply, now in found]
                session.commit()
            except Exception as error:
                session.rollback()
                if len(keys) == 1:
                    log.error("reply not opened", reply=str(keys[0][0]), exc_info=error)
                    self._postpone(keys[0], error)
                    return 1
                log.info("batch undone", replies=len(keys), error=type(error).__name__)
                prepared = None
        if prepared is None:
            return sum(self._taken(clinic_id, due, 1) for _ in keys)
        for reply in prepared:
            if reply is not None:
                self.begin(reply)
        return len(keys)

    def _claim(self, session: Session, reply: OutgoingReply, now: datetime) -> PreparedReply | None:
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
                self._fail(session, reply)

    def _prepared(self, row: OutgoingReply) -> PreparedReply:
        access = self.line.access(row.clinic)
        shared = row.customer_id is None
        return PreparedReply(
            (row.id, row.clinic_id), shared, row.attempts, row.lease_until, access, row.token, row.body
        )

    def _too_late(self, session: Session, reply: OutgoingReply) -> None:
        """The token is no good. Never tried, or refused: the words go as one push. Else they may have arrived."""
        if reply.attempts or reply.recipient is None or reply.body is None:
            reply.error = reply.error or "the token grew old after a try of unknown outcome"
            self._fail(session, reply)
            return
        push = outbox.write(session, self.channel, reply.clinic, reply.customer, reply.recipient, reply.body, PUSHED)
        reply.state = "pushed"
        self.settled(session, reply, push)

    def _fail(self, session: Session, reply: OutgoingReply) -> None:
        reply.state = "failed"
        self.settled(session, reply, None)


def later(session: Session, event: InboxEvent, reply: Reply, token: str, recipient: str) -> None:
    """An answer to what was left without one, by whoever gives it now: the next drain sends it, as a push where its
    token has grown too old by then. Raises `LimitExceeded`."""
    row = _row(event, reply, token, recipient)
    row.attempts, row.lease_until = 0, DATABASE_NOW
    session.add(row)
    wake.after(session, "chat")


def _row(event: InboxEvent, reply: Reply, token: str, recipient: str | None) -> OutgoingReply:
    return OutgoingReply(
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
    )


def waits_for(clinic_id: _Id, customer_id: _Id) -> tuple[ColumnElement[bool], ...]:
    """The answers to this person that the next one waits behind; `bound` has its values."""
    return _holds(OutgoingReply, clinic_id, customer_id)


def bound(timing: Timing) -> dict[str, timedelta]:
    """What `waits_for` is executed with."""
    return {"on_its_way": timing.reply_lease - timing.call_patience}
