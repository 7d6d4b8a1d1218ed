"""What is due is said: the one door out. All that is due for one customer goes through the gates one by one, and what
may go travels together.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import zip_longest
from uuid import UUID

import structlog
from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from channels import outbox
from channels.base import Channels, Gathering, unit_of
from channels.message import Message
from customers import meters
from customers.voice import language_of
from followups import answers, due, had, links, tasks, texts, together
from followups.asked import Asked, End, Hold
from followups.fates import end
from followups.gates import repeated, verdict
from followups.kind import BESIDE, CALL, kinds
from followups.ways import Way, first_of, out_of_hours, until_when, ways_for
from followups.wording import drawn, plain, worded
from models.conversations import Send
from models.followups import DeliveryState, FollowupDelivery, FollowupExecution
from runtime import work
from runtime.clock import BUSINESS_NOW, database_now
from runtime.context import Runtime
from runtime.database import lost, transient
from runtime.errors import NeverAgain
from runtime.language import Language

AGAIN, DAY = timedelta(minutes=1), timedelta(days=1)
BUSY = timedelta(milliseconds=500)
"""After a lock that somebody held."""
TRIED_FOR = timedelta(days=3)
"""What cannot be put into words for so long is left to a person."""

log = structlog.get_logger(__name__)

OPEN = work.clinics_with(FollowupExecution.clinic_id, FollowupExecution.status == "planned")
"""The clinics that have something to say, now or later."""

work.queues.add(
    "followups",
    work.Queue(
        FollowupExecution.id,
        FollowupExecution.clinic_id,
        waiting=and_(FollowupExecution.status == "planned", FollowupExecution.due_at <= BUSINESS_NOW),
        due=FollowupExecution.due_at,
        error=FollowupExecution.reason,
        retry={"status": "planned", "reason": None, "failing_since": None, "settled_at": None, "due_at": BUSINESS_NOW},
        drop=lambda reason: {"status": "skipped", "reason": reason, "failing_since": None},
        wake="send",
        dead=and_(FollowupExecution.status == "failed", FollowupExecution.failing_since.is_not(None)),
    ),
)


def step(
    runtime: Runtime, channels: Channels, clinic_id: UUID, later: Callable[[float], object] = lambda _seconds: None
) -> int:
    """All that is due for a batch of customers. How many executions that were. `later`: told, where that was all,
    after how many seconds the next are due, if that is before anybody looks by himself."""
    taken = _taken(runtime, channels, clinic_id, None)
    if taken == 0:
        with runtime.sessions() as session:
            if (wait := due.after(session, clinic_id, runtime.clock.now(session))) is not None:
                later(wait)
    return taken


def _taken(runtime: Runtime, channels: Channels, clinic_id: UUID, those: Sequence[UUID] | None) -> int:
    """One transaction. Of what breaks it nothing remains, and the batch is halved until that customer is found. Whose
    have broken before are done alone, after the others."""
    with runtime.sessions() as session:
        now = runtime.clock.now(session)
        batch = due.of(session, clinic_id, now, most=due.BATCH, those=those)
        fresh = [theirs for theirs in batch if not any(one.failing_since for one in theirs)]
        first = fresh or batch[:1]
        ids, halves = [one.id for theirs in first for one in theirs], list[Sequence[UUID]]()
        try:
            say(session, channels, first, now)
            session.commit()
        except Exception as error:
            session.rollback()
            if lost(error):
                raise
            if len(first) > 1:
                log.info("batch undone", executions=len(ids), error=type(error).__name__)
                customers = [theirs[0].customer_id for theirs in first]
                ids, halves = [], [customers[: len(customers) // 2], customers[len(customers) // 2 :]]
            else:
                log.error("follow-ups not said", executions=len(ids), exc_info=error)
                postpone(session, clinic_id, ids, error, now)
                session.commit()
        halves += [[theirs[0].customer_id] for theirs in batch if theirs not in first]
    return len(ids) + sum(_taken(runtime, channels, clinic_id, half) for half in halves)


def say(session: Session, channels: Channels, batch: Sequence[Sequence[FollowupExecution]], now: datetime) -> None:
    """Each goes, is held, or ends, with its reason; what goes to a customer over one channel travels together. What is
    written is flushed at the end, all of it together."""
    if not batch:
        return
    with together.judged(session, [one for theirs in batch for one in theirs]), session.no_autoflush:
        for theirs in batch:
            _say(session, channels, theirs, now)
        session.flush()


def _say(session: Session, channels: Channels, theirs: Sequence[FollowupExecution], now: datetime) -> None:
    customer = theirs[0].customer
    t = language_of(customer.clinic, customer)
    leaving: dict[Way, list[Ready]] = {}
    for one in theirs:
        for way, ready in _ready(session, channels, one, t, now):
            leaving.setdefault(way, []).append(ready)
    for way, together_ in leaving.items():
        bodies = [one.body for one in together_]
        groups = (
            way.channel.gathered(bodies) if isinstance(way.channel, Gathering) else [[n] for n in range(len(bodies))]
        )
        for places in groups:
            send(session, way, [together_[place] for place in places], now)


@dataclass(frozen=True)
class Ready:
    execution: FollowupExecution
    body: bytes


@dataclass(frozen=True)
class Going:
    """What may go: its ways, the channels that were passed over for them, with why, and what each channel carries, as
    far as it draws it."""

    ways: Sequence[Way]
    passed: Mapping[str, str]
    message: Message
    bodies: Mapping[str, bytes]

    @property
    def undrawn(self) -> list[str]:
        return [way.channel.name for way in self.ways if way.channel.name not in self.bodies]


def _ready(
    session: Session, channels: Channels, one: FollowupExecution, t: Language, now: datetime
) -> list[tuple[Way, Ready]]:
    """What is to leave, and by which ways; nothing where a gate, the channels or the words have held it back."""
    said = judged(session, channels, one, t, now)
    if isinstance(said, Hold):
        _hold(one, said)
        return []
    if isinstance(said, End):
        end(one, said.status, said.reason, now)
        return []
    session.add_all(delivery(one, name, "failed", now, why="too_much") for name in said.undrawn)
    if not said.bodies.keys() - {BESIDE}:
        _hold(one, Hold(now, "send_failed"))
        return []
    gone(session, one, said, now)
    return [(way, Ready(one, said.bodies[way.channel.name])) for way in said.ways if way.channel.name in said.bodies]


def judged(
    session: Session, channels: Channels, one: FollowupExecution, t: Language, now: datetime, *, in_answer: bool = False
) -> Hold | End | Going:
    """What the gates, the channels and the words say of it, in this order. `in_answer`: it would cost nothing."""
    customer, kind, chosen = one.customer, kinds[one.rule.type], answers.chosen(session, one)
    asked = Asked(session, customer.clinic, customer, one.rule, kind, one, chosen, now, in_answer)
    if (said := verdict(asked)) is not None:
        return said
    ways, passed = ways_for(channels, asked)
    if not ways and "line_quota" in passed.values():  # more may have been bought tomorrow
        return Hold(now + DAY, "line_quota")
    if "send_failed" in passed.values() and not ways:  # it was tried, and no way is left
        return End("failed", "send_failed")
    if not ways:
        return End("skipped", first_of(passed))
    if held := out_of_hours(asked, ways):
        return held
    try:
        message = worded(session, one, kind, t)
    except texts.Missing as missing:
        return End("skipped", f"missing_variable:{missing}")
    if (said := repeated(asked, plain(message))) is not None:
        return said
    return Going(ways, passed, message, drawn(message, [way.channel for way in ways], customer.clinic, t))


def gone(session: Session, one: FollowupExecution, going: Going, now: datetime) -> None:
    """It is said; the caller gives it to its ways."""
    links.keep(session, going.message, going.bodies, one.clinic_id)
    one.template_id, one.failing_since = one.rule.template_id, None
    if all(way.channel.name == CALL for way in going.ways):
        one.said_index = None  # the staff were asked, and the customer has read none of its words
    end(one, "sent", None, now)
    had.said(session, one, now)
    session.add_all(delivery(one, name, "skipped", now, why=why) for name, why in going.passed.items())


def _hold(one: FollowupExecution, said: Hold) -> None:
    one.due_at, one.reason, one.held = said.until, said.reason, min(one.held + 1, 1_000)


def send(session: Session, way: Way, together_: Sequence[Ready], now: datetime) -> None:
    first = together_[0].execution
    bodies = [one.body for one in together_]
    body = way.channel.joined(bodies) if isinstance(way.channel, Gathering) and len(bodies) > 1 else bodies[0]
    worth = min(until_when(way, one.execution, now) for one in together_) - now
    batch, month = together.of(session, first), meters.month_of(first.customer.clinic, now)
    unit = unit_of(way.channel, first.rule_id, month)
    sent = outbox.write(
        session, way.channel, first.customer.clinic, first.customer, way.address, body, first.rule.type, worth=worth,
        at=batch.once(database_now, lambda: database_now(session)), unit=unit,
    )  # fmt: skip
    batch.leaving += sent.state == "queued"
    for one, counted in zip_longest(together_, [unit]):
        session.add(delivery(one.execution, way.channel.name, sent.state, now, send=sent, unit=counted))
        if way.channel.name == CALL:
            tasks.ask(session, one.execution, now)


def delivery(
    one: FollowupExecution, channel: str, state: DeliveryState, now: datetime, *, send: Send | None = None,
    answer_to: UUID | None = None, why: str | None = None, unit: str | None = None,
) -> FollowupDelivery:  # fmt: skip
    """`answer_to`: the event in whose answer it rides."""
    return FollowupDelivery(
        clinic_id=one.clinic_id, execution_id=one.id, channel=channel, send_id=send.id if send else None,
        inbox_id=answer_to, state=state, reason=why, unit=unit, created_at=now,
        settled_at=None if state == "queued" else now,
    )  # fmt: skip


def postpone(session: Session, clinic_id: UUID, ids: Sequence[UUID], error: Exception, now: datetime) -> None:
    """Tried again after a minute, then after as long as it has failed: time in which nobody tried is no failure."""
    reason = str(error) if isinstance(error, NeverAgain) else type(error).__name__
    table = FollowupExecution
    for one in session.scalars(select(table).where(table.clinic_id == clinic_id, table.id.in_(ids))):
        since = one.failing_since or now
        again = now + (BUSY if transient(error) else max(AGAIN, now - since))
        lost = isinstance(error, NeverAgain) or again > one.not_after or again > since + TRIED_FOR
        one.reason, one.failing_since = reason, since
        if lost:
            end(one, "failed", reason, now)
        else:
            one.due_at = again
