"""The staff say what came of an appointment: by the button under it, or by its number in today's list."""

import re

from bot.cards import staff_appointments as cards
from bot.chat import GroupChat, NotMeant
from bot.chats.staff_members import acting
from bot.routes import hear
from channels.line.messages import Reply, say
from customers import appointments
from facts import came
from facts.came import NotSaid, Said
from models.appointments import Appointment
from runtime.codes import folded

_NUMBER = re.compile("[1-9][0-9]{0,2}")
_CODE = re.compile("[0-9A-F]{6}")


@hear.opening("no_show")
def did_not_come(group: GroupChat, text: str) -> Reply:
    answer = told(group, text, "no_show")
    if answer is None:
        raise NotMeant
    return answer


def coded(group: GroupChat, text: str) -> Appointment | None:
    """The one whose code this is, of this week."""
    name = folded(text).strip().upper()
    if group.ours is None or not _CODE.fullmatch(name):
        return None
    return appointments.by_code(group.session, group.clinic, name, group.now)


def told(group: GroupChat, text: str, said: Said) -> Reply | None:
    """None where the text names no appointment: a number that was given to none today is talk."""
    if group.ours is None:
        return None
    name, branch_id = folded(text).strip().upper(), group.ours.branch_id
    if _NUMBER.fullmatch(name):
        one = appointments.by_number(group.session, group.clinic, int(name), group.now, branch_id)
        if one is None and not group.heard.to_us:
            return None
    elif _CODE.fullmatch(name):
        one = appointments.by_code(group.session, group.clinic, name, group.now)
    else:
        return None
    who = acting(group)
    if isinstance(who, Reply):
        return who
    if one is None:
        return say(cards.grown_old(group.t))
    try:
        act = came.say(group.session, who, one, said, group.now)
    except NotSaid as refused:
        return say(cards.refused(group.t, one, refused))
    return say(cards.noted(group.clinic, group.t, one, act))
