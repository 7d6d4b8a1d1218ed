"""Who is signed in to the portal, and which of LINE's tokens was shown by which browser."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Identified, Word
from models.clinics import OfClinic, belongs_to, related
from models.customers import Customer
from models.lifecycle import MOVE, after

Way = Literal["liff", "login"]
"""Inside LINE, by the token of its app; or in a browser, by LINE Login."""


class PortalSession(OfClinic, Identified):
    """One browser in which a customer is signed in; the cookie's key is kept as its hash. Times are real."""

    __tablename__ = "portal_sessions"
    retention = after(60, "until")
    __table_args__ = (
        UniqueConstraint("clinic_id", "key_hash"),
        Index("ix_portal_sessions_customer", "customer_id", "seen_at"),
        Index("ix_portal_sessions_over", "clinic_id", "until"),
    )

    customer_id: Mapped[UUID] = belongs_to("customers", merge=MOVE)
    key_hash: Mapped[bytes]
    way: Mapped[Way] = mapped_column(Word)
    device: Mapped[str]
    """What kind it is, in one word of ours: `iphone`, `android`, `computer`, `other`."""
    began_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    """To ten minutes."""
    before_at: Mapped[datetime | None]
    """When the customer had looked last before this visit, here, or in a new browser anywhere: what has happened since
    is news. Null: they had never looked, as far as is kept."""
    until: Mapped[datetime]
    """Nothing is shown from then on: it moves on while the browser is used, and is now when somebody ends it."""

    customer: Mapped[Customer] = related(customer_id)


class PortalToken(OfClinic, Identified):
    """A token of LINE's that was shown, as its hash: whose it is, and which browser showed it first."""

    __tablename__ = "portal_tokens"
    retention = after(1, "until")
    __table_args__ = (
        UniqueConstraint("clinic_id", "token_hash"),
        Index("ix_portal_tokens_over", "clinic_id", "until"),
    )

    token_hash: Mapped[bytes]
    browser_hash: Mapped[bytes]
    """Of the cookie of the browser that showed it first."""
    until: Mapped[datetime]
    """When the token ends, in real time."""
