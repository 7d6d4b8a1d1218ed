"""Who of the staff may act in a LINE group, and what they did there."""

from datetime import datetime
from decimal import Decimal
from typing import Literal
from uuid import UUID

from sqlalchemy import BigInteger, Index, Numeric, text
from sqlalchemy.orm import Mapped, mapped_column

from models.access import StaffGroup
from models.base import Identified, Word, sealed_text
from models.clinics import Clinic, OfClinic, belongs_to, related
from models.customers import Customer
from models.lifecycle import RESEAL, WHILE_KNOWN, stay
from models.staff_notices import StaffNotice

Role = Literal["manager", "staff", "unknown"]
ActKind = Literal[
    "payment", "visit", "use", "find", "guess", "tie", "adjust", "unlink", "answer", "come", "no_show", "share"
]  # fmt: skip
"""Guess: a code or number that is nobody's; tie: what was recorded on a phone becomes that of a card; adjust: a
manager's correction of points; answer: words that go to a customer in the clinic's name; come, no_show: what became of
an appointment; unlink: two records that were made one are taken apart; share: sessions of a course become another
customer's."""
ActState = Literal["asked", "done", "stopped", "declined", "undone"]
"""Asked: it waits for a yes; stopped: a limit did, which `reason` names, or for that reason it could not be done."""


class StaffMember(OfClinic, Identified):
    """One stay of a person in a bound group. Who leaves and comes back is somebody new, whom nobody has allowed yet."""

    __tablename__ = "staff_members"
    __table_args__ = (
        Index(
            "ix_staff_members_present", "clinic_id", "group_id", "member_index", unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index(
            "ix_staff_members_asked", "clinic_id", "ask_due_at", postgresql_where=text("ask_due_at IS NOT NULL")
        ),
    )  # fmt: skip

    group_id: Mapped[UUID] = belongs_to("staff_groups")
    member_index: Mapped[bytes]
    """Blind index of LINE's user id, as the actor of an event has it."""
    user_id_sealed: Mapped[bytes | None]
    """Until they leave: to ask LINE for the name, and whether they are still there."""
    name_sealed: Mapped[bytes | None]
    role: Mapped[Role] = mapped_column(Word, default="unknown")
    code: Mapped[str | None]
    """By which a manager allows somebody whom nobody has allowed yet; null afterwards."""
    allowed_by: Mapped[str | None]
    """As in `runtime/actors.py`; of the first manager, who sent the code that bound the group, themselves."""
    allowed_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    ended_why: Mapped[Literal["left", "removed", "gone", "group_left"] | None]
    """Gone: LINE does not know them there any more, and told nobody. Group left: the account was taken out."""
    ended_by: Mapped[str | None]
    ask_due_at: Mapped[datetime | None]
    """When LINE is asked for them, in the database's time; null when nothing is to be asked."""
    ask_attempts: Mapped[int] = mapped_column(default=0)
    asked_at: Mapped[datetime | None]
    """When LINE last answered, in the database's time."""
    ask_error: Mapped[str | None]
    created_at: Mapped[datetime]

    group: Mapped[StaffGroup] = related(group_id)

    user_id = sealed_text("staff_members.user_id")
    name = sealed_text("staff_members.name")

    def key_owner(self) -> Clinic:
        return self.clinic


class StaffAct(OfClinic, Identified):
    """Something that a member did or asked for in the group: how limits are counted, and undoing finds what to undo."""

    __tablename__ = "staff_acts"
    retention = WHILE_KNOWN
    __table_args__ = (
        Index("ix_staff_acts_code", "clinic_id", "code", "created_at"),
        Index("ix_staff_acts_by", "clinic_id", "asked_by", "created_at"),
        Index("ix_staff_acts_customer", "customer_id", "created_at"),
        Index("ix_staff_acts_group", "group_id", "created_at"),
        Index("ix_staff_acts_message", "clinic_id", "message_id", postgresql_where=text("message_id IS NOT NULL")),
    )

    group_id: Mapped[UUID] = belongs_to("staff_groups")
    code: Mapped[str]
    """By which people speak of it for a day: `A7K2`."""
    kind: Mapped[ActKind] = mapped_column(Word)
    state: Mapped[ActState] = mapped_column(Word)
    reason: Mapped[str | None]
    """Of what waits: why somebody else has to say yes, or `again`; of what was stopped: the limit."""
    customer_id: Mapped[UUID | None] = belongs_to("customers", merge=RESEAL)
    other_id: Mapped[UUID | None] = belongs_to(
        "customers",
        merge=stay("of a tie it is what is merged itself; whoever reads it follows `merged_into`"),
    )
    """Of a tie: the record that stands for nothing but a phone; of a share: who is to have of it."""
    amount: Mapped[Decimal | None] = mapped_column(Numeric(12, 2))
    """Baht."""
    course_id: Mapped[UUID | None] = belongs_to("courses", index=True)
    sessions: Mapped[int | None]
    """Of a share: how many."""
    points: Mapped[int | None] = mapped_column(BigInteger)
    """Of an adjustment, signed; of a payment, what it was to bring when the group was last asked."""
    words_sealed: Mapped[bytes | None]
    """Of an adjustment: why, as the manager wrote it."""
    payment_id: Mapped[UUID | None] = belongs_to("payments", index=True)
    visit_id: Mapped[UUID | None] = belongs_to("visits", index=True)
    """The visit that it brought; null where the day had one."""
    appointment_id: Mapped[UUID | None] = belongs_to("appointments", index=True)
    redemption_id: Mapped[UUID | None] = belongs_to("redemptions", index=True)
    notice_id: Mapped[UUID | None] = belongs_to("staff_notices", index=True)
    """Of an answer: what the member quoted."""
    inbox_id: Mapped[UUID | None] = belongs_to("inbox", index=True)
    """Of an answer: the member's message, whose words go."""
    decided_id: Mapped[UUID | None] = belongs_to("inbox", index=True)
    """Of an answer: the message of whoever said yes or no."""
    message_id: Mapped[str | None]
    """Of an answer: LINE's id of the message by which the group was last told of it, which may be quoted too."""
    answers_id: Mapped[UUID | None] = belongs_to("inbox", index=True)
    """Of an answer that went free: the customer's event by whose reply token."""
    send_id: Mapped[UUID | None] = belongs_to("sends", index=True)
    """Of an answer that was pushed."""
    asked_by: Mapped[str]
    """As in `runtime/actors.py`."""
    done_by: Mapped[str | None]
    done_at: Mapped[datetime | None]
    undone_by: Mapped[str | None]
    undone_at: Mapped[datetime | None]
    created_at: Mapped[datetime]

    customer: Mapped[Customer | None] = related(customer_id)
    group: Mapped[StaffGroup] = related(group_id)
    notice: Mapped[StaffNotice | None] = related(notice_id)

    words = sealed_text("staff_acts.words")

    def key_owner(self) -> Clinic | Customer:
        return self.customer or self.clinic
