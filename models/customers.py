"""Customers, how they are known elsewhere, and their LINE link."""

from datetime import datetime
from typing import TypedDict
from uuid import UUID

from sqlalchemy import Computed, Index, UniqueConstraint, false, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Identified, Sealing, sealed_text
from models.clinics import OfClinic, belongs_to, related
from models.lifecycle import MOVE, RESEAL, WHILE_KNOWN


class Customer(OfClinic, Identified):
    """A person known to a clinic. Texts about them are under `data_key`; erasure sets it to null."""

    __tablename__ = "customers"
    __table_args__ = (
        Index("ix_customers_merged_into", "merged_into", postgresql_where=text("merged_into IS NOT NULL")),
        Index(
            "uq_customers_member_number", "clinic_id", "member_number", unique=True,
            postgresql_where=text("member_number IS NOT NULL"),
        ),
        Index(
            "ix_customers_birthday", "clinic_id", "birth_month", "birthday_year", "id",
            postgresql_where=text("joined_at IS NOT NULL AND merged_into IS NULL AND data_key IS NOT NULL"),
        ),
        Index(
            "ix_customers_birth_month_day", "clinic_id", "birth_month_day", "id",
            postgresql_where=text("joined_at IS NOT NULL AND merged_into IS NULL AND data_key IS NOT NULL"),
        ),
    )  # fmt: skip
    retention = WHILE_KNOWN

    data_key: Mapped[bytes | None]
    display_name_sealed: Mapped[bytes | None]
    language: Mapped[str | None]
    """Chosen by the customer, or taken from the LINE profile until they choose."""
    language_chosen: Mapped[bool] = mapped_column(default=False)
    birth_month_day: Mapped[str | None]
    """`MM-DD`, in clear for the daily set-based job."""
    birth_month: Mapped[str | None] = mapped_column(Computed("left(birth_month_day, 2)", persisted=True))
    adult: Mapped[bool | None]
    """Whether they say that they are 20 or older, which is all that is kept of their age; null until they answer."""
    birthday_year: Mapped[int] = mapped_column(default=0, server_default="0")
    """The last year in which the points of the birthday were seen to."""
    joined_at: Mapped[datetime | None]
    member_number: Mapped[str | None]
    """On the card of who has joined; `customers/cards.py` makes and reads it."""
    created_at: Mapped[datetime]
    erased_at: Mapped[datetime | None]
    merged_into: Mapped[UUID | None] = belongs_to("customers", merge=MOVE)
    """The record that stands for this person today: never one that is merged itself."""
    merged_at: Mapped[datetime | None]

    display_name = sealed_text("customers.display_name")

    def key_owner(self) -> "Customer":
        return self


class CustomerIdentity(OfClinic, Identified):
    """One way in which a customer is known: kind `line`, `phone`, `email` or `booking:<source>`.

    A phone or e-mail is here once its owner has proved it; what others tell of them is a contact.
    """

    __tablename__ = "customer_identities"
    retention = WHILE_KNOWN
    __table_args__ = (UniqueConstraint("clinic_id", "kind", "value_index"),)

    customer_id: Mapped[UUID] = belongs_to("customers", index=True, merge=RESEAL)
    kind: Mapped[str]
    value_sealed: Mapped[bytes]
    value_index: Mapped[bytes]
    verified_at: Mapped[datetime | None]

    customer: Mapped[Customer] = related(customer_id)

    value = sealed_text("customer_identities.value")

    def key_owner(self) -> Customer:
        return self.customer


class LineLink(OfClinic, Sealing):
    """One LINE account of a customer's, who may have several: whether it can be reached, and the menu it shows."""

    __tablename__ = "line_links"
    retention = WHILE_KNOWN
    __table_args__ = (
        Index("ix_line_links_menu_due", "clinic_id", "menu_due_at", postgresql_where=text("menu_due_at IS NOT NULL")),
        Index(
            "ix_line_links_profile_due", "clinic_id", "profile_due_at",
            postgresql_where=text("profile_due_at IS NOT NULL"),
        ),
        Index(
            "ix_line_links_menu_error", "clinic_id",
            postgresql_where=text("menu_due_at IS NULL AND menu_error IS NOT NULL"),
        ),
        Index(
            "ix_line_links_profile_error", "clinic_id",
            postgresql_where=text("profile_due_at IS NULL AND profile_error IS NOT NULL"),
        ),
    )  # fmt: skip

    user_index: Mapped[bytes] = mapped_column(primary_key=True)
    """Blind index of LINE's user id, as `customer_identities` and the actor of an event have it."""
    customer_id: Mapped[UUID] = belongs_to("customers", index=True, merge=RESEAL)
    user_id_sealed: Mapped[bytes]
    heard_at: Mapped[datetime | None]
    """When the account last did anything; a push goes to the one heard from last."""
    followed_at: Mapped[datetime | None]
    unfollowed_at: Mapped[datetime | None]
    """Set while the person blocks the account, or was met in the portal and is no friend yet: nothing is pushed and no
    menu is linked. It withdraws no consent."""

    linked_menu: Mapped[str | None]
    """The platform's richMenuId that it was last told to show; null when that is not known."""
    menu_due_at: Mapped[datetime | None]
    """When the linking worker should look at this row, in the database's time; null when nothing is to be done. Which
    menu it should be is worked out then: rules only ask to look again."""
    menu_attempts: Mapped[int] = mapped_column(default=0)
    menu_error: Mapped[str | None]

    profile_due_at: Mapped[datetime | None]
    """When the name and language should be asked from LINE, in the database's time; null when known or given up."""
    profile_attempts: Mapped[int] = mapped_column(default=0)
    profile_asked_at: Mapped[datetime | None]
    """When LINE last answered, or was given up, in the database's time."""
    profile_error: Mapped[str | None]

    customer: Mapped[Customer] = related(customer_id)

    user_id = sealed_text("line_links.user_id")

    @property
    def reachable(self) -> bool:
        """Whether LINE would deliver: a friend who has not blocked the account since."""
        if self.unfollowed_at is None:
            return True
        return self.followed_at is not None and self.followed_at > self.unfollowed_at

    def row_key(self) -> str:
        return self.user_index.hex()

    def key_owner(self) -> Customer:
        return self.customer


class JourneyData(TypedDict, total=False):
    """What belongs to a fact: codes, ids and amounts only, nothing that names a person."""

    day: str
    """Local date of a check-in."""
    by: str
    """Who did it, as in `runtime/actors.py`."""
    service: str | None
    amount: str
    """Baht, as text."""
    points: int
    """Of an adjustment, signed."""
    payment: str
    kind: str
    """What a request about one's data asks for."""
    held: str
    """Why a payment counts for nothing."""
    appointment: str
    starts_at: str
    """Of an appointment, ISO."""
    invoice: str
    due_on: str
    """Of a bill, an ISO date."""
    course: str
    visit: str
    treatment: str
    execution: str
    """Of what was said unasked."""
    workflow: str | None
    """An opaque id of the clinic's own workflow."""
    rating: int
    redemption: str
    tier: str
    """That was lowered to."""
    duplicate: str
    """The record that was merged into this customer's."""
    notice: str
    """The kind of what the staff were told."""
    act: str
    """What a member of the staff did in their group."""
    way: str
    """How the staff's answer went: `reply`, which costs nothing, or `push`; by what an appointment counts as completed:
    `source`, `visit`, `staff` or `clock`."""


class JourneyEvent(OfClinic, Identified):
    """A dated fact about a customer. `data` holds codes, ids and amounts only: nothing that names a person."""

    __tablename__ = "customer_journey_events"
    retention = WHILE_KNOWN
    __table_args__ = (
        UniqueConstraint("clinic_id", "key"),
        Index("ix_customer_journey_events_customer", "customer_id", "occurred_at"),
        Index("ix_customer_journey_events_unplanned", "clinic_id", "id", postgresql_where=text("unplanned")),
        Index("ix_customer_journey_events_broken", "clinic_id", "id", postgresql_where=text("plan_error IS NOT NULL")),
    )

    customer_id: Mapped[UUID] = belongs_to("customers", merge=MOVE)
    branch_id: Mapped[UUID | None] = belongs_to("branches")
    type: Mapped[str]
    key: Mapped[str | None]
    """Business key: the same fact told twice is one row."""
    occurred_at: Mapped[datetime]
    data: Mapped[JourneyData] = mapped_column(JSONB(none_as_null=True), default=dict)
    unplanned: Mapped[bool] = mapped_column(default=False, server_default=false())
    """The mark of `followups/plan.py`: what follows from it is still to be worked out."""
    plan_error: Mapped[str | None]
    """Why that could not be; it is left to a person."""
