"""The clinic: where it is, when it is open, how to reach it; and what else is done at its counter or on its phone."""

from bot.cards import clinic as cards
from bot.cards.frame import ways_on
from bot.chat import Chat
from bot.routes import hear
from channels.line.messages import Reply, say
from customers import branches


@hear.text("clinic")
@hear.subject("hours")
@hear.subject("contact")
@hear.postback("clinic")
def places(chat: Chat) -> Reply:
    """Each branch with its hours, map and phone; where none of them is known, that the team reads this chat."""
    shown = cards.places(chat.clinic, chat.t, branches.active(chat.session, chat.clinic), chat.now)
    return say(shown, choices=ways_on(chat.t, member=chat.member))


@hear.text("courses")
@hear.postback("courses")
def courses(chat: Chat) -> Reply:
    t = chat.t
    lead = t("Our team will gladly tell you what is left of your courses, and book the next session:")
    return _reach(chat, t("My courses"), lead)


def _reach(chat: Chat, heading: str, lead: str) -> Reply:
    booking = chat.clinic.settings.links.booking
    card = cards.reach(chat.clinic, chat.t, heading, lead, branches.active(chat.session, chat.clinic), booking)
    return say(card, choices=ways_on(chat.t, member=chat.member))
