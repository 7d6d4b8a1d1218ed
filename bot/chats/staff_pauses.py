"""In the staff's group: a manager lets the offers to a customer rest, and ends that. Nobody else is told."""

import re

from bot.cards import staff_pauses as drawn
from bot.cards import staff_till as till
from bot.chat import GroupChat, NotMeant
from bot.chats.staff_grants import named, people_of
from bot.chats.staff_members import acting
from bot.routes import hear
from channels.line.messages import Reply, say
from customers import pauses, staff_members
from runtime.codes import folded

_CODE = re.compile(r"[0-9a-f]{6}", re.IGNORECASE)


@hear.opening("pause_offers")
def pause(group: GroupChat, text: str) -> Reply:
    """`pause offers A7K2 complaint`: whose, by the code of a look-up or the member's number, and why."""
    if not text:
        raise NotMeant
    who = acting(group, manager=True)
    if isinstance(who, Reply):
        return who
    words = folded(group.heard.words)
    people = people_of(group, who, words)
    if isinstance(people, Reply):
        return people
    if len(people) != 1:
        return say(drawn.how(group.t))
    reason: pauses.Reason = next(iter(named(pauses.BY_STAFF, words.lower())), "by_staff")
    made = pauses.pause(group.session, people[0], reason, group.now, by=staff_members.actor(who))
    return say(drawn.made(group.clinic, group.t, made))


@hear.opening("end_pause")
def end(group: GroupChat, text: str) -> Reply:
    """`end pause A7K2` or, of one of several, its own code."""
    if not text:
        raise NotMeant
    who = acting(group, manager=True)
    if isinstance(who, Reply):
        return who
    people = people_of(group, who, folded(group.heard.words))
    if isinstance(people, Reply):
        return people
    session, by = group.session, staff_members.actor(who)
    meant = [one for person in people for one in pauses.of(session, person, group.now)]
    codes = [code for code in text.split() if _CODE.fullmatch(code)]
    meant += [one for code in codes if (one := pauses.by_code(session, group.clinic, code, group.now)) is not None]
    ended = [one for one in meant if pauses.end(session, one, group.now, by=by)]
    return say(drawn.ended(group.t, ended) if ended else till.nothing_waits(group.t, text))


@hear.text("paused", group=True)
def listed(group: GroupChat) -> Reply:
    who = acting(group)
    if isinstance(who, Reply):
        return who
    found = pauses.of_clinic(group.session, group.clinic, group.now, drawn.SHOWN)
    return say(drawn.standing(group.clinic, group.t, found) if found else drawn.none(group.t))
