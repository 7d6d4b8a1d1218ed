"""What the clinic's own systems tell of courses: sessions bought together, used one by one."""

from datetime import date, datetime
from decimal import Decimal
from typing import Literal
from uuid import UUID

from sqlalchemy import BigInteger, Index, Numeric, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Identified, Word, sealed_text
from models.clinics import OfClinic, belongs_to, related
from models.customers import Customer
from models.lifecycle import RESEAL, WHILE_KNOWN

CourseSaid = Literal["active", "frozen", "ended", "refunded"]
"""What a source says of a course."""
CourseState = Literal["active", "frozen", "used_up", "ended", "refunded"]
"""What it is: used up is seen from its sessions."""
SessionState = Literal["planned", "used", "given_back"]
"""Given back: it was used or planned, and is to be had again."""


class Course(OfClinic, Identified):
    """One course of one customer, as its source last told it; `external_id` is the source's own.

    As of an appointment, what comes late, twice or in another order changes nothing that is newer. What a customer has
    of somebody else's is a course of its own, which says no more than its source does: the rest is as with the one
    that its sessions came from.
    """

    __tablename__ = "courses"
    retention = WHILE_KNOWN
    __table_args__ = (
        UniqueConstraint("clinic_id", "source", "external_id"),
        Index("ix_courses_customer_id", "customer_id", "ends_on"),
    )

    customer_id: Mapped[UUID] = belongs_to("customers", merge=RESEAL)
    """Whose sessions they are: always who it was told of first."""
    from_id: Mapped[UUID | None] = belongs_to("courses", index=True)
    """The course that its sessions were shared from."""
    source: Mapped[str]
    external_id: Mapped[str]
    state: Mapped[CourseState] = mapped_column(Word)
    told_state: Mapped[CourseSaid] = mapped_column(Word)
    name_sealed: Mapped[bytes | None]
    """What the source calls it."""
    contract_sealed: Mapped[bytes | None]
    """The clinic's own reference of the contract."""
    service_code: Mapped[str | None]
    price: Mapped[Decimal | None] = mapped_column(Numeric(12, 2))
    """Baht, of all of it. Nothing is earned by it: points are earned when money is paid."""
    sold_on: Mapped[date]
    """A local day; of what was shared, that of the sharing."""
    ends_on: Mapped[date | None]
    """The last day on which a session can be had; None where the source names none."""
    controlled: Mapped[bool | None]
    """Whether the rules of contracts for beauty services hold for it; None where the source does not say."""
    bought: Mapped[int]
    shared_in: Mapped[int] = mapped_column(default=0)
    """Sessions that came from another one; `bought` says as many until the source says more of it."""
    used: Mapped[int] = mapped_column(default=0)
    given_back: Mapped[int] = mapped_column(default=0)
    shared_out: Mapped[int] = mapped_column(default=0)
    """Sums of its sessions, and of what was shared from it."""
    state_order: Mapped[int] = mapped_column(BigInteger, default=-1)
    details_order: Mapped[int] = mapped_column(BigInteger, default=-1)
    ends_order: Mapped[int] = mapped_column(BigInteger, default=-1)
    extended_order: Mapped[int] = mapped_column(BigInteger, default=-1)
    shared_order: Mapped[int] = mapped_column(BigInteger, default=-1)
    """The source's version, or its time in microseconds, of what last told each; -1: nothing has."""
    told_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    """When its source last said that it has ended; other facts do not move it."""
    created_at: Mapped[datetime]

    customer: Mapped[Customer] = related(customer_id)
    origin: Mapped["Course | None"] = related(from_id, viewonly=True)

    name = sealed_text("courses.name")
    contract = sealed_text("courses.contract")

    def key_owner(self) -> Customer:
        return self.customer


class CourseSession(OfClinic, Identified):
    """One session of a course, as its source last told it; `external_id` is the source's own within the course."""

    __tablename__ = "course_sessions"
    __table_args__ = (UniqueConstraint("clinic_id", "course_id", "external_id"),)

    course_id: Mapped[UUID] = belongs_to("courses", index=True)
    external_id: Mapped[str]
    state: Mapped[SessionState] = mapped_column(Word)
    at: Mapped[datetime]
    """For when it is planned, or when it was used or given back."""
    appointment: Mapped[str | None]
    """The source's id of the appointment in which it is had."""
    told_order: Mapped[int] = mapped_column(BigInteger)
    created_at: Mapped[datetime]
