"""Notifications: those of one customer that are due together are one send. What rides in an answer instead:
`news_in_answers.py`.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from prometheus_client import Counter
from sqlalchemy import ColumnElement, and_, or_, select, update
from sqlalchemy.orm import Session

from channels import outbox
from channels.base import Channel, Channels, NoWay
from customers import meters
from customers.voice import language_of
from followups import compose, moments, still
from followups.due import UNPAID
from followups.expiring import become_past, over
from followups.hours import quiet_until
from models.conversations import Send
from models.customers import Customer
from models.loyalty import Notification
from privacy import consent
from runtime import work
from runtime.context import Runtime
from runtime.database import transient
from runtime.errors import NeverAgain
from runtime.language import Language

HERE = timedelta(minutes=15)
"""How long after what they did at the counter people are taken to be awake."""
AGAIN = timedelta(minutes=1)
DAY = timedelta(days=1)
LATER = timedelta(hours=1)
"""When what is not said just now is looked at again."""
TOGETHER = timedelta(minutes=2)
"""How long what is told while the days of an outage are made up waits for what else they bring, once."""
TRIED_FOR = timedelta(days=3)
"""What cannot be put into words for so long is left to a person."""
BUSY = timedelta(milliseconds=500)
"""The same after a lock that somebody held: nothing is wrong with what is to be told."""

NEWS = "notification"
"""What is written on a send of it."""

log = structlog.get_logger(__name__)
_untold = Counter("aura_news_untold", "News that nobody was told, nor will be, and why", ["kind", "reason"])


work.queues.add(
    "notifications",
    work.Queue(
        Notification.id,
        Notification.clinic_id,
        waiting=Notification.state == "open",
        due=Notification.due_at,
        error=Notification.reason,
        retry={"state": "open", "not_after": None, "failing_since": None},
        drop=lambda reason: {"state": "skipped", "reason": reason},
        wake="send",
        dead=Notification.state == "dead",
        also=and_(Notification.state == "open", Notification.failing_since.is_not(None)),
    ),
)

CatchingUp = Callable[[Session, UUID, datetime], bool]
OPEN = work.clinics_with(Notification.clinic_id, Notification.state == "open")
"""The clinics that have something to tell, now or later."""


def merge_one(
    runtime: Runtime, channels: Channels, clinic_id: UUID, catching_up: CatchingUp = lambda *_: False
) -> bool:
    """Turn the due notifications of one customer into one send, or say why not. False when none is due.

    `catching_up`: whether the clinic makes up days that it has missed, which bring more.
    """
    with runtime.sessions() as session:
        now = runtime.clock.now(session)
        oldest = session.scalars(
            select(Notification)
            .where(Notification.clinic_id == clinic_id, Notification.state == "open", Notification.due_at <= now)
            .order_by(Notification.due_at)
            .limit(1)
            .with_for_update(skip_locked=True)
        ).one_or_none()
        if oldest is None:
            return False
        alone = oldest.kind in compose.ALONE
        due = session.scalars(
            select(Notification)
            .where(Notification.clinic_id == clinic_id, Notification.customer_id == oldest.customer_id)
            .where(
                Notification.state == "open",
                # What waits for messages of the month costs none beside another.
                or_(Notification.due_at <= now, Notification.reason.in_((compose.CATCHING_UP, UNPAID))),
            )
            .where(Notification.id == oldest.id if alone else Notification.kind.not_in(list(compose.ALONE)))
            .order_by(Notification.id)
            # Those that another worker holds are theirs to tell: waiting here, each for the other, would be a deadlock.
            .with_for_update(skip_locked=True)
        ).all()
        try:
            if not alone and catching_up(session, clinic_id, now) and _hold(due, now):
                session.commit()
                return True
            _tell(session, channels, session.get_one(Customer, (oldest.customer_id, clinic_id)), due, now)
            session.commit()
        except Exception as error:
            session.rollback()
            log.error("notifications not composed", customer=str(oldest.customer_id), exc_info=error)
            postpone(session, at_fault(session, channels, due, now) or due, error, now)
            session.commit()
        return True


def _hold(due: Sequence[Notification], now: datetime) -> bool:
    """Have all of it wait for what else the days bring that are made up; what has waited is told, and who stands at
    the counter."""
    if any(_at_once(one, now) or (one.reason == compose.CATCHING_UP and one.due_at <= now) for one in due):
        return False
    for one in due:
        if one.reason != compose.CATCHING_UP:
            one.due_at, one.reason = now + TOGETHER, compose.CATCHING_UP
    return True


def at_fault(session: Session, channels: Channels, due: Sequence[Notification], now: datetime) -> list[Notification]:
    """Those that break also by themselves: the rest is still due, and waits for none of them. None where it is the
    person who cannot be read."""
    found: list[Notification] = []
    for one in due:
        try:
            with session.begin_nested():
                customer = session.get_one(Customer, (one.customer_id, one.clinic_id))
                still.why_not(session, one, now)
                _composed(session, channels["line"], customer, [one])
        except Exception as error:  # noqa: BLE001 - it was logged with all of them
            log.warning("notification breaks", notification=str(one.id), kind=one.kind, error=type(error).__name__)
            found.append(one)
    return found


def _composed(session: Session, channel: Channel, customer: Customer, news: Sequence[Notification]) -> bytes:
    clinic, t = customer.clinic, language_of(customer.clinic, customer)
    return compose.fitted(session, clinic, t, news, lambda message: channel.render(message, clinic, t))


def postpone(session: Session, due: Sequence[Notification], error: Exception, now: datetime) -> None:
    """Tried again after a minute, then after as long as it has failed: time in which nobody tried is no failure."""
    reason = str(error) if isinstance(error, NeverAgain) else type(error).__name__
    for one in due:
        since = one.failing_since or now
        again = now + (BUSY if transient(error) else max(AGAIN, now - since))
        pointless = again > (one.not_after or again)
        lost = isinstance(error, NeverAgain) or pointless or again > since + TRIED_FOR
        values = {"state": "dead"} if lost else {"due_at": again}
        this = (Notification.id == one.id, Notification.clinic_id == one.clinic_id, Notification.state == "open")
        session.execute(update(Notification).where(*this).values(reason=reason, failing_since=since, **values))


def _tell(session: Session, channels: Channels, customer: Customer, due: Sequence[Notification], now: datetime) -> None:
    t = language_of(customer.clinic, customer)
    until = quiet_until(now, t.zone, customer.clinic.settings.customers.quiet)
    fresh = in_time(session, customer, due, t, now)
    channel = channels["line"]
    address = NoWay("erased") if customer.data_key is None else channel.address(session, customer)
    if isinstance(address, NoWay):
        _drop(fresh, address.reason)
        return
    fresh = wanted(session, channels, customer, fresh, now)
    if until is not None and not any(_at_once(one, now) for one in fresh):
        for one in fresh:
            one.due_at, one.reason = until, UNPAID if one.reason == UNPAID else "quiet_hours"
    elif fresh:
        body = _composed(session, channel, customer, fresh)
        ends = [one.not_after for one in fresh]
        worth = None if None in ends else max(filter(None, ends)) - now
        send = outbox.write(session, channel, customer.clinic, customer, address, body, NEWS, worth=worth)
        session.flush()
        for one in fresh:
            one.state, one.send_id, one.reason = "sent", send.id, None


def in_time(
    session: Session, customer: Customer, due: Sequence[Notification], t: Language, now: datetime
) -> list[Notification]:
    """Those that are still worth saying; the others are settled."""
    fresh = [one for one in due if one.not_after is None or one.not_after > now or become_past(session, one, now)]
    _drop([one for one in due if one not in fresh], "too_late")
    _drop(over(session, customer, fresh, t.zone), "over")
    return [one for one in fresh if one.state == "open"]


def wanted(
    session: Session, channels: Channels, customer: Customer, fresh: Sequence[Notification], now: datetime
) -> list[Notification]:
    """Those that the customer is to hear, and that are still so; the others are settled, or wait."""
    if consent.stopped(session, customer):
        # A question is an answer: the person stands at the till and has shown their card.
        _drop([one for one in fresh if one.kind not in compose.questions], "stopped")
        fresh = [one for one in fresh if one.kind in compose.questions]
    return [one for one in fresh if not _unwanted(session, channels, customer, one, now)]


def _unwanted(session: Session, channels: Channels, customer: Customer, one: Notification, now: datetime) -> bool:
    """Whether it is not said after all, or not now."""
    reason = moments.why_not(session, channels, customer, one, now) or still.why_not(session, one, now)
    if reason == moments.LATER:
        one.due_at, one.reason = now + LATER, reason
    elif reason is not None:
        _drop([one], reason)
    return reason is not None


def _at_once(one: Notification, now: datetime) -> bool:
    """Whoever is asked, or has just paid or used a code, stands at the counter: what they did is answered at any hour.

    Not when it could not be said in time: then they are at home, and asleep.
    """
    return one.kind in compose.questions or (bool(one.data.get("here")) and now - one.created_at <= HERE)


def settled(session: Session, send: Send, now: datetime) -> None:
    """What has become of a send has become of the news in it: one that failed has told nobody. Where the month's
    messages are used up the news waits, and is tried on each day: more may have been bought, and months end."""
    if send.customer_id is None:
        return
    if meters.for_want_of_messages(send):
        of_it = Notification.send_id == send.id
        become(session, send.clinic_id, of_it, state="open", reason=UNPAID, due_at=now + DAY)
        if send.reason == NEWS:
            send.state = "dropped"  # tried again by hand it would say the same once more
    elif send.state == "failed":
        become(session, send.clinic_id, Notification.send_id == send.id, state="dead", reason="send_failed")
    elif send.state == "dropped":
        become(session, send.clinic_id, Notification.send_id == send.id, state="skipped", reason="too_late")


def become(session: Session, clinic_id: UUID, *which: ColumnElement[bool], **values: str | datetime) -> None:
    """Of what counted as told."""
    told = (Notification.clinic_id == clinic_id, Notification.state == "sent", *which)
    session.execute(update(Notification).where(*told).values(**values))


def _drop(notifications: Sequence[Notification], reason: str) -> None:
    for one in notifications:
        one.state, one.reason = "skipped", reason
        _untold.labels(one.kind, reason).inc()
