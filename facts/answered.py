"""Staff answer a customer by quoting, in their group, what they were told of them: asked first, then said once, in the
clinic's name; and hand the customer back to the bot.

It is free while the reply token of the customer's last words is good and nothing else has used it, else it is a push.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from channels import outbox
from channels.base import Channel
from channels.line import replies
from channels.line.accounts import reachable
from channels.line.events import IncomingEvent, NotUnderstood, read
from channels.line.messages import say
from channels.line.render import freeze
from customers import handover, journey, meters, staff_acts, staff_notices
from customers.staff_members import actor, may_act
from facts.group_till import NotOpen
from loyalty import ledger
from models.conversations import InboxEvent, OutgoingReply, Send
from models.customers import Customer, LineLink
from models.staff import StaffAct, StaffMember
from models.staff_notices import StaffNotice
from runtime.clock import DATABASE_NOW
from runtime.timing import Timing

Why = Literal["blocked", "quota", "taken_back", "asker_left"]
Fate = Literal["pushed", "quota", "failed", "unknown"]
TOKEN_LIFE: timedelta = Timing().token_life
LOOKED_AT = 5
"""Of the customer's last events: some carry no token, such as an unfollow."""


class NotSent(Exception):
    """Nothing was sent. `why`: the customer has blocked the account, the month's messages are used up, the member has
    taken the words back, or may act here no more."""

    def __init__(self, why: Why) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True)
class Answered:
    """`until`: so long what the customer writes is left to people."""

    free: bool
    until: datetime


def ask(
    session: Session, member: StaffMember, customer: Customer, notice: StaffNotice, event_id: UUID, now: datetime
) -> StaffAct:
    """The answer as it waits for a yes: the words of the member's message. Raises `NotSent`."""
    if reachable(session, customer) is None:
        raise NotSent("blocked")
    act = staff_acts.note(session, member, "answer", "asked", now, customer=customer)
    act.notice_id, act.inbox_id = notice.id, event_id
    return act


def words(session: Session, act: StaffAct) -> str:
    """What goes, as the member wrote it; empty once it was taken back, or is forgotten."""
    event = session.get(InboxEvent, (act.inbox_id, act.clinic_id)) if act.inbox_id else None
    return read(event.raw).words.strip() if event is not None and event.raw is not None else ""


def before(session: Session, customer: Customer, now: datetime) -> StaffAct | None:
    """What the customer was last answered by staff, while they are still held to talk about it."""
    theirs = StaffAct.clinic_id == customer.clinic_id, StaffAct.customer_id == customer.id, StaffAct.state == "done"
    found = select(StaffAct).where(*theirs, StaffAct.kind == "answer", StaffAct.done_at > now - handover.PEOPLE_LIFE)
    return session.scalars(found.order_by(StaffAct.done_at.desc()).limit(1)).first()


def give(
    session: Session, act: StaffAct, member: StaffMember, channel: Channel, event_id: UUID, now: datetime
) -> Answered:
    """Say it to the customer, whose words are left to people then; the event is the member's yes.

    Raises `NotOpen`, and `NotSent`, after which the act says why.
    """
    customer = act.customer
    if customer is None:
        raise NotOpen
    _open(session, act, customer, now)
    said, link = words(session, act), reachable(session, customer)
    if not may_act(session, act.group, act.asked_by):
        raise _stopped(session, act, "asker_left")
    if not said:
        raise _stopped(session, act, "taken_back")
    if link is None or link.user_id is None:
        raise _stopped(session, act, "blocked")
    reply, unspent = say(said), _unspent(session, link)
    if unspent is not None:
        event, token = unspent
        replies.later(session, event, reply, token, link.user_id)
        act.answers_id = event.id
    elif meters.used_up(session, customer.clinic, now):
        meters.ask(session, customer.clinic, now)  # who has bought more meanwhile is asked for the next one
        raise _stopped(session, act, "quota")
    else:
        send = outbox.write(session, channel, customer.clinic, customer, link.user_id, freeze(reply), "staff_answer")
        session.flush()
        act.send_id = send.id
    _done(session, act, member, event_id, now)
    way = "reply" if unspent is not None else "push"
    journey.write(
        session, customer, "staff_answered", now, key=f"staff_answered:{act.id}",
        data={"by": actor(member), "act": str(act.id), "way": way},
    )  # fmt: skip
    return Answered(unspent is not None, handover.hold(session, link, now))


def decline(session: Session, act: StaffAct, member: StaffMember, event_id: UUID, now: datetime) -> None:
    """It is not to be sent, to none of those of whom it was asked. Raises `NotOpen`."""
    session.refresh(act, with_for_update=True)
    if act.state != "asked":
        raise NotOpen
    act.decided_id = event_id
    for one in (act, *_beside(session, act)):
        one.state, one.done_by, one.done_at = "declined", actor(member), now
    session.flush()


def hand_back(session: Session, customer: Customer, member: StaffMember, now: datetime) -> bool:
    """The bot answers the customer again; False where it did already."""
    ledger.lock(session, customer)
    ended = handover.end(session, customer, now)
    if ended:
        journey.write(session, customer, "handed_back", now, data={"by": actor(member)})
    return ended


def _open(session: Session, act: StaffAct, customer: Customer, now: datetime) -> None:
    # The profile first, as everywhere; then nobody else sends this.
    ledger.lock(session, customer)
    session.refresh(act, with_for_update=True)
    if act.state != "asked" or now - act.created_at > staff_acts.ANSWERED_WITHIN:
        raise NotOpen


def _stopped(session: Session, act: StaffAct, why: Why) -> NotSent:
    act.state, act.reason = "stopped", why
    session.flush()
    return NotSent(why)


def _done(session: Session, act: StaffAct, member: StaffMember, event_id: UUID, now: datetime) -> None:
    """With a message that told of several customers, each was asked about: it goes to one."""
    act.state, act.done_by, act.done_at, act.decided_id = "done", actor(member), now, event_id
    for one in _beside(session, act):
        one.state, one.done_by, one.done_at = "declined", actor(member), now
    session.flush()


def _beside(session: Session, act: StaffAct) -> list[StaffAct]:
    mine = StaffAct.clinic_id == act.clinic_id, StaffAct.inbox_id == act.inbox_id, StaffAct.id != act.id
    others = select(StaffAct).where(*mine, StaffAct.state == "asked").order_by(StaffAct.id).with_for_update()
    return list(session.scalars(others))


def _unspent(session: Session, link: LineLink) -> tuple[InboxEvent, str] | None:
    """The last event of the account that was left without an answer and may still be given one, and its reply token."""
    theirs = InboxEvent.clinic_id == link.clinic_id, InboxEvent.customer_id == link.customer_id
    last = select(InboxEvent, DATABASE_NOW).where(*theirs).order_by(InboxEvent.arrival.desc()).limit(LOOKED_AT)
    found = session.execute(last.with_for_update(of=InboxEvent)).all()
    # Asked when these are held: whoever held them before may have answered one.
    answers = OutgoingReply.clinic_id == link.clinic_id, OutgoingReply.inbox_id.in_([event.id for event, _ in found])
    spent = set(session.scalars(select(OutgoingReply.inbox_id).where(*answers)))
    for event, now in found:
        over = event.state in ("done", "ignored") and event.actor_index == link.user_index and event.id not in spent
        heard = _heard(event) if over and now - event.received_at < TOKEN_LIFE else None
        if heard is not None and heard.reply_token is not None and heard.hushed is None:
            return event, heard.reply_token
    return None


def _heard(event: InboxEvent) -> IncomingEvent | None:
    try:
        return read(event.raw) if event.raw is not None else None
    except NotUnderstood:
        return None


def said_in_reply(session: Session, reply: OutgoingReply, message_ids: tuple[str, ...]) -> None:
    """What the group was told of an answer has arrived there, as the first message."""
    told = or_(StaffAct.inbox_id == reply.inbox_id, StaffAct.decided_id == reply.inbox_id)
    for act in session.scalars(select(StaffAct).where(StaffAct.clinic_id == reply.clinic_id, told)):
        act.message_id = message_ids[0]


def unanswered(session: Session, reply: OutgoingReply, push: Send | None, now: datetime) -> None:
    """One that was to be free goes as a push, or has failed: the staff were told otherwise."""
    given = StaffAct.clinic_id == reply.clinic_id, StaffAct.answers_id == reply.inbox_id
    act = session.scalars(select(StaffAct).where(*given, StaffAct.kind == "answer")).first()
    if act is None:
        return
    if push is not None:
        session.flush()
        act.send_id = push.id
        _tell(session, act, "pushed", now)
    else:
        _tell(session, act, "unknown" if reply.attempts else "failed", now)


def settled(session: Session, send: Send, now: datetime) -> None:
    """One that was pushed has not arrived, as far as is known."""
    if send.state not in ("failed", "unknown") or send.customer_id is None:
        return
    pushed = StaffAct.clinic_id == send.clinic_id, StaffAct.send_id == send.id
    act = session.scalars(select(StaffAct).where(*pushed, StaffAct.kind == "answer")).first()
    if act is not None:
        quota = meters.for_want_of_messages(send)
        _tell(session, act, "quota" if quota else "unknown" if send.state == "unknown" else "failed", now)


def _tell(session: Session, act: StaffAct, fate: Fate, now: datetime) -> None:
    """Where it only cost a message after all, that rides."""
    if act.customer is not None:
        staff_notices.write(
            session, act.clinic, "staff_answer", now, key=f"staff_answer:{act.id}:{fate}", customer=act.customer,
            data={"act": str(act.id), "fate": fate}, rides=fate == "pushed",
        )  # fmt: skip
