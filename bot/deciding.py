"""Whoever decides in the chat what they hear of: the rules are `privacy.wishes`, the words are the cards'."""

from bot.cards import privacy as cards
from bot.chat import Chat
from privacy.wishes import CHAT, Wisher


def wisher(chat: Chat) -> Wisher:
    return Wisher(chat.session, chat.customer, chat.now, CHAT, cards.texts(chat.clinic, chat.t))
