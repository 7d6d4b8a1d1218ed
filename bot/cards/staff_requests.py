"""What customers ask about their data, as the staff's group is shown it: who, what, since when and until when."""

import re
from collections.abc import Sequence
from datetime import datetime

from bot.cards.frame import palette_of
from bot.cards.staff_till import who_is
from bot.words import wording
from channels.line.flex import GAP, GAP_SMALL, Flex, bubble, button, caption, carousel, key_value, message, title
from channels.line.messages import Card
from channels.message import aloud
from customers import cards
from models.clinics import Clinic
from models.consents import PrivacyRequest
from privacy.requests import Outcome, code_of
from runtime.language import Language

SHOWN = 10
SOON = 30
"""Days until the last one."""
_CODE = re.compile(r"[0-9a-f]{6}", re.IGNORECASE)


def is_code(said: str) -> bool:
    return _CODE.fullmatch(said) is not None


def what(t: Language, request: PrivacyRequest) -> str:
    """Who asks for what, or takes that back."""
    name = who(t, request)
    if request.state == "withdrawn":
        return {
            "copy": t("{name} asks for a copy of their data no more", name=name),
            "correction": t("{name} asks for their data to be corrected no more", name=name),
            "erasure": t("{name} takes back that their data be erased", name=name),
        }[request.kind]
    return {
        "copy": t("{name} asks for a copy of their data", name=name),
        "correction": t("{name} asks for their data to be corrected", name=name),
        "erasure": t("{name} asks for their data to be erased", name=name),
    }[request.kind]


def who(t: Language, request: PrivacyRequest) -> str:
    if request.customer.data_key is None:
        return t("somebody who was forgotten")
    return who_is(t, request.customer)


def aged(t: Language, request: PrivacyRequest, now: datetime) -> str:
    """With how many days it has waited, and how many are left."""
    asked, left = _days(t, request.asked_at, now), _left(t, request, now)
    if asked < 2:
        waited = t("asked yesterday") if asked else t("asked today")
    else:
        waited = t.n("asked {count} day ago", "asked {count} days ago", asked)
    return t("{what} ({waited}, {left})", what=what(t, request), waited=waited, left=left)


def listed(clinic: Clinic, t: Language, waiting: Sequence[PrivacyRequest], now: datetime) -> Card:
    """The most urgent ones, each with two buttons that speak for whoever taps them."""
    shown = waiting[:SHOWN]
    alt = t.n("{count} request waits for an answer.", "{count} requests wait for an answer.", len(waiting))
    said = aloud(alt, *(aged(t, one, now) for one in shown))
    return Card(said, carousel([_bubble(clinic, t, one, now) for one in shown]))


def none(t: Language) -> str:
    return t("No request waits for an answer.")


def how_to_refuse(t: Language, code: str) -> str:
    words = wording(t, "request_refused", code)
    return t("Please write the reason behind it, which is kept: “{words} …”.", words=words)


def closed(t: Language, request: PrivacyRequest, outcome: Outcome) -> str:
    name = who(t, request)
    if outcome == "refused":
        return t("Noted: the request of {name} is refused. Please tell the customer why, in the chat.", name=name)
    return t("Noted: the request of {name} is closed as done. Please tell the customer, in the chat.", name=name)


def _bubble(clinic: Clinic, t: Language, request: PrivacyRequest, now: datetime) -> Flex:
    palette, number, code = palette_of(clinic), request.customer.member_number, code_of(request)
    return bubble(
        title(what(t, request)),
        *([key_value(t("Number"), cards.spaced(number), margin=GAP)] if number else []),
        key_value(t("Asked on"), _since(t, request, now), margin=GAP_SMALL),
        key_value(t("Answered by"), t.date(request.due_at), margin=GAP_SMALL),
        caption(_left(t, request, now), margin=GAP_SMALL),
        buttons=[
            button(t("Done"), message(wording(t, "request_done", code)), palette),
            button(t("Refuse"), message(wording(t, "request_refused", code)), palette, "quiet"),
        ],
    )


def _since(t: Language, request: PrivacyRequest, now: datetime) -> str:
    days = _days(t, request.asked_at, now)
    return t.date(request.asked_at) if days > 1 else t("yesterday") if days else t("today")


def soon(t: Language, request: PrivacyRequest, now: datetime) -> bool:
    """Whether it is to be named wherever what waits is counted: an erasure has three months, and half a screen."""
    return _days(t, now, request.due_at) <= SOON


def _left(t: Language, request: PrivacyRequest, now: datetime) -> str:
    left = _days(t, now, request.due_at)
    if left < 0:
        return t.n("{count} day late", "{count} days late", -left)
    if not left:
        return t("today is the last day")
    return t.n("{count} day left", "{count} days left", left)


def _days(t: Language, since: datetime, until: datetime) -> int:
    return (until.astimezone(t.zone).date() - since.astimezone(t.zone).date()).days
