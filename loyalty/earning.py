"""Points for what customers do themselves: checking in, saying how a visit was, having a birthday."""

import hmac
from datetime import date, datetime, time, timedelta
from uuid import UUID

import structlog
from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from customers import journey
from loyalty import achievements, entries, ledger, notifications
from loyalty.errors import CustomerMerged, EarningRefused
from models.clinics import Clinic
from models.customers import Customer
from models.facts import Review, Visit
from models.loyalty import LoyaltyProfile, PointTransaction
from runtime.keys import Vault

CHECK_IN = "CHECKIN-"
TOKEN_BYTES = 6
GRACE = timedelta(minutes=10)
"""After midnight yesterday's picture still hangs at the counter of a clinic that closes late."""
OLD_DAYS = 7
"""How far back a picture is recognised as an old one, and not as a wrong one."""
REVIEW_LIFE = timedelta(days=90)
LONGEST_COMMENT = 2_000
BIRTHDAY_BATCH = 100
"""Profiles locked at once; a customer who writes meanwhile waits for no more than these."""
LEAP_YEAR = 2000
"""A birthday is a month and a day; checked in a year that has all of them."""

log = structlog.get_logger(__name__)


def check_in_text(clinic: Clinic, session: Session, day: date) -> str:
    """What the day's picture at the clinic says: `CHECKIN-` and twelve letters that only this clinic and day have."""
    vault: Vault = session.info["vault"]
    return CHECK_IN + vault.index(clinic.id, "check_in", day.isoformat())[:TOKEN_BYTES].hex().upper()


def check_in(session: Session, customer: Customer, token: str, now: datetime) -> int:
    """The customer shows the day's text (or what follows `CHECKIN-`) once a day; how many points it earned.

    Raises `EarningRefused`: not_a_member, unknown_code, old_code, already_checked_in.
    """
    return check_in_on(session, customer, _day_of(session, customer.clinic, token, now), now)


def check_in_on(session: Session, customer: Customer, day: date, now: datetime, *, actor: str = "customer") -> int:
    """The customer is there on this local day: seen by staff, or proved by the day's text. Raises `EarningRefused`."""
    if customer.joined_at is None:
        raise EarningRefused("not_a_member")
    profile = ledger.open_profile(session, customer, now)
    key = f"check_in:{customer.id}:{day.isoformat()}"
    if journey.write(session, customer, "checked_in", now, key=key, data={"day": day.isoformat(), "by": actor}) is None:
        raise EarningRefused("already_checked_in")
    points = customer.clinic.settings.points.check_in
    if points:
        ledger.earn(session, profile, points, "check_in", now, key=key, actor=actor)
    achievements.check(session, profile, now, changed={"check_ins"})
    return points


def reviewable(session: Session, customer: Customer, now: datetime) -> Visit | None:
    """The customer's latest visit of the last ninety days that they have not reviewed."""
    return session.scalars(
        select(Visit)
        .where(Visit.customer_id == customer.id, Visit.visited_at <= now, Visit.visited_at > now - REVIEW_LIFE)
        .where(~exists().where(Review.visit_id == Visit.id))
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
    visit = session.scalars(select(Visit).where(Visit.id == visit_id, Visit.customer_id == customer.id)).one_or_none()
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
        ledger.earn(session, profile, points, "review", now, key=key, reference=str(visit.id), actor="customer")
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


def set_birthday(session: Session, customer: Customer, month: int, day: int, now: datetime) -> PointTransaction | None:
    """Note a member's birthday, for good; in the birth month itself the points come at once.

    Raises `EarningRefused`: not_a_member, bad_birthday, birthday_locked.
    """
    if customer.joined_at is None:
        raise EarningRefused("not_a_member")
    try:
        month_day = f"{date(LEAP_YEAR, month, day):%m-%d}"
    except ValueError as error:
        raise EarningRefused("bad_birthday") from error
    profile = ledger.open_profile(session, customer, now)
    # Under the lock, and as it is stored now: two taps on two phones set it once.
    session.refresh(customer, ["birth_month_day"])
    if customer.birth_month_day is not None:
        raise EarningRefused("birthday_locked")
    customer.birth_month_day = month_day
    session.flush()
    achievements.check(session, profile, now, changed={"birthday"})
    return birthday(session, customer, now)


def birthday(session: Session, customer: Customer, now: datetime) -> PointTransaction | None:
    """The year's birthday points, once a year, in the birth month of the clinic's calendar; None outside of it."""
    today = now.astimezone(customer.clinic.settings.voice.zone).date()
    points = customer.clinic.settings.points.birthday
    if not points or (customer.birth_month_day or "")[:2] != f"{today:%m}":
        return None
    profile = ledger.open_profile(session, customer, now)
    key = f"birthday:{customer.id}:{today.year}"
    known = entries.by_key(session, profile, key)
    if known is not None:
        return known
    return ledger.earn(session, profile, points, "birthday", now, key=key)


def birthday_due(session: Session, clinic: Clinic, day: date) -> int:
    """Birthday points for a batch of the members born in this month who have none this year; 0 when nothing is left.

    Due on the first of the month; on the other days it finds those who came too late for it, such as by a merge.
    """
    if not clinic.settings.points.birthday:
        return 0
    key = func.concat("birthday:", Customer.id, f":{day.year}")
    # `MM-DD` of a month lies between `MM` and `MM-99`: the 29th of February belongs to every February.
    due = session.scalars(
        select(Customer)
        .join(LoyaltyProfile, LoyaltyProfile.customer_id == Customer.id)
        .where(Customer.clinic_id == clinic.id, Customer.birth_month_day.between(f"{day:%m}", f"{day:%m}-99"))
        .where(Customer.joined_at.is_not(None), Customer.merged_into.is_(None), Customer.data_key.is_not(None))
        .where(~exists().where(PointTransaction.clinic_id == clinic.id, PointTransaction.idempotency_key == key))
        .order_by(Customer.id)
        .limit(BIRTHDAY_BATCH)
    ).all()
    now = datetime.combine(day, time(), clinic.settings.voice.zone)
    for customer in due:
        try:
            line = birthday(session, customer, now)
        except CustomerMerged as merged:
            log.info("birthday of a customer merged meanwhile", customer=str(customer.id), into=str(merged.into))
            continue
        if line is not None:
            news = {"points": line.amount, "source": "birthday"}
            notifications.write(session, customer, "points_earned", now, data=news, key=line.idempotency_key)
    session.flush()
    return len(due)


def _day_of(session: Session, clinic: Clinic, token: str, now: datetime) -> date:
    """The local day whose text this is, if it still counts. Raises `EarningRefused`."""
    given = token.strip().upper().removeprefix(CHECK_IN).encode()
    local = now.astimezone(clinic.settings.voice.zone)

    def shows(day: date) -> bool:
        return hmac.compare_digest(given, check_in_text(clinic, session, day).removeprefix(CHECK_IN).encode())

    today, yesterday = local.date(), (local - GRACE).date()
    if shows(today):
        return today
    if shows(yesterday):
        return yesterday
    if any(shows(today - timedelta(days=back)) for back in range(1, OLD_DAYS + 1)):
        raise EarningRefused("old_code")
    raise EarningRefused("unknown_code")


def _trimmed(comment: str | None) -> str | None:
    return (comment or "").strip()[:LONGEST_COMMENT] or None
