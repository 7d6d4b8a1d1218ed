"""What was done for a customer at a visit."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import BigInteger, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from models.appointments import Appointment
from models.base import Identified, Word, sealed_text
from models.clinics import OfClinic, belongs_to, related
from models.customers import Customer
from models.lifecycle import RESEAL, WHILE_KNOWN

TreatmentState = Literal["performed", "voided"]


class Treatment(OfClinic, Identified):
    """One treatment: told by a source under an id of its own, or that of an appointment which was completed.

    As with appointments, what is older changes nothing.
    """

    __tablename__ = "treatments"
    retention = WHILE_KNOWN
    __table_args__ = (
        UniqueConstraint("clinic_id", "source", "external_id"),
        UniqueConstraint("clinic_id", "appointment_id"),
        Index("ix_treatments_customer_id", "customer_id", "performed_at"),
        Index(
            "ix_treatments_of_appointment", "clinic_id", "source", "of_appointment",
            postgresql_where=text("of_appointment IS NOT NULL"),
        ),
    )  # fmt: skip

    customer_id: Mapped[UUID] = belongs_to("customers", merge=RESEAL)
    branch_id: Mapped[UUID | None] = belongs_to("branches")
    visit_id: Mapped[UUID | None] = belongs_to("visits", index=True)
    """All of one visit are one anchor of what is said afterwards. None where it is for somebody else: who booked need
    not have been there."""
    source: Mapped[str]
    external_id: Mapped[str | None]
    """The source's own; None of what an appointment implies."""
    appointment_id: Mapped[UUID | None] = belongs_to("appointments")
    """Of what was told by nothing but its appointment, which was completed."""
    of_appointment: Mapped[str | None]
    """The source's id of the appointment at which it was done."""
    state: Mapped[TreatmentState] = mapped_column(Word)
    performed_at: Mapped[datetime]
    service_code: Mapped[str | None]
    """Of the clinic's file; None where it names no service that the source means."""
    service_sealed: Mapped[bytes | None]
    """What the source calls it."""
    staff_sealed: Mapped[bytes | None]
    """Who did it, where the source says so."""
    about_sealed: Mapped[bytes | None]
    """For whom it was, where the source has another name than the customer's."""
    workflow_id: Mapped[str | None]
    """Of the clinic's own workflow, handed on with whatever follows."""
    state_order: Mapped[int] = mapped_column(BigInteger)
    details_order: Mapped[int] = mapped_column(BigInteger)
    """The source's version, or its time in microseconds, of what last told the state, and who, when and what."""
    told_at: Mapped[datetime]
    """When the source says that this was so."""
    created_at: Mapped[datetime]

    customer: Mapped[Customer] = related(customer_id)
    appointment: Mapped[Appointment | None] = related(appointment_id)

    service = sealed_text("treatments.service")
    staff = sealed_text("treatments.staff")
    about = sealed_text("treatments.about")

    def key_owner(self) -> Customer:
        return self.customer
