"""Points: what the customer has, and how it came about."""

from uuid import UUID

from bot.cards import points as cards
from bot.cards.frame import ways_on
from bot.chat import Chat
from bot.chats.join import members_only
from bot.routes import hear
from channels.line.messages import Reply, say
from loyalty import points, standing


@hear.text("points")
@hear.subject("points")
@hear.subject("expiry")
@hear.postback("points")
def show(chat: Chat) -> Reply:
    if chat.profile is None or not chat.member:
        return members_only(chat)
    held = standing.of(chat.session, chat.profile, chat.now)
    return say(cards.points(chat.clinic, chat.t, held), choices=ways_on(chat.t, member=True))


@hear.text("history")
@hear.subject("history")
@hear.postback("history")
def history(chat: Chat, before: UUID | None = None) -> Reply:
    """A page of the ledger; `before` is the last line of the page that was shown."""
    if chat.profile is None or not chat.member:
        return members_only(chat)
    points.up_to_date(chat.session, chat.profile, chat.now)
    lines, older = points.history(chat.session, chat.customer, before=before, limit=cards.PAGE)
    named = points.named(chat.session, chat.clinic, lines)
    card = cards.history(chat.clinic, chat.t, lines, named, older, first_page=before is None)
    return say(card, choices=ways_on(chat.t, member=True))
