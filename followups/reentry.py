"""How often a rule speaks to the same customer: once, once an anchor, or at another anchor after so many days.

What was sent counts, by whatever version of the rule, and what may have been; what was cancelled, skipped, missed or
refused does not. The steps of one anchor are one entry. Days are the clinic's own: what was held until noon does not
put off what is due in the morning of the day on which it may be said again.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Date, Text, case, cast, exists, func, literal_column, null, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from followups import together
from followups.had import SAID
from followups.together import Together
from models.base import among
from models.followups import TRIAL, FollowupExecution, FollowupRule, Reentry

EACH: Reentry = "each_anchor"
MOST_DAYS = 9_999
REASONS = ("said_once", "said_lately")
"""Why a rule does not speak to somebody to whom it has spoken: ever, or within its days."""
Theirs = tuple[UUID, UUID]
"""What one rule has said to one customer."""


@dataclass(frozen=True, order=True)
class Said:
    at: datetime
    id: UUID
    anchor: str


def against(rule: FollowupRule, said_at: datetime, at: datetime, zone: ZoneInfo) -> str | None:
    """Why it does not speak at this time of another anchor than the one of which it spoke then."""
    if rule.reentry == "once":
        return "said_once"
    if isinstance(rule.reentry, int) and _day(said_at, zone) > _day(at, zone) - timedelta(days=rule.reentry):
        return "said_lately"
    return None


def spoken(session: Session, one: FollowupExecution, at: datetime) -> str | None:
    """Why its rule does not speak of it at this time: it has spoken to this customer of another anchor. Of two that
    wait to leave the second does not. Cost: one statement for all that are judged together, where one of their rules
    is not for each anchor."""
    if one.rule.reentry == EACH:
        return None
    batch, theirs = together.of(session, one), (one.rule_id, one.customer_id)
    beside = filter(None, map(_said, batch.once(_beside, lambda: _beside(batch)).get(theirs, ())))
    all_ = [*batch.once(_before, lambda: _before(batch)).get(theirs, ()), *beside]
    mine, zone = _said(one), one.customer.clinic.settings.voice.zone
    others = (each for each in all_ if each.anchor != one.anchor and (mine is None or each < mine))
    return next((why for each in others if (why := against(one.rule, each.at, at, zone))), None)


def _said(one: FollowupExecution) -> Said | None:
    if one.status not in SAID or one.settled_at is None or one.anchor.startswith(TRIAL):
        return None
    return Said(one.settled_at, one.id, one.anchor)


def _beside(batch: Together) -> Mapping[Theirs, list[FollowupExecution]]:
    """Those that are judged together, which may have been said since they are."""
    found = defaultdict[Theirs, list[FollowupExecution]](list)
    for one in batch.executions:
        found[one.rule_id, one.customer_id].append(one)
    return found


def _before(batch: Together) -> Mapping[Theirs, list[Said]]:
    """What was said besides these."""
    table, these = FollowupExecution, {one.id for one in batch.executions}
    rules = list({one.rule_id for one in batch.executions if one.rule.reentry != EACH})
    told = (
        select(table.rule_id, table.customer_id, table.settled_at, table.id, table.anchor)
        .where(table.clinic_id == batch.clinic_id, among(table.rule_id, rules), batch.of_customers(table.customer_id))
        .where(table.status.in_(SAID), table.settled_at.is_not(None), ~table.anchor.startswith(TRIAL))
    )
    found = defaultdict[Theirs, list[Said]](list)
    for rule_id, customer_id, at, id_, anchor in batch.session.execute(told):
        if id_ not in these and at is not None:
            found[rule_id, customer_id].append(Said(at, id_, anchor))
    return found


def spoken_in_sql(
    rule: FollowupRule, zone: ZoneInfo, customer_id: ColumnElement[UUID], anchor: ColumnElement[str],
    at: ColumnElement[datetime],
) -> ColumnElement[Any]:  # fmt: skip
    """The same of what is planned, by what has been said until then: why not, as far as that is known."""
    none = cast(null(), Text)
    if rule.reentry == EACH:
        return none
    said = aliased(FollowupExecution)
    of_another = (
        said.clinic_id == rule.clinic_id, said.rule_id == rule.id, said.customer_id == customer_id,
        said.status.in_(SAID), said.anchor != anchor, ~said.anchor.startswith(TRIAL),
    )  # fmt: skip
    if not isinstance(rule.reentry, int):
        return case((exists(select(1).where(*of_another)), literal_column("'said_once'")), else_=none)
    lately = _day_in_sql(said.settled_at, zone) > _day_in_sql(at, zone) - rule.reentry
    return case((exists(select(1).where(*of_another, lately)), literal_column("'said_lately'")), else_=none)


def _day(at: datetime, zone: ZoneInfo) -> date:
    return at.astimezone(zone).date()


def _day_in_sql(at: ColumnElement[Any] | InstrumentedAttribute[Any], zone: ZoneInfo) -> ColumnElement[date]:
    return cast(func.timezone(str(zone), at), Date)
