"""Which of a clinic's goals a customer has reached and not unlocked, in one statement, whatever the goals are."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Integer, Numeric, Text, any_, bindparam, case, cast, exists, func, not_, null, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import ColumnElement

from loyalty import metrics
from loyalty.metrics import METRICS, Fact, Metric
from models.customers import Customer
from models.rewards import Achievement, AchievementUnlock

LONGEST_WINDOW = 3_660

_ASKED = Achievement.conditions


def _number(name: str) -> ColumnElement[Any]:
    """Null where it is none. Rows may have been written past `achievements.save`: none of them breaks the statement."""
    return case((func.jsonb_typeof(_ASKED[name]) == "number", cast(_ASKED[name].astext, Numeric)))


def _figure(metric: Metric) -> ColumnElement[Any]:
    if not metric.windowed:
        return metric.value()
    # Out of these bounds it is no window, and null reaches nothing.
    days = case((_number("within_days").between(1, LONGEST_WINDOW), cast(_number("within_days"), Integer)))
    return case((_ASKED.has_key("within_days"), metric.value(days)), else_=metric.value(None))


# Each figure is a subquery of its own, which PostgreSQL reckons once, and only where a goal asks for it.
_FIGURE = case(*((_ASKED["metric"].astext == name, _figure(METRICS[name])) for name in METRICS), else_=null())
_UNLOCKED = exists().where(
    AchievementUnlock.clinic_id == Achievement.clinic_id,
    AchievementUnlock.achievement_id == Achievement.id,
    AchievementUnlock.customer_id == metrics.CUSTOMER,
)
_REACHED = (
    select(Achievement.id, Achievement.conditions)
    .where(
        Achievement.clinic_id == bindparam("clinic"),
        Achievement.active,
        _ASKED["metric"].astext == any_(bindparam("metrics", type_=ARRAY(Text))),
        not_(_UNLOCKED.correlate(Achievement)),
        _number("at_least") <= _FIGURE,
    )
    .order_by(Achievement.position, Achievement.code)
)


def reached(
    session: Session, customer: Customer, now: datetime, changed: Collection[Fact]
) -> list[tuple[UUID, dict[str, Any]]]:
    """Id and conditions of those over figures that these facts may have changed, in the clinic's order. The conditions
    are not checked: what they ask beyond a metric, a number and a window is not looked at."""
    session.flush()
    asked = [name for name in METRICS if METRICS[name].facts & frozenset(changed)]
    values = {"clinic": customer.clinic_id, "metrics": asked, **metrics.parameters(customer, now)}
    return [(row.id, dict(row.conditions)) for row in session.execute(_REACHED, values)]
