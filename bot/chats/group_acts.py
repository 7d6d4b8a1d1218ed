"""In the staff's group: a phone's record tied to a card, and a manager's correction of points, by words alone."""

import re

from bot import amounts
from bot.cards import staff_acts as acts
from bot.cards import staff_families as families
from bot.cards import staff_till as till
from bot.chat import GroupChat, NotMeant
from bot.chats.group_till import guessed_too_much, names, not_open, whose
from bot.chats.staff_members import acting, asked_how
from bot.routes import hear
from bot.shown import shown
from channels.line.messages import Reply, say
from customers import staff_members
from customers.cards import Card
from customers.families import short_of
from facts import group_acts
from facts.group_till import NeedsAnother, NotOpen
from facts.tied import CannotTie
from loyalty import points, standing
from loyalty.errors import BadPoints, LimitReached, NotEnoughPoints
from models.customers import Customer
from models.staff import StaffAct, StaffMember
from runtime.codes import folded

LONGEST_REASON = 200
_POINTS = re.compile(
    r"(?<![0-9a-z])(?P<sign>[+-])\s?(?P<points>[0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,7})(?![0-9.,])"
    rf"(?:\s?(?:{amounts.POINTS})(?![a-z]))?",
    re.IGNORECASE,
)


@hear.opening("tie")
def tie(group: GroupChat, text: str) -> Reply:
    """`tie M 4829 1375 081-234-5678`; by itself it is asked how."""
    given, words = shown(group)
    phones = amounts.phones(words)
    if not given and not phones and not asked_how(group, text):
        raise NotMeant
    who = acting(group)
    if isinstance(who, Reply):
        return who
    if len(given) != 1 or len(phones) != 1:
        return say(acts.how_to_tie(group.t))
    customer = _found(group, who, given[0])
    if isinstance(customer, Reply):
        return customer
    try:
        act = group_acts.ask_tie(group.session, who, customer, phones[0], group.now)
    except group_acts.NothingToTie as nothing:
        return say(acts.nothing_to_tie(group.t, customer, nothing.why))
    return asked(group, act)


@hear.opening("adjust")
def adjust(group: GroupChat, text: str) -> Reply:
    """`adjust M 4829 1375 +200 waited too long`: the sign says which way, and the rest is the reason."""
    given, words = shown(group)
    if not given and _POINTS.search(folded(words)) is None and not asked_how(group, text):
        raise NotMeant
    return adjusted(group)


def adjusted(group: GroupChat) -> Reply:
    """A correction of points, asked for by whatever words; what is missing is said."""
    given, words = shown(group)
    amount = _POINTS.search(folded(words))
    who = acting(group, manager=True)
    if isinstance(who, Reply):
        return who
    why = " ".join(folded(words)[amount.end() :].split())[:LONGEST_REASON] if amount else ""
    if len(given) != 1 or amount is None or not why:
        return say(acts.how_to_adjust(group.t))
    customer = _found(group, who, given[0])
    if isinstance(customer, Reply):
        return customer
    by = int(amount["sign"] + amount["points"].replace(",", ""))
    try:
        return asked(group, group_acts.ask_adjustment(group.session, who, customer, by, why, group.now))
    except BadPoints:
        return say(acts.how_to_adjust(group.t))


def asked(group: GroupChat, act: StaffAct) -> Reply:
    """The question, with buttons that speak for whoever taps them."""
    if act.state == "stopped" and act.reason == group_acts.FAMILY:
        said = group_acts.apart(group.session, act)
        by = said.decided_by if said is not None else None
        name = staff_members.names(group.session, group.clinic, [by or ""]).get(by or "")
        way = families.wrong(group.t, short_of(said)) if said is not None else ""
        return say(f"{acts.a_family(group.t, name)} {way}".strip())
    if act.state == "stopped":
        return say(till.stopped(group.t, act, group.clinic.settings.group_till))
    if act.customer is None or act.state != "asked":
        return say(till.settled(group.t, act))
    if act.kind == "tie":
        brings = group_acts.recorded(group.session, act)
        return say(acts.shall_it_be_tied(group.clinic, group.t, act, brings, names(group, act)))
    has = _available(group, act.customer)
    return say(acts.shall_it_be_adjusted(group.clinic, group.t, act, has, names(group, act)))


def confirmed(group: GroupChat, act: StaffAct, who: StaffMember) -> Reply:
    """A yes of somebody who may act; an adjustment takes a manager's."""
    if act.kind == "adjust":
        manager = acting(group, manager=True)
        if isinstance(manager, Reply):
            return manager
    try:
        if act.kind == "tie":
            group_acts.tie(group.session, act, who, group.now)
            return say(acts.tied(group.t, act, _available(group, act.customer) if act.customer else 0))
        group_acts.adjust(group.session, act, who, group.now)
    except NeedsAnother:
        return say(till.another_member(group.t))
    except NotOpen:
        return not_open(group, act, asked)
    except CannotTie:
        return say(acts.not_tied(group.t))
    except NotEnoughPoints as refused:
        return say(acts.too_few(group.t, refused.missing))
    except LimitReached:
        return say(till.refused(group.t))
    return say(acts.adjusted(group.clinic, group.t, act, names(group, act)))


def _found(group: GroupChat, who: StaffMember, card: Card) -> Customer | Reply:
    if guessed_too_much(group, who):
        return say(till.too_many_guesses(group.t))
    return whose(group, who, card)


def _available(group: GroupChat, customer: Customer) -> int:
    profile = points.profile_of(group.session, customer)
    return standing.of(group.session, profile, group.now).available if profile is not None else 0
