"""Whether somebody is of age, by their own word. Nothing but the answer is kept, and when it was given."""

from datetime import datetime, time

from sqlalchemy import select
from sqlalchemy.orm import Session

from customers import journey
from models.customers import Customer, JourneyEvent
from privacy import guardians
from privacy.consent import REST

YOUNGER = "said_younger"


def say(session: Session, customer: Customer, now: datetime, *, adult: bool) -> None:
    customer.adult = adult
    if not adult:
        journey.write(session, customer, YOUNGER, now)


def stands_until(session: Session, customer: Customer, now: datetime) -> datetime | None:
    """Until when who has said that they are under age is believed, whatever they say meanwhile: as long as somebody who
    has said no is not asked again, and as long as a guardian answers for them. None where they may say it anew."""
    if customer.adult is not False:
        return None
    theirs = JourneyEvent.clinic_id == customer.clinic_id, JourneyEvent.customer_id == customer.id
    said = select(JourneyEvent.occurred_at).where(*theirs, JourneyEvent.type == YOUNGER)
    last = session.scalars(said.order_by(JourneyEvent.occurred_at.desc()).limit(1)).first()
    zone = customer.clinic.settings.voice.zone
    ends = [datetime.combine(one.until, time(), zone) for one in guardians.of(session, customer, now)]
    return max((end for end in (*ends, *([last + REST] if last else [])) if end > now), default=None)
