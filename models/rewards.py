"""What points buy, what was bought, and the goals that give points."""

from datetime import datetime
from typing import Literal, NotRequired, TypedDict
from uuid import UUID

from sqlalchemy import Index, String, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Identified, Word
from models.clinics import OfClinic, belongs_to, related
from models.customers import Customer
from models.lifecycle import MOVE, MOVE_UNLESS_HAD, WHILE_KNOWN

RedemptionState = Literal["issued", "used", "cancelled", "expired"]


class Words(TypedDict):
    name: str
    description: NotRequired[str]


Texts = dict[str, Words]
"""By language."""


class Conditions(TypedDict):
    """What an achievement asks; checked by `loyalty/achievements.py`."""

    metric: str
    """One of `loyalty/metrics.py`."""
    at_least: int
    within_days: NotRequired[int]


class Reward(OfClinic, Identified):
    """Something points buy. `kind`: discount (percent in `value`), free_treatment or free_product."""

    __tablename__ = "rewards"
    __table_args__ = (UniqueConstraint("clinic_id", "code"),)

    code: Mapped[str]
    """Stable short name, such as `discount_5`."""
    kind: Mapped[str]
    name: Mapped[str]
    texts: Mapped[Texts] = mapped_column(JSONB(none_as_null=True), default=dict)
    points: Mapped[int]
    value: Mapped[int | None]
    """Percent of a discount."""
    stock: Mapped[int | None]
    """How many are left; null = no limit."""
    per_customer: Mapped[int | None]
    """How many a customer may hold or have used; null = no limit."""
    valid_from: Mapped[datetime | None]
    valid_until: Mapped[datetime | None]
    """Exclusive."""
    least_tier: Mapped[str | None]
    code_days: Mapped[int] = mapped_column(default=30)
    """How long a redemption's code is good for."""
    refund_unused: Mapped[bool] = mapped_column(default=True)
    """Whether a code that was never used gives its points back when it expires."""
    active: Mapped[bool] = mapped_column(default=True)
    position: Mapped[int] = mapped_column(default=0)


class Redemption(OfClinic, Identified):
    """One customer's purchase of a reward."""

    __tablename__ = "redemptions"
    retention = WHILE_KNOWN
    __table_args__ = (
        UniqueConstraint("clinic_id", "code"),
        Index("ix_redemptions_customer", "customer_id", "issued_at"),
        Index("ix_redemptions_open", "clinic_id", "expires_at", "id", postgresql_where=text("state = 'issued'")),
    )

    customer_id: Mapped[UUID] = belongs_to("customers", merge=MOVE)
    reward_id: Mapped[UUID] = belongs_to("rewards", index=True)
    transaction_id: Mapped[UUID] = belongs_to("point_transactions", unique=True)
    code: Mapped[str] = mapped_column(String(12))
    points: Mapped[int]
    state: Mapped[RedemptionState] = mapped_column(Word, default="issued")
    issued_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    """When it was used, cancelled or expired."""
    settled_by: Mapped[str | None]

    customer: Mapped[Customer] = related(customer_id)
    reward: Mapped[Reward] = related(reward_id)


class Achievement(OfClinic, Identified):
    """A goal with a points reward."""

    __tablename__ = "achievements"
    __table_args__ = (UniqueConstraint("clinic_id", "code"),)

    code: Mapped[str]
    name: Mapped[str] = mapped_column(String(255))
    texts: Mapped[Texts] = mapped_column(JSONB(none_as_null=True), default=dict)
    category: Mapped[str] = mapped_column(String(20))
    conditions: Mapped[Conditions] = mapped_column(JSONB(none_as_null=True))
    points_reward: Mapped[int] = mapped_column(default=0)
    badge_icon: Mapped[str | None] = mapped_column(String(10))
    secret: Mapped[bool] = mapped_column(default=False)
    active: Mapped[bool] = mapped_column(default=True)
    position: Mapped[int] = mapped_column(default=0)


class AchievementUnlock(OfClinic, Identified):
    """The fact that one customer reached one achievement, once, ever."""

    __tablename__ = "achievement_unlocks"
    retention = WHILE_KNOWN
    __table_args__ = (UniqueConstraint("clinic_id", "customer_id", "achievement_id"),)

    customer_id: Mapped[UUID] = belongs_to("customers", merge=MOVE_UNLESS_HAD)
    achievement_id: Mapped[UUID] = belongs_to("achievements", index=True)
    transaction_id: Mapped[UUID | None] = belongs_to("point_transactions")
    unlocked_at: Mapped[datetime]

    achievement: Mapped[Achievement] = related(achievement_id)
