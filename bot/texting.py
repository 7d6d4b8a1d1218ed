"""Whether the clinic sends SMS to who is in this chat, and whether offers may be among them."""

from datetime import datetime
from typing import Protocol

from sqlalchemy.orm import Session

from bot.cards import offers_by as cards
from bot.chat import Chat
from channels.base import Channels, Texting
from channels.line.messages import Card
from customers.people import has_proved
from models.clinics import Clinic
from models.customers import Customer
from privacy import consent

SMS = "sms"


class Somebody(Protocol):
    """A customer at one moment, and what they are reached by: in the chat, or on a page of their own."""

    @property
    def session(self) -> Session: ...
    @property
    def clinic(self) -> Clinic: ...
    @property
    def customer(self) -> Customer: ...
    @property
    def channels(self) -> Channels: ...
    @property
    def now(self) -> datetime: ...


def texting(chat: Somebody) -> Texting | None:
    """The channel over which the clinic sends SMS; None where it sends none."""
    if SMS not in chat.channels:
        return None
    channel = chat.channels[SMS]
    return channel if isinstance(channel, Texting) and channel.carrier(chat.clinic) is not None else None


def agreed(chat: Somebody) -> bool | None:
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
