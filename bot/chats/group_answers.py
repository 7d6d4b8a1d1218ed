"""A yes or no to what waits in the staff's group: by its code, or to what oneself has asked for last."""

from bot.cards import staff_till as till
from bot.chat import GroupChat, NotMeant
from bot.chats import cuts, group_acts, staff_answers, staff_shares
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


@hear.opening("yes")
def perhaps(group: GroupChat, text: str) -> Reply:
    """Beside a code a yes. By itself, of who has asked for something: they are shown it again, for the word may belong
    to talk, such as about whether the customer has paid at all."""
    if text:
        return _decided(group, text, yes=True)
    act = _own(group)
    if act is None:
        raise NotMeant
    if act.kind == "answer":
        return say(till.not_yet(group.t, "send_answer"))
    return say(till.not_yet(group.t, "confirm"), *_shown(group, act).messages)


@hear.opening("no")
def no(group: GroupChat, text: str) -> Reply:
    """To what the code names, or to what oneself has asked for last; else it is talk."""
    if not text and _own(group) is None:
        raise NotMeant
    return _decided(group, text, yes=False)


def _own(group: GroupChat) -> StaffAct | None:
    """What oneself has asked for last and waits for an answer."""
    member = group.member
    since = group.now - staff_acts.ANSWERED_WITHIN
    return staff_acts.latest(group.session, member, "asked", since) if member is not None else None


def _decided(group: GroupChat, text: str, *, yes: bool) -> Reply:
    if group.ours is None or (text and not payments.is_code(text)):
        raise NotMeant
    act = staff_acts.by_code(group.session, group.ours, text, group.now) if text else _own(group)
    if act is None and not text:
        return _anothers(group, group.ours)
    who = acting(group)
    if isinstance(who, Reply):
        return who
    if act is not None and act.kind == "answer":
        return staff_answers.decided(group, act, who, yes=yes, by_code=bool(text))
    if act is None or act.kind not in ("payment", "tie", "adjust", "unlink", "share"):
        return say(till.nothing_waits(group.t, text))
    if not yes:
        return _declined(group, act, who)
    if act.kind == "payment":
        return payments.confirmed(group, act, who)
    if act.kind == "share":
        return staff_shares.confirmed(group, act, who)
    return cuts.confirmed(group, act) if act.kind == "unlink" else group_acts.confirmed(group, act, who)


def _anothers(group: GroupChat, ours: StaffGroup) -> Reply:
    """A bare yes or no of who has asked for nothing: what waits for another member is shown again, with its code, for
    the word may belong to talk. Raises `NotMeant` where nothing waits."""
    since = group.now - staff_acts.ANSWERED_WITHIN
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
    return say(till.declined(group.t, act))


def _shown(group: GroupChat, act: StaffAct) -> Reply:
    if act.kind == "share":
        return staff_shares.asked(group, act)
    if act.kind == "unlink":
        return cuts.asked(group, act)
    return payments.asked(group, act) if act.kind == "payment" else group_acts.asked(group, act)
