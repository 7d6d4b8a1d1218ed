"""Links that had to be short: where each leads is a row, since it has no room in the address."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, SmallInteger, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.clinics import OfClinic, belongs_to
from models.lifecycle import after


class ShortLink(OfClinic):
    """One link of one follow-up over one channel, by the code in its address."""

    __tablename__ = "short_links"
    retention = after(100, "created_at")
    __table_args__ = (
        UniqueConstraint("clinic_id", "code"),
        Index("ix_short_links_over", "clinic_id", "created_at"),
        Index("ix_short_links_execution_id", "execution_id"),
    )

    execution_id: Mapped[UUID] = belongs_to("followup_executions", primary_key=True)
    channel: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    """Which of its links."""
    code: Mapped[str]
    leads_to: Mapped[str]
    """As the clinic wrote it: nothing in it is about anybody."""
    made_at: Mapped[datetime]
    """By business time; it leads there for as long as any link (`channels/followed.py`)."""
    created_at: Mapped[datetime]
    """Real time."""
