"""Checking in: the picture at the counter makes LINE send the day's text."""

import re

from bot.cards.earned import earned
from bot.cards.frame import ways_on
from bot.chat import Chat
from bot.chats.join import offer
from bot.chats.limits import unless_full
from bot.routes import hear
from channels.line.messages import Reply, say
from facts.visited import checked_in
from loyalty.errors import EarningRefused

_CODE = re.compile("[0-9a-f-]{6,}")
"""What is meant as the day's code, even if mistyped. `checkin now` is a question how."""


@hear.text("check_in")
@hear.subject("checkin")
@hear.postback("check_in")
def explain(chat: Chat) -> Reply:
    t, points = chat.t, chat.clinic.settings.points.check_in
    said = t("To check in, scan the QR code at our counter. It changes every day.")
    if points:
        said += " " + t.n(
            "A check-in earns {count} point, once a day.", "A check-in earns {count} points, once a day.", points
        )
    return say(said, choices=ways_on(t, member=chat.member))


@hear.prefix("check_in_code")
@unless_full
def check_in(chat: Chat, text: str) -> Reply:
    if _CODE.fullmatch(text) is None:
        return explain(chat)
    t = chat.t
    try:
        points = checked_in(chat.session, chat.customer, text, chat.now)
    except EarningRefused as refused:
        return _refused(chat, refused.code)
    card = earned(chat.clinic, t, t("You are checked in"), t("Good to see you today."), points)
    return say(card, choices=ways_on(t, member=True))


def _refused(chat: Chat, why: str) -> Reply:
    t = chat.t
    if why == "not_a_member":
        greeting = offer(chat)
        said = t("Checking in is for members. Join, then scan the code once more.")
        return say(said, *greeting.messages, choices=greeting.choices)
    reasons = {
        "old_code": t("This is the code of an earlier day. Please scan today's at our counter."),
        "unknown_code": t("We do not know this check-in code. Please scan the one at our counter."),
        "already_checked_in": t("You have checked in today already. Good to see you again."),
    }
    return say(reasons[why], choices=ways_on(t, member=chat.member))
