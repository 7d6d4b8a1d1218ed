"""Birthdays: a day that is noted once, for good, and points in its month, once a year."""

from datetime import date, datetime, time

import structlog
from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from loyalty import achievements, entries, ledger, notifications
from loyalty.entries import Cause
from loyalty.errors import CustomerMerged, EarningRefused
from models.clinics import Clinic
from models.customers import Customer
from models.loyalty import LoyaltyProfile, NotificationData, PointTransaction
from runtime.work import Batch

BATCH = 100
"""Profiles locked at once; a customer who writes meanwhile waits for no more than these."""
LEAP_YEAR = 2000
"""A birthday is a month and a day; checked in a year that has all of them."""

log = structlog.get_logger(__name__)


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
    return reward(session, customer, now)


def reward(session: Session, customer: Customer, now: datetime) -> PointTransaction | None:
    """The year's birthday points, once a year, in the birth month of the clinic's calendar; None outside of it."""
    today = now.astimezone(customer.clinic.settings.voice.zone).date()
    points = customer.clinic.settings.points.birthday
    if not points or (customer.birth_month_day or "")[:2] != f"{today:%m}":
        return None
    profile = ledger.open_profile(session, customer, now)
    known = entries.by_person(session, profile, f"birthday:{{}}:{today.year}")
    if known is not None:
        return known
    key = f"birthday:{customer.id}:{today.year}"
    return ledger.earn(session, profile, points, Cause("birthday", key=key), now)


def reward_due(session: Session, clinic: Clinic, day: date, batch: Batch | None = None) -> int:
    """Birthday points for a batch of the members born in this month who have none this year; 0 when nothing is left.

    Due on the first of the month; on the other days it finds those who came too late for it, such as by a merge.
    What any record of a person has had, they have had.
    """
    if not clinic.settings.points.birthday:
        return 0
    batch = batch or Batch(BATCH)
    record = aliased(Customer)
    keys = (
        select(func.concat("birthday:", record.id, f":{day.year}"))
        .where(record.clinic_id == clinic.id, or_(record.id == Customer.id, record.merged_into == Customer.id))
        .correlate(Customer)
    )
    # `MM-DD` of a month lies between `MM` and `MM-99`: the 29th of February belongs to every February.
    born = (
        select(Customer)
        .join(LoyaltyProfile, LoyaltyProfile.customer_id == Customer.id)
        .where(Customer.clinic_id == clinic.id, Customer.birth_month_day.between(f"{day:%m}", f"{day:%m}-99"))
        .where(Customer.joined_at.is_not(None), Customer.merged_into.is_(None), Customer.data_key.is_not(None))
        .where(~exists().where(PointTransaction.clinic_id == clinic.id, PointTransaction.idempotency_key.in_(keys)))
    )
    due = session.scalars(batch.of(born, Customer.id)).all()
    batch.take(customer.id for customer in due)
    now = datetime.combine(day, time(), clinic.settings.voice.zone)
    for customer in due:
        try:
            entry = reward(session, customer, now)
        except CustomerMerged as merged:
            log.info("birthday of a customer merged meanwhile", customer=str(customer.id), into=str(merged.into))
            continue
        if entry is not None:
            news: NotificationData = {"points": entry.amount, "source": "birthday"}
            notifications.write(session, customer, "points_earned", now, data=news, key=entry.idempotency_key)
    session.flush()
    return len(due)
