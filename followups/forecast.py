"""Who would be spoken to by a rule in the next days, and who not, and why: nothing is written.

Who comes into question is one statement over what is ahead of the rule, by customer, and ends where the page does; it
has a limit of its own, for a clinic of millions on a busy day. Of those on a page each is asked what the door asks, so
that nothing is said here which it would not say. Figures: `docs/performance.md`.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from psycopg.errors import QueryCanceled
from sqlalchemy import Result, RowMapping, Select, and_, func, select, union_all
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from channels.base import Channels
from followups import plan, preview, reentry
from followups.asked import End
from followups.errors import TooMuchAhead
from followups.kind import kinds
from followups.preview import Fate
from models.clinics import Clinic
from models.customers import Customer
from models.followups import FollowupExecution, FollowupRule

AHEAD = timedelta(days=30)
COUNTED = 10_000
"""More are not counted."""
LOOKED_FOR = timedelta(seconds=4)
"""A statement of looking takes no longer: less than any statement of a request may, so that this can still be said."""


@dataclass(frozen=True)
class Expected:
    """One that comes into question, and what would become of it."""

    customer_id: UUID
    anchor: str
    due_at: datetime
    fate: Fate


@dataclass(frozen=True)
class Page:
    items: Sequence[Expected]
    next: UUID | None
    """Where the next page goes on: behind this customer."""


def many(session: Session, clinic: Clinic, rule: FollowupRule, now: datetime) -> int:
    """How many come into question, `COUNTED` + 1 at most. Raises `TooMuchAhead`."""
    some = _wanted(clinic, rule, now).limit(COUNTED + 1).subquery()
    return int(_looked(session, select(func.count()).select_from(some)).scalar_one())


def page(
    session: Session,
    channels: Channels,
    clinic: Clinic,
    rule: FollowupRule,
    now: datetime,
    *,
    after: UUID | None,
    most: int,
) -> Page:
    """By customer. One customer's are never divided; of one with more than a page the rest is left out. Raises
    `TooMuchAhead`."""
    wanted = _wanted(clinic, rule, now).subquery()
    chosen = select(wanted).order_by(wanted.c.customer_id, wanted.c.due_at, wanted.c.anchor).limit(most + 1)
    rows = _looked(session, chosen if after is None else chosen.where(wanted.c.customer_id > after)).mappings().all()
    more = len(rows) > most
    if more:
        whole = [row for row in rows if row["customer_id"] != rows[-1]["customer_id"]]
        rows = whole or rows[:most]
    known = _known(session, rule, rows)
    items = [_expected(session, channels, rule, row, known, now) for row in rows]
    return Page(_in_turn(clinic, rule, items), rows[-1]["customer_id"] if more else None)


def _looked(session: Session, statement: Select[Any]) -> Result[Any]:
    """The transaction is over where it raises; the limit of before holds behind the statement."""
    before = session.execute(select(func.current_setting("statement_timeout"))).scalar_one()
    limited = func.set_config("statement_timeout", f"{LOOKED_FOR // timedelta(milliseconds=1)}ms", True)
    session.execute(select(limited))
    try:
        found = session.execute(statement)
    except OperationalError as error:
        if isinstance(error.orig, QueryCanceled):
            raise TooMuchAhead from error
        raise
    session.execute(select(func.set_config("statement_timeout", before, True)))
    return found


def _expected(
    session: Session, channels: Channels, rule: FollowupRule, row: RowMapping, known: dict[Any, FollowupExecution],
    now: datetime,
) -> Expected:  # fmt: skip
    there = known.get((row["customer_id"], row["anchor"], row["step"]))
    if there is not None and there.status not in ("planned", "cancelled", "superseded"):
        end = End(there.status, there.reason or there.status)
        return Expected(row["customer_id"], row["anchor"], there.due_at, Fate(there.settled_at or now, (), end))
    customer = session.get_one(Customer, (row["customer_id"], rule.clinic_id))
    about = preview.asked(session, preview.of(rule, customer, dict(row)), row["due_at"])
    return Expected(row["customer_id"], row["anchor"], row["due_at"], preview.fate(channels, about))


def _in_turn(clinic: Clinic, rule: FollowupRule, items: Sequence[Expected]) -> Sequence[Expected]:
    """What a rule will have said of one anchor may stand against another, in the order in which they are said."""
    found, zone, said = list(items), clinic.settings.voice.zone, defaultdict[UUID, list[Expected]](list)
    for place, one in sorted(enumerate(items), key=lambda each: each[1].fate.at):
        others = (each for each in said[one.customer_id] if each.anchor != one.anchor)
        why = next((why for each in others if (why := reentry.against(rule, each.fate.at, one.fate.at, zone))), None)
        if one.fate.end is None and why:
            found[place] = replace(one, fate=replace(one.fate, end=End("skipped", why)))
        elif one.fate.end is None:
            said[one.customer_id].append(one)
    return found


def _known(session: Session, rule: FollowupRule, rows: Sequence[RowMapping]) -> dict[Any, FollowupExecution]:
    """What was planned of these, or has become of it."""
    table = FollowupExecution
    mine = table.clinic_id == rule.clinic_id, table.rule_id == rule.id
    theirs = table.anchor.in_({row["anchor"] for row in rows}), table.customer_id.in_({r["customer_id"] for r in rows})
    found = session.scalars(select(table).where(*mine, *theirs))
    return {(one.customer_id, one.anchor, one.step): one for one in found}


def _wanted(clinic: Clinic, rule: FollowupRule, now: datetime) -> Select[Any]:
    """Those of the calendar are asked for day by day, as they are planned."""
    days = range(AHEAD.days + 1) if kinds[rule.type].daily else (0,)
    each = [plan.ahead(clinic, rule, now + timedelta(days=day)) for day in days]
    all_ = (union_all(*each) if len(each) > 1 else each[0]).subquery("expected")
    return select(all_).where(and_(all_.c.due_at > now, all_.c.due_at <= now + AHEAD))
