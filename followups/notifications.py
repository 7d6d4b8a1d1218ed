"""Notifications: those of one customer that are due together are one send; those of a chat event ride in its answer."""

import json
from collections.abc import Sequence
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import select, update
from sqlalchemy.orm import Session, sessionmaker

from channels.line.messages import Card, say
from channels.line.render import wire
from followups import compose
from models.conversations import Send
from models.customers import Customer, LineLink
from models.loyalty import Notification
from runtime import wake
from runtime.clock import Clock

QUIET_FROM, QUIET_UNTIL = time(21), time(9)
"""Nothing is said unasked in these hours of the clinic's."""

log = structlog.get_logger(__name__)


def merge_one(sessions: sessionmaker[Session], clock: Clock) -> bool:
    """Turn the due notifications of one customer into one send, or say why not. False when none is due."""
    with sessions() as session:
        now = clock.now(session)
        oldest = session.scalars(
            select(Notification)
            .where(Notification.state == "open", Notification.due_at <= now)
            .order_by(Notification.due_at)
            .limit(1)
            .with_for_update(skip_locked=True)
        ).one_or_none()
        if oldest is None:
            return False
        due = session.scalars(
            select(Notification)
            .where(Notification.customer_id == oldest.customer_id, Notification.state == "open")
            .where(Notification.due_at <= now)
            .order_by(Notification.id)
            # Those that another worker holds are theirs to tell: waiting here, each for the other, would be a deadlock.
            .with_for_update(skip_locked=True)
        ).all()
        try:
            _tell(session, session.get_one(Customer, (oldest.customer_id, oldest.clinic_id)), due, now)
            session.commit()
        except Exception as error:  # noqa: BLE001 - whatever it is, it is kept with its rows and stops nobody else's
            session.rollback()
            log.error("notifications not composed", customer=str(oldest.customer_id), error=type(error).__name__)
            ids = [one.id for one in due]
            failed = {"state": "dead", "reason": type(error).__name__}
            session.execute(update(Notification).where(Notification.id.in_(ids)).values(failed))
            session.commit()
        return True


def _tell(session: Session, customer: Customer, due: Sequence[Notification], now: datetime) -> None:
    until = quiet_until(now, customer.clinic.settings.voice.zone)
    fresh = [one for one in due if one.not_after is None or one.not_after > now]
    _drop([one for one in due if one not in fresh], "too_late")
    link = session.scalars(select(LineLink).where(LineLink.customer_id == customer.id)).one_or_none()
    if customer.data_key is None:
        _drop(fresh, "erased")
    elif link is None or not link.reachable:
        _drop(fresh, "not_reachable")
    elif until is not None:
        for one in fresh:
            one.due_at, one.reason = until, "quiet_hours"
    elif fresh:
        send = _send(customer, link, compose.card(session, customer.clinic, customer, fresh), now)
        session.add(send)
        session.flush()
        for one in fresh:
            one.state, one.send_id, one.reason = "sent", send.id, None
        wake.after(session, "send")


def ride(session: Session, customer: Customer, now: datetime) -> Card | None:
    """What else happened to the customer by the event being answered; None when the answer says it all.

    Points earned by the customer's own act are said by the answer to it.
    """
    session.flush()
    written = session.scalars(
        select(Notification)
        .where(Notification.customer_id == customer.id, Notification.state == "open", Notification.created_at == now)
        .order_by(Notification.id)
    ).all()
    for one in written:
        one.state, one.reason = "sent", "in_reply"
    news = [one for one in written if one.kind != "points_earned"]
    return compose.card(session, customer.clinic, customer, news) if news else None


def quiet_until(now: datetime, zone: ZoneInfo) -> datetime | None:
    """The end of the quiet hours, if `now` is in them. The window wraps midnight."""
    local = now.astimezone(zone)
    if QUIET_UNTIL <= local.time() < QUIET_FROM:
        return None
    day = local.date() if local.time() < QUIET_UNTIL else local.date() + timedelta(days=1)
    return datetime.combine(day, QUIET_UNTIL, zone)


def _drop(notifications: Sequence[Notification], reason: str) -> None:
    for one in notifications:
        one.state, one.reason = "skipped", reason


def _send(customer: Customer, link: LineLink, card: Card, now: datetime) -> Send:
    return Send(
        clinic_id=customer.clinic_id,
        clinic=customer.clinic,
        customer_id=customer.id,
        customer=customer,
        channel="line",
        recipient=link.user_id,
        body=json.dumps(wire(say(card))).encode(),
        reason="notification",
        state="queued",
        attempts=0,
        due_at=now,
        created_at=now,
    )
