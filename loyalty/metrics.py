"""What an achievement can ask for: a closed set of figures about one customer. Adding a metric is adding one function.

A metric answers with an SQL expression over the parameters below. So whatever is asked about a customer is asked in one
statement, and a statement is put together once in the life of a process: that costs four times its execution.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Literal

from sqlalchemy import BigInteger, Date, DateTime, Integer, Select, Text, Uuid, and_, bindparam, cast, func, or_, select
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import ColumnElement

from models.customers import Customer, JourneyEvent
from models.facts import Payment, Referral, Review, Visit
from models.rewards import AchievementUnlock
from runtime.registry import Registry

Fact = Literal["payments", "visits", "referrals", "reviews", "check_ins", "birthday", "unlocks"]
"""What a metric is computed from. Who has changed none of them need not ask again."""
Unit = Literal["baht", "times", "visits", "months", "people", "days"]
Value = ColumnElement[int]
Question = tuple[str, int | None]
"""(metric, within_days); None: ever."""

CUSTOMER = bindparam("customer", type_=Uuid())
ZONE = bindparam("zone", type_=Text())
TODAY = bindparam("today", type_=Date())
"""The day in the clinic's zone."""
BIRTHDAY = bindparam("birthday", type_=Text())
"""`MM-DD`, or null."""


@dataclass(frozen=True)
class Metric:
    value: Callable[..., Value]
    """Takes `within_days` when it is windowed, else nothing."""
    facts: frozenset[Fact]
    unit: Unit
    most: int
    """The largest target that somebody can mean."""
    windowed: bool
    """Whether conditions may say `within_days`."""


METRICS: Registry[Metric] = Registry("metric")


def metric(
    *facts: Fact, unit: Unit, most: int, windowed: bool = False
) -> Callable[[Callable[..., Value]], Callable[..., Value]]:
    """Registers a function under its own name. Its value never falls below 0 and is never null."""

    def register(value: Callable[..., Value]) -> Callable[..., Value]:
        METRICS.add(value.__name__, Metric(value, frozenset(facts), unit, most, windowed))
        return value

    return register


def read(session: Session, customer: Customer, now: datetime, questions: Sequence[Question]) -> dict[Question, int]:
    """The customer's figures at `now`, in one statement."""
    if not questions:
        return {}
    asked = tuple(dict.fromkeys(questions))
    found = session.execute(_statement(asked), parameters(customer, now)).one()
    return {question: int(value) for question, value in zip(asked, found, strict=True)}


def parameters(customer: Customer, now: datetime) -> dict[str, Any]:
    """What an expression of a metric is asked with."""
    zone = customer.clinic.settings.voice.zone
    return {
        "customer": customer.id,
        "zone": zone.key,
        "today": now.astimezone(zone).date(),
        "birthday": customer.birth_month_day,
    }


@lru_cache(maxsize=512)
def _statement(asked: tuple[Question, ...]) -> Select[*tuple[Any, ...]]:
    values = (
        METRICS[name].value(within_days) if METRICS[name].windowed else METRICS[name].value()
        for name, within_days in asked
    )
    return select(*(value.label(f"v{at}") for at, value in enumerate(values)))


def _midnight(days: int | ColumnElement[int]) -> ColumnElement[Any]:
    """The instant at which the day begins that lies so many days after today."""
    return func.timezone(ZONE, cast(TODAY + days, DateTime()))


def _month(day: ColumnElement[Any]) -> ColumnElement[int]:
    """Months since the year 0."""
    return cast(func.extract("year", day) * 12 + func.extract("month", day), Integer)


_DAY: ColumnElement[Any] = cast(func.timezone(ZONE, Visit.visited_at), Date)
"""The day of a visit by the clinic's clock."""
_UNTIL_TODAY = (Visit.customer_id == CUSTOMER, Visit.uncounted.is_(None), Visit.visited_at < _midnight(1))
"""The customer's visits. A visit dated after today is a booking or a wrong clock."""


_COUNTED = (Payment.customer_id == CUSTOMER, Payment.uncounted.is_(None))
"""The customer's payments."""


@metric("payments", unit="times", most=10_000)
def purchases() -> Value:
    """Payments of which something was kept: one that is refunded in full was no purchase."""
    return (
        select(func.count()).select_from(Payment).where(*_COUNTED, Payment.amount > Payment.refunded).scalar_subquery()
    )


@metric("payments", unit="baht", most=1_000_000_000)
def total_spent() -> Value:
    """Whole baht paid in all, less refunds."""
    spent = func.coalesce(func.sum(Payment.amount - Payment.refunded), 0)
    return select(cast(func.floor(spent), BigInteger)).where(*_COUNTED).scalar_subquery()


@metric("visits", unit="visits", most=10_000, windowed=True)
def visits(within_days: int | ColumnElement[int] | None) -> Value:
    """Days with a visit, since two treatments on one day are one visit. `within_days` counts today as one of them."""
    query = select(func.count(func.distinct(_DAY))).where(*_UNTIL_TODAY)
    if within_days is not None:
        query = query.where(Visit.visited_at >= _midnight(1 - within_days))
    return query.scalar_subquery()


@metric("visits", unit="months", most=600)
def consecutive_months() -> Value:
    """Calendar months in a row with a visit, up to this one or the last: this month may still be kept."""
    months = select(_month(_DAY).label("month")).where(*_UNTIL_TODAY).distinct().subquery()
    # Counting months down while row numbers go up, the sum stays the same as long as no month is missing.
    run = (months.c.month + func.row_number().over(order_by=months.c.month.desc())).label("run")
    runs = select(months.c.month, run).subquery()
    kept_up = func.max(runs.c.month) >= _month(TODAY) - 1
    alive = select(func.count()).select_from(runs).group_by(runs.c.run).having(kept_up)
    return func.coalesce(alive.scalar_subquery(), 0)


@metric("referrals", unit="people", most=10_000)
def referrals() -> Value:
    """Friends whose referral has been paid."""
    return (
        select(func.count())
        .select_from(Referral)
        .where(Referral.referrer_id == CUSTOMER, Referral.state == "paid")
        .scalar_subquery()
    )


@metric("reviews", unit="times", most=10_000)
def reviews() -> Value:
    return select(func.count()).select_from(Review).where(Review.customer_id == CUSTOMER).scalar_subquery()


@metric("check_ins", unit="times", most=10_000)
def check_ins() -> Value:
    return (
        select(func.count())
        .select_from(JourneyEvent)
        .where(JourneyEvent.customer_id == CUSTOMER, JourneyEvent.type == "checked_in")
        .scalar_subquery()
    )


@metric("visits", "birthday", unit="times", most=100)
def visit_on_birthday() -> Value:
    """Birthdays spent at the clinic. Those born on 29 February keep it on the 28th in common years."""
    on_28_february = and_(func.to_char(_DAY, "MM-DD") == "02-28", func.to_char(_DAY + 1, "MM-DD") == "03-01")
    kept = or_(func.to_char(_DAY, "MM-DD") == BIRTHDAY, and_(BIRTHDAY == "02-29", on_28_february))
    return select(func.count(func.distinct(_DAY))).where(*_UNTIL_TODAY, kept).scalar_subquery()


@metric("visits", unit="days", most=3_650)
def returned_after_days() -> Value:
    """The longest time between two visits that followed each other."""
    days = select(_DAY.label("day")).where(*_UNTIL_TODAY).distinct().subquery()
    gap = (days.c.day - func.lag(days.c.day).over(order_by=days.c.day)).label("gap")
    return select(func.coalesce(func.max(select(gap).subquery().c.gap), 0)).scalar_subquery()


@metric("unlocks", unit="times", most=1_000)
def achievements() -> Value:
    """Achievements the customer has unlocked so far."""
    return (
        select(func.count())
        .select_from(AchievementUnlock)
        .where(AchievementUnlock.customer_id == CUSTOMER)
        .scalar_subquery()
    )
