"""In the staff's group: what somebody may for another who has no LINE, with the reason; and its end."""

import re
from collections.abc import Iterable
from datetime import date
from typing import TypeVar

from bot.cards import staff_grants as drawn
from bot.cards import staff_till as till
from bot.chat import GroupChat, NotMeant
from bot.chats.group_till import whose
from bot.chats.staff_members import acting
from bot.routes import hear
from channels.line.messages import Reply, say
from customers import cards, grants, staff_acts, staff_members
from customers.grants import WHAT, GrantRefused
from facts import granted
from facts.group_till import own_card
from models.customers import Customer
from models.grants import Reason
from models.staff import StaffMember
from runtime.codes import folded
from runtime.language import LANGUAGES, named_words

Word = TypeVar("Word", bound=str)
_FOUND = re.compile(r"(?<![0-9a-z])([0-9a-z]{4})(?![0-9a-z])", re.IGNORECASE)
_CODE = re.compile(r"[0-9a-f]{6}", re.IGNORECASE)
DAY = re.compile(r"(?<![0-9])((?:19|20|25|26)[0-9]{2})-([0-9]{2})-([0-9]{2})(?![0-9])")
_BUDDHIST = 2_500
_REASONS: tuple[Reason, ...] = ("parent_of_minor", "written_authority")


@hear.opening("grant")
def give(group: GroupChat, text: str) -> Reply:
    """`grant A7K2 B3M4 parent 2031-05-04`: for whom, who may, why, until when; all three, or what is named."""
    del text
    words = folded(group.heard.words)
    given = cards.among(words)
    day, rest = day_of(words), DAY.sub(" ", cards.without(words)).lower()
    reason = next(iter(named(_REASONS, rest)), None)
    found = [code for code in _FOUND.findall(rest) if any(map(str.isdigit, code)) and not code.isdigit()]
    if not given and not found and reason is None:
        raise NotMeant
    who = acting(group)
    if isinstance(who, Reply):
        return who
    people = people_of(group, who, words)
    if isinstance(people, Reply):
        return people
    if len(people) == 1 and reason is None:
        return _standing(group, people[0], found)
    if len(people) != 2 or reason is None:
        return say(drawn.how(group.t))
    if own_card(group.session, who, people[1]):
        return say(till.another_member(group.t))
    what = named(WHAT, rest) or list(WHAT)
    owner, holder = people
    by = staff_members.actor(who)
    try:
        made = [
            granted.give(group.session, owner, holder, one, group.now, by=by, reason=reason, until=day) for one in what
        ]
    except GrantRefused as refused:
        return say(drawn.refused(group.t, refused.code))
    return say(drawn.given(group.clinic, group.t, made))


@hear.opening("end_grant")
def end(group: GroupChat, text: str) -> Reply:
    codes = [code.upper() for code in text.split() if _CODE.fullmatch(code)]
    if not codes:
        raise NotMeant
    who = acting(group)
    if isinstance(who, Reply):
        return who
    of_whom = people_of(group, who, group.heard.words)
    if isinstance(of_whom, Reply):
        return of_whom
    theirs = [one for person in of_whom for one in grants.of(group.session, person, group.now)]
    known = theirs or grants.lately(group.session, group.clinic, group.now)
    meant = [one for one in known if grants.short_of(one) in codes]
    by = staff_members.actor(who)
    ended = sum(granted.end(group.session, one, "staff", group.now, by=by) for one in meant)
    return say(group.t("It has ended; both hear of it in LINE.") if ended else till.nothing_waits(group.t, text))


def _standing(group: GroupChat, customer: Customer, found: list[str]) -> Reply:
    """What one person has given and was given, each with its end."""
    whom = found[0].upper() if found else str(customer.member_number)
    given = grants.of(group.session, customer, group.now)
    return say(drawn.standing(group.clinic, group.t, given, whom) if given else drawn.none(group.t, customer))


def people_of(group: GroupChat, who: StaffMember, words: str) -> list[Customer] | Reply:
    """In the order of the words: members by their numbers, others by the code of a look-up."""
    found: list[tuple[int, Customer]] = []
    for card in cards.among(words):
        customer = whose(group, who, card)
        if isinstance(customer, Reply):
            return customer
        at = re.sub(r"[\s-]", "", words).find(card.number)
        found.append((at, customer))
    plain = re.sub(r"[\s-]", "", words).upper()
    for code in _FOUND.findall(cards.without(words)):
        act = staff_acts.by_code(group.session, who.group, code, group.now)
        if act is not None and act.kind == "find" and act.customer is not None:
            found.append((plain.find(code.upper()), act.customer))
    return [customer for _, customer in sorted(found, key=lambda one: one[0])]


def named(each: Iterable[Word], words: str) -> list[Word]:
    """Those of which a word stands there (`runtime/locales/*/named.po`), in any language."""
    return [one for one in each if any(word in words for word in words_for(one))]


def words_for(one: str) -> list[str]:
    """Compared as they are folded: Thai ำ is two signs then."""
    return [folded(word) for language in LANGUAGES for word in named_words(language)[one]]


def day_of(words: str) -> date | None:
    """A day as people write it, also of the Buddhist era; None where there is none, or no such day."""
    match = DAY.search(words)
    if match is None:
        return None
    year, month, day = map(int, match.groups())
    try:
        return date(year - 543 if year >= _BUDDHIST else year, month, day)
    except ValueError:
        return None
