"""The clinic: where it is, when it is open, how to reach it."""

from bot.cards import clinic as cards
from bot.cards.frame import ways_on
from bot.chat import Chat
from bot.routes import hear
from channels.line.messages import Reply, say
from customers import booking_links, branches


@hear.text("clinic")
@hear.subject("hours")
@hear.subject("contact")
@hear.postback("clinic")
def places(chat: Chat) -> Reply:
    """Each branch with its hours, map and phone; where none of them is known, that the team reads this chat."""
    booking = booking_links.of_clinic(chat.session, chat.customer, chat.now)
    shown = cards.places(chat.clinic, chat.t, branches.active(chat.session, chat.clinic), chat.now, booking)
    return say(shown, choices=ways_on(chat.t, member=chat.member))
