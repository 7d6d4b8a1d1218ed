"""Points as the rest of the product knows them: given, adjusted, read."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import Text, and_, cast, func, or_, select, tuple_
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import ColumnElement

from customers import cards
from customers.line_accounts import menus_due
from loyalty import achievements, entries, ledger
from loyalty.booking import News
from loyalty.entries import Cause
from loyalty.errors import BadPoints
from models.clinics import Clinic
from models.customers import Customer
from models.facts import Payment
from models.loyalty import EntryType, LoyaltyProfile, PointTransaction
from models.rewards import Achievement, Reward
from runtime.actors import SYSTEM

LARGEST = 1_000_000

GIVEN = ("earned", "adjusted")
"""The types of entries that add to total points, which `reconcile` counts."""

Part = Literal["earned", "spent", "expired"]
"""Of a history: what came, what went by somebody's doing, and what went by itself."""
PARTS: dict[Part, ColumnElement[bool]] = {
    "earned": PointTransaction.amount > 0,
    "spent": and_(PointTransaction.amount < 0, PointTransaction.type != "expired"),
    "expired": and_(PointTransaction.amount < 0, PointTransaction.type == "expired"),
}


def profile_of(session: Session, customer: Customer) -> LoyaltyProfile | None:
    return session.get(LoyaltyProfile, (customer.id, customer.clinic_id))


def create_loyalty_profile(session: Session, customer: Customer, now: datetime) -> LoyaltyProfile:
    """Make the customer a member, once, with a number and the clinic's welcome points; a member stays as they are.

    Whoever was given a profile by an award before they joined receives the welcome points now.
    """
    profile = ledger.open_profile(session, customer, now)
    if customer.joined_at is None:
        customer.joined_at = now
    cards.give_number(session, customer)
    points = customer.clinic.settings.points.welcome
    if points and entries.by_person(session, profile, "welcome:{}") is None:
        ledger.earn(session, profile, points, Cause("welcome", key=f"welcome:{customer.id}"), now)
    menus_due(session, customer)
    return profile


def award_points(
    session: Session,
    customer: Customer,
    points: int,
    description: str,
    type: EntryType = "earned",  # noqa: A002 - the word of the interface this function is known by
    workflow_id: str | None = None,
    *,
    now: datetime,
    source: str = "award",
    key: str | None = None,
    actor: str = SYSTEM,
) -> PointTransaction:
    """Give points, look at tier and achievements again, write notices: all in the caller's transaction.

    `key` is the business key of the fact; the same key returns the first entry and changes nothing.
    `workflow_id` is kept as a reference and is not a key. A customer who never joined gets a profile without the
    welcome points. Raises `BadPoints`, `LimitReached`, and `ValueError` for a type that gives nothing.
    """
    if type not in GIVEN:
        raise ValueError(f"no points are given as {type!r}: use one of {', '.join(GIVEN)}")
    check_amount(points)
    profile = ledger.open_profile(session, customer, now)
    cause = Cause(source, key=key, reference=workflow_id, description=description, actor=actor)
    news = News("points_earned", {"points": points, "source": source})
    entry = ledger.earn(session, profile, points, cause, now, type_=type, news=news)
    achievements.check(session, profile, now, changed=())
    return entry


def adjust_points(
    session: Session,
    customer: Customer,
    points: int,
    reason: str,
    *,
    now: datetime,
    actor: str,
    counts: bool = False,
    key: str | None = None,
) -> PointTransaction:
    """A correction by staff, signed, with its reason. Only one marked `counts` touches total points and the tier.

    Raises `BadPoints` (also for an empty reason), `NotEnoughPoints` and `LimitReached`.
    """
    check_amount(points if isinstance(points, bool) or not isinstance(points, int) else abs(points))
    if not reason.strip():
        raise BadPoints("an adjustment without a reason")
    profile = ledger.open_profile(session, customer, now)
    cause = Cause("adjustment", key=key, description=reason, actor=actor)
    if points > 0:
        return ledger.earn(session, profile, points, cause, now, type_="adjusted", counts=counts)
    if counts and profile.total_points + points < 0:
        raise BadPoints(points)
    return ledger.spend(session, profile, -points, cause, now, type_="adjusted", counts=counts)


def check_amount(points: object) -> None:
    """Raises `BadPoints` unless it is a whole number that somebody can mean."""
    if isinstance(points, bool) or not isinstance(points, int) or not 0 < points <= LARGEST:
        raise BadPoints(points)


def up_to_date(session: Session, profile: LoyaltyProfile, now: datetime) -> None:
    """Before a customer reads their history: a page without the line that emptied the account would puzzle them. Costs
    nothing where nothing has matured or expired."""
    if profile.due_at is not None and profile.due_at <= now:
        ledger.open_profile(session, profile.customer, now)


def history(
    session: Session,
    customer: Customer,
    *,
    before: UUID | None = None,
    limit: int = 8,
    workflow: str | None = None,
    only: Part | None = None,
) -> tuple[Sequence[PointTransaction], UUID | None]:
    """What happened last first, and the id to continue `before`; None when there is nothing older. What is told late
    stands where it happened, and moves no page.

    An id of another customer's entry is no place in this history: it starts at the beginning. `workflow`: only what was
    given by that workflow of the clinic, or for a payment of it. `only`: one part of it.
    """
    query = select(PointTransaction).where(PointTransaction.customer_id == customer.id, PointTransaction.amount != 0)
    if workflow is not None:
        of_it = Payment.clinic_id == customer.clinic_id, Payment.workflow_id == workflow
        paid = select(cast(Payment.id, Text)).where(*of_it, Payment.customer_id == customer.id)
        given = and_(PointTransaction.source == "award", PointTransaction.reference == workflow)
        query = query.where(or_(given, PointTransaction.reference.in_(paid)))
    if only is not None:
        query = query.where(PARTS[only])
    if before is not None:
        place = session.execute(
            select(PointTransaction.occurred_at, PointTransaction.id).where(
                PointTransaction.id == before, PointTransaction.customer_id == customer.id
            )
        ).one_or_none()
        if place is not None:
            query = query.where(tuple_(PointTransaction.occurred_at, PointTransaction.id) < tuple(place))
    newest_first = query.order_by(PointTransaction.occurred_at.desc(), PointTransaction.id.desc())
    found = session.scalars(newest_first.limit(limit + 1)).all()
    return found[:limit], found[limit - 1].id if len(found) > limit else None


def balances(session: Session, lines: Sequence[PointTransaction]) -> dict[UUID, int]:
    """What there was to spend after each of these lines of one customer's history, newest first, by the line's id."""
    if not lines:
        return {}
    newest, order = lines[0], (PointTransaction.occurred_at, PointTransaction.id)
    after = func.sum(PointTransaction.amount).over(order_by=order).label("after")
    until = (
        select(PointTransaction.id, after)
        .where(
            PointTransaction.customer_id == newest.customer_id,
            tuple_(*order) <= (newest.occurred_at, newest.id),
        )
        .subquery()
    )
    asked = select(until).where(until.c.id.in_([line.id for line in lines]))
    return {id_: int(points) for id_, points in session.execute(asked)}


def named(session: Session, clinic: Clinic, lines: Sequence[PointTransaction]) -> dict[UUID, Achievement | Reward]:
    """What lines of the history were for where the clinic has a name for it: by the line's id."""
    of = {line.id: line.reference for line in lines if line.reference}
    goals = {of[line.id] for line in lines if line.source in ("achievement", "undo") and line.id in of}
    bought = {UUID(of[line.id]) for line in lines if line.source in ("reward", "reward_cancelled") and line.id in of}
    found: dict[str, Achievement | Reward] = {}
    if goals:
        known = select(Achievement).where(Achievement.clinic_id == clinic.id, Achievement.code.in_(goals))
        found |= {goal.code: goal for goal in session.scalars(known)}
    if bought:
        sold = select(Reward).where(Reward.clinic_id == clinic.id, Reward.id.in_(bought))
        found |= {str(reward.id): reward for reward in session.scalars(sold)}
    return {id_: found[reference] for id_, reference in of.items() if reference in found}
