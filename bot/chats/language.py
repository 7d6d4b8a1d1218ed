"""The language: changed by a tap or a word, kept, and followed by the menu."""

from typing import Literal

from bot.cards import help as cards
from bot.cards.frame import ways_on
from bot.chat import Chat
from bot.routes import hear
from channels.line.messages import Reply, say
from loyalty import tiers
from runtime import wake


@hear.postback("language")
def change(chat: Chat, to: Literal["th", "en"]) -> Reply:
    chat.speak(to)
    want_menu(chat)
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


def want_menu(chat: Chat) -> None:
    """Have the menu follow the customer's language and standing."""
    look = "guest"
    if chat.member and chat.profile:
        look = tiers.look_of(chat.clinic.settings.tiers.steps, chat.profile.current_tier)
    chat.link.want(look, chat.t.code, chat.now)
    wake.after(chat.session, "menus")
