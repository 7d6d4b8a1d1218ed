"""The answer of somebody whose card was read at a till that knows them by an id of its own."""

from typing import Literal
from uuid import UUID

from bot.cards.frame import ways_on
from bot.chat import Chat, StaleAction
from bot.routes import hear
from channels.line.messages import Reply, say
from customers import ties
from customers.ties import State
from facts import tied
from loyalty import standing


@hear.postback("tie")
def answer(chat: Chat, tie: UUID, answer: Literal["yes", "no"]) -> Reply:
    """Yes or no, once; later it says what became of it."""
    asked = ties.of(chat.session, chat.customer, tie)
    if asked is None:
        raise StaleAction("no question to this customer")
    open_before = ties.state_of(chat.session, asked, chat.now) in ("asked", "untold")
    state = tied.answered(chat.session, asked, chat.customer, chat.now, yes=answer == "yes")
    said = _done(chat, state) if open_before else _known(chat, state)
    return say(said, choices=ways_on(chat.t, member=chat.member))


def _done(chat: Chat, state: State) -> str:
    t = chat.t
    if state == "tied" and chat.profile is not None:
        available = standing.of(chat.session, chat.profile, chat.now).available
        points = t.n("{count} point", "{count} points", available)
        return t(
            "Thank you, it is connected: what our till notes for you comes here. You have {points}.", points=points
        )
    if state == "declined":
        return t("Thank you, nothing was connected. Please tell our staff at the counter.")
    return t("This could not be connected, and nothing was changed. Please ask our staff at the counter.")


def _known(chat: Chat, state: State) -> str:
    """Of a question that was answered, or is over."""
    t = chat.t
    if state == "tied":
        return t("It is connected already. If that was a mistake, please tell our staff.")
    if state == "expired":
        return t("This question is over, and nothing was connected. Show your card again and it is asked anew.")
    if state == "replaced":
        return t("This question is settled: our staff asked anew, or corrected it.")
    return t("You have answered this already, and nothing was connected. Show your card again and it is asked anew.")
