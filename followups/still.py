"""News that may have stopped being so before anybody heard it: at night, while something was away, or while it waited
for messages of the month.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from customers import grants
from loyalty import payments, tier_review
from models.clinics import Clinic
from models.courses import Course
from models.facts import Payment
from models.grants import Grant
from models.loyalty import LoyaltyProfile, Notification
from models.ties import CardTie

Look = Callable[[Session, Notification, datetime], str | None]


def why_not(session: Session, one: Notification, now: datetime) -> str | None:
    """Why it is not said any more; None: it is so, perhaps in other numbers, which it has from now on. An end of what
    was given is told by itself."""
    look = _looks.get(one.kind)
    return look(session, one, now) if look else None


def _given(session: Session, one: Notification, now: datetime) -> str | None:
    grant = session.get_one(Grant, (UUID(one.data["grant"]), one.clinic_id))
    return None if grants.stands(session, grant, now) else "over"


def _shared(session: Session, one: Notification, _now: datetime) -> str | None:
    theirs = session.get(Course, (UUID(one.data.get("to") or one.data["course"]), one.clinic_id))
    return "taken_back" if theirs is not None and theirs.shared_in == 0 else None


def _tier(session: Session, one: Notification, _now: datetime) -> str | None:
    """What changed it since is told by itself, where it is news."""
    profile = session.get(LoyaltyProfile, (one.customer_id, one.clinic_id))
    return None if profile is None or profile.current_tier == one.data["tier"] else "another_tier"


def _at_risk(session: Session, one: Notification, _now: datetime) -> str | None:
    """What was earned since may keep the tier, or part of it."""
    clinic = session.get_one(Clinic, one.clinic_id)
    found = tier_review.at_risk(session, clinic, one.customer_id, date.fromisoformat(one.data["on"]))
    if found is None:
        return "over"
    if found != one.data:
        one.data = found
    return None


def _promised(session: Session, one: Notification, now: datetime) -> str | None:
    """Refunded, they do not come, or fewer do; what has come is told as such."""
    if datetime.fromisoformat(one.data["on"]) <= now:
        return "over"
    payment = session.get(Payment, (UUID(one.data["payment"]), one.clinic_id)) if "payment" in one.data else None
    if payment is None:
        return None
    _, promised = payments.earned_by(session, payment)
    if not promised:
        return "over"
    if promised != one.data["points"]:
        one.data = {**one.data, "points": promised}
    return None


def _asked(session: Session, one: Notification, _now: datetime) -> str | None:
    tie = session.get(CardTie, (UUID(one.data["tie"]), one.clinic_id))
    return None if tie is not None and tie.state == "asked" else "over"


_looks: Mapping[str, Look] = {
    "grant_given": _given,
    "course_shared": _shared,
    "course_received": _shared,
    "tier_upgraded": _tier,
    "tier_lowered": _tier,
    "tier_at_risk": _at_risk,
    "points_promised": _promised,
    "tie_asked": _asked,
}
