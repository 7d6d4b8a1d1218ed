"""Requests to the staff that they telephone a customer."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Identified, Word
from models.clinics import OfClinic, belongs_to, related
from models.customers import Customer
from models.followups import FollowupExecution, Priority
from models.lifecycle import MOVE, WHILE_KNOWN


class Task(OfClinic, Identified):
    """A follow-up that goes as a call: open until somebody of the staff says that it is done, or until it is of no use
    any more. Business time."""

    __tablename__ = "tasks"
    retention = WHILE_KNOWN
    __table_args__ = (
        UniqueConstraint("clinic_id", "execution_id"),
        Index("ix_tasks_open", "clinic_id", "until", postgresql_where=text("state = 'open'")),
        Index("ix_tasks_code", "clinic_id", "code", "created_at"),
        Index("ix_tasks_customer_id", "customer_id"),
    )

    customer_id: Mapped[UUID] = belongs_to("customers", merge=MOVE)
    execution_id: Mapped[UUID] = belongs_to("followup_executions")
    kind: Mapped[str]
    """Why: the type of the rule."""
    priority: Mapped[Priority] = mapped_column(Word)
    code: Mapped[str]
    """The end of the id, by which the staff speak of it."""
    state: Mapped[Literal["open", "done"]] = mapped_column(Word, default="open")
    until: Mapped[datetime]
    done_at: Mapped[datetime | None]
    done_by: Mapped[str | None]
    """As in `runtime/actors.py`."""
    created_at: Mapped[datetime]

    customer: Mapped[Customer] = related(customer_id, viewonly=True)
    execution: Mapped[FollowupExecution] = related(execution_id, viewonly=True)
