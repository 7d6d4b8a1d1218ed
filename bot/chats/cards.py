"""The card: who somebody is at the counter."""

from bot.cards import cards as drawn
from bot.cards.frame import ways_on
from bot.chat import Chat
from bot.chats.join import offer
from bot.routes import hear
from channels.line.messages import Reply, say
from channels.pictures import CARD
from customers import cards


@hear.text("card")
@hear.subject("member_card")
@hear.postback("card")
def show(chat: Chat) -> Reply:
    """The member's card with a code that lives some minutes; the button on it brings the next one."""
    if chat.profile is None or not chat.member:
        greeting = offer(chat)
        lead = chat.t("Your card comes with membership, and joining costs nothing.")
        return say(lead, *greeting.messages, choices=greeting.choices)
    code = cards.show(chat.session, chat.customer, chat.now)
    picture = chat.picture(CARD, chat.clinic.id, chat.customer.id, chat.now)
    card = drawn.card(chat.clinic, chat.t, chat.name, chat.profile.current_tier, code, picture)
    return say(card, choices=ways_on(chat.t, member=True))


def in_a_sentence(chat: Chat) -> Reply | None:
    """A member number among words that nothing else hears, or alone: one's own card. None when there is none.

    Whose another number is, and whether it is anybody's, is told to nobody.
    """
    found = cards.among(chat.heard.text)
    if not found:
        return None
    shown = show(chat)
    if not chat.member or any(one.number == chat.customer.member_number for one in found):
        return shown
    lead = say(chat.t("This is not your own member number. Yours is on your card:"))
    return Reply((*lead.messages, *shown.messages), shown.choices)
