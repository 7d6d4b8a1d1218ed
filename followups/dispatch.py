"""What is due is said: the one door out. All that is due for one customer goes through the gates one by one, and what
may go travels together.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from prometheus_client import Counter
from sqlalchemy import and_, select
from sqlalchemy.orm import Session, joinedload

from channels import outbox
from channels.base import Channel, Channels, Gathering, NoWay
from channels.message import Message, Paragraph
from customers import branches
from customers.voice import language_of
from followups import links, preferences, tasks, texts
from followups.asked import Asked, End, Hold
from followups.gates import not_over, repeated, suppressed, verdict
from followups.kind import Conditions, Kind, kinds
from models.conversations import Send
from models.customers import Customer
from models.followups import DeliveryState, FollowupDelivery, FollowupExecution, FollowupTemplate, Priority, Status
from runtime import work
from runtime.clock import BUSINESS_NOW
from runtime.context import Runtime
from runtime.database import transient
from runtime.errors import NeverAgain
from runtime.language import Language

PRIORITIES: tuple[Priority, ...] = ("high", "normal", "low")
AGAIN = timedelta(minutes=1)
CALL = "call"
"""The channel of which a person is a part: nobody is asked to call while the clinic is closed."""
BESIDE = "in_app"
"""The channel that accompanies another one: nobody is told of what stands on their page."""
BUSY = timedelta(milliseconds=500)
"""After a lock that somebody held."""
TRIED_FOR = timedelta(days=3)
"""What cannot be put into words for so long is left to a person."""

log = structlog.get_logger(__name__)
_fates = Counter("aura_followups", "Executions, by what became of them", ["kind", "status", "reason"])

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


def step(runtime: Runtime, channels: Channels, clinic_id: UUID) -> int:
    """All that is due for one customer. How many executions that were."""
    with runtime.sessions() as session:
        now = runtime.clock.now(session)
        due = due_of(session, clinic_id, now)
        if not due:
            return 0
        ids = [one.id for one in due]
        try:
            say(session, channels, due, now)
            session.commit()
        except Exception as error:
            session.rollback()
            log.error("follow-ups not said", executions=len(ids), exc_info=error)
            postpone(session, clinic_id, ids, error, now)
            session.commit()
        return len(ids)


def due_of(session: Session, clinic_id: UUID, now: datetime) -> Sequence[FollowupExecution]:
    """Those of one customer, whose row is held: what they have had is counted by one at a time. What another worker
    holds is theirs: waiting, each for the other, would be a deadlock."""
    table = FollowupExecution
    open_ = table.clinic_id == clinic_id, table.status == "planned", table.due_at <= now
    oldest = (
        select(table)
        .join(table.customer)
        .where(*open_)
        .order_by(table.due_at)
        .limit(1)
        .with_for_update(skip_locked=True, key_share=True, of=[table, Customer])
    )
    first = session.scalars(oldest).one_or_none()
    if first is None:
        return ()
    theirs = (
        select(table)
        .options(joinedload(table.rule), joinedload(table.customer))
        .where(*open_, table.customer_id == first.customer_id)
        .order_by(table.due_at, table.id)
        .with_for_update(of=table, skip_locked=True)
    )
    return sorted(session.scalars(theirs), key=lambda one: PRIORITIES.index(one.rule.priority))


def say(session: Session, channels: Channels, due: Sequence[FollowupExecution], now: datetime) -> None:
    """Each goes, is held, or ends, with its reason; what goes over one channel travels together."""
    customer = due[0].customer
    t = language_of(customer.clinic, customer)
    leaving: dict[Way, list[Ready]] = {}
    for one in due:
        for way, ready in _ready(session, channels, one, t, now):
            leaving.setdefault(way, []).append(ready)
    for way, together in leaving.items():
        bodies = [one.body for one in together]
        groups = (
            way.channel.gathered(bodies) if isinstance(way.channel, Gathering) else [[n] for n in range(len(bodies))]
        )
        for places in groups:
            _send(session, way, [together[place] for place in places], now)


@dataclass(frozen=True)
class Way:
    channel: Channel
    address: str


@dataclass(frozen=True)
class Ready:
    execution: FollowupExecution
    body: bytes


def _ready(
    session: Session, channels: Channels, one: FollowupExecution, t: Language, now: datetime
) -> list[tuple[Way, Ready]]:
    """What is to leave, and by which ways; nothing where a gate, the channels or the words have held it back."""
    customer, kind = one.customer, kinds[one.rule.type]
    asked = Asked(session, customer.clinic, customer, one.rule, kind, one, preferences.of(session, customer), now)
    said = verdict(asked)
    if isinstance(said, Hold):
        _hold(one, said)
        return []
    if isinstance(said, End):
        end(one, said.status, said.reason, now)
        return []
    ways, passed = ways_for(channels, asked)
    if not ways:
        end(one, "skipped", first_of(passed), now)
        return []
    if held := unattended(asked, ways):
        _hold(one, held)
        return []
    try:
        message = worded(session, one, kind, t)
    except texts.Missing as missing:
        end(one, "skipped", f"missing_variable:{missing}", now)
        return []
    if isinstance(said := repeated(asked, plain(message)), End):
        end(one, said.status, said.reason, now)
        return []
    one.template_id = one.rule.template_id
    end(one, "sent", None, now)
    session.add_all(_delivery(one, name, "skipped", now, why=why) for name, why in passed.items())
    session.flush()  # what comes after it is counted with it
    return [(way, Ready(one, way.channel.render(message, customer.clinic, t))) for way in ways]


def _hold(one: FollowupExecution, said: Hold) -> None:
    one.due_at, one.reason, one.held = said.until, said.reason, min(one.held + 1, 1_000)


def _send(session: Session, way: Way, together: Sequence[Ready], now: datetime) -> None:
    first = together[0].execution
    bodies = [one.body for one in together]
    body = way.channel.joined(bodies) if isinstance(way.channel, Gathering) and len(bodies) > 1 else bodies[0]
    worth = min(one.execution.not_after for one in together) - now
    send = outbox.write(
        session, way.channel, first.customer.clinic, first.customer, way.address, body, first.rule.type, worth=worth
    )
    session.flush()
    for one in together:
        session.add(_delivery(one.execution, way.channel.name, send.state, now, send=send))
        if way.channel.name == CALL:
            tasks.ask(session, one.execution, now)


def _delivery(
    one: FollowupExecution, channel: str, state: DeliveryState, now: datetime, *, send: Send | None = None,
    why: str | None = None,
) -> FollowupDelivery:  # fmt: skip
    return FollowupDelivery(
        clinic_id=one.clinic_id, execution_id=one.id, channel=channel, send_id=send.id if send else None, state=state,
        reason=why, created_at=now, settled_at=None if state == "queued" else now,
    )  # fmt: skip


def ways_for(channels: Channels, asked: Asked) -> tuple[list[Way], dict[str, str]]:
    """Those that are left to try, as the rule prefers them; and the channels that are passed over for them, with why:
    each is looked at once."""
    session, one = asked.session, asked.execution
    mine = FollowupDelivery.clinic_id == one.clinic_id, FollowupDelivery.execution_id == one.id
    tried = set(session.scalars(select(FollowupDelivery.channel).where(*mine)))
    first = one.rule.delivery == "first"
    carrying: list[Way] = []
    beside: list[Way] = []
    whys: dict[str, str] = {}
    for name in preferences.in_order(asked.preferences, one.rule.channels):
        if first and carrying and name != BESIDE:
            continue
        found = "send_failed" if name in tried else way_over(channels, asked, name)
        if isinstance(found, Way):
            (beside if name == BESIDE else carrying).append(found)
        else:
            whys[name] = found
    if not carrying:
        return [], whys or {BESIDE: "in_app_alone"}
    return [*carrying, *beside], {name: why for name, why in whys.items() if name not in tried}


def first_of(passed: Mapping[str, str]) -> str:
    return next(iter(passed.values()))


def unattended(asked: Asked, ways: Sequence[Way]) -> Hold | None:
    """A call waits until somebody is there to make it."""
    if all(way.channel.name != CALL for way in ways):
        return None
    opens = _attended_from(asked)
    return Hold(opens, "closed") if opens else None


def _attended_from(asked: Asked) -> datetime | None:
    return branches.closed_until(asked.session, asked.clinic, asked.now)


def way_over(channels: Channels, asked: Asked, name: str) -> Way | str:
    """Where the customer is reached over this channel; else why not."""
    if name not in channels:
        return f"no_{name}"
    if why := not_over(asked, name):
        return why
    if name == CALL and (opens := _attended_from(asked)) and opens > asked.execution.not_after:
        return "closed"
    address = channels[name].address(asked.session, asked.customer)
    if isinstance(address, NoWay):
        return address.reason
    return suppressed(asked, name, address) or Way(channels[name], address)


def worded(session: Session, one: FollowupExecution, kind: Kind[Conditions], t: Language) -> Message:
    """What is said: the rule's own text in the customer's language, else the kind's. Raises `texts.Missing`."""
    values = kind.values(session, one, t)
    template = (
        session.get_one(FollowupTemplate, (one.rule.template_id, one.clinic_id)) if one.rule.template_id else None
    )
    own = template.texts.get(t.code) if template else None
    if own is None:
        if gaps := [name for name in kind.needed if name not in values]:
            raise texts.Missing(gaps[0])
        said = texts.filled(kind.words(t, values), {}, {})
    else:
        said = texts.filled(own, values, template.fallbacks if template else {})
    title, message = said.subject, said.message
    return Message(
        title or message, (Paragraph(text=message),) if title else (), buttons=links.buttons(one, own, kind.buttons(t))
    )


def plain(message: Message) -> list[str]:
    """Its words, without what is drawn around them."""
    return [message.title, *(f"{one.lead}\n{one.text}" for one in message.paragraphs)]


def settled(session: Session, send: Send, now: datetime) -> None:
    """What has become of a send has become of what it carried: one that failed for good leaves the next channel."""
    if send.customer_id is None or send.reason not in kinds:
        return
    carried = FollowupDelivery.clinic_id == send.clinic_id, FollowupDelivery.send_id == send.id
    for delivery in session.scalars(select(FollowupDelivery).where(*carried)):
        if send.state == "dropped" == delivery.state:
            continue  # whoever had it dropped has said what becomes of it (`followups/leaving.py`)
        delivery.state, delivery.reason, delivery.settled_at = send.state, send.error, now
        one = session.get_one(FollowupExecution, (delivery.execution_id, send.clinic_id), with_for_update=True)
        state = _of_all(session, one)
        if state == "failed" and one.rule.delivery == "first":
            one.status, one.reason, one.settled_at, one.due_at = "planned", "send_failed", None, now
        elif (one.status, one.reason) != _FATES[state]:
            end(one, *_FATES[state], now)


def _of_all(session: Session, one: FollowupExecution) -> DeliveryState:
    """Of several deliveries the best: what has arrived by one way has arrived. What goes beside others counts for none
    of them."""
    mine = FollowupDelivery.clinic_id == one.clinic_id, FollowupDelivery.execution_id == one.id
    states = set(session.scalars(select(FollowupDelivery.state).where(*mine, FollowupDelivery.channel != BESIDE)))
    return next(state for state in _FATES if state in states)


_FATES: dict[DeliveryState, tuple[Status, str | None]] = {
    "sent": ("sent", None),
    "queued": ("sent", None),
    "unknown": ("unknown", "send_unknown"),
    "dropped": ("missed", "too_late"),
    "failed": ("failed", "send_failed"),
}
"""The best first."""


def end(one: FollowupExecution, status: Status, reason: str | None, now: datetime) -> None:
    one.status, one.reason, one.settled_at = status, reason, now
    _fates.labels(one.rule.type, status, reason or "").inc()


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
