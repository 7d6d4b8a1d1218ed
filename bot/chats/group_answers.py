"""A yes or no to what waits in the staff's group: by its code, or to what oneself has asked for last."""

from datetime import datetime

from bot.cards import staff_till as till
from bot.chat import GroupChat, NotMeant
from bot.chats import group_acts, staff_answers
from bot.chats import group_till as payments
from bot.chats.staff_members import acting
from bot.routes import hear
from channels.line.messages import Reply, say
from customers import staff_acts
from facts import group_till
from models.access import StaffGroup
from models.staff import StaffAct, StaffMember


@hear.opening("confirm")
def confirm(group: GroupChat, text: str) -> Reply:
    """A yes to what the code names; without a code to what oneself has asked for last."""
    return _decided(group, text, yes=True)


@hear.opening("decline")
def decline(group: GroupChat, text: str) -> Reply:
    return _decided(group, text, yes=False)


def _decided(group: GroupChat, text: str, *, yes: bool) -> Reply:
    if group.ours is None or (text and not payments.is_code(text)):
        raise NotMeant
    own = group.member
    if text:
        act = staff_acts.by_code(group.session, group.ours, text, group.now)
    else:
        since = group.now - staff_acts.ANSWERED_WITHIN
        act = staff_acts.latest(group.session, own, "asked", since) if own is not None else None
        if act is None:
            return _anothers(group, group.ours, since)
    who = acting(group)
    if isinstance(who, Reply):
        return who
    if act is not None and act.kind == "answer":
        return staff_answers.decided(group, act, who, yes=yes)
    if act is None or act.kind not in ("payment", "tie", "adjust"):
        return say(till.nothing_waits(group.t, text))
    if not yes:
        return _declined(group, act, who)
    if act.kind == "payment":
        return payments.confirmed(group, act, who)
    return group_acts.confirmed(group, act, who)


def _anothers(group: GroupChat, ours: StaffGroup, since: datetime) -> Reply:
    """A bare yes or no of who has asked for nothing: what waits for another member is shown again, with its code, for
    the word may belong to talk. Raises `NotMeant` where nothing waits."""
    act = staff_acts.waiting(group.session, ours, group_till.ANOTHER, since)
    if act is None:
        raise NotMeant
    who = acting(group)
    return who if isinstance(who, Reply) else _shown(group, act)


def _declined(group: GroupChat, act: StaffAct, who: StaffMember) -> Reply:
    try:
        group_till.decline(group.session, act, who, group.now)
    except group_till.NotOpen:
        return payments.not_open(group, act, _shown)
    return say(till.declined(group.t))


def _shown(group: GroupChat, act: StaffAct) -> Reply:
    return payments.asked(group, act) if act.kind == "payment" else group_acts.asked(group, act)
