"""Answers that the clinic has approved, in its own words."""

from bot import own_words
from bot.cards.frame import ways_on
from bot.chat import Chat, StaleAction
from bot.routes import hear
from channels.line.messages import Reply, say
from customers.branches import in_words
from models.clinic_words import Answer


@hear.postback("answer")
def answer(chat: Chat, code: str) -> Reply:
    """By the button under the question what was meant."""
    found = own_words.by_code(chat.clinic, code)
    if found is None:
        raise StaleAction("an answer that the clinic has no longer")
    return approved(chat, found)


def approved(chat: Chat, found: Answer) -> Reply:
    """In the customer's language, else in the first."""
    return say(in_words(found.text, chat.t.code), choices=ways_on(chat.t, member=chat.member))
