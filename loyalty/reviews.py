"""Reviews: what a customer says of a visit of theirs. Every rating earns the same."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from customers import journey
from loyalty import achievements, ledger
from loyalty.entries import Cause
from loyalty.errors import EarningRefused
from models.customers import Customer
from models.facts import Review, Visit
from runtime.actors import CUSTOMER

REVIEW_LIFE = timedelta(days=90)
LONGEST_COMMENT = 2_000


def reviewable(session: Session, customer: Customer, now: datetime) -> Visit | None:
    """The customer's latest visit of the last ninety days that they have not reviewed."""
    return session.scalars(
        select(Visit)
        .where(Visit.customer_id == customer.id, Visit.visited_at <= now, Visit.visited_at > now - REVIEW_LIFE)
        .where(Visit.uncounted.is_(None), ~exists().where(Review.visit_id == Visit.id))
        .order_by(Visit.visited_at.desc(), Visit.id.desc())
        .limit(1)
    ).one_or_none()


def review(
    session: Session, customer: Customer, visit_id: UUID, rating: int, comment: str | None, now: datetime
) -> Review:
    """One to five stars for a visit of this customer's own, once. Every rating earns the same.

    Raises `EarningRefused`: unknown_visit, visit_too_old, already_reviewed, bad_rating.
    """
    if isinstance(rating, bool) or not 1 <= rating <= 5:
        raise EarningRefused("bad_rating")
    profile = ledger.open_profile(session, customer, now)
    own = Visit.id == visit_id, Visit.customer_id == customer.id, Visit.uncounted.is_(None)
    visit = session.scalars(select(Visit).where(*own)).one_or_none()
    if visit is None or visit.visited_at > now:
        raise EarningRefused("unknown_visit")
    if session.scalar(select(exists().where(Review.visit_id == visit.id))):
        raise EarningRefused("already_reviewed")
    if visit.visited_at <= now - REVIEW_LIFE:
        raise EarningRefused("visit_too_old")
    review = Review(
        clinic_id=customer.clinic_id,
        customer_id=customer.id,
        customer=customer,
        visit_id=visit.id,
        rating=rating,
        comment=_trimmed(comment),
        created_at=now,
    )
    session.add(review)
    key = f"review:{visit.id}"
    journey.write(session, customer, "reviewed", now, key=key, data={"visit": str(visit.id), "rating": rating})
    points = customer.clinic.settings.points.review
    if points:
        cause = Cause("review", key=key, reference=str(visit.id), actor=CUSTOMER)
        ledger.earn(session, profile, points, cause, now)
    achievements.check(session, profile, now, changed={"reviews"})
    return review


def comment_on(session: Session, customer: Customer, visit_id: UUID, comment: str) -> Review:
    """Add words to the customer's own review; those already there stay. Raises `EarningRefused`: unknown_visit."""
    review = session.scalars(
        select(Review).where(Review.visit_id == visit_id, Review.customer_id == customer.id)
    ).one_or_none()
    if review is None:
        raise EarningRefused("unknown_visit")
    if review.comment_sealed is None:
        review.comment = _trimmed(comment)
    return review


def _trimmed(comment: str | None) -> str | None:
    return (comment or "").strip()[:LONGEST_COMMENT] or None
