"""What waits for a customer rides in the answer to what they wrote, which costs nothing: follow-ups of low priority
that are due, or held for want of messages alone. They go through the gates as by any other way.

An answer counts as given until it is known that it was not. What may not go, or would not go over LINE, is left as it
is to who says what is due.
"""

from collections.abc import Sequence
from datetime import datetime

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from channels.base import Channels
from channels.line.messages import Drawn
from channels.line.render import drawn_before
from customers.voice import language_of
from followups import anew, due, fates, listed, together
from followups.dispatch import Going, Ready, delivery, gone, judged, postpone, send
from followups.kind import BESIDE
from models.conversations import InboxEvent, OutgoingReply, Send
from models.customers import Customer
from models.followups import FollowupDelivery, FollowupExecution
from runtime import wake
from runtime.database import transient

LINE = "line"

log = structlog.get_logger(__name__)


def ride(
    session: Session, channels: Channels, customer: Customer, event: InboxEvent, room: int, now: datetime
) -> list[Drawn]:
    """What goes in the answer to this event, in at most so many messages. The caller has a token to send it with: it is
    said, unless `unanswered` hears otherwise. Whatever breaks is put off by itself, and takes no answer along."""
    riding: list[Drawn] = []
    found = due.riding(session, customer, now)
    if not found:
        return riding
    with together.judged(session, found):
        for one in found:
            try:
                with session.begin_nested():
                    riding += _said(session, channels, one, event, room - len(riding), now)
            except Exception as error:
                if transient(error):
                    raise
                log.error("follow-up does not ride", execution=str(one.id), exc_info=error)
                postpone(session, one.clinic_id, [one.id], error, now)
    return riding


def _said(
    session: Session, channels: Channels, one: FollowupExecution, event: InboxEvent, room: int, now: datetime
) -> Sequence[Drawn]:
    """Empty where it does not ride."""
    with session.no_autoflush:
        t = language_of(one.customer.clinic, one.customer)
        going = judged(session, channels, one, t, now, in_answer=True)
        if not isinstance(going, Going) or not _by_line_alone(going):
            return ()
        messages = drawn_before(going.bodies[LINE])
        if len(messages) > room:
            return ()
        gone(session, one, going, now)
        session.add(delivery(one, LINE, "sent", now, answer_to=event.id))
        for way in going.ways:
            if way.channel.name != LINE and way.channel.name in going.bodies:
                send(session, way, [Ready(one, going.bodies[way.channel.name])], now)
        return messages


def _by_line_alone(going: Going) -> bool:
    """Whether LINE is the one way, besides what goes beside others, and draws it."""
    return [way.channel.name for way in going.ways if way.channel.name != BESIDE] == [LINE] and LINE in going.bodies


def unanswered(session: Session, reply: OutgoingReply, push: Send | None, now: datetime) -> None:
    """What has become of an answer that did not go as one has become of the follow-ups that rode in it.

    In a push they go by that (`fates.settled`). In one that certainly nobody has seen they are ahead again, and ride in
    no other, since it may be what LINE refused. Where nobody can say, they may have arrived.
    """
    if reply.customer_id is None:
        return
    session.flush()
    for of, one in _rode(session, reply):
        if push is not None:
            of.send_id, of.state, of.reason, of.settled_at = push.id, "queued", None, None
            if one.status == "unknown":  # somebody has had the answer tried again
                fates.end(one, "sent", None, now)
        elif one.status == "sent" and reply.attempts:
            of.state, of.reason, of.settled_at = "unknown", reply.error, now
            fates.end(one, "unknown", "send_unknown", now)
        elif one.status == "sent":
            session.delete(of)
            anew.planned(session, one, listed.deliveries(session, [one])[one.id], now, "answer_failed")
            one.failing_since = one.failing_since or now
            wake.after(session, "send")


def _rode(session: Session, reply: OutgoingReply) -> Sequence[tuple[FollowupDelivery, FollowupExecution]]:
    """What rode in this answer and has gone by nothing else, held."""
    delivered, table = FollowupDelivery, FollowupExecution
    chosen = (
        select(delivered, table)
        .join(table, (table.clinic_id == delivered.clinic_id) & (table.id == delivered.execution_id))
        .options(joinedload(table.rule))
        .where(delivered.clinic_id == reply.clinic_id, delivered.inbox_id == reply.inbox_id)
        .where(delivered.send_id.is_(None))
        .order_by(delivered.created_at, delivered.id)
        .with_for_update(of=[table, delivered])
    )
    return [(row[0], row[1]) for row in session.execute(chosen)]
