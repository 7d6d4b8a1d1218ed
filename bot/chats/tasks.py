"""Calls that the staff are asked for: listed in their group, and closed there by whoever has called first."""

from bot.cards import staff_requests
from bot.cards import staff_tasks as cards
from bot.chat import GroupChat, NotMeant
from bot.chats.staff_members import acting
from bot.routes import hear
from channels.line.messages import Reply, say
from customers import staff_members
from followups import tasks
from followups.tasks import DoneBefore


@hear.text("tasks", group=True)
def listed(group: GroupChat) -> Reply:
    who = acting(group)
    if isinstance(who, Reply):
        return who
    found = tasks.open_(group.session, group.clinic, group.now)
    return say(cards.listed(group.session, group.clinic, group.t, found) if found else cards.none(group.t))


@hear.opening("task_done")
def done(group: GroupChat, text: str) -> Reply:
    """The button's words, which may be typed; without a code they are talk."""
    code = text.partition(" ")[0]
    if not staff_requests.is_code(code):
        raise NotMeant
    who = acting(group)
    if isinstance(who, Reply):
        return who
    task = tasks.by_code(group.session, group.clinic, code)
    if task is None:
        return say(cards.unknown(group.t, code))
    drawn = cards.noted
    try:
        tasks.done(group.session, task, group.now, actor=staff_members.actor(who))
    except DoneBefore:
        drawn = cards.noted_before
    names = staff_members.names(group.session, group.clinic, [task.done_by] if task.done_by else [])
    return say(drawn(group.t, task, names))
