"""The question of the age, and for what it was asked: who wanted something that needs it is asked that next."""

from collections.abc import Callable
from typing import Literal

from bot.cards import privacy as cards
from bot.chat import Chat
from channels.line.messages import Card
from runtime.registry import Registry

STEP = "age"
Wish = Literal["", "line", "sms", "email", "fitting"]
"""Offers over a channel, or such as fit a treatment; empty where nobody has wished for anything."""
wishes: Registry[Callable[[Chat], Card | None]] = Registry("wish")
"""What is asked of who may agree to it: what is agreed to has to be before who agrees. None: it is nothing any more."""


def ask_age(chat: Chat, wish: Wish = "") -> Card:
    chat.ask(STEP, wish=wish)
    return cards.age_question(chat.clinic, chat.t, wish)
