"""Birthdays: a day that is noted once, for good, points in its month, once a year, and wishes on the day itself."""

from calendar import isleap
from collections.abc import Collection, Sequence
from datetime import date, datetime, time, timedelta
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from loyalty import achievements, entries, ledger, notifications
from loyalty.booking import News
from loyalty.earning import Earning, earn_all
from loyalty.entries import Cause
from loyalty.errors import EarningRefused
from models.base import among
from models.clinics import Clinic
from models.customers import Customer
from models.loyalty import LoyaltyProfile, Notification, PointTransaction
from runtime.work import Batch

BATCH = 250
"""Profiles locked at once; a customer who writes meanwhile waits for no more than these."""
LEAP_YEAR = 2000
"""A birthday is a month and a day; checked in a year that has all of them."""
WISHED_FROM = time(9, 0)
WISHES = 1_000
"""Members who are congratulated by one statement."""


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
    today = now.astimezone(customer.clinic.settings.voice.zone).date()
    if month_day in kept_on(today):
        _congratulate(session, customer.clinic, [customer.id], today, now)
    return reward(session, customer, now)


def reward(session: Session, customer: Customer, now: datetime) -> PointTransaction | None:
    """The year's birthday points, once a year, in the birth month of the clinic's calendar; None outside of it."""
    today = now.astimezone(customer.clinic.settings.voice.zone).date()
    if not customer.clinic.settings.points.birthday or (customer.birth_month_day or "")[:2] != f"{today:%m}":
        return None
    profile = ledger.open_profile(session, customer, now)
    return _had(session, profile, today.year) or _earn(session, profile, today.year, now)


def _had(session: Session, profile: LoyaltyProfile, year: int) -> PointTransaction | None:
    """What any record of the person has had for that year; either way the year has been seen to."""
    profile.customer.birthday_year = year
    return entries.by_person(session, profile, f"birthday:{{}}:{year}")


def _earn(session: Session, profile: LoyaltyProfile, year: int, now: datetime) -> PointTransaction:
    return ledger.earn(session, profile, profile.customer.clinic.settings.points.birthday, _cause(profile, year), now)


def _cause(profile: LoyaltyProfile, year: int) -> Cause:
    return Cause("birthday", key=f"birthday:{profile.customer_id}:{year}")


def reward_due(session: Session, clinic: Clinic, day: date, batch: Batch | None = None) -> int:
    """Birthday points for a batch of the members born in this month who have none this year; 0 when nothing is left.

    Due on the first of the month; on the other days it finds those who came too late for it, such as by a merge.
    What any record of a person has had, they have had. Who has joined has a profile.
    """
    if not clinic.settings.points.birthday:
        return 0
    batch = batch or Batch(BATCH)
    born = (
        select(Customer.birthday_year, Customer.id)
        .where(Customer.clinic_id == clinic.id, Customer.birth_month == f"{day:%m}", Customer.birthday_year < day.year)
        .where(Customer.joined_at.is_not(None), Customer.merged_into.is_(None), Customer.data_key.is_not(None))
    )
    due = batch.take(session, born)
    now = datetime.combine(day, time(), clinic.settings.voice.zone)
    profiles = ledger.open_all(session, clinic, due, now)
    had = entries.had_by(session, clinic.id, profiles, f"birthday:{{}}:{day.year}")
    session.execute(
        update(Customer)
        .where(Customer.clinic_id == clinic.id, Customer.id.in_(profiles))
        .values(birthday_year=day.year)
    )
    points = clinic.settings.points.birthday
    earnings = []
    for id_, profile in profiles.items():
        if id_ not in had:
            cause = _cause(profile, day.year)
            news = News("birthday_points", {"points": points}, cause.key)
            earnings.append(Earning(profile, points, cause, now, news))
    earn_all(session, clinic, earnings)
    return len(profiles)


def kept_on(day: date) -> tuple[str, ...]:
    """Whose birthday is kept on that day: in a year that has no 29th of February, on the 28th."""
    own = f"{day:%m-%d}"
    return (own, "02-29") if own == "02-28" and not isleap(day.year) else (own,)


def congratulate_due(session: Session, clinic: Clinic, day: date, now: datetime, batch: Batch | None = None) -> int:
    """The wishes for a batch of the members whose birthday is kept on that day; how many they are.

    None once the day is over: who is congratulated late has been forgotten.
    """
    if now.astimezone(clinic.settings.voice.zone).date() != day:
        return 0
    batch = batch or Batch(WISHES)
    born = (
        select(Customer.birth_month_day, Customer.id)
        .where(Customer.clinic_id == clinic.id, Customer.birth_month_day == month_day)
        .where(Customer.joined_at.is_not(None), Customer.merged_into.is_(None), Customer.data_key.is_not(None))
        for month_day in kept_on(day)
    )
    due = batch.take(session, *born)
    _congratulate(session, clinic, due, day, now)
    return len(due)


def wished(session: Session, clinic: Clinic, customers: Collection[UUID], day: date) -> set[UUID]:
    """Who of them has had the wishes of that day."""
    begins = datetime.combine(day, time(), clinic.settings.voice.zone)
    told = Notification.kind == "congratulation", Notification.state == "sent", Notification.due_at >= begins
    theirs = Notification.clinic_id == clinic.id, among(Notification.customer_id, customers)
    return set(session.scalars(select(Notification.customer_id).where(*theirs, *told)))


def _congratulate(session: Session, clinic: Clinic, customers: Sequence[UUID], day: date, now: datetime) -> None:
    zone = clinic.settings.voice.zone
    due_at = max(now, datetime.combine(day, WISHED_FROM, zone))
    ends = datetime.combine(day + timedelta(days=1), time(), zone)
    wishes = [notifications.News(id_, {}, f"congratulation:{id_}:{day.year}") for id_ in customers]
    notifications.write_all(
        session, clinic, "congratulation", now, wishes, due_at=due_at, not_after=ends, purpose="care"
    )  # fmt: skip
