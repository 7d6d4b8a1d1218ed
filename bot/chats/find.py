"""Finding a customer in the staff's group, by phone, number or name: who asks and how often is kept."""

from bot import amounts
from bot.cards import staff_find as found_cards
from bot.cards import staff_links
from bot.cards import staff_till as till
from bot.chat import GroupChat, NotMeant
from bot.chats.group_till import guessed_too_much, whose
from bot.chats.staff_members import acting
from bot.routes import hear
from bot.shown import shown
from channels.line.messages import Reply, say
from customers import cards, contacts, names, staff_acts, staff_members, ties
from customers.cards import Card
from customers.names import Found
from loyalty import points
from models.customers import Customer
from models.staff import StaffMember
from runtime.codes import folded
from runtime.language import LANGUAGES, hearing_words

SHOWN = 5
"""People of one name whom the group is shown; of more it is asked for more of the name."""


@hear.opening("find")
def find(group: GroupChat, text: str) -> Reply:
    """By a phone, the number of a card, or words of a name as they begin."""
    if not text:
        raise NotMeant
    given, words = shown(group)
    phones = amounts.phones(words)
    who = acting(group)
    if isinstance(who, Reply):
        return who
    name = "" if given or phones else _name(group.heard.words)
    if len(given) + len(phones) + bool(name) != 1:
        return say(found_cards.how(group.t))
    if (stopped := _stopped(group, who)) is not None:
        return stopped
    found = _found(group, who, given, phones, name)
    if isinstance(found, Reply):
        return found
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
    return say(found_cards.people(group.t, [(one, _tier(group, one), _phone(group, one)) for one in people], buttons))


def _stopped(group: GroupChat, who: StaffMember) -> Reply | None:
    """What is said to a member who may look for nobody now."""
    if guessed_too_much(group, who):
        return say(till.too_many_guesses(group.t))
    limit = group.clinic.settings.group_till.finds_an_hour
    if staff_acts.finds(group.session, group.clinic, staff_members.actor(who), group.now) < limit:
        return None
    staff_acts.note(group.session, who, "find", "stopped", group.now, reason="finds_an_hour")
    return say(found_cards.too_many(group.t, limit))


def _found(group: GroupChat, who: StaffMember, given: list[Card], phones: list[str], name: str) -> Found | Reply:
    if given and not given[0].number:
        customer = whose(group, who, given[0])
        return customer if isinstance(customer, Reply) else Found([customer])
    if given:
        holder = cards.holder(group.session, group.clinic, given[0], group.now)
        return Found([holder.customer] if holder is not None else [])
    if phones:
        return Found(contacts.of_phone(group.session, group.clinic, phones[0]))
    return names.found(group.session, group.clinic, name)


def _name(words: str) -> str:
    """What stands behind the word that asks; empty where it is too little to tell anybody by, or no word."""
    said = folded(words).strip()
    openings = sorted((one for code in LANGUAGES for one in hearing_words(code)["find"]), key=len, reverse=True)
    behind = next((said[len(one) :] for one in openings if said.lower().startswith(one)), said).strip(" :-")
    return behind if sum(sign.isalpha() for sign in behind) > 1 and not any(map(str.isdigit, behind)) else ""


def _tier(group: GroupChat, customer: Customer) -> str:
    profile = points.profile_of(group.session, customer)
    return profile.current_tier if profile is not None else group.clinic.settings.tiers.steps[0].name


def _phone(group: GroupChat, customer: Customer) -> str:
    return contacts.last_digits(group.session, customer)
