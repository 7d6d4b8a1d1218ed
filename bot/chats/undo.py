"""Taking back what was recorded by mistake in the staff's group, within ten minutes and as if it had not been."""

from bot.cards import staff_till as till
from bot.cards import staff_undo as cards
from bot.chat import GroupChat, NotMeant
from bot.chats.group_answers import decline
from bot.chats.group_till import is_code
from bot.chats.staff_members import acting
from bot.routes import hear
from channels.line.messages import Reply, say
from customers import staff_acts
from facts import undone


@hear.opening("cancel")
def cancel(group: GroupChat, text: str) -> Reply:
    """What waits for a yes is declined, and what was done is taken back; without a code only the former, of what
    oneself has asked for."""
    if group.ours is None or (text and not is_code(text)):
        raise NotMeant
    if text:
        act = staff_acts.by_code(group.session, group.ours, text, group.now)
        return decline(group, text) if act is not None and act.state == "asked" else undo(group, text)
    own, since = group.member, group.now - staff_acts.ANSWERED_WITHIN
    if own is None or staff_acts.latest(group.session, own, "asked", since) is None:
        raise NotMeant
    return decline(group, text)


@hear.opening("undo")
def undo(group: GroupChat, text: str) -> Reply:
    """What the code names; without a code what oneself has done last."""
    if group.ours is None or (text and not is_code(text)):
        raise NotMeant
    who = acting(group)
    if isinstance(who, Reply):
        return who
    if text:
        act = staff_acts.by_code(group.session, group.ours, text, group.now)
    else:
        act = staff_acts.latest(group.session, who, "done", group.now - undone.UNDO_WITHIN)
    if act is None:
        return say(till.nothing_waits(group.t))
    try:
        undone.undo(group.session, act, who, group.now)
    except undone.NotUndone as refused:
        return say(cards.refused(group.t, refused))
    return say(cards.undone(group.t, act))
