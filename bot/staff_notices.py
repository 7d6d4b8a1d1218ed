"""Telling the staff: what waits for their group goes in the next answer there, which costs nothing, or as one push.

A notice is drawn when it is said. One that rode in an answer which was certainly not given waits for its own push: it
may have been what LINE refused.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from prometheus_client import Counter
from sqlalchemy import ColumnElement, and_, select, true
from sqlalchemy.orm import Session

from bot.cards.staff_notices import Part, kinds
from bot.chat import GroupChat
from channels import outbox
from channels.base import Channels, NoWay, TooMuch
from channels.line.flex import carousel
from channels.line.limits import MESSAGES
from channels.line.messages import Card, Reply, say
from channels.line.render import freeze
from channels.message import aloud
from customers import handover, journey, meters, staff
from customers.staff_notices import WORTH
from customers.voice import language_of
from models.access import StaffGroup
from models.clinics import Clinic
from models.conversations import InboxEvent, OutgoingReply, Send
from models.customers import Customer
from models.staff_notices import StaffNotice
from runtime import wake, work
from runtime.clock import BUSINESS_NOW
from runtime.context import Runtime
from runtime.database import transient
from runtime.errors import NeverAgain

SHOWN = 10
"""Notices that one message shows; the others wait for the next."""
AGAIN = timedelta(minutes=1)
TRIED_FOR = timedelta(days=3)
"""What cannot be drawn for so long is left to a person."""
HELD = timedelta(hours=4)
"""When a push is tried again for which there was no group, or no message left of the month."""
TALK = "group_talk"
"""The silence to which notices may be said all the same: LINE gave a token with what people wrote to each other."""

log = structlog.get_logger(__name__)
_fates = Counter("aura_staff_notices", "Notices to the staff, by what became of them", ["kind", "fate"])

work.queues.add(
    "staff_notices",
    work.Queue(
        StaffNotice.id,
        StaffNotice.clinic_id,
        waiting=StaffNotice.state == "open",
        due=StaffNotice.push_at,
        error=StaffNotice.reason,
        retry={
            "state": "open",
            "push_at": BUSINESS_NOW,
            "due_at": BUSINESS_NOW,
            "until": BUSINESS_NOW + WORTH,
            "failing_since": None,
        },
        drop=lambda reason: {"state": "skipped", "reason": reason},
        wake="send",
        dead=StaffNotice.state == "dead",
        also=and_(StaffNotice.state == "open", StaffNotice.failing_since.is_not(None)),
    ),
)

OPEN = work.clinics_with(StaffNotice.clinic_id, and_(StaffNotice.state == "open", StaffNotice.push_at <= BUSINESS_NOW))
"""The clinics that have something to be pushed now."""


def ride(group: GroupChat, event: InboxEvent, reply: Reply) -> Reply:
    """The answer to what was written in the group, with what waits for it where there is room.

    The caller has a token to send it with: what rides counts as said, unless `unanswered` hears otherwise.
    """
    if len(reply.messages) >= MESSAGES or reply.silence not in ("", TALK) or group.ours is None:
        return reply
    heard = staff.heard_in(staff.groups(group.session, group.clinic), group.ours)
    handover.remind(group.session, group.clinic, group.now, heard)
    waiting = _open(group.session, group.clinic, group.now, StaffNotice.inbox_id.is_(None), heard)
    fresh = _fresh(waiting, group.now)
    for notice in (listed := [one for one in fresh if _is_listed(group, one)]):
        _told(group.session, notice, group.ours, group.now, "in_reply")
        notice.inbox_id = event.id
    parts = _drawn(group.session, group.clinic, [one for one in fresh if one not in listed], group.now)
    if not parts:
        return reply
    card, shown = _card(parts)
    for notice, _ in parts[:shown]:
        _told(group.session, notice, group.ours, group.now, "in_reply")
        notice.inbox_id = event.id
    if reply.silence:
        event.reason = reply.silence
    return Reply((*reply.messages, card), reply.choices)


def _is_listed(group: GroupChat, notice: StaffNotice) -> bool:
    """Whether the answer itself shows what the notice is about."""
    return any(str(one) in notice.data.values() for one in group.listed)


def push(runtime: Runtime, channels: Channels, clinic_id: UUID) -> bool:
    """Turn what is due first into one push to the group that hears of it, with whatever else waits for that one, or say
    why not. False when none is due."""
    with runtime.sessions() as session:
        now = runtime.clock.now(session)
        clinic = session.get_one(Clinic, clinic_id)
        if not (due := _open(session, clinic, now, StaffNotice.push_at <= now)):
            return False
        groups = staff.groups(session, clinic)
        group = staff.hearing(groups, due[0].branch_id)
        heard = staff.heard_in(groups, group) if group is not None else true()
        due = [one for one in due if staff.hearing(groups, one.branch_id) is group]
        waiting = _open(session, clinic, now, StaffNotice.push_at > now, heard)
        _pushed(session, channels, clinic, group, _fresh([*due, *waiting], now), now)
        session.commit()
        return True


def _open(session: Session, clinic: Clinic, now: datetime, *which: ColumnElement[bool]) -> Sequence[StaffNotice]:
    """What may be said now, without what another worker is saying."""
    mine = StaffNotice.clinic_id == clinic.id, StaffNotice.state == "open", StaffNotice.due_at <= now
    found = select(StaffNotice).where(*mine, *which).order_by(StaffNotice.push_at, StaffNotice.id).limit(SHOWN)
    return session.scalars(found.with_for_update(skip_locked=True)).all()


def _fresh(notices: Sequence[StaffNotice], now: datetime) -> list[StaffNotice]:
    """Without those that are worth saying no more, which are settled."""
    for notice in notices:
        if notice.until <= now:
            _over(notice, notice.reason or "too_late")
    return [notice for notice in notices if notice.state == "open"]


def _pushed(
    session: Session,
    channels: Channels,
    clinic: Clinic,
    group: StaffGroup | None,
    notices: Sequence[StaffNotice],
    now: datetime,
) -> None:
    channel = channels["line"]
    address = NoWay("no_group") if group is None else channel.address(session, group)
    if group is None or isinstance(address, NoWay):
        _hold([notice for notice in notices if notice.push_at <= now], "no_group", now)
        return
    if not (any(map(_urgent, notices)) or meters.enough(session, clinic, now)):
        _hold([notice for notice in notices if notice.push_at <= now], "quota", now)
        return
    parts = _drawn(session, clinic, notices, now)
    if not parts:
        return
    card, shown = _card(parts)
    send = outbox.write(session, channel, clinic, None, address, freeze(say(card)), "staff_notice")
    session.flush()
    for notice, _ in parts[:shown]:
        _told(session, notice, group, now, None)
        notice.send_id = send.id


def _urgent(notice: StaffNotice) -> bool:
    return notice.kind in kinds and kinds[notice.kind].urgent


def _hold(notices: Sequence[StaffNotice], reason: str, now: datetime) -> None:
    for notice in notices:
        notice.reason, notice.push_at, notice.inbox_id = reason, min(now + HELD, notice.until), None


def _drawn(
    session: Session, clinic: Clinic, notices: Sequence[StaffNotice], now: datetime
) -> list[tuple[StaffNotice, Part]]:
    """Those of which something can be said, the urgent first; the others are settled, or put off, each by itself."""
    t, parts = language_of(clinic, None), []
    for notice in notices:
        try:
            with session.begin_nested():
                part = kinds[notice.kind].draw(session, clinic, t, notice)
                if part is not None:
                    _card([(notice, part)])
        except Exception as error:
            if transient(error):
                raise
            log.error("staff notice not drawn", notice=str(notice.id), kind=notice.kind, exc_info=error)
            _postpone(notice, error, now)
            continue
        if part is None:
            _over(notice, "over")
        else:
            parts.append((notice, part))
    return sorted(parts, key=lambda one: not _urgent(one[0]))


def _card(parts: Sequence[tuple[StaffNotice, Part]]) -> tuple[Card, int]:
    """One message of them, and how many it shows. Raises `TooMuch` where LINE would not take even the first."""
    shown = len(parts)
    while True:
        bubbles = [part.bubble for _, part in parts[:shown]]
        said = aloud(*(part.said for _, part in parts[:shown]))
        card = Card(said, bubbles[0] if shown == 1 else carousel(bubbles))
        try:
            freeze(say(card))
        except TooMuch:
            if shown == 1:
                raise
            shown //= 2
        else:
            return card, shown


def _told(session: Session, notice: StaffNotice, group: StaffGroup, now: datetime, how: str | None) -> None:
    notice.state, notice.reason, notice.group_id, notice.failing_since = "sent", how, group.id, None
    _fates.labels(notice.kind, how or "pushed").inc()
    if notice.customer_id is not None:
        about = session.get_one(Customer, (notice.customer_id, notice.clinic_id))
        journey.write(session, about, "staff_told", now, key=f"staff_told:{notice.id}", data={"notice": notice.kind})


def _over(notice: StaffNotice, reason: str) -> None:
    notice.state, notice.reason = "skipped", reason
    _fates.labels(notice.kind, reason).inc()


def _postpone(notice: StaffNotice, error: Exception, now: datetime) -> None:
    """Tried again after a minute, then after as long as it has failed."""
    since = notice.failing_since or now
    again = now + max(AGAIN, now - since)
    notice.reason, notice.failing_since = str(error) if isinstance(error, NeverAgain) else type(error).__name__, since
    if isinstance(error, NeverAgain) or again > since + TRIED_FOR:
        notice.state = "dead"
    else:
        notice.due_at = notice.push_at = min(again, notice.until)


def unanswered(session: Session, reply: OutgoingReply, push: Send | None) -> None:
    """What has become of an answer in a group that did not go as one has become of what rode in it: in a push it goes
    by that; in one that certainly nobody has seen it waits again; where nobody can say it is left to a person."""
    if reply.customer_id is not None:
        return
    for notice in _carried(session, reply.clinic_id, StaffNotice.inbox_id == reply.inbox_id):
        if notice.send_id is not None:
            continue
        if push is not None:
            # Also what was left to a person, who has then had the answer tried again.
            session.flush()
            notice.state, notice.reason, notice.send_id = "sent", "in_reply", push.id
        elif notice.state == "sent" and reply.attempts:
            notice.state, notice.reason = "dead", "answer_unknown"
        elif notice.state == "sent":
            notice.state, notice.reason = "open", "answer_failed"
            wake.after(session, "send")


def settled(session: Session, send: Send) -> None:
    """A push that failed has told nobody. Where the month's messages are used up, or the account was taken out of the
    group, what it carried waits for an answer, or goes to the group that hears of it now; anything else is left to a
    person."""
    if send.state != "failed" or send.customer_id is not None:
        return
    quota, handed_on = meters.for_want_of_messages(send), False
    for notice in _carried(session, send.clinic_id, StaffNotice.send_id == send.id):
        if notice.state != "sent":
            continue
        left = notice.group is not None and notice.group.group_index is None
        if quota or left:
            notice.state, notice.reason = "open", "quota" if quota else "no_group"
            notice.send_id, notice.inbox_id = None, None
            if quota or not staff.groups(session, send.clinic):
                notice.push_at = min(notice.push_at + HELD, notice.until)
            handed_on = True
        else:
            notice.state, notice.reason = "dead", "send_failed"
    if handed_on and send.reason == "staff_notice":
        send.state = "dropped"  # tried again by hand it would say the same once more


def said_in_reply(session: Session, reply: OutgoingReply, message_ids: tuple[str, ...]) -> None:
    """An answer in a group has arrived: what rode in it stands in its last message."""
    rode = _carried(session, reply.clinic_id, StaffNotice.inbox_id == reply.inbox_id)
    _known_as(message_ids, [notice for notice in rode if notice.send_id is None])


def said_in_push(session: Session, send: Send, message_ids: tuple[str, ...]) -> None:
    """The same of a push, and of an answer that went as one."""
    if send.customer_id is None:
        _known_as(message_ids, _carried(session, send.clinic_id, StaffNotice.send_id == send.id))


def _known_as(message_ids: tuple[str, ...], notices: Sequence[StaffNotice]) -> None:
    for notice in notices:
        if notice.state == "sent" and message_ids:
            notice.message_id = message_ids[-1]


def _carried(session: Session, clinic_id: UUID, by: ColumnElement[bool]) -> Sequence[StaffNotice]:
    those = select(StaffNotice).where(StaffNotice.clinic_id == clinic_id, by)
    return session.scalars(those.order_by(StaffNotice.id).with_for_update()).all()
