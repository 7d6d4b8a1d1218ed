"""Whether a treatment may choose what is offered: asked once, with the first answer to how somebody is after one."""

from typing import Literal

from bot.cards import fitting as cards
from bot.cards.frame import ways_on
from bot.chat import Chat
from bot.chats.ages import ask_age, wishes
from bot.deciding import wisher
from bot.routes import hear
from channels.line.messages import Card, Reply, say
from followups import had, responses
from privacy import consent


@hear.text("all_well")
@hear.postback("all_well")
def all_well(chat: Chat) -> Reply:
    """Only who receives offers is asked: without them there is nothing to choose."""
    if (asked := had.last(chat.session, chat.customer, "post_treatment", chat.now)) is not None:
        responses.answered(chat.session, chat.customer, asked.id, "all_well", chat.now)
    said = chat.t("We are glad to hear it. Should anything change, write to us here at any time.")
    offers = consent.may_send_offers(chat.session, chat.customer, "line", chat.now)
    if offers and consent.may_ask(chat.session, chat.customer, consent.HEALTH, "line", chat.now):
        return say(said, _question(chat))
    return say(said, choices=ways_on(chat.t, member=chat.member))


def _question(chat: Chat) -> Card:
    return cards.question(chat.clinic, chat.t)


wishes.add("fitting", _question)


@hear.postback("fitting")
def fitting(chat: Chat, answer: Literal["yes", "no"]) -> Reply:
    """A tap on the switch, or on the question however old."""
    text = cards.question_text(chat.clinic, chat.t)
    if answer == "no":
        wisher(chat).decide(consent.HEALTH, text, granted=False)
        return _said(chat, chat.t("Understood. Your treatments choose nothing that we send you."))
    why = wisher(chat).agree(consent.HEALTH, text)
    if why == "age_unknown":
        return say(ask_age(chat, "fitting"))
    if why == "under_age":
        return _said(chat, chat.t("We ask nobody under 20 for this."))
    said = chat.t("Thank you. We suggest only what goes well with your treatments.")
    if not consent.may_send_offers(chat.session, chat.customer, "line", chat.now):
        said += " " + chat.t("It comes as soon as you receive news and offers, too.")
    return _said(chat, said)


def _said(chat: Chat, words: str) -> Reply:
    return say(words, choices=ways_on(chat.t, member=chat.member))
