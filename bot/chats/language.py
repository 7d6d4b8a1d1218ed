"""The language: changed by a tap or a word, kept, and followed by the menu."""

from typing import Literal

from bot.cards import help as cards
from bot.cards.frame import ways_on
from bot.chat import Chat
from bot.routes import hear
from channels.line.messages import Reply, say
from customers.line_accounts import menus_due


@hear.postback("language")
def change(chat: Chat, to: Literal["th", "en"]) -> Reply:
    chat.speak(to)
    menus_due(chat.session, chat.customer)
    return say(
        chat.t("From now on we speak English."),
        cards.menu(chat.clinic, chat.t, member=chat.member),
        choices=ways_on(chat.t, member=chat.member),
    )


@hear.text("thai")
def thai(chat: Chat) -> Reply:
    return change(chat, "th")


@hear.text("english")
def english(chat: Chat) -> Reply:
    return change(chat, "en")
