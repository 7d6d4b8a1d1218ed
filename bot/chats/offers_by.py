"""Whether offers may come by SMS: asked once, when the phone was proved."""

from typing import Literal

from bot.cards import offers_by as cards
from bot.cards.frame import ways_on
from bot.chat import Chat, StaleAction
from bot.chats.ages import ask_age, wishes
from bot.deciding import wisher
from bot.routes import hear
from bot.texting import texting
from channels.line.messages import Card, Reply, say
from privacy import consent


@hear.postback("ask_offers_by")
def ask(chat: Chat, channel: Literal["sms", "email"]) -> Reply:
    """The switch of who has not agreed yet."""
    question = wishes[channel](chat)
    if question is None:
        raise StaleAction("nothing can come that way any more")
    return say(question)


def _question(chat: Chat) -> Card | None:
    over = texting(chat)
    return None if over is None else cards.by_sms(chat.clinic, chat.t, over.carrier(chat.clinic) or "")


wishes.add("sms", _question)


@hear.postback("offers_by")
def offers_by(chat: Chat, channel: Literal["sms"], answer: Literal["yes", "no"]) -> Reply:
    """However old the question is: what it said of who carries them has to be so still."""
    over = texting(chat)
    if over is None:
        raise StaleAction("the clinic sends no SMS")
    text = cards.sms_text(chat.clinic, chat.t, over.carrier(chat.clinic) or "")
    if answer == "no":
        wisher(chat).decide(consent.MARKETING, text, channel, granted=False)
        return _said(chat, chat.t("Understood. No offers come by SMS."))
    why = wisher(chat).agree(consent.MARKETING, text, channel)
    if why == "age_unknown":
        return say(ask_age(chat, "sms"))
    if why == "under_age":
        return _said(chat, chat.t("We send offers to nobody under 20."))
    return _said(chat, chat.t("Thank you. News and offers come by SMS, too. To stop them, write “stop offers”."))


def _said(chat: Chat, words: str) -> Reply:
    return say(words, choices=ways_on(chat.t, member=chat.member))
