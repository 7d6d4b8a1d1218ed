"""Letting somebody receive or do something for oneself, by a code that they type; and ending it, on either side."""

from typing import Literal
from uuid import UUID

from bot.cards import grants as cards
from bot.cards.frame import ways_on
from bot.cards.one_time import too_many
from bot.chat import Chat, StaleAction
from bot.routes import hear
from channels.line.messages import Reply, say
from customers import grants, one_time
from customers.one_time import TooManyCodes
from facts import granted
from models.grants import Ending, Grant
from models.one_time import OneTimeCode
from runtime.actors import CUSTOMER


@hear.text("grants")
@hear.postback("grants")
def show(chat: Chat) -> Reply:
    found = grants.of(chat.session, chat.customer, chat.now)
    return say(cards.standing(chat.clinic, chat.t, chat.customer, found), choices=ways_on(chat.t, member=chat.member))


@hear.postback("grant_code")
def code(chat: Chat, what: Literal["reminders", "bookings", "billing"]) -> Reply:
    """Whoever types it is who it was told to."""
    try:
        _row, drawn = one_time.begin(chat.session, chat.customer, "grant", chat.now, by=CUSTOMER, what=what)
    except TooManyCodes as refused:
        return say(too_many(chat.t, refused))
    return say(cards.code(chat.t, what, drawn))


@hear.postback("grant")
def answer(chat: Chat, code: UUID, answer: Literal["yes", "no"]) -> Reply:
    """Of who typed the code; the first answer holds."""
    row = chat.session.get(OneTimeCode, (code, chat.clinic.id))
    if row is None or row.taker_id != chat.customer.id or row.purpose != "grant":
        raise StaleAction("no code of this customer's")
    t, state = chat.t, granted.accepted(chat.session, row, chat.customer, chat.now, yes=answer == "yes")
    if state == "done":
        return show(chat)
    if state == "declined":
        return say(t("Understood, nothing was taken on."), choices=ways_on(t, member=chat.member))
    return say(t("This code is over. Please ask for a new one."), choices=ways_on(t, member=chat.member))


@hear.postback("end_grant")
def end(chat: Chat, grant: UUID) -> Reply:
    """At any time, on either side, and the other one hears of it."""
    found = chat.session.get(Grant, (grant, chat.clinic.id))
    if found is None or chat.customer.id not in (found.owner_id, found.holder_id):
        raise StaleAction("no grant of this customer's")
    why: Ending = "owner" if found.owner_id == chat.customer.id else "holder"
    granted.end(chat.session, found, why, chat.now, by=CUSTOMER)
    return say(chat.t("It has ended, and the other one hears of it."), choices=ways_on(chat.t, member=chat.member))
