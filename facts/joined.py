"""Somebody becomes a member, wherever they say so: they have read what is kept, and the membership is agreed."""

from datetime import datetime

from sqlalchemy.orm import Session

from customers import journey
from loyalty import points
from models.customers import Customer
from models.loyalty import LoyaltyProfile
from privacy import consent


def joined(session: Session, customer: Customer, notice: str, language: str, now: datetime) -> LoyaltyProfile:
    """`notice`: the text that was shown, in this language. Said again of a member it changes nothing.

    Membership rests on the agreement, so it asks no consent; other questions stand by themselves.
    """
    consent.note_notice(session, customer, notice, language, now)
    profile = points.create_loyalty_profile(session, customer, now)
    journey.write(session, customer, "joined", now, key=f"joined:{customer.id}")
    return profile
