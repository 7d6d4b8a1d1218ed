"""Rewards: what points buy, who may have which, and buying one.

Locks, always in this order: the customer's profile, the reward, the redemption. So of two that race for the last
points or the last of the stock one wins, and the other is told why not.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from customers import journey
from loyalty import entries, ledger, standing
from loyalty.entries import Cause
from loyalty.errors import Refusal, RewardRefused
from loyalty.points import profile_of
from models.base import new_id
from models.clinics import Clinic
from models.customers import Customer
from models.loyalty import LoyaltyProfile, PointTransaction
from models.rewards import Redemption, Reward
from runtime.actors import CUSTOMER
from runtime.codes import new_code

KINDS = ("discount", "free_treatment", "free_product")
REMEMBERED = timedelta(days=30)
"""How long the catalogue still explains a reward that is over, for those who come for it too late."""
_FARNESS = ("points", "tier", "not_yet", "limit", "stock", "over")
"""Reasons in the order in which a customer can do something about them."""


@dataclass(frozen=True)
class RewardOffer:
    reward: Reward
    refusal: Refusal | None
    """Why this customer cannot have it now; None when they can."""
    available: int
    """What the customer has to spend, never below 0."""


def catalogue(session: Session, customer: Customer, now: datetime) -> list[RewardOffer]:
    """What the clinic offers, for this customer: affordable first, then by how near it is. Locks nothing."""
    rewards = session.scalars(
        select(Reward)
        .where(
            Reward.clinic_id == customer.clinic_id,
            Reward.active,
            or_(Reward.valid_until.is_(None), Reward.valid_until > now - REMEMBERED),
        )
        .order_by(Reward.position, Reward.points, Reward.id)
    ).all()
    profile = profile_of(session, customer)
    balance = _balance(session, profile, now)
    had = _had(session, customer)
    offers = [
        RewardOffer(reward, _refusal(customer, profile, reward, balance, had.get(reward.id, 0), now), max(balance, 0))
        for reward in rewards
    ]
    return sorted(offers, key=_nearness)


def offer(session: Session, customer: Customer, reward_id: UUID, now: datetime) -> RewardOffer:
    """One offer of the customer's clinic. Raises `RewardRefused` (unknown)."""
    reward = session.get(Reward, (reward_id, customer.clinic_id))
    if reward is None or not reward.active:
        raise RewardRefused(Refusal("unknown"))
    profile = profile_of(session, customer)
    balance = _balance(session, profile, now)
    had = _had(session, customer).get(reward.id, 0)
    return RewardOffer(reward, _refusal(customer, profile, reward, balance, had, now), max(balance, 0))


def redeem(
    session: Session,
    customer: Customer,
    reward_id: UUID,
    now: datetime,
    *,
    key: str | None = None,
    at_points: int | None = None,
    actor: str = CUSTOMER,
) -> Redemption:
    """Take the points and issue a code. With the same `key` the first redemption is returned and nothing changes.

    `at_points` is the price the customer was shown. Raises `RewardRefused`.
    """
    if profile_of(session, customer) is None:
        # A refusal is no reason to open a profile.
        refusal = offer(session, customer, reward_id, now).refusal
        if refusal is not None:
            raise RewardRefused(refusal)
    profile = ledger.open_profile(session, customer, now)
    if key is not None:
        keys = [f"redeem:{id_}:{key}" for id_ in entries.records_of(session, customer)]
        first, key = _paid_with(session, customer, keys), keys[0]
        if first is not None:
            return first
    reward = lock(session, customer.clinic_id, reward_id)
    if reward is None or not reward.active:
        raise RewardRefused(Refusal("unknown"))
    if at_points is not None and at_points != reward.points:
        raise RewardRefused(Refusal("price_changed"))
    had = _had(session, customer).get(reward.id, 0)
    refusal = _refusal(customer, profile, reward, profile.available_points, had, now)
    if refusal is not None:
        raise RewardRefused(refusal)
    cause = Cause("reward", key=key, reference=str(reward.id), actor=actor)
    entry = ledger.spend(session, profile, reward.points, cause, now)
    if reward.stock is not None:
        reward.stock -= 1
    redemption = _issue(session, profile, reward, entry.id, now)
    journey.write(session, customer, "reward_redeemed", now, data={"redemption": str(redemption.id)})
    return redemption


def lock(session: Session, clinic_id: UUID, reward_id: UUID) -> Reward | None:
    """The clinic's reward under its row lock, as it is now."""
    return lock_all(session, clinic_id, {reward_id}).get(reward_id)


def lock_all(session: Session, clinic_id: UUID, rewards: Collection[UUID]) -> dict[UUID, Reward]:
    """Those of the clinic, by id, locked in the order of locks."""
    session.flush()
    found = session.scalars(
        select(Reward)
        .where(Reward.id.in_(rewards), Reward.clinic_id == clinic_id)
        .order_by(Reward.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return {reward.id: reward for reward in found}


def good_until(issued_at: datetime, days: int, clinic: Clinic) -> datetime:
    """The first instant at which a code is no longer good: the end of a day, in the clinic's zone."""
    zone = clinic.settings.voice.zone
    local = issued_at.astimezone(zone)
    return datetime(local.year, local.month, local.day, tzinfo=zone) + timedelta(days=days + 1)


def _issue(session: Session, profile: LoyaltyProfile, reward: Reward, entry_id: UUID, now: datetime) -> Redemption:
    issued = None
    while issued is None:
        issued = session.scalars(
            insert(Redemption)
            .values(
                id=new_id(),
                clinic_id=profile.clinic_id,
                customer_id=profile.customer_id,
                reward_id=reward.id,
                transaction_id=entry_id,
                code=new_code(),
                points=reward.points,
                state="issued",
                issued_at=now,
                expires_at=good_until(now, reward.code_days, profile.customer.clinic),
            )
            # The code is another's: draw again.
            .on_conflict_do_nothing(index_elements=["clinic_id", "code"])
            .returning(Redemption)
        ).one_or_none()
    return issued


def _paid_with(session: Session, customer: Customer, keys: Sequence[str]) -> Redemption | None:
    """The redemption whose ledger entry has one of these business keys."""
    return session.scalars(
        select(Redemption)
        .join(PointTransaction, PointTransaction.id == Redemption.transaction_id)
        .where(PointTransaction.clinic_id == customer.clinic_id, PointTransaction.idempotency_key.in_(keys))
        .order_by(Redemption.issued_at, Redemption.id)
        .limit(1)
    ).one_or_none()


def _had(session: Session, customer: Customer) -> Mapping[UUID, int]:
    """How many the customer holds or has used, by reward."""
    counted = session.execute(
        select(Redemption.reward_id, func.count().label("had"))
        .where(Redemption.customer_id == customer.id, Redemption.state.in_(("issued", "used")))
        .group_by(Redemption.reward_id)
    )
    return {row.reward_id: row.had for row in counted}


def _balance(session: Session, profile: LoyaltyProfile | None, now: datetime) -> int:
    """What there is to spend; below 0 what is owed."""
    if profile is None:
        return 0
    held = standing.of(session, profile, now)
    return held.available - held.owed


def _refusal(
    customer: Customer, profile: LoyaltyProfile | None, reward: Reward, balance: int, had: int, now: datetime
) -> Refusal | None:
    """The first reason that stands against it: what cannot be helped comes before what can."""
    if reward.valid_until is not None and reward.valid_until <= now:
        return Refusal("over", at=reward.valid_until)
    if reward.valid_from is not None and reward.valid_from > now:
        return Refusal("not_yet", at=reward.valid_from)
    if reward.stock is not None and reward.stock <= 0:
        return Refusal("stock")
    if reward.per_customer is not None and had >= reward.per_customer:
        return Refusal("limit", limit=reward.per_customer)
    if reward.least_tier is not None and not _reached(customer, profile, reward.least_tier):
        return Refusal("tier", tier=reward.least_tier)
    if balance < reward.points:
        # What is owed is missing too: it is filled first.
        return Refusal("points", missing=reward.points - balance)
    return None


def _reached(customer: Customer, profile: LoyaltyProfile | None, least: str) -> bool:
    names = [tier.name for tier in customer.clinic.settings.tiers.steps]
    current = profile.current_tier if profile else names[0]
    # A name the clinic no longer has is a tier that nobody reaches.
    return least in names and current in names and names.index(current) >= names.index(least)


def _nearness(offer: RewardOffer) -> tuple[int, int]:
    if offer.refusal is None:
        return (-1, 0)
    return (_FARNESS.index(offer.refusal.code), offer.refusal.missing)
