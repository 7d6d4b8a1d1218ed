"""What customers ask about their data: listed in the staff's group, and closed there by a manager."""

from bot.cards import staff_requests as cards
from bot.cards import staff_till as till
from bot.chat import GroupChat, NotMeant
from bot.chats.staff_members import acting
from bot.routes import hear
from channels.line.messages import Reply, say
from customers import staff_members
from privacy import requests
from privacy.requests import NotOpen, Outcome

LONGEST_REASON = 500


@hear.text("data_requests", group=True)
def listed(group: GroupChat) -> Reply:
    who = acting(group)
    if isinstance(who, Reply):
        return who
    found = requests.waiting(group.session, group.clinic)
    group.listed.update(one.id for one in found[: cards.SHOWN])
    return say(cards.listed(group.clinic, group.t, found, group.now) if found else cards.none(group.t))


@hear.opening("request_done")
def done(group: GroupChat, text: str) -> Reply:
    """What was asked for has been done; what else stands behind the code is kept with it."""
    return _closed(group, text, "done")


@hear.opening("request_refused")
def refused(group: GroupChat, text: str) -> Reply:
    """With the reason behind the code: the law lets a clinic refuse only with one, and has it kept."""
    return _closed(group, text, "refused")


def _closed(group: GroupChat, text: str, outcome: Outcome) -> Reply:
    code, _, rest = text.partition(" ")
    if not cards.is_code(code):
        raise NotMeant
    who = acting(group, manager=True)
    if isinstance(who, Reply):
        return who
    request = requests.by_code(group.session, group.clinic, code)
    if request is None:
        return say(till.nothing_waits(group.t, code))
    # As it was written: the plain words of the text have lost capitals and ends.
    words = " ".join(group.heard.words.split())
    at = words.lower().find(code.lower())
    why = words[at + len(code) :].strip()[:LONGEST_REASON] if at >= 0 else rest
    if outcome == "refused" and not why:
        return say(cards.how_to_refuse(group.t, code.upper()))
    try:
        requests.close(group.session, request, outcome, why, group.now, actor=staff_members.actor(who))
    except NotOpen:
        return say(till.nothing_waits(group.t, code))
    return say(cards.closed(group.t, request, outcome))
