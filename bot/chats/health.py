"""Words about somebody's health: never answered by a program. Whom to call is said, and the staff are told.

What was told of not long ago is told again in the staff's next answer only. It is said once more that they have it;
from then on people are at it, and nothing is said. What may be urgent is pushed and answered every time, also while
people answer, and whatever was asked before.
"""

from bot.cards import health as cards
from bot.cards.frame import ways_on
from bot.chat import Chat
from bot.chats.handover import opens_again
from channels.line.messages import Reply, say, silence
from customers import branches, journey, meters, pauses, staff_notices
from customers.handover import PEOPLE_LIFE
from runtime.actors import SYSTEM


def left_to_people(chat: Chat, *, urgent: bool) -> Reply:
    told = tell(chat, urgent=urgent)
    if told > 1:
        return silence("left_to_people")
    if told:
        heard = meters.told(chat.session, chat.customer, "medical", chat.now - PEOPLE_LIFE, chat.now)
        said = chat.t("We have noted this for our medical team, too. They answer you here.")
        if heard:
            said = chat.t("We have passed this on to our medical team, too. They answer you here.")
        return say(said, choices=ways_on(chat.t, member=chat.member))
    draw = cards.urgent if urgent else cards.asked
    card = draw(chat.clinic, chat.t, branches.active(chat.session, chat.clinic), opens_again(chat))
    return say(card, choices=ways_on(chat.t, member=chat.member))


def tell(chat: Chat, *, urgent: bool) -> int:
    """Let the staff hear of it. How often they did not long ago, which is never for what may be urgent.

    What may be urgent lets offers rest until a manager ends that.
    """
    kind = "emergency" if urgent else "medical"
    told = 0 if urgent else staff_notices.told_since(chat.session, chat.customer, kind, chat.now - PEOPLE_LIFE)
    key = f"{kind}:{chat.event_id}"
    if urgent:
        pauses.pause(chat.session, chat.customer, "adverse_reaction", chat.now, by=SYSTEM)
    staff_notices.write(
        chat.session, chat.clinic, kind, chat.now, key=key, customer=chat.customer,
        data={"event": str(chat.event_id)}, rides=told > 0,
    )  # fmt: skip
    journey.write(chat.session, chat.customer, f"{kind}_words", chat.now, key=key)
    return told
