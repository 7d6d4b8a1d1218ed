"""Tiers: the five side by side, and what is missing."""

from bot.cards import tiers as cards
from bot.cards.frame import ways_on
from bot.chat import Chat
from bot.routes import hear
from channels.line.messages import Reply, say
from loyalty import standing


@hear.text("tiers")
@hear.subject("tiers")
@hear.postback("tiers")
def compare(chat: Chat) -> Reply:
    member = chat.member and chat.profile is not None
    held = standing.of(chat.session, chat.profile, chat.now) if member and chat.profile else None
    card = cards.compare(chat.clinic, chat.t, chat.clinic.settings.tiers.steps, held)
    return say(card, choices=ways_on(chat.t, member=chat.member))
