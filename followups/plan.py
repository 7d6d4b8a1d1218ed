"""What is to be said, and when: worked out from the stream of facts, and anew when a rule has changed.

A kind's one SELECT of anchors plans both. What it no longer has is cancelled, what has moved is another anchor, so a
fact that is told twice, late or in another order ends in the same plan. Cost follows the facts and the rules that
change, never the customers.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    DateTime,
    FromClause,
    Integer,
    Select,
    Subquery,
    Text,
    Uuid,
    and_,
    any_,
    case,
    cast,
    column,
    exists,
    func,
    literal,
    literal_column,
    select,
    tuple_,
    update,
    values,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from followups import hours, own_hours, reentry
from followups.heard import Heard, hear
from followups.kind import Conditions, Kind, When, kinds
from models.clinics import Clinic
from models.followups import RESTS, FollowupExecution, FollowupRule
from runtime.work import Batch

DAY = timedelta(days=1)
"""A day may be an hour longer or shorter, and a month is not looked up here."""
PART = 25_000
"""Where a rule has changed, so many anchors are planned from in one transaction, and so many plans end in one: what is
written in a few seconds."""


def of_facts(session: Session, clinic: Clinic, now: datetime) -> int:
    """Plan what follows from the oldest facts. How many these were."""
    heard = hear(session, clinic)
    for rule in active(session, clinic) if heard else ():
        follow(session, clinic, rule, heard, now)
    return len(heard)


def follow(session: Session, clinic: Clinic, rule: FollowupRule, heard: Sequence[Heard], now: datetime) -> None:
    """Plan what follows from these facts by this rule."""
    kind = kinds[rule.type]
    if touched := _touched(kind, heard):
        _plan(session, clinic, rule, now, kind.rows(session, clinic, touched))


def _touched(kind: Kind[Conditions], heard: Sequence[Heard]) -> set[UUID]:
    """The rows of the kind's anchors that these facts are about."""
    return {UUID(one.data[kind.hears[one.type]]) for one in heard if one.type in kind.hears}


def of_the_day(session: Session, clinic: Clinic, now: datetime, batch: Batch) -> int:
    """Plan what the clinic's day itself brings, such as birthdays: one statement a rule, and the rules are what is
    taken. How many these were."""
    daily = [name for name in kinds if kinds[name].daily]
    due = select(FollowupRule.id).where(*_active(clinic), FollowupRule.type.in_(daily))
    taken = batch.take(session, due)
    chosen = FollowupRule.clinic_id == clinic.id, FollowupRule.id.in_(taken)
    for rule in session.scalars(select(FollowupRule).where(*chosen)):
        _plan(session, clinic, rule, now, None)
    return len(taken)


def changed(session: Session, clinic: Clinic) -> FollowupRule | None:
    """One that has changed since everything ahead was planned by it; locked."""
    asked = select(FollowupRule).where(FollowupRule.clinic_id == clinic.id, FollowupRule.to_plan)
    return session.scalars(asked.order_by(FollowupRule.id).limit(1).with_for_update(skip_locked=True)).first()


def anew(session: Session, clinic: Clinic, rule: FollowupRule, now: datetime) -> None:
    """Plan a part of all that is ahead of it: `to_plan` ends with the last one."""
    if rule.ended_at is not None:
        more = _end(session, rule, now)
    elif rule.active:
        more = _part(session, clinic, rule, now) or _supersede(session, clinic, rule, now)
    else:
        # Of one that rests what was planned is kept: when it goes on each is said, or has been missed.
        more = False
    if not more:
        if kinds[rule.type].worth is None:
            own_hours.say_before(session, clinic, now, FollowupExecution.rule_id == rule.id)
        rule.to_plan, rule.plan_error, rule.parts, rule.part = False, None, None, 0


def _part(session: Session, clinic: Clinic, rule: FollowupRule, now: datetime) -> bool:
    """The parts divide what is ahead by its ids, whatever comes meanwhile. False: there was none left."""
    if rule.parts is None:
        wanted = ahead(clinic, rule, now).subquery("ahead")
        rule.parts, rule.part = (session.scalar(select(func.count()).select_from(wanted)) or 0) // PART + 1, 0
    if rule.part == rule.parts:
        return False
    _plan(session, clinic, rule, now, None, (rule.part, rule.parts))
    rule.part += 1
    return True


def active(session: Session, clinic: Clinic) -> Sequence[FollowupRule]:
    return session.scalars(select(FollowupRule).where(*_active(clinic)).order_by(FollowupRule.id)).all()


def _active(clinic: Clinic) -> tuple[ColumnElement[bool], ...]:
    """One that could not be planned by is left alone until somebody has looked: then all that is ahead is planned."""
    table = FollowupRule
    return table.clinic_id == clinic.id, table.ended_at.is_(None), and_(table.active), table.plan_error.is_(None)


def ahead(
    clinic: Clinic, rule: FollowupRule, now: datetime, touched: Collection[UUID] | None = None
) -> Select[*tuple[object, ...]]:
    """What a rule says of everything that holds now, said or not: whom it is about, the anchor, when it is due, and
    until when it is of use. `touched`: of these rows alone; None: of all that may still be ahead."""
    kind = kinds[rule.type]
    conditions = kind.conditions.model_validate(rule.conditions)
    offsets = kind.offsets(conditions)
    since = now - max(timedelta(days=one.days, hours=one.hours) for one in offsets) - DAY if touched is None else None
    anchors = _anchors(kind.anchors(clinic, conditions, When(now, since, touched)).select.subquery(), touched)
    steps = values(column("step", Integer), column("days", Integer), column("hours", Integer), name="steps").data(
        [(step, one.days, one.hours) for step, one in enumerate(offsets)]
    )
    due = _due(anchors.c.at, steps.c.days, steps.c.hours, str(clinic.settings.voice.zone))
    if kind.worth is None:
        until: ColumnElement[datetime] = anchors.c.at
        zone = clinic.settings.voice.zone
        due = hours.before_in_sql(due, until, zone, hours.windows(clinic, kind.purpose, None))
    else:
        until = due + literal(kind.worth)
    chosen = select(
        anchors.c.customer_id,
        anchors.c.anchor,
        anchors.c.about_id,
        anchors.c.known_at,
        steps.c.step,
        due.label("due_at"),
        until.label("not_after"),
    ).select_from(anchors.join(steps, literal(True)))
    chosen = chosen.where(anchors.c.holds)
    return chosen if since is None else chosen.where(anchors.c.at > literal(since, DateTime(timezone=True)))


def _anchors(all_: Subquery, touched: Collection[UUID] | None) -> FromClause:
    """Those that were touched are read by their ids before anything else is asked of them: else the planner might go
    through an index of all that holds."""
    if touched is None:
        return all_
    return select(all_).where(all_.c.about_id == _any(touched)).cte("touched").prefix_with("MATERIALIZED")


def _due(
    at: ColumnElement[datetime], days: ColumnElement[int], hours: ColumnElement[int], zone: str
) -> ColumnElement[datetime]:
    """Days lie on the clinic's calendar, where a day may have 23 or 25 hours; hours are hours."""
    local = func.timezone(zone, at) + func.make_interval(0, 0, 0, days)
    moved = func.timezone(zone, local) + func.make_interval(0, 0, 0, 0, hours)
    return cast(moved, DateTime(timezone=True))


def _plan(
    session: Session,
    clinic: Clinic,
    rule: FollowupRule,
    now: datetime,
    touched: Collection[UUID] | None,
    part: tuple[int, int] = (0, 1),
) -> None:
    """`touched`: what follows from facts is planned from when they became known; None: the rule has changed, and only
    what is still ahead is planned, this part of so many."""
    wanted = ahead(clinic, rule, now, touched).cte("wanted")
    told = touched is not None or kinds[rule.type].daily
    from_ = wanted.c.known_at if told else literal(now, DateTime(timezone=True))
    late = wanted.c.due_at <= func.greatest(from_, literal(rule.active_since, DateTime(timezone=True)))
    zone = clinic.settings.voice.zone
    spoken = reentry.spoken_in_sql(rule, zone, wanted.c.customer_id, wanted.c.anchor, wanted.c.due_at)
    why_not = case((late, literal_column("'known_too_late'")), else_=spoken)
    rows = select(
        func.gen_random_uuid(),
        literal(clinic.id, Uuid()),
        literal(rule.id, Uuid()),
        literal(rule.version),
        wanted.c.customer_id,
        wanted.c.anchor,
        wanted.c.about_id,
        literal(kinds[rule.type].purpose),
        wanted.c.step,
        case((why_not.is_not(None), literal_column("'skipped'")), else_=literal_column("'planned'")),
        why_not,
        wanted.c.due_at,
        wanted.c.not_after,
        literal(0),
        literal(rule.workflow_id, Text()),
        literal(now, DateTime(timezone=True)),
    )
    rows = rows.where(wanted.c.not_after > now if told else ~late)
    if part[1] > 1:
        rows = rows.where(func.mod(func.abs(cast(func.uuid_hash(wanted.c.about_id), BigInteger)), part[1]) == part[0])
    table = FollowupExecution
    written = insert(table).from_select(
        [
            "id", "clinic_id", "rule_id", "rule_version", "customer_id", "anchor", "about_id", "purpose", "step",
            "status", "reason", "due_at", "not_after", "held", "workflow_id", "created_at",
        ],
        rows,
    )  # fmt: skip
    again = written.excluded
    another = (table.rule_version != again.rule_version) & again.reason.is_distinct_from("known_too_late")
    left_out = table.reason.in_(reentry.REASONS)
    session.execute(
        written.on_conflict_do_update(
            index_elements=["clinic_id", "rule_id", "anchor", "customer_id", "step"],
            set_={
                "rule_version": again.rule_version,
                "status": again.status,
                "reason": again.reason,
                "due_at": again.due_at,
                "not_after": again.not_after,
                "held": 0,
                "settled_at": None,
            },
            # What was said stays said. What is held keeps its time, as long as its rule is the same; and where it is
            # another, as long as that does not plan it for later (`_carry_over`). What another anchor stood in the way
            # of is planned where that does not any more.
            where=table.status.in_(("cancelled", "superseded"))
            | ((table.status == "planned") & another)
            | (left_out & (another | (again.status == "planned"))),
        )
    )
    if touched is not None:
        _cancel(session, clinic, rule, now, touched)
        if kinds[rule.type].worth is None:
            own_hours.say_before(session, clinic, now, table.rule_id == rule.id, table.about_id == _any(touched))


def _cancel(session: Session, clinic: Clinic, rule: FollowupRule, now: datetime, touched: Collection[UUID]) -> None:
    """What is planned of these and no longer wanted: the world has changed."""
    table = FollowupExecution
    gone = update(table).where(*_planned(rule), table.about_id == _any(touched), ~_wanted(clinic, rule, now, touched))
    gone = gone.values(status="cancelled", reason="no_longer_so", settled_at=now)
    session.execute(gone.execution_options(synchronize_session=False))


def _wanted(clinic: Clinic, rule: FollowupRule, now: datetime, touched: Collection[UUID]) -> ColumnElement[bool]:
    """Of an execution about one of these: whether its rule, as it is now, says this step of this anchor."""
    wanted = ahead(clinic, rule, now, touched).cte("wanted")
    table = FollowupExecution
    return exists(select(1).select_from(wanted).where(
        tuple_(wanted.c.customer_id, wanted.c.anchor, wanted.c.step)
        == tuple_(table.customer_id, table.anchor, table.step)
    ))  # fmt: skip


def _supersede(session: Session, clinic: Clinic, rule: FollowupRule, now: datetime) -> bool:
    """End what an earlier version had planned and this one does not, and take up what was due while the rule rested:
    the gates say what of that is still of use. Whether there may be more."""
    table = FollowupExecution
    earlier = (*_planned(rule), table.rule_version != rule.version)
    if _carry_over(session, clinic, rule, now, earlier):
        return True
    rested = update(table).where(*_planned(rule), table.rule_version == rule.version, table.reason == RESTS)
    session.execute(rested.values(due_at=now, reason=None).execution_options(synchronize_session=False))
    return _end_some(session, earlier, "rule_changed", now)


def _carry_over(
    session: Session, clinic: Clinic, rule: FollowupRule, now: datetime, earlier: Sequence[ColumnElement[bool]]
) -> bool:
    """What had come due by an earlier version, and is held or waits for its turn, would not be planned again, for its
    moment is over: as long as this version has it too it keeps its time, and the gates say what becomes of it. What it
    has no more ends. False: there was none left."""
    table = FollowupExecution
    come = (table.due_at <= now) | table.reason.is_not(None)  # only what was due has a reason while it is planned
    some = session.execute(select(table.id, table.about_id).where(*earlier, come).limit(PART)).all()
    if not some:
        return False
    these = (*earlier, table.id == _any([one.id for one in some]))
    kept = update(table).where(*these, _wanted(clinic, rule, now, {one.about_id for one in some}))
    session.execute(kept.values(rule_version=rule.version).execution_options(synchronize_session=False))
    _end_some(session, these, "rule_changed", now)
    return True


def _end(session: Session, rule: FollowupRule, now: datetime) -> bool:
    """A rule that was deleted says nothing more. Whether there may be more to end."""
    return _end_some(session, _planned(rule), "rule_deleted", now)


def _end_some(session: Session, which: Sequence[ColumnElement[bool]], reason: str, now: datetime) -> bool:
    table = FollowupExecution
    some = select(table.id).where(*which).limit(PART).cte("some").prefix_with("MATERIALIZED")
    ended = (
        update(table)
        .where(*which, table.id.in_(select(some.c.id)))
        .values(status="superseded", reason=reason, settled_at=now)
    )
    done = session.execute(ended.returning(table.id).execution_options(synchronize_session=False))
    return len(done.all()) == PART


def _planned(rule: FollowupRule) -> tuple[ColumnElement[bool], ...]:
    table = FollowupExecution
    return table.clinic_id == rule.clinic_id, table.rule_id == rule.id, table.status == "planned"


def _any(ids: Collection[UUID]) -> Any:
    return any_(literal(list(ids), ARRAY(Uuid())))
