"""In the staff's group: a code to read out to who stands there, and a yes to a link that waits for one."""

import re

from bot import amounts
from bot.cards import staff_links as drawn
from bot.cards import staff_till as till
from bot.chat import GroupChat, NotMeant
from bot.chats.group_till import guessed_too_much, is_code, whose
from bot.chats.staff_members import acting
from bot.routes import hear
from bot.shown import shown
from channels.line.messages import Reply, say
from customers import contacts, one_time, staff_acts, staff_members, ties
from customers.one_time import TooManyCodes
from facts import linked
from facts.group_till import own_card
from models.customers import Customer
from models.staff import StaffMember

_MEANT = re.compile(r"([0-9a-f]{6})(?:[\s-]+([0-9a-f]{6}))?", re.IGNORECASE)


@hear.opening("link")
def link(group: GroupChat, text: str) -> Reply:
    """`link A7K2` of somebody who was found, with a card's number or a phone, or what a request's button says."""
    asked = _MEANT.fullmatch(text.strip())
    given, words = shown(group)
    phones = [] if asked or given else amounts.phones(words)
    found = not asked and not given and not phones and is_code(text)
    if not (asked or given or phones or found):
        raise NotMeant
    who = acting(group)
    if isinstance(who, Reply):
        return who
    if asked:
        return _of_request(group, who, asked[1], asked[2])
    if guessed_too_much(group, who):
        return say(till.too_many_guesses(group.t))
    if len(given) + len(phones) > 1:
        return say(till.one_at_a_time(group.t))
    if given:
        customer = whose(group, who, given[0])
        return customer if isinstance(customer, Reply) else _begun(group, who, customer)
    if phones:
        people = contacts.of_phone(group.session, group.clinic, phones[0])
        people = [one for one in people if not ties.has_line(group.session, one)]
        if len(people) != 1:
            return say(group.t("Please look for the person with “find” first, and tap the button there."))
        return _begun(group, who, people[0])
    act = staff_acts.by_code(group.session, who.group, text, group.now)
    if act is None or act.kind != "find" or act.customer is None:
        return say(till.nothing_waits(group.t, text))
    return _begun(group, who, act.customer)


@hear.opening("link_yes")
def yes(group: GroupChat, text: str) -> Reply:
    return _decided(group, text, yes=True)


@hear.opening("link_no")
def no(group: GroupChat, text: str) -> Reply:
    return _decided(group, text, yes=False)


def _begun(group: GroupChat, who: StaffMember, customer: Customer) -> Reply:
    if ties.has_line(group.session, customer):
        return say(group.t("This record has a friend in LINE already."))
    try:
        _row, code = one_time.begin(group.session, customer, "link", group.now, by=staff_members.actor(who))
    except TooManyCodes:
        return say(_too_many(group))
    return say(drawn.code(group.t, code, customer))


def _of_request(group: GroupChat, who: StaffMember, request: str, record: str | None) -> Reply:
    row = one_time.by_code(group.session, group.clinic, request, group.now)
    if row is None:
        return say(till.nothing_waits(group.t, request))
    found = one_time.candidates(group.session, row)
    meant = [one for one in found if record is None or one_time.short_of(one) == record.upper()]
    if len(meant) != 1:
        return say(till.nothing_waits(group.t, request))
    code = one_time.show(group.session, row, meant[0], group.now, by=staff_members.actor(who))
    if code is None:
        return say(till.nothing_waits(group.t, request))
    return say(drawn.code(group.t, code, meant[0]))


def _decided(group: GroupChat, text: str, *, yes: bool) -> Reply:
    if _MEANT.fullmatch(text.strip()) is None:
        raise NotMeant
    who = acting(group)
    if isinstance(who, Reply):
        return who
    row = one_time.by_code(group.session, group.clinic, text.strip(), group.now)
    if row is None:
        return say(till.nothing_waits(group.t, text))
    taker = one_time.taker(group.session, row)
    if yes and taker is not None and own_card(group.session, who, taker):
        return say(till.another_member(group.t))
    state = linked.decided(group.session, row, group.now, yes=yes, actor=staff_members.actor(who))
    if state == "done":
        return say(group.t("Linked: the customer is told in LINE."))
    if state == "declined":
        return say(group.t("Not linked, and nothing was changed. The customer is told in LINE."))
    if state == "refused":
        return say(group.t("These two cannot be made one. Nothing was changed; please ask who runs the system."))
    return say(till.nothing_waits(group.t, text))


def _too_many(group: GroupChat) -> str:
    return group.t("Too many codes were made for this record, or for the clinic today. Please try again later.")
