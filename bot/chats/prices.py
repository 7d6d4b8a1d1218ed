"""What the clinic's services cost, in the words that it has approved: its file says them, and nothing here adds any."""

from bot import named, own_words
from bot.cards import prices as cards
from bot.cards.frame import ways_on
from bot.chat import Chat
from bot.routes import hear
from bot.understand import Understanding, Understood
from channels.line.messages import Reply, say
from customers import branches
from models.branches import Service

SUBJECT = "price"
ASKED = frozenset({"price", "baht"})
"""Kinds of words by which a price is asked for; and where nothing else is understood:"""
PERHAPS = frozenset({"howmuch"})


@hear.subject(SUBJECT)
@hear.postback("prices")
def prices(chat: Chat) -> Reply:
    """Of all services that have one. Where the clinic has approved a text of prices, that is said instead."""
    return _shown(chat, _priced(chat))


def known(chat: Chat) -> bool:
    """Whether a service has a price; where none has, people answer."""
    return bool(_priced(chat))


def of_named(chat: Chat, understanding: Understanding, understood: Understood) -> Reply | None:
    """Of the services that the text names, which the product need not know; None where it asks for no price of one."""
    meant, text = SUBJECT in understood.subjects, chat.heard.text
    if not meant and not (ASKED if understood.sure else ASKED | PERHAPS) & understanding.kinds(text):
        return None
    found, rest = named.services(branches.services(chat.session, chat.clinic), text, understanding)
    if not meant and found:
        again = understanding(rest)
        meant = again.sure and again.subjects == (SUBJECT,)
    said = any(one.price for one in found) or own_words.answer_to(chat.clinic, SUBJECT) is None
    return _shown(chat, found) if found and meant and said else None


def _priced(chat: Chat) -> list[Service]:
    return [one for one in branches.services(chat.session, chat.clinic) if one.price]


def _shown(chat: Chat, services: list[Service]) -> Reply:
    return say(cards.prices(chat.clinic, chat.t, services), choices=ways_on(chat.t, member=chat.member))
