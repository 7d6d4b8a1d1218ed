"""The staff's group as a till: a card and an amount in one message, shown with what it will earn, and a yes."""

import re
from collections.abc import Callable

from bot import amounts
from bot.cards import staff_till as till
from bot.chat import GroupChat, NotMeant
from bot.chats import came
from bot.chats.staff_members import acting
from bot.routes import hear
from bot.shown import shown
from bot.words import plain
from channels.line.messages import Reply, say
from customers import cards, staff_acts, staff_members
from customers.cards import Card
from customers.errors import FactRefused
from facts import group_till
from loyalty import payments, points
from loyalty.errors import LimitReached
from models.customers import Customer
from models.staff import StaffAct, StaffMember
from runtime import codes

_SHORT = re.compile(rf"(?=.*[0-9])(?=.*[A-Z])[{codes.ALPHABET}]{{{codes.SHORT}}}", re.IGNORECASE)


def is_code(said: str) -> bool:
    """Whether it may be the code of an act, which has letters and digits: `confirm them` is talk."""
    return _SHORT.fullmatch(said) is not None


def heard(group: GroupChat) -> Reply | None:
    """The answer to a text with a card, or with a phone and an amount; None where it has neither."""
    given, words = shown(group)
    phones = [] if given else amounts.phones(words)
    money = amounts.amounts(words if given else amounts.without_phones(words))
    if not given and not (phones and money):
        return None
    who = acting(group)
    if isinstance(who, Reply):
        return who
    if len(given or phones) > 1:
        return say(till.one_at_a_time(group.t))
    if guessed_too_much(group, who):
        return say(till.too_many_guesses(group.t))
    customer = whose(group, who, given[0]) if given else group_till.of_phone(group.session, who, phones[0], group.now)
    if isinstance(customer, Reply):
        return customer
    if len(money) > 1:
        return say(till.which_amount(group.t))
    if not money:
        return say(till.found(group.clinic, group.t, customer, _tier(group, customer)))
    return asked(group, group_till.ask(group.session, who, customer, money[0], group.now))


@hear.opening("take_payment")
def take(group: GroupChat, text: str) -> Reply:
    """The word for it before a card and an amount, which do without. Where nobody is named it is asked whose it is."""
    if group.member is None or plain(amounts.without(text)) or amounts.phones(text) or shown(group)[0]:
        raise NotMeant
    return say(till.whose_is_it(group.t))


@hear.opening("visit")
def visit(group: GroupChat, text: str) -> Reply:
    """Somebody is here: noted once a day, whoever tells it first; or has come to their appointment."""
    if (answer := came.told(group, text, "come")) is not None:
        return answer
    given, _rest = shown(group)
    if len(given) != 1:
        raise NotMeant
    who = acting(group)
    if isinstance(who, Reply):
        return who
    if guessed_too_much(group, who):
        return say(till.too_many_guesses(group.t))
    customer = whose(group, who, given[0])
    if isinstance(customer, Reply):
        return customer
    act = group_till.visit(group.session, who, customer, group.now)
    return say(till.visited(group.clinic, group.t, act) if act else till.visited_before(group.t, customer))


def confirmed(group: GroupChat, act: StaffAct, who: StaffMember) -> Reply:
    told = act.points
    try:
        taken = group_till.confirm(group.session, act, who, group.now)
    except group_till.NeedsAnother:
        return say(till.another_member(group.t))
    except group_till.NotOpen:
        return not_open(group, act, asked)
    except (FactRefused, LimitReached):
        return say(till.refused(group.t))
    return say(till.recorded(group.clinic, group.t, taken, names(group, act), told))


def not_open(group: GroupChat, act: StaffAct, show: Callable[[GroupChat, StaffAct], Reply]) -> Reply:
    """What stands there now: what was looked at again may wait for another yes, or have been stopped."""
    waited = group.now - act.created_at > staff_acts.ANSWERED_WITHIN
    if act.state == "asked" and waited:
        return say(till.waited_too_long(group.t))
    return show(group, act) if act.state in ("asked", "stopped") else say(till.settled(group.t, act))


def asked(group: GroupChat, act: StaffAct) -> Reply:
    customer, amount = act.customer, act.amount
    if act.state == "stopped" or customer is None or amount is None:
        return say(till.stopped(group.t, act, group.clinic.settings.group_till))
    try:
        earns = payments.quote(group.session, customer, amount, group.now).points
    except (FactRefused, LimitReached):
        return say(till.refused(group.t))
    act.points = earns
    return say(till.shall_it_be_recorded(group.clinic, group.t, act, _tier(group, customer), earns, names(group, act)))


def whose(group: GroupChat, who: StaffMember, card: Card) -> Customer | Reply:
    """Whose card it is. One that is nobody's is noted: whoever sends many of them is guessing."""
    holder = cards.holder(group.session, group.clinic, card, group.now)
    if holder is None or holder.proof == "wrong":
        staff_acts.note(group.session, who, "guess", "stopped", group.now, reason="unknown_card")
        if not card.number:
            return say(till.unknown_code(group.t, card.living))
        return say(till.unknown_card(group.t, mistyped=card.mistyped or holder is not None))
    if not card.number and holder.proof == "over":
        return say(till.code_over(group.t, card.living, holder.until or group.now, group.now))
    return holder.customer


def guessed_too_much(group: GroupChat, who: StaffMember) -> bool:
    """Whether no more codes of this member are looked at for now."""
    made = staff_acts.guesses(group.session, group.clinic, staff_members.actor(who), group.now)
    return made >= group.clinic.settings.group_till.guesses


def _tier(group: GroupChat, customer: Customer) -> str:
    profile = points.profile_of(group.session, customer)
    return profile.current_tier if profile is not None else group.clinic.settings.tiers.steps[0].name


def names(group: GroupChat, act: StaffAct) -> dict[str, str]:
    return staff_members.names(group.session, group.clinic, [act.asked_by, act.done_by or ""])
