"""Achievements: goals over the figures of `loyalty/metrics.py`, unlocked once, ever.

Conditions are JSON of one of these shapes; `validate` refuses any other:

    {"metric": "total_spent", "at_least": 10000}
    {"metric": "visits", "at_least": 5, "within_days": 90}
"""

from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import and_, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from loyalty import goals, ledger, metrics, notifications
from loyalty.booking import News
from loyalty.entries import Cause
from loyalty.errors import BadConditions, BadPoints, LimitReached
from loyalty.goals import LONGEST_WINDOW
from loyalty.metrics import METRICS, Fact, Unit
from loyalty.notifications import Kind
from models.base import new_id
from models.clinics import Clinic
from models.customers import Customer
from models.loyalty import LoyaltyProfile, NotificationData, PointTransaction
from models.rewards import Achievement, AchievementUnlock

LARGEST_REWARD = 1_000_000
ANY_FACT: frozenset[Fact] = frozenset().union(*(METRICS[name].facts for name in METRICS))

NEWS: tuple[Kind, ...] = ("achievement_unlocked",)
"""What is told of an unlock."""

log = structlog.get_logger(__name__)

_ITS_UNLOCK = and_(
    AchievementUnlock.clinic_id == Achievement.clinic_id,
    AchievementUnlock.achievement_id == Achievement.id,
    AchievementUnlock.customer_id == metrics.CUSTOMER,
)


_ITS_ACHIEVEMENT = and_(
    AchievementUnlock.clinic_id == Achievement.clinic_id, AchievementUnlock.achievement_id == Achievement.id
)


@dataclass(frozen=True)
class Goal:
    """Conditions that have been checked."""

    metric: str
    at_least: int
    within_days: int | None = None

    @property
    def question(self) -> tuple[str, int | None]:
        return self.metric, self.within_days


@dataclass(frozen=True)
class Unlocked:
    achievement: Achievement
    at: datetime


@dataclass(frozen=True)
class InProgress:
    achievement: Achievement
    current: int
    """Never more than `target`."""
    target: int
    unit: Unit


@dataclass(frozen=True)
class Gallery:
    """What a customer may see. Of a secret achievement that is not unlocked nothing is here but its being counted."""

    unlocked: tuple[Unlocked, ...]
    """The newest first."""
    in_progress: tuple[InProgress, ...]
    """The nearest to its goal first."""
    secrets_left: int


def validate(conditions: object) -> None:
    """Raises `BadConditions`, saying what to write instead."""
    goal_of(conditions)


def goal_of(conditions: object) -> Goal:
    """The goal that conditions describe. Raises `BadConditions`."""
    if not isinstance(conditions, dict):
        raise BadConditions('conditions are an object such as {"metric": "visits", "at_least": 5}')
    name = conditions.get("metric")
    if not isinstance(name, str) or name not in METRICS:
        raise BadConditions(f"{name!r} is no metric: use one of {', '.join(METRICS)}")
    metric = METRICS[name]
    taken = ("metric", "at_least", *(("within_days",) if metric.windowed else ()))
    unknown = sorted(str(key) for key in conditions if key not in taken)
    if unknown:
        raise BadConditions(f"{name} does not take {', '.join(unknown)}: leave it out, and keep to {', '.join(taken)}")
    target = _whole(conditions, "at_least", metric.most)
    if "within_days" not in conditions:
        return Goal(name, target)
    days = _whole(conditions, "within_days", LONGEST_WINDOW)
    if target > days:
        raise BadConditions(f"{target} {name} within {days} days cannot be reached, as a day counts once: ask for less")
    return Goal(name, target, days)


def _whole(conditions: dict[Any, Any], key: str, most: int) -> int:
    value = conditions.get(key)
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= most:
        raise BadConditions(f"{key} is {value!r}: give a whole number from 1 to {most:,}")
    return value


def save(session: Session, achievement: Achievement) -> None:
    """Keep a clinic's achievement, new or changed; each customer is held against it when they next earn or look, and
    nobody before. Raises `BadConditions` or `BadPoints`: the caller rolls back."""
    validate(achievement.conditions)
    points = achievement.points_reward
    if isinstance(points, bool) or not isinstance(points, int) or not 0 <= points <= LARGEST_REWARD:
        raise BadPoints(points)
    session.add(achievement)
    renew(session, achievement.clinic_id)


def renew(session: Session, clinic_id: UUID) -> None:
    """The clinic's goals are others now."""
    session.execute(update(Clinic).where(Clinic.id == clinic_id).values(goals=Clinic.goals + 1))


def check(
    session: Session, profile: LoyaltyProfile, now: datetime, *, changed: Collection[Fact] = ANY_FACT
) -> list[AchievementUnlock]:
    """Unlock what the customer has newly reached, with its points and its notice. The caller holds the profile's lock.

    `changed` is a hint: the facts that may differ since the last check; achievements over others are not looked at,
    unless the clinic's goals have changed meanwhile. Costs one statement when nothing unlocks, and none when nothing
    changed. An unlock may complete another goal, so it looks again until nothing more unlocks.
    """
    unlocked: list[AchievementUnlock] = []
    if profile.goals < profile.customer.clinic.goals:
        changed, profile.goals = ANY_FACT, profile.customer.clinic.goals
    while changed:
        reached = goals.reached(session, profile.customer, now, changed)
        known = [id_ for id_, conditions in reached if _goal_or_none(id_, conditions)]
        new = [unlock for achievement in known if (unlock := _unlock(session, profile, achievement, now))]
        unlocked += new
        changed = frozenset[Fact]({"unlocks"}) if new else frozenset[Fact]()
    return unlocked


def take_back(
    session: Session, profile: LoyaltyProfile, since: datetime, now: datetime, *, actor: str
) -> Collection[datetime]:
    """Under the profile's lock: what unlocked since then and is not reached any more was never unlocked; when it did.

    Their points go back. What one of them counted for is looked at again, too.
    """
    taken: set[datetime] = set()
    while True:
        session.flush()
        rows = session.execute(
            select(AchievementUnlock, Achievement)
            .join(Achievement, _ITS_ACHIEVEMENT)
            .where(AchievementUnlock.customer_id == profile.customer_id, AchievementUnlock.unlocked_at >= since)
        ).all()
        asked = {unlock: goal for unlock, one in rows if (goal := _goal_or_none(one.id, one.conditions)) is not None}
        figures = metrics.read(session, profile.customer, now, [goal.question for goal in asked.values()])
        lost = [unlock for unlock, goal in asked.items() if figures[goal.question] < goal.at_least]
        if not lost:
            return taken
        for unlock in lost:
            _take_back(session, profile, unlock, now, actor)
        taken.update(unlock.unlocked_at for unlock in lost)


def take_doubled(
    session: Session, source: LoyaltyProfile, target: LoyaltyProfile, now: datetime, *, actor: str
) -> None:
    """Two records of one person, under both locks: what both have unlocked was unlocked once, and of the one that ends
    its points go back. Else every new record of somebody would bring them anew.
    """
    had = select(AchievementUnlock.achievement_id).where(
        AchievementUnlock.clinic_id == target.clinic_id, AchievementUnlock.customer_id == target.customer_id
    )
    doubled = select(AchievementUnlock).where(
        AchievementUnlock.clinic_id == source.clinic_id, AchievementUnlock.customer_id == source.customer_id
    )
    for unlock in session.scalars(doubled.where(AchievementUnlock.achievement_id.in_(had))).all():
        notifications.withdraw(session, source.customer, NEWS, unlock.unlocked_at)
        _take_back(session, source, unlock, now, actor)
    session.flush()


def _take_back(session: Session, profile: LoyaltyProfile, unlock: AchievementUnlock, now: datetime, actor: str) -> None:
    if unlock.transaction_id is not None:
        earned = session.get_one(PointTransaction, (unlock.transaction_id, unlock.clinic_id))
        cause = Cause("undo", key=f"undo:{unlock.id}", reference=earned.reference, actor=actor)
        ledger.claw_back(session, profile, earned, earned.amount, cause, now)
    session.delete(unlock)


def unlocked_at(session: Session, customer: Customer, moment: datetime) -> Sequence[Achievement]:
    """What the customer reached with the fact that was told at this very moment."""
    mine = AchievementUnlock.clinic_id == customer.clinic_id, AchievementUnlock.customer_id == customer.id
    return session.scalars(
        select(Achievement)
        .join(AchievementUnlock.achievement)
        .where(*mine, AchievementUnlock.unlocked_at == moment)
        .order_by(AchievementUnlock.id)
    ).all()


def look(session: Session, profile: LoyaltyProfile, now: datetime) -> None:
    """Before a customer is shown their goals: what they had reached before the clinic asked for it unlocks. Costs
    nothing where the clinic's goals are known."""
    if profile.goals < profile.customer.clinic.goals:
        check(session, ledger.open_profile(session, profile.customer, now), now, changed=())


def looked_at(session: Session, profile: LoyaltyProfile, now: datetime) -> Gallery:
    """What the customer is shown of their goals, with what they had reached before the clinic asked for it."""
    # Who has the most points that one can have unlocks no more of them, and is shown the rest all the same.
    with suppress(LimitReached), session.begin_nested():
        look(session, profile, now)
    return progress(session, profile.customer, now)


def progress(session: Session, customer: Customer, now: datetime) -> Gallery:
    """Read-only: what is unlocked, how far the others are, and how many secrets are left."""
    rows = session.execute(
        select(Achievement, AchievementUnlock.unlocked_at)
        .outerjoin(AchievementUnlock, _ITS_UNLOCK)
        .where(
            Achievement.clinic_id == customer.clinic_id,
            or_(Achievement.active, AchievementUnlock.unlocked_at.is_not(None)),
        )
        .order_by(AchievementUnlock.unlocked_at.desc(), Achievement.position, Achievement.code),
        {"customer": customer.id},
    ).all()
    unlocked = [Unlocked(achievement, at) for achievement, at in rows if at is not None]
    unreached = [achievement for achievement, at in rows if at is None]
    locked = [achievement for achievement in unreached if _offered(customer.clinic, achievement)]
    asked = {
        one: goal for one in locked if not one.secret and (goal := _goal_or_none(one.id, one.conditions)) is not None
    }
    figures = metrics.read(session, customer, now, [goal.question for goal in asked.values()])
    shown = [
        InProgress(one, min(figures[goal.question], goal.at_least), goal.at_least, METRICS[goal.metric].unit)
        for one, goal in asked.items()
    ]
    shown.sort(key=lambda each: -each.current / each.target)
    return Gallery(tuple(unlocked), tuple(shown), sum(one.secret for one in locked))


def _offered(clinic: Clinic, achievement: Achievement) -> bool:
    """Whether the clinic has what is to be done for it."""
    return clinic.settings.referral.enabled or achievement.conditions.get("metric") != "referrals"


def achievement_of(session: Session, clinic: Clinic, code: str) -> Achievement | None:
    """By its code, as notifications and unlocks name it."""
    return session.scalars(
        select(Achievement).where(Achievement.clinic_id == clinic.id, Achievement.code == code)
    ).one_or_none()


def _unlock(session: Session, profile: LoyaltyProfile, achievement_id: UUID, now: datetime) -> AchievementUnlock | None:
    """None when it was unlocked before: the unique row decides, whatever the caller has locked."""
    unlock = session.scalars(
        insert(AchievementUnlock)
        .values(
            id=new_id(),
            clinic_id=profile.clinic_id,
            customer_id=profile.customer_id,
            achievement_id=achievement_id,
            unlocked_at=now,
        )
        .on_conflict_do_nothing()
        .returning(AchievementUnlock)
    ).one_or_none()
    if unlock is None:
        return None
    achievement = session.get_one(Achievement, (achievement_id, profile.clinic_id))
    # By the unlock: one that is taken back may be reached again, and is news again.
    key = f"achievement:{unlock.id}"
    data: NotificationData = {"achievement": achievement.code}
    if achievement.points_reward > 0:
        cause = Cause("achievement", key=key, reference=achievement.code)
        news = News("achievement_unlocked", data, key)
        unlock.transaction_id = ledger.earn(session, profile, achievement.points_reward, cause, now, news=news).id
    else:
        notifications.write(session, profile.customer, "achievement_unlocked", now, data=data, key=key)
    return unlock


def _goal_or_none(achievement_id: UUID, conditions: object) -> Goal | None:
    """None for a row that was written past `save`: one clinic's slip must not stop its payments from earning."""
    try:
        return goal_of(conditions)
    except BadConditions as error:
        log.warning("achievement_conditions_refused", achievement=str(achievement_id), why=str(error))
        return None
