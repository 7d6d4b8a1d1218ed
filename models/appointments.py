"""What the clinic's booking systems tell of who comes when."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import BigInteger, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Identified, Word, sealed_text
from models.clinics import OfClinic, belongs_to, related
from models.customers import Customer
from models.lifecycle import RESEAL, WHILE_KNOWN

AppointmentState = Literal["requested", "booked", "confirmed", "moved", "come", "completed", "no_show", "cancelled"]
"""Requested: the clinic has not said yes. Moved: another appointment stands in its place."""
Outcome = Literal["come", "completed", "no_show"]
Teller = Literal["source", "visit", "staff", "clock"]
"""Who says what came of it. Visit: the customer was there on that day, whoever told that."""


class Appointment(OfClinic, Identified):
    """One appointment, as its source last told it; `external_id` is the source's own.

    What a source tells may come late, twice and in any order. So of its state, and of who and when, each is kept with
    the source's own order of what told it, and what is older changes nothing.
    """

    __tablename__ = "appointments"
    retention = WHILE_KNOWN
    __table_args__ = (
        UniqueConstraint("clinic_id", "source", "external_id"),
        Index(
            "ix_appointments_ahead", "customer_id", "starts_at",
            postgresql_where=text("state IN ('requested', 'booked', 'confirmed')"),
        ),
        Index("ix_appointments_customer_id", "customer_id", "starts_at"),
        Index("ix_appointments_day", "clinic_id", "starts_at"),
        Index("ix_appointments_over", "look_at", "clinic_id", postgresql_where=text("look_at IS NOT NULL")),
        Index(
            "ix_appointments_failing", "clinic_id",
            postgresql_where=text("look_failing_since IS NOT NULL"),
        ),
        Index(
            "ix_appointments_replaces", "clinic_id", "source", "replaces",
            postgresql_where=text("replaces IS NOT NULL"),
        ),
    )  # fmt: skip

    customer_id: Mapped[UUID] = belongs_to("customers", merge=RESEAL)
    """Who booked it. Points, and whatever is said about it, are theirs."""
    branch_id: Mapped[UUID | None] = belongs_to("branches")
    source: Mapped[str]
    external_id: Mapped[str]
    state: Mapped[AppointmentState] = mapped_column(Word)
    """What it is: moved as long as another stands in its place, else what its source said last."""
    told_state: Mapped[AppointmentState] = mapped_column(Word)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime | None]
    service_code: Mapped[str | None]
    """Of the clinic's file; None where it names no service that the source means."""
    service_sealed: Mapped[bytes | None]
    """What the source calls the service."""
    about_sealed: Mapped[bytes | None]
    """For whom it is, where the booking has another name than the person who booked."""
    attendee_index: Mapped[bytes | None]
    """Blind index of the e-mail address that was told of whoever is to come, by which a guest of theirs is another."""
    by_link: Mapped[bool] = mapped_column(default=False)
    """Booked by a customer's own booking link: it stays theirs when it is moved, whoever the source then names."""
    replaces: Mapped[str | None]
    """The source's id of the appointment in whose place it stands."""
    state_order: Mapped[int] = mapped_column(BigInteger)
    person_order: Mapped[int | None] = mapped_column(BigInteger)
    """As the others, of what last named who comes; None where that is known only from the one that it replaces."""
    details_order: Mapped[int] = mapped_column(BigInteger)
    """The source's version, or its time in microseconds, of what last told the state, and when and what for."""
    told_at: Mapped[datetime]
    """When the source says that this was so."""
    outcome: Mapped[Outcome | None] = mapped_column(Word)
    """What came of it, by all that is known (`facts/days.py`); None while it is open, or where it was called off."""
    outcome_by: Mapped[Teller | None] = mapped_column(Word)
    staff_said: Mapped[Outcome | None] = mapped_column(Word)
    """`come` or `no_show`: what a member of the staff said last."""
    staff_said_at: Mapped[datetime | None]
    staff_said_by: Mapped[str | None]
    """As in `runtime/actors.py`."""
    staff_said_for: Mapped[datetime | None]
    """The beginning of which they said so: of another time it holds no more."""
    clocked_for: Mapped[datetime | None]
    """The beginning for which it counted as completed because nobody had told of a no-show."""
    look_at: Mapped[datetime | None]
    """When it is to be looked at again by itself, in business time: at its end, and where the clock completes."""
    look_error: Mapped[str | None]
    look_failing_since: Mapped[datetime | None]
    look_again_at: Mapped[datetime | None]
    """When one that fails is tried once more."""
    known_start: Mapped[datetime | None]
    """The beginning that the customer takes it to have; None: that they take it to be called off."""
    changed_at: Mapped[datetime | None]
    """When we last heard that it was moved or called off, or is on again: business time."""
    moved_by_customer: Mapped[bool] = mapped_column(default=False)
    """Of one that another stands in the place of."""
    listed_as: Mapped[int | None]
    """Its number in the staff's list of its day, for those who type; given when it is first listed."""
    created_at: Mapped[datetime]

    customer: Mapped[Customer] = related(customer_id)

    service = sealed_text("appointments.service")
    about = sealed_text("appointments.about")

    def key_owner(self) -> Customer:
        return self.customer
