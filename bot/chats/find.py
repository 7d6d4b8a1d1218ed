"""Finding a customer in the staff's group, by phone, number or name: who asks and how often is kept."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot import amounts
from bot.cards import staff_find as found_cards
from bot.cards import staff_links
from bot.cards import staff_till as till
from bot.chat import GroupChat, NotMeant
from bot.chats.group_till import guessed_too_much, whose
from bot.chats.staff import asked as reward_asked
from bot.chats.staff_members import acting, asked_how
from bot.routes import hear
from bot.shown import shown
from bot.sought import Sought, sought
from channels.line.messages import Reply, say
from customers import cards, contacts, names, sounds, staff_acts, staff_members, ties
from customers.cards import Card
from customers.names import Found
from loyalty import points
from models.customers import Customer
from models.staff import StaffMember
from runtime import codes

SHOWN = 5
"""People of one name whom the group is shown; of more it is asked for more of the name."""


@dataclass(frozen=True)
class _Meant:
    """By what somebody is looked for: one of these, where it is clear."""

    given: list[Card]
    phones: list[str]
    reward: str
    """A code of eight signs."""
    spellings: Sequence[str]

    @property
    def figures(self) -> bool:
        return bool(self.given or self.phones or self.reward)

    @property
    def one(self) -> bool:
        return len(self.given) + len(self.phones) + bool(self.reward) + bool(self.spellings) == 1


@hear.opening("find")
def find(group: GroupChat, text: str) -> Reply:
    """By a phone, the number of a card, a code, or words of a name as they begin."""
    del text
    asked = sought(group.heard.words, "find")
    meant = _meant(group, asked)
    if not meant.figures and ((asked.talk and not asked.titled) or (not asked.words and not asked_how(group, ""))):
        raise NotMeant
    who = acting(group)
    return who if isinstance(who, Reply) else _told(group, who, meant)


@hear.opening("look_for")
def look_for(group: GroupChat, text: str) -> Reply:
    """The same by the everyday word: answered where it can only be a customer, by figures or a title; a name without
    one where somebody is called just so. People look for much else."""
    del text
    asked = sought(group.heard.words, "look_for")
    meant = _meant(group, asked)
    if meant.one and (meant.figures or (asked.titled and not asked.talk)):
        if meant.spellings and _colleague(group, meant.spellings):
            raise NotMeant
        who = acting(group)
        return who if isinstance(who, Reply) else _told(group, who, meant)
    member = group.member
    if member is None or asked.talk or not meant.one:
        raise NotMeant
    known = _named(group, meant.spellings, closely=True)
    if not known.people:
        raise NotMeant
    return _stopped(group, member) or _shown(group, member, known)


def _colleague(group: GroupChat, spellings: Sequence[str]) -> bool:
    """Whether somebody of the group is called so, and no customer is."""
    if group.ours is None or _named(group, spellings, closely=True).people:
        return False
    own = [one.name.split()[0].casefold() for one in staff_members.present(group.session, group.ours) if one.name]
    said = [names.without_titles(one) for one in spellings]
    return any(one == name or sounds.alike(one, name) for one in said for name in own)


def _meant(group: GroupChat, asked: Sought) -> _Meant:
    given, words = shown(group, asked.words)
    phones = amounts.phones(words)
    reward = "" if given or phones else codes.read(words) or ""
    return _Meant(given, phones, reward, () if given or phones or reward else asked.spellings)


def _told(group: GroupChat, who: StaffMember, meant: _Meant) -> Reply:
    if not meant.one:
        return say(found_cards.how(group.t))
    if meant.reward:
        return reward_asked(group, who, meant.reward)
    if (stopped := _stopped(group, who)) is not None:
        return stopped
    found = _found(group, who, meant)
    return found if isinstance(found, Reply) else _shown(group, who, found)


def _shown(group: GroupChat, who: StaffMember, found: Found) -> Reply:
    people = found.people
    if not people and found.all_of_them:
        staff_acts.note(group.session, who, "find", "done", group.now)
        return say(found_cards.nobody(group.t))
    if len(people) > SHOWN or not people:
        staff_acts.note(group.session, who, "find", "done", group.now)
        return say(found_cards.several(group.t, len(people) if found.all_of_them else None))
    acts = [staff_acts.note(group.session, who, "find", "done", group.now, customer=one) for one in people]
    links = [(one, act.code) for one, act in zip(people, acts, strict=True) if not ties.has_line(group.session, one)]
    buttons = staff_links.link_buttons(group.clinic, group.t, links)
    card = found_cards.people(group.t, [(one, _tier(group, one), _phone(group, one)) for one in people], buttons)
    return say(card) if found.all_of_them else say(card, found_cards.several(group.t, None))


def _stopped(group: GroupChat, who: StaffMember) -> Reply | None:
    """What is said to a member who may look for nobody now."""
    if guessed_too_much(group, who):
        return say(till.too_many_guesses(group.t))
    limit = group.clinic.settings.group_till.finds_an_hour
    if staff_acts.finds(group.session, group.clinic, staff_members.actor(who), group.now) < limit:
        return None
    staff_acts.note(group.session, who, "find", "stopped", group.now, reason="finds_an_hour")
    return say(found_cards.too_many(group.t, limit))


def _found(group: GroupChat, who: StaffMember, meant: _Meant) -> Found | Reply:
    given = meant.given
    if given and not given[0].number:
        customer = whose(group, who, given[0])
        return customer if isinstance(customer, Reply) else Found([customer])
    if given:
        holder = cards.holder(group.session, group.clinic, given[0], group.now)
        return Found([holder.customer] if holder is not None else [])
    if meant.phones:
        return Found(contacts.of_phone(group.session, group.clinic, meant.phones[0]))
    return _named(group, meant.spellings)


def _named(group: GroupChat, spellings: Sequence[str], *, closely: bool = False) -> Found:
    """By the first spelling that somebody is called by."""
    found = Found([])
    for said in spellings:
        found = names.found(group.session, group.clinic, said, closely=closely)
        if found.people or not found.all_of_them:
            break
    return found


def _tier(group: GroupChat, customer: Customer) -> str:
    profile = points.profile_of(group.session, customer)
    return profile.current_tier if profile is not None else group.clinic.settings.tiers.steps[0].name


def _phone(group: GroupChat, customer: Customer) -> str:
    return contacts.last_digits(group.session, customer)
