"""Reviews: what a customer says of a visit of theirs. Every rating earns the same."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from customers import journey, pauses, staff_notices
from loyalty import achievements, ledger
from loyalty.entries import Cause
from loyalty.errors import EarningRefused
from models.customers import Customer
from models.facts import Review, Visit
from models.staff_notices import NoticeData
from runtime.actors import CUSTOMER, SYSTEM

REVIEW_LIFE = timedelta(days=90)
LONGEST_COMMENT = 2_000
LOW = 3
"""Stars with which a visit was not good: the staff hear of it."""
WORDS_AWAITED = timedelta(minutes=2)
"""For so long the staff are told nothing of it while who gave the stars is asked for words."""


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
    session: Session,
    customer: Customer,
    visit_id: UUID,
    rating: int,
    comment: str | None,
    now: datetime,
    *,
    words_follow: bool = False,
) -> Review:
    """One to five stars for a visit of this customer's own, once. Every rating earns the same.

    `words_follow`: the customer is asked for a comment now, and `comment_on` or `no_comment` may come.

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
    if rating <= LOW:
        pauses.pause(session, customer, "low_rating", now, by=SYSTEM, lasts=pauses.LOW_RATING)
        wait = WORDS_AWAITED if words_follow else timedelta(0)
        _tell_staff(session, review, _notice_of(review.visit_id), now, wait=wait)
    points = customer.clinic.settings.points.review
    if points:
        cause = Cause("review", key=key, reference=str(visit.id), actor=CUSTOMER)
        ledger.earn(session, profile, points, cause, now)
    achievements.check(session, profile, now, changed={"reviews"})
    return review


def comment_on(session: Session, customer: Customer, visit_id: UUID, comment: str, now: datetime) -> Review:
    """Add words to the customer's own review; those already there stay. Raises `EarningRefused`: unknown_visit.

    Staff who have been told of its stars read the words in an answer that they are given.
    """
    review = session.scalars(
        select(Review).where(Review.visit_id == visit_id, Review.customer_id == customer.id)
    ).one_or_none()
    if review is None:
        raise EarningRefused("unknown_visit")
    if review.comment_sealed is None and (words := _trimmed(comment)):
        review.comment = words
        key = _notice_of(visit_id)
        if review.rating <= LOW and not staff_notices.hurry(session, customer.clinic, key, now):
            _tell_staff(session, review, f"{key}:words", now, rides=True)
    return review


def no_comment(session: Session, customer: Customer, visit_id: UUID, now: datetime) -> None:
    """No words will follow the stars."""
    staff_notices.hurry(session, customer.clinic, _notice_of(visit_id), now)


def _notice_of(visit_id: UUID) -> str:
    return f"low_rating:{visit_id}"


def _tell_staff(
    session: Session, review: Review, key: str, now: datetime, *, wait: timedelta = timedelta(0), rides: bool = False
) -> None:
    customer = review.customer
    about: NoticeData = {"review": str(review.id)}
    visit = session.get(Visit, (review.visit_id, review.clinic_id))
    staff_notices.write(
        session, customer.clinic, "low_rating", now, key=key, customer=customer,
        branch_id=visit.branch_id if visit else None, data=about, wait=wait, rides=rides,
    )  # fmt: skip


def _trimmed(comment: str | None) -> str | None:
    return (comment or "").strip()[:LONGEST_COMMENT] or None
