"""In the staff's group: whether two customers with one phone or e-mail are the same person, or a family."""

import re

from bot import amounts
from bot.cards import staff_families as drawn
from bot.cards import staff_till as till
from bot.chat import GroupChat, NotMeant
from bot.chats import group_acts
from bot.chats.group_till import guessed_too_much, whose
from bot.chats.staff_members import acting, asked_how
from bot.routes import hear
from bot.shown import shown
from channels.line.messages import Reply, say
from customers import contacts, families, journey, staff_members
from customers.families import People
from facts.group_acts import NothingToTie, ask_same_person
from models.customers import JourneyData
from models.shared_contacts import SharedContact
from models.staff import StaffMember

Meant = tuple[StaffMember, SharedContact, People]

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
    group.listed.update(one.id for one, _two in found)
    return say(drawn.listed(group.clinic, group.t, found) if found else drawn.none(group.t))


@hear.opening("same_person")
def same(group: GroupChat, text: str) -> Reply:
    """It takes a manager to undo, so it is asked once more, with what it would bring: as any other tie. By a code, or a
    member's number or phone; of two who were said to be two a manager says so."""
    found = _of_a_person(group, text) if _CODE.fullmatch(text) is None else _meant(group, text, family=True)
    if isinstance(found, Reply):
        return found
    who, shared, two = found
    if shared.state in families.KEPT:
        manager = acting(group, manager=True)
        if isinstance(manager, Reply):
            return manager
    try:
        act = ask_same_person(group.session, who, two, group.now)
    except NothingToTie:
        return say(drawn.both_friends(group.t))
    families.reopen(group.session, shared, group.now, actor=staff_members.actor(who))
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
    return say(drawn.family(group.t, two, families.short_of(shared)))


@hear.opening("decide_later")
def later(group: GroupChat, text: str) -> Reply:
    found = _meant(group, text)
    if isinstance(found, Reply):
        return found
    who, shared, _two = found
    families.decide(group.session, shared, "later", group.now, actor=staff_members.actor(who))
    return say(drawn.later(group.t))


def _of_a_person(group: GroupChat, text: str) -> Meant | Reply:
    """As `_meant`, by a member's number or phone; where they are one of several pairs these are shown."""
    given, words = shown(group)
    phones = amounts.phones(words)
    if group.ours is None or (not given and not phones and not asked_how(group, text)):
        raise NotMeant
    who = acting(group)
    if isinstance(who, Reply):
        return who
    if len(given) + len(phones) != 1:
        return say(drawn.how(group.t))
    if guessed_too_much(group, who):
        return say(till.too_many_guesses(group.t))
    person = whose(group, who, given[0]) if given else None
    if isinstance(person, Reply):
        return person
    persons = [person] if person else contacts.of_phone(group.session, group.clinic, phones[0])
    pairs = {one.id: one for each in persons for one in families.of_person(group.session, each)}
    found = [(one, two) for one in pairs.values() if (two := families.people(group.session, one)) is not None]
    if len(found) != 1:
        listed = drawn.listed(group.clinic, group.t, found[: families.SHOWN])
        return say(listed if found else drawn.none_of(group.t))
    return (who, *found[0])


def _meant(group: GroupChat, text: str, *, family: bool = False) -> Meant | Reply:
    """Who says it, of which two; `family`: also of those who are said to be one. Raises `NotMeant` for no code."""
    if group.ours is None or _CODE.fullmatch(text) is None:
        raise NotMeant
    who = acting(group)
    if isinstance(who, Reply):
        return who
    shared = families.by_code(group.session, group.clinic, text)
    if shared is None and family:
        shared = families.family_by_code(group.session, group.clinic, text)
    two = families.people(group.session, shared) if shared is not None else None
    return say(till.nothing_waits(group.t, text)) if shared is None or two is None else (who, shared, two)
