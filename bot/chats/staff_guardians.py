"""In the staff's group: a manager records what a guardian allows for who is under 20, with evidence, or ends it."""

import re
from typing import get_args

from bot.cards import staff_guardians as drawn
from bot.cards import staff_till as till
from bot.chat import GroupChat, NotMeant
from bot.chats.staff_grants import DAY, day_of, named, people_of, words_for
from bot.chats.staff_members import acting, asked_how
from bot.routes import hear
from channels.line.messages import Reply, say
from customers import staff_members
from models.consents import Evidence
from privacy import guardians
from privacy.guardians import GuardianRefused
from runtime.codes import folded

_CODE = re.compile(r"[0-9a-f]{6}", re.IGNORECASE)
_KINDS: tuple[Evidence, ...] = get_args(Evidence)


@hear.opening("guardian")
def record(group: GroupChat, text: str) -> Reply:
    """`guardian A7K2 2031-05-04 form Somsri, mother: folder 12`: for whom, until when, what it is, who, and where."""
    alone = group.heard.words.strip().isascii()  # one English word by itself is talk
    if not text and (alone or not asked_how(group, text)):
        raise NotMeant
    words = folded(group.heard.words)
    day, match = day_of(words), DAY.search(words)
    who = acting(group, manager=True)
    if isinstance(who, Reply):
        return who
    people = people_of(group, who, words)
    if isinstance(people, Reply):
        return people
    if len(people) == 1 and match is None:
        return say(drawn.standing(group.t, people[0], guardians.of(group.session, people[0], group.now)))
    behind = words[match.end() :] if match is not None else ""
    kind = next(iter(named(_KINDS, behind.lower())), None)
    guardian, _, evidence = _without_kind(behind).partition(":")
    if len(people) != 1 or kind is None or not evidence.strip() or day is None:
        return say(drawn.how(group.t))
    try:
        made = guardians.record(
            group.session, people[0], guardian=guardian, kind=kind, evidence=evidence, until=day, now=group.now,
            by=staff_members.actor(who),
        )  # fmt: skip
    except GuardianRefused as refused:
        return say(drawn.refused(group.t, refused.code))
    return say(drawn.recorded(group.t, people[0], made))


@hear.opening("end_guardian")
def end(group: GroupChat, text: str) -> Reply:
    """`end guardian A7K2 3F9A1C`: of whom, and which."""
    codes = [code.upper() for code in text.split() if _CODE.fullmatch(code)]
    if not codes:
        raise NotMeant
    who = acting(group, manager=True)
    if isinstance(who, Reply):
        return who
    people = people_of(group, who, folded(group.heard.words))
    if isinstance(people, Reply):
        return people
    standing = [one for person in people for one in guardians.of(group.session, person, group.now)]
    meant = [one for one in standing if guardians.short_of(one) in codes]
    by = staff_members.actor(who)
    if not sum(guardians.end(group.session, one, group.now, by=by) for one in meant):
        return say(till.nothing_waits(group.t, text))
    return say(group.t("The guardian's consent has ended: no offers and nothing personal is sent any more."))


def _without_kind(words: str) -> str:
    """Without the word for what it is, which stands first."""
    said = sorted((word for kind in _KINDS for word in words_for(kind)), key=len, reverse=True)
    stripped = words.strip()
    first = next((word for word in said if stripped.lower().startswith(word)), "")
    return stripped[len(first) :]
