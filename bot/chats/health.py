"""Words about somebody's health: never answered by a program. Whom to call is said, and the staff are told.

What was told of not long ago is told again in the staff's next answer only, and answered in silence: people are at it.
What may be urgent is answered every time, also while people answer.
"""

from datetime import timedelta

from bot.cards import health as cards
from bot.cards.frame import ways_on
from bot.chat import Chat
from bot.chats.handover import opens_again
from channels.line.messages import Reply, say, silence
from customers import branches, journey, staff_notices
from customers.handover import PEOPLE_LIFE

AGAIN = timedelta(minutes=15)
"""After which the staff are called once more for what may be urgent."""


def left_to_people(chat: Chat, *, urgent: bool) -> Reply:
    kind, rest = ("emergency", AGAIN) if urgent else ("medical", PEOPLE_LIFE)
    told = staff_notices.told_since(chat.session, chat.customer, kind, chat.now - rest)
    key = f"{kind}:{chat.event_id}"
    staff_notices.write(
        chat.session, chat.clinic, kind, chat.now, key=key, customer=chat.customer,
        data={"event": str(chat.event_id)}, rides=told,
    )  # fmt: skip
    journey.write(chat.session, chat.customer, f"{kind}_words", chat.now, key=key)
    if told and not urgent:
        return silence("left_to_people")
    draw = cards.urgent if urgent else cards.asked
    card = draw(chat.clinic, chat.t, branches.active(chat.session, chat.clinic), opens_again(chat))
    return say(card, choices=ways_on(chat.t, member=chat.member))
