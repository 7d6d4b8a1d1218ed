"""In the staff's group: sessions of a customer's course are shared with another customer, by words alone or by taps."""

import re

from bot.cards import staff_shares as drawn
from bot.cards import staff_till as till
from bot.chat import GroupChat, NotMeant
from bot.chats.group_till import names, not_open
from bot.chats.staff_grants import people_of
from bot.chats.staff_members import acting, asked_how
from bot.routes import hear
from channels.line.messages import Reply, say
from customers import appointments, cards, courses
from facts import shared
from facts.group_till import NeedsAnother, NotOpen
from facts.shared import NotShared
from models.branches import Service
from models.courses import Course
from models.customers import Customer
from models.staff import StaffAct, StaffMember
from runtime.codes import folded

SHOWN = 8
_NUMBER = re.compile(r"(?<![0-9a-z])[0-9]{1,3}(?![0-9a-z])", re.IGNORECASE)
_LAST_NUMBERS = re.compile(r"(?:\s+[0-9]{1,3})+$")


@hear.opening("share")
def share(group: GroupChat, text: str) -> Reply:
    """`share course A7K2 B3M4 1 3`: whose, with whom, which of their courses, how many; what is missing is asked."""
    words = folded(group.heard.words)
    rest = cards.without(words)
    numbers = [int(one) for one in _NUMBER.findall(rest)]
    if not any(map(str.isdigit, text)) and not asked_how(group, text):
        raise NotMeant
    who = acting(group)
    if isinstance(who, Reply):
        return who
    people = people_of(group, who, words)
    if isinstance(people, Reply):
        return people
    if len(people) != 2 or len(numbers) > 2:
        return say(drawn.how(group.t))
    held = _held(group, people[0])
    if not held:
        return say(drawn.nothing(group.t, people[0]))
    place, many = _meant(numbers, alone=len(held) == 1)
    said = _LAST_NUMBERS.sub("", text)
    if place is None or not 1 <= place <= len(held):
        return say(drawn.which(group.clinic, group.t, people, held, _services(group, held), said))
    if many is None:
        course = held[place - 1]
        return say(drawn.how_many(group.clinic, group.t, course, _services(group, [course]), f"{said} {place}"))
    return _ask(group, who, held[place - 1], people[1], many)


def asked(group: GroupChat, act: StaffAct) -> Reply:
    """The question, with buttons that speak for whoever taps them."""
    if act.state == "stopped":
        return say(till.stopped(group.t, act, group.clinic.settings.group_till))
    if act.state != "asked":
        return say(till.settled(group.t, act))
    course, other = shared.between(group.session, act)
    services = _services(group, [course])
    return say(drawn.shall_it_be_shared(group.clinic, group.t, act, course, other, services, names(group, act)))


def confirmed(group: GroupChat, act: StaffAct, who: StaffMember) -> Reply:
    try:
        course = shared.share(group.session, act, who, group.now)
    except NeedsAnother:
        return say(till.another_member(group.t))
    except NotOpen:
        return not_open(group, act, asked)
    except NotShared as refused:
        return say(drawn.refused(group.t, refused.why))
    other = shared.between(group.session, act)[1]
    return say(drawn.shared(group.clinic, group.t, act, course, other, shared.id_of(act)))


def _ask(group: GroupChat, who: StaffMember, course: Course, other: Customer, many: int) -> Reply:
    try:
        return asked(group, shared.ask(group.session, who, course, other, many, group.now))
    except NotShared as refused:
        return say(drawn.refused(group.t, refused.why))


def _meant(numbers: list[int], *, alone: bool) -> tuple[int | None, int | None]:
    """Which of the courses, and how many; of a single course its number may be left out."""
    if len(numbers) == 2:
        return numbers[0], numbers[1]
    if alone:
        return 1, numbers[0] if numbers else None
    return (numbers[0] if numbers else None), None


def _held(group: GroupChat, customer: Customer) -> list[Course]:
    day = group.now.astimezone(group.t.zone).date()
    theirs = courses.of_customer(group.session, customer, day, SHOWN)
    return [one for one in theirs if shared.may_be_shared(one, group.now)]


def _services(group: GroupChat, held: list[Course]) -> dict[str, Service]:
    codes = [code for one in held if (code := courses.service_of(one))]
    return dict(appointments.services_by_code(group.session, group.clinic, codes))
