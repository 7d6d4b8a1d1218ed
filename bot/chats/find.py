"""Finding a customer in the staff's group, by phone or number: who asks and how often is kept."""

from bot import amounts
from bot.cards import staff_find as found_cards
from bot.chat import GroupChat, NotMeant
from bot.chats.group_till import guessed_too_much
from bot.chats.staff_members import acting
from bot.routes import hear
from channels.line.messages import Reply, say
from customers import cards, contacts, staff_acts, staff_members
from loyalty import points
from models.customers import Customer


@hear.opening("find")
def find(group: GroupChat, text: str) -> Reply:
    """By a phone, or by the number of a card. Names are sealed, and nobody is found by theirs."""
    if not text:
        raise NotMeant
    numbers, phones = cards.among(group.heard.words), amounts.phones(group.heard.words)
    who = acting(group)
    if isinstance(who, Reply):
        return who
    if len(numbers) + len(phones) != 1:
        return say(found_cards.how(group.t))
    limit = group.clinic.settings.group_till.finds_an_hour
    made = staff_acts.finds(group.session, group.clinic, staff_members.actor(who), group.now)
    if guessed_too_much(group, who) or made >= limit:
        staff_acts.note(group.session, who, "find", "stopped", group.now, reason="finds_an_hour")
        return say(found_cards.too_many(group.t, limit))
    if numbers:
        holder = cards.holder(group.session, group.clinic, numbers[0], group.now)
        people = [holder.customer] if holder is not None else []
    else:
        people = contacts.of_phone(group.session, group.clinic, phones[0])
    if not people:
        staff_acts.note(group.session, who, "find", "done", group.now)
        return say(found_cards.nobody(group.t))
    for customer in people:
        staff_acts.note(group.session, who, "find", "done", group.now, customer=customer)
    return say(found_cards.people(group.t, [(one, _tier(group, one), _phone(group, one)) for one in people]))


def _tier(group: GroupChat, customer: Customer) -> str:
    profile = points.profile_of(group.session, customer)
    return profile.current_tier if profile is not None else group.clinic.settings.tiers.steps[0].name


def _phone(group: GroupChat, customer: Customer) -> str:
    return contacts.last_digits(group.session, customer)
