"""How a customer wants to be spoken to."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from channels.base import Channels, NoWay
from followups import hours, own_hours
from followups.hours import Window
from models.base import among
from models.customers import Customer
from models.followups import FollowupExecution
from models.preferences import CustomerPreferences
from privacy import suppressions

REACHED = ("call", "sms", "email")
"""Channels besides LINE that a customer may prefer in the chat, where they are reached by them."""
NOT_NOW = timedelta(days=60)
"""So long nobody who has said "not now" is offered another treatment."""


def of(session: Session, customer: Customer) -> CustomerPreferences | None:
    """None: the customer has chosen nothing."""
    mine = CustomerPreferences.clinic_id == customer.clinic_id, CustomerPreferences.customer_id == customer.id
    return session.scalars(select(CustomerPreferences).where(*mine)).one_or_none()


def of_many(session: Session, clinic_id: UUID, customers: Collection[UUID]) -> dict[UUID, CustomerPreferences]:
    """Of those who have chosen something."""
    theirs = CustomerPreferences.clinic_id == clinic_id, among(CustomerPreferences.customer_id, customers)
    return {one.customer_id: one for one in session.scalars(select(CustomerPreferences).where(*theirs))}


def choose_channels(session: Session, customer: Customer, channels: Sequence[str], now: datetime) -> None:
    """The preferred first; none: as each rule has it. The caller holds the customer's row."""
    found = _mine(session, customer, now)
    found.channels, found.changed_at = list(channels), now


def ways(session: Session, channels: Channels, customer: Customer) -> list[str]:
    """By which the customer is reached, and may prefer one in the chat, where LINE is always one; those that were
    chosen first. Their page is none: it goes beside another."""
    return in_order(
        of(session, customer), ["line", *(name for name in REACHED if _reached(session, channels, customer, name))]
    )


def _reached(session: Session, channels: Channels, customer: Customer, name: str) -> bool:
    address = channels[name].address(session, customer) if name in channels else None
    if address is None or isinstance(address, NoWay):
        return False
    return not suppressions.holds(session, customer.clinic, name, address)


def prefer(session: Session, customer: Customer, channel: str, now: datetime) -> None:
    """Before those that were chosen until now. The caller holds the customer's row."""
    chosen = of(session, customer)
    choose_channels(session, customer, list(dict.fromkeys([channel, *(chosen.channels if chosen else ())])), now)


def choose_quiet(session: Session, customer: Customer, hours: Window | None, now: datetime) -> None:
    """None: the clinic's alone. The caller holds the customer's row."""
    found = _mine(session, customer, now)
    found.quiet_from, found.quiet_until = hours or (None, None)
    found.changed_at = now
    session.flush()
    own_hours.say_before(session, customer.clinic, now, FollowupExecution.customer_id == customer.id)


def wish_quiet(session: Session, customer: Customer, own: Window, now: datetime) -> bool:
    """False for hours that leave none of the day: that would be all messages stopped, which is another wish."""
    if not hours.joined(hours.windows(customer.clinic, "marketing", own)):
        return False
    choose_quiet(session, customer, own, now)
    return True


def wish_first(session: Session, channels: Channels, customer: Customer, channel: str | None, now: datetime) -> bool:
    """None: as it fits each message. False for a way by which the customer is not reached."""
    if channel is None:
        choose_channels(session, customer, (), now)
        return True
    if channel not in ways(session, channels, customer):
        return False
    prefer(session, customer, channel, now)
    return True


def not_now(session: Session, customer: Customer, now: datetime) -> datetime:
    """No other treatment is offered for a while: until when."""
    found = _mine(session, customer, now)
    until = now + NOT_NOW
    found.no_upsell_until, found.changed_at = until, now
    return until


def now_again(session: Session, customer: Customer, now: datetime) -> None:
    """What "not now" has ended is offered again."""
    found = of(session, customer)
    if found is not None and found.no_upsell_until is not None:
        found.no_upsell_until, found.changed_at = None, now


def in_order(preferences: CustomerPreferences | None, channels: Sequence[str]) -> list[str]:
    """The rule's channels, those that the customer prefers first, in the customer's order."""
    own = preferences.channels if preferences else []
    return sorted(channels, key=lambda one: own.index(one) if one in own else len(own))


def quiet(preferences: CustomerPreferences | None) -> Window | None:
    if preferences is None or preferences.quiet_from is None or preferences.quiet_until is None:
        return None
    return preferences.quiet_from, preferences.quiet_until


def _mine(session: Session, customer: Customer, now: datetime) -> CustomerPreferences:
    found = of(session, customer)
    if found is None:
        found = CustomerPreferences(clinic_id=customer.clinic_id, customer_id=customer.id, channels=[], changed_at=now)
        session.add(found)
        session.flush()
    return found
