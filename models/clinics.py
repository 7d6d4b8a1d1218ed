"""A clinic: one brand with one LINE Official Account, its customers, rules and settings."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Integer, PrimaryKeyConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Identified, sealed_text


class Clinic(Identified):
    __tablename__ = "clinics"

    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    data_key: Mapped[bytes]
    settings: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """What the clinic chose: persona, brand_color, timezone, tiers, points_per_baht, policy texts."""
    line_channel_id: Mapped[str | None]
    line_basic_id: Mapped[str | None]
    line_channel_secret_sealed: Mapped[bytes | None]
    line_bot_token_sealed: Mapped[bytes | None]
    created_at: Mapped[datetime]

    line_channel_secret = sealed_text()
    line_bot_token = sealed_text()

    def key_owner(self) -> "Clinic":
        return self

    def clinic_of(self) -> UUID:
        return self.id


class RichMenu(Base):
    """What the last sync saw on the platform, which is the truth; this row only saves asking."""

    __tablename__ = "rich_menus"
    __table_args__ = (PrimaryKeyConstraint("clinic_id", "name"),)

    clinic_id: Mapped[UUID] = mapped_column(ForeignKey("clinics.id"))
    name: Mapped[str]
    """`<look>-<language>`, such as `guest-th`."""
    rich_menu_id: Mapped[str]
    content_hash: Mapped[str]
    synced_at: Mapped[datetime]

    clinic: Mapped[Clinic] = relationship()


class BusinessClock(Base):
    """How far business time is moved ahead of real time; one row, in development only."""

    __tablename__ = "business_clock"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False, default=1)
    offset_seconds: Mapped[int] = mapped_column(default=0)
