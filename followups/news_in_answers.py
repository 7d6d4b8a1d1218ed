"""News that rides in an answer to its customer, which costs nothing: what the event that is answered has brought, and
what waits for messages of the month."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import structlog
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from channels.base import Channels, TooMuch
from channels.line.draw import card
from channels.line.messages import Card, say
from channels.line.render import freeze
from channels.message import Message
from customers.voice import language_of, palette_of
from followups import compose
from followups.due import unpaid
from followups.notifications import at_fault, become, in_time, postpone, wanted
from models.conversations import InboxEvent, OutgoingReply, Send
from models.customers import Customer
from models.loyalty import Notification
from runtime import wake
from runtime.database import transient

RODE = "rode"
"""What is written on news that waited and went in an answer; on what rode in the answer to its own event, `in_reply`
is."""

log = structlog.get_logger(__name__)


def ride(session: Session, customer: Customer, ids: Sequence[UUID], event: InboxEvent) -> Card | None:
    """What the event being answered has brought the customer besides, by the ids of its notifications; None when the
    answer says it all, or when LINE would not take the card: then it stays open, to be told by itself.

    The caller has asked whether there is room for one message more and a token to send it with: what is returned is
    told, unless `unanswered` hears that the answer was not. Points earned by the customer's own act are said by the
    answer to it.
    """
    written = session.scalars(
        select(Notification)
        .where(Notification.clinic_id == customer.clinic_id, Notification.id.in_(ids), Notification.state == "open")
        .where(Notification.kind.not_in(list(compose.ALONE)))
        .order_by(Notification.id)
    ).all()
    news = [one for one in written if one.kind != "points_earned"]
    drawn = _drawn(session, customer, news) if news else None
    for one in written:
        if drawn is not None or one not in news:
            one.state, one.reason, one.inbox_id = "sent", "in_reply", event.id
    return drawn


def ride_late(
    session: Session, channels: Channels, customer: Customer, event: InboxEvent, room: int, now: datetime
) -> list[Card]:
    """What waits for messages of the month, in at most so many messages of the answer to this event, as `ride`; the
    customer has just written, so they are awake. Whatever breaks is put off, and takes no answer along."""
    waiting = session.scalars(
        select(Notification)
        .where(Notification.clinic_id == customer.clinic_id, Notification.customer_id == customer.id)
        .where(*unpaid())
        .order_by(Notification.id)
        .with_for_update(skip_locked=True)
    ).all()
    if not waiting or room < 1:
        return []
    try:
        with session.begin_nested():
            fresh = in_time(session, customer, waiting, language_of(customer.clinic, customer), now)
            fresh = wanted(session, channels, customer, fresh, now)
            merged = [one for one in fresh if one.kind not in compose.ALONE]
            parts = [merged] * bool(merged) + [[one] for one in fresh if one not in merged]
            cards: list[Card] = []
            for part in parts[:room]:
                if (drawn := _drawn(session, customer, part)) is not None:
                    cards.append(drawn)
                    for one in part:
                        one.state, one.reason, one.inbox_id = "sent", RODE, event.id
                        one.send_id, one.due_at = None, now
            return cards
    except Exception as error:
        if transient(error):
            raise
        log.error("news does not ride", customer=str(customer.id), exc_info=error)
        postpone(session, at_fault(session, channels, waiting, now) or waiting, error, now)
        return []


def _drawn(session: Session, customer: Customer, news: Sequence[Notification]) -> Card | None:
    """None for what LINE would refuse: it must not take the answer along."""
    clinic = customer.clinic

    def draw(message: Message) -> Card:
        drawn = card(message, palette_of(clinic))
        freeze(say(drawn))
        return drawn

    try:
        return compose.fitted(session, clinic, language_of(clinic, customer), news, draw)
    except TooMuch as error:
        log.error("news does not fit into an answer", customer=str(customer.id), error=str(error))
        return None


def unanswered(session: Session, reply: OutgoingReply, push: Send | None) -> None:
    """What has become of an answer that did not go as one has become of the news that rode in it.

    In a push it goes by that. In one that certainly nobody has seen it is told by itself. Where nobody can say, it is
    left to a person: it may have been told.
    """
    if reply.customer_id is None:
        return
    rode = (Notification.inbox_id == reply.inbox_id, Notification.send_id.is_(None))
    if push is not None:
        session.flush()
        # Also what was left to a person, who has then had the answer tried again.
        of_it = (Notification.clinic_id == reply.clinic_id, *rode)
        session.execute(update(Notification).where(*of_it).values(state="sent", reason="in_reply", send_id=push.id))
    elif reply.attempts:
        become(session, reply.clinic_id, *rode, state="dead", reason="answer_unknown")
    else:
        become(session, reply.clinic_id, *rode, state="open", reason="answer_failed")
        wake.after(session, "send")
