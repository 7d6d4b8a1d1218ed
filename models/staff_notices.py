"""What the staff should hear of in their LINE group."""

from datetime import datetime
from typing import Literal, TypedDict
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from models.access import StaffGroup
from models.base import Identified, Word
from models.clinics import OfClinic, belongs_to, related
from models.lifecycle import MOVE, after


class NoticeData(TypedDict, total=False):
    """What a notice is about: ids and codes only, nothing that names a person. Its words are read when it is said."""

    review: str
    event: str
    """What the customer wrote."""
    again: bool
    """That somebody still waits."""
    referral: str
    payment: str
    request: str
    day: str
    """Local date of a digest."""
    act: str
    """Of an answer of theirs to a customer."""
    shared: str
    """Id of a question about two records."""
    code: str
    """Id of a one-time code."""
    task: str
    fate: str
    """What became of that, otherwise than was said."""


class StaffNotice(OfClinic, Identified):
    """Something that the staff should hear of in their group; how it is drawn is decided when it is said.

    It goes in the first answer that the group is given from `due_at` on; where there was none by `push_at` it is pushed
    by itself; after `until` it is worth saying no more. Business time.
    """

    __tablename__ = "staff_notices"
    retention = after(30, "created_at", states=("sent", "skipped"))
    __table_args__ = (
        UniqueConstraint("clinic_id", "key"),
        Index("ix_staff_notices_open", "clinic_id", "push_at", postgresql_where=text("state = 'open'")),
        Index("ix_staff_notices_dead", "clinic_id", postgresql_where=text("state = 'dead'")),
        Index(
            "ix_staff_notices_over", "clinic_id", "created_at", postgresql_where=text("state IN ('sent', 'skipped')")
        ),
        # Each is asked for when a send or an answer has failed, and when it is forgotten.
        Index("ix_staff_notices_send", "clinic_id", "send_id", postgresql_where=text("send_id IS NOT NULL")),
        Index("ix_staff_notices_inbox", "clinic_id", "inbox_id", postgresql_where=text("inbox_id IS NOT NULL")),
        Index("ix_staff_notices_customer", "customer_id", postgresql_where=text("customer_id IS NOT NULL")),
        Index("ix_staff_notices_code", "clinic_id", "code", postgresql_where=text("code IS NOT NULL")),
        Index("ix_staff_notices_message", "clinic_id", "message_id", postgresql_where=text("message_id IS NOT NULL")),
        # Few: said a moment ago, or LINE's answer was lost.
        Index(
            "ix_staff_notices_nameless", "clinic_id", "group_id",
            postgresql_where=text("state = 'sent' AND message_id IS NULL"),
        ),
    )  # fmt: skip

    kind: Mapped[str]
    key: Mapped[str]
    """Business key: what should be said once is one row."""
    customer_id: Mapped[UUID | None] = belongs_to("customers", merge=MOVE)
    """Whom it is about."""
    branch_id: Mapped[UUID | None] = belongs_to("branches")
    """Whose group hears it; null: the clinic's."""
    data: Mapped[NoticeData] = mapped_column(JSONB(none_as_null=True), default=dict)
    due_at: Mapped[datetime]
    push_at: Mapped[datetime]
    until: Mapped[datetime]
    failing_since: Mapped[datetime | None]
    """Of the first of the failures in a row to draw it."""
    state: Mapped[Literal["open", "sent", "skipped", "dead"]] = mapped_column(Word, default="open")
    reason: Mapped[str | None]
    group_id: Mapped[UUID | None] = belongs_to("staff_groups")
    """Where it was said."""
    send_id: Mapped[UUID | None] = belongs_to("sends")
    """The push that it went by."""
    inbox_id: Mapped[UUID | None] = belongs_to("inbox")
    """The event in whose answer it rode; still set when it is open again: that answer was refused."""
    code: Mapped[str | None]
    """The end of the id, by which the staff speak of it; null where it is about nobody."""
    message_id: Mapped[str | None]
    """LINE's id of the message that it was said in: whoever quotes that means it. Null where LINE's answer was lost."""
    created_at: Mapped[datetime]
    """Real time."""

    group: Mapped[StaffGroup | None] = related(group_id)
