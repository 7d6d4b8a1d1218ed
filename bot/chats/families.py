"""In the staff's group: whether two customers with one phone or e-mail are the same person, or a family."""

import re

from bot.cards import staff_families as drawn
from bot.cards import staff_till as till
from bot.chat import GroupChat, NotMeant
from bot.chats import group_acts
from bot.chats.staff_members import acting
from bot.routes import hear
from channels.line.messages import Reply, say
from customers import families, journey, staff_members
from customers.families import People
from facts.group_acts import NothingToTie, ask_same_person
from models.customers import JourneyData
from models.shared_contacts import SharedContact
from models.staff import StaffMember

_CODE = re.compile(r"[0-9a-f]{6}", re.IGNORECASE)


@hear.text("shared_contacts", group=True)
def listed(group: GroupChat) -> Reply:
    who = acting(group)
    if isinstance(who, Reply):
        return who
    found = [
        (one, two)
        for one in families.waiting(group.session, group.clinic)
        if (two := families.people(group.session, one)) is not None
    ]
    return say(drawn.listed(group.clinic, group.t, found) if found else drawn.none(group.t))


@hear.opening("same_person")
def same(group: GroupChat, text: str) -> Reply:
    """It takes a manager to undo, so it is asked once more, with what it would bring: as any other tie."""
    found = _meant(group, text)
    if isinstance(found, Reply):
        return found
    who, _shared, two = found
    try:
        act = ask_same_person(group.session, who, two, group.now)
    except NothingToTie:
        return say(drawn.both_friends(group.t))
    return group_acts.asked(group, act)


@hear.opening("family")
def family(group: GroupChat, text: str) -> Reply:
    found = _meant(group, text)
    if isinstance(found, Reply):
        return found
    who, shared, two = found
    by = staff_members.actor(who)
    if not families.decide(group.session, shared, "family", group.now, actor=by):
        return say(till.nothing_waits(group.t, text))
    data: JourneyData = {"by": by}
    for one in two:
        journey.write(group.session, one, "family", group.now, key=f"family:{shared.id}:{one.id}", data=data)
    return say(drawn.family(group.t, two))


@hear.opening("decide_later")
def later(group: GroupChat, text: str) -> Reply:
    found = _meant(group, text)
    if isinstance(found, Reply):
        return found
    who, shared, _two = found
    families.decide(group.session, shared, "later", group.now, actor=staff_members.actor(who))
    return say(drawn.later(group.t))


def _meant(group: GroupChat, text: str) -> tuple[StaffMember, SharedContact, People] | Reply:
    """Who says it, of which two. Raises `NotMeant` for what is no code."""
    if group.ours is None or _CODE.fullmatch(text) is None:
        raise NotMeant
    who = acting(group)
    if isinstance(who, Reply):
        return who
    shared = families.by_code(group.session, group.clinic, text)
    two = families.people(group.session, shared) if shared is not None else None
    return say(till.nothing_waits(group.t, text)) if shared is None or two is None else (who, shared, two)
