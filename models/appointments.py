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
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime | None]
    service_code: Mapped[str | None]
    """Of the clinic's file; None where it names no service that the source means."""
    service_sealed: Mapped[bytes | None]
    """What the source calls the service."""
    about_sealed: Mapped[bytes | None]
    """For whom it is, where the booking has another name than the person who booked."""
    by_link: Mapped[bool] = mapped_column(default=False)
    """Booked by a customer's own booking link: it stays theirs when it is moved, whoever the source then names."""
    replaces: Mapped[str | None]
    """The source's id of the appointment in whose place it stands."""
    state_order: Mapped[int] = mapped_column(BigInteger)
    details_order: Mapped[int] = mapped_column(BigInteger)
    """The source's version, or its time in microseconds, of what last told the state, and who, when and what for."""
    told_at: Mapped[datetime]
    """When the source says that this was so."""
    created_at: Mapped[datetime]

    customer: Mapped[Customer] = related(customer_id)

    service = sealed_text("appointments.service")
    about = sealed_text("appointments.about")

    def key_owner(self) -> Customer:
        return self.customer
