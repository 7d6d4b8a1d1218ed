"""Payments that may be another's duplicate, told by the till and by the group: listed, and decided by the staff."""

from bot.cards import staff_doubts as doubts
from bot.cards import staff_till as till
from bot.chat import GroupChat, NotMeant
from bot.chats.staff_members import acting
from bot.routes import hear
from channels.line.messages import Reply, say
from customers import payments, staff_acts, staff_members
from facts.paid import NotInDoubt, decide
from loyalty.errors import LimitReached
from models.facts import Payment


@hear.text("doubted", group=True)
def listed(group: GroupChat) -> Reply:
    who = acting(group)
    if isinstance(who, Reply):
        return who
    found = payments.doubted(group.session, group.clinic)
    group.listed.update(one.id for one in found[: doubts.SHOWN])
    return say(doubts.listed(group.clinic, group.t, found) if found else doubts.none(group.t))


@hear.opening("another_purchase")
def another(group: GroupChat, text: str) -> Reply:
    """It is a purchase of its own, and earns."""
    return _decided(group, text, counts=True)


@hear.opening("same_purchase")
def same(group: GroupChat, text: str) -> Reply:
    return _decided(group, text, counts=False)


def _decided(group: GroupChat, text: str, *, counts: bool) -> Reply:
    if group.ours is None or not doubts.is_code(text):
        raise NotMeant
    who = acting(group)
    if isinstance(who, Reply):
        return who
    payment = _meant(group, text)
    if payment is None:
        return say(till.nothing_waits(group.t, text))
    by = staff_members.actor(who)
    if counts and staff_acts.recorder(group.session, payment) == by:
        return say(till.another_member(group.t))
    try:
        recorded = decide(group.session, payment, counts, group.now, actor=by)
    except NotInDoubt:
        return say(till.nothing_waits(group.t, text))
    except LimitReached:
        return say(till.refused(group.t))
    return say(doubts.decided(group.t, recorded, counts=counts))


def _meant(group: GroupChat, text: str) -> Payment | None:
    found = payments.doubted(group.session, group.clinic)
    return next((one for one in found if doubts.code_of(one) == text.upper()), None)
