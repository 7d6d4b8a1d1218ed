"""In the staff's group: a manager takes apart what was linked or tied by mistake."""

from bot import amounts
from bot.cards import staff_cuts as drawn
from bot.cards import staff_till as till
from bot.chat import GroupChat, NotMeant
from bot.chats.group_till import guessed_too_much, names, not_open, whose
from bot.chats.staff_members import acting, asked_how
from bot.routes import hear
from bot.shown import shown
from channels.line.messages import Reply, say
from customers import apart, contacts, ties
from facts import group_acts
from facts.cut import CannotCut
from facts.group_till import NeedsAnother, NotOpen
from models.customers import Customer
from models.staff import StaffAct


@hear.opening("unlink")
def unlink(group: GroupChat, text: str) -> Reply:
    """`unlink M 4829 1375`, or the phone of one person; by itself it is asked how."""
    given, words = shown(group)
    phones = amounts.phones(words)
    if not given and not phones and not asked_how(group, text):
        raise NotMeant
    who = acting(group, manager=True)
    if isinstance(who, Reply):
        return who
    if len(given) + len(phones) != 1:
        return say(drawn.how(group.t))
    if guessed_too_much(group, who):
        return say(till.too_many_guesses(group.t))
    if given:
        person = whose(group, who, given[0])
        if isinstance(person, Reply):
            return person
    else:
        people = contacts.of_phone(group.session, group.clinic, phones[0])
        found = [one for one in people if apart.last(group.session, one) is not None] or people
        if len(found) != 1:
            return say(drawn.how(group.t))
        person = found[0]
    try:
        return asked(group, group_acts.ask_cut(group.session, who, person, group.now))
    except CannotCut as refused:
        return say(drawn.refused(group.t, refused.why))


def asked(group: GroupChat, act: StaffAct) -> Reply:
    """The question, with buttons that speak for whoever taps them."""
    record = _record(group, act)
    if act.customer is None or record is None or act.state != "asked":
        return say(till.settled(group.t, act))
    in_line = ties.has_line(group.session, act.customer)
    by = names(group, act)
    return say(drawn.shall_they_be_two(group.clinic, group.t, act, act.customer, record, by, in_line=in_line))


def confirmed(group: GroupChat, act: StaffAct) -> Reply:
    """A manager's yes."""
    manager = acting(group, manager=True)
    if isinstance(manager, Reply):
        return manager
    try:
        returned = group_acts.take_apart(group.session, act, manager, group.now)
    except NeedsAnother:
        return say(till.another_member(group.t))
    except NotOpen:
        return not_open(group, act, asked)
    except CannotCut as refused:
        return say(drawn.refused(group.t, refused.why))
    person, record = act.customer, _record(group, act)
    if person is None or record is None:
        return say(till.settled(group.t, act))
    return say(drawn.apart(group.t, person, record, returned))


def _record(group: GroupChat, act: StaffAct) -> Customer | None:
    return group.session.get(Customer, (act.other_id, act.clinic_id)) if act.other_id else None
