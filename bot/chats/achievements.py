"""Achievements: what is unlocked, how far the next ones are, and how many secrets there are."""

from bot.cards import achievements as cards
from bot.cards.frame import ways_on
from bot.chat import Chat
from bot.chats.join import members_only
from bot.routes import hear
from channels.line.messages import Reply, say
from loyalty import achievements


@hear.text("achievements")
@hear.subject("achievements")
@hear.postback("achievements")
def show(chat: Chat, page: int = 1) -> Reply:
    """The gallery; a button of a longer one that has shrunk since leads to its last page."""
    if chat.profile is None or not chat.member:
        return members_only(chat)
    choices = ways_on(chat.t, member=True)
    held = achievements.looked_at(chat.session, chat.profile, chat.now)
    if not (held.unlocked or held.in_progress or held.secrets_left):
        return say(chat.t("There are no achievements here yet."), choices=choices)
    page = min(max(page, 1), cards.pages(held))
    return say(cards.gallery(chat.clinic, chat.t, held, page), choices=choices)
