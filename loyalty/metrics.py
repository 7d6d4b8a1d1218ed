"""What an achievement can ask for: a closed set of figures about one customer. Adding a metric is adding one function.

A metric answers with an SQL expression, so that whatever is asked about a customer is asked in one statement. Days are
those of the clinic's zone.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from sqlalchemy import BigInteger, Date, Integer, cast, func, literal, or_, select
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import ColumnElement

from models.customers import Customer, JourneyEvent
from models.facts import Payment, Referral, Review, Visit
from models.rewards import AchievementUnlock
from registry import Registry

Fact = Literal["payments", "visits", "referrals", "reviews", "check_ins", "birthday", "unlocks"]
"""What a metric is computed from. Who has changed none of them need not ask again."""
Unit = Literal["baht", "times", "visits", "months", "people", "days"]
Value = ColumnElement[int]


@dataclass(frozen=True)
class Asked:
    """Whose figure, on which day of the clinic's, and within how many days up to it (None: ever)."""

    customer: Customer
    zone: ZoneInfo
    today: date
    within_days: int | None = None

    def local(self, moment: Any) -> ColumnElement[Any]:
        """The clinic's wall-clock time of a stored instant."""
        return func.timezone(self.zone.key, moment)

    def midnight(self, day: date) -> datetime:
        return datetime(day.year, day.month, day.day, tzinfo=self.zone)


@dataclass(frozen=True)
class Metric:
    value: Callable[[Asked], Value]
    facts: frozenset[Fact]
    unit: Unit
    most: int
    """The largest target that somebody can mean."""
    windowed: bool
    """Whether conditions may say `within_days`."""


METRICS: Registry[Metric] = Registry("metric")


def metric(
    *facts: Fact, unit: Unit, most: int, windowed: bool = False
) -> Callable[[Callable[[Asked], Value]], Callable[[Asked], Value]]:
    """Registers a function under its own name. Its value never falls below 0 and is never null."""

    def register(value: Callable[[Asked], Value]) -> Callable[[Asked], Value]:
        METRICS.add(value.__name__, Metric(value, frozenset(facts), unit, most, windowed))
        return value

    return register


def read(
    session: Session, customer: Customer, now: datetime, questions: Sequence[tuple[str, int | None]]
) -> dict[tuple[str, int | None], int]:
    """(metric, within_days) → the customer's figure at `now`, in one statement."""
    if not questions:
        return {}
    zone = ZoneInfo(str(customer.clinic.settings.get("timezone", "Asia/Bangkok")))
    today = now.astimezone(zone).date()
    asked = list(dict.fromkeys(questions))
    values = [METRICS[name].value(Asked(customer, zone, today, days)) for name, days in asked]
    found = session.execute(select(*(value.label(f"v{at}") for at, value in enumerate(values)))).one()
    return {question: int(value) for question, value in zip(asked, found, strict=True)}


@metric("payments", unit="times", most=10_000)
def purchases(asked: Asked) -> Value:
    """Payments of which something was kept: one that is refunded in full was no purchase."""
    return (
        select(func.count())
        .select_from(Payment)
        .where(Payment.customer_id == asked.customer.id, Payment.amount > Payment.refunded)
        .scalar_subquery()
    )


@metric("payments", unit="baht", most=1_000_000_000)
def total_spent(asked: Asked) -> Value:
    """Whole baht paid in all, less refunds."""
    spent = func.coalesce(func.sum(Payment.amount - Payment.refunded), 0)
    return select(cast(func.floor(spent), BigInteger)).where(Payment.customer_id == asked.customer.id).scalar_subquery()


@metric("visits", unit="visits", most=10_000, windowed=True)
def visits(asked: Asked) -> Value:
    """Days with a visit, since two treatments on one day are one visit. `within_days` counts today as one of them."""
    query = select(func.count(func.distinct(_day(asked)))).where(*_until_today(asked))
    if asked.within_days is not None:
        query = query.where(Visit.visited_at >= asked.midnight(asked.today - timedelta(days=asked.within_days - 1)))
    return query.scalar_subquery()


@metric("visits", unit="months", most=600)
def consecutive_months(asked: Asked) -> Value:
    """Calendar months in a row with a visit, up to this one or the last: this month may still be kept."""
    local = asked.local(Visit.visited_at)
    number = cast(func.extract("year", local) * 12 + func.extract("month", local), Integer).label("month")
    months = select(number).where(*_until_today(asked)).distinct().subquery()
    # Counting months down while row numbers go up, the sum stays the same as long as no month is missing.
    run = (months.c.month + func.row_number().over(order_by=months.c.month.desc())).label("run")
    runs = select(months.c.month, run).subquery()
    last = asked.today.year * 12 + asked.today.month - 1
    alive = select(func.count()).select_from(runs).group_by(runs.c.run).having(func.max(runs.c.month) >= last)
    return func.coalesce(alive.scalar_subquery(), 0)


@metric("referrals", unit="people", most=10_000)
def referrals(asked: Asked) -> Value:
    """Friends whose referral has been paid."""
    return (
        select(func.count())
        .select_from(Referral)
        .where(Referral.referrer_id == asked.customer.id, Referral.state == "paid")
        .scalar_subquery()
    )


@metric("reviews", unit="times", most=10_000)
def reviews(asked: Asked) -> Value:
    return select(func.count()).select_from(Review).where(Review.customer_id == asked.customer.id).scalar_subquery()


@metric("check_ins", unit="times", most=10_000)
def check_ins(asked: Asked) -> Value:
    return (
        select(func.count())
        .select_from(JourneyEvent)
        .where(JourneyEvent.customer_id == asked.customer.id, JourneyEvent.type == "checked_in")
        .scalar_subquery()
    )


@metric("visits", "birthday", unit="times", most=100)
def visit_on_birthday(asked: Asked) -> Value:
    """Birthdays spent at the clinic. Those born on 29 February keep it on the 28th in common years."""
    birthday = asked.customer.birth_month_day
    if birthday is None:
        return literal(0)
    day = _day(asked)
    kept: ColumnElement[bool] = func.to_char(day, "MM-DD") == birthday
    if birthday == "02-29":
        common_year = (func.to_char(day, "MM-DD") == "02-28") & (func.to_char(day + 1, "MM-DD") == "03-01")
        kept = or_(kept, common_year)
    return select(func.count(func.distinct(day))).where(*_until_today(asked), kept).scalar_subquery()


@metric("visits", unit="days", most=3_650)
def returned_after_days(asked: Asked) -> Value:
    """The longest time between two visits that followed each other."""
    days = select(_day(asked).label("day")).where(*_until_today(asked)).distinct().subquery()
    gap = (days.c.day - func.lag(days.c.day).over(order_by=days.c.day)).label("gap")
    return select(func.coalesce(func.max(select(gap).subquery().c.gap), 0)).scalar_subquery()


@metric("unlocks", unit="times", most=1_000)
def achievements(asked: Asked) -> Value:
    """Achievements the customer has unlocked so far."""
    return (
        select(func.count())
        .select_from(AchievementUnlock)
        .where(AchievementUnlock.customer_id == asked.customer.id)
        .scalar_subquery()
    )


def _day(asked: Asked) -> ColumnElement[Any]:
    return cast(asked.local(Visit.visited_at), Date)


def _until_today(asked: Asked) -> tuple[ColumnElement[bool], ...]:
    """The customer's visits. A visit dated after today is a booking or a wrong clock."""
    return (
        Visit.customer_id == asked.customer.id,
        Visit.visited_at < asked.midnight(asked.today + timedelta(days=1)),
    )
