"""Whether the clinic sends SMS to who is in this chat, and whether offers may be among them."""

from bot.cards import offers_by as cards
from bot.chat import Chat
from channels.base import Texting
from channels.line.messages import Card
from customers.people import has_proved
from privacy import consent

SMS = "sms"


def texting(chat: Chat) -> Texting | None:
    """The channel over which the clinic sends SMS; None where it sends none."""
    if SMS not in chat.channels:
        return None
    channel = chat.channels[SMS]
    return channel if isinstance(channel, Texting) and channel.carrier(chat.clinic) is not None else None


def agreed(chat: Chat) -> bool | None:
    """Whether offers come by SMS; None where none can."""
    if texting(chat) is None or not has_proved(chat.session, chat.customer, "phone"):
        return None
    return consent.may_send_offers(chat.session, chat.customer, SMS, chat.now)


def question(chat: Chat) -> Card | None:
    """Of who may agree, and has not been asked."""
    channel = texting(chat)
    if channel is None or not consent.may_agree(chat.session, chat.customer, chat.now):
        return None
    if not consent.may_ask(chat.session, chat.customer, consent.MARKETING, SMS, chat.now):
        return None
    return cards.by_sms(chat.clinic, chat.t, channel.carrier(chat.clinic) or "")
