"""One-time codes: six digits that somebody reads out and somebody else types in the chat."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Identified, Word
from models.clinics import OfClinic, belongs_to
from models.lifecycle import MOVE, after

Purpose = Literal["link", "grant", "email"]
"""Link: the clinic's record becomes that of who types it; grant: who types it may do something for its owner;
email: who types it reads the mail of an address."""
CodeState = Literal["asked", "open", "entered", "waits", "done", "declined", "refused", "guess"]
"""Asked: by a phone, and nobody was shown a code yet. Open: the code was shown. Entered: it was typed, and whoever did
is asked whether they are meant. Waits: for the staff's yes. Guess: somebody typed a code that is none."""


class OneTimeCode(OfClinic, Identified):
    """A code, what asked for one, or a code that was none: limits are counted by these rows. The code itself is kept as
    a keyed hash, bound to its row."""

    __tablename__ = "one_time_codes"
    retention = after(30, "created_at")
    __table_args__ = (
        Index("ix_one_time_codes_over", "clinic_id", "created_at"),
        Index("ix_one_time_codes_asked_at", "clinic_id", "asked_at"),
        Index("ix_one_time_codes_open", "clinic_id", "until", postgresql_where=text("state = 'open'")),
        Index(
            "ix_one_time_codes_customer", "customer_id", "asked_at", postgresql_where=text("customer_id IS NOT NULL")
        ),
        Index("ix_one_time_codes_taker", "taker_id", "asked_at", postgresql_where=text("taker_id IS NOT NULL")),
        Index("ix_one_time_codes_phone", "clinic_id", "phone_index", postgresql_where=text("phone_index IS NOT NULL")),
    )

    purpose: Mapped[Purpose] = mapped_column(Word)
    customer_id: Mapped[UUID | None] = belongs_to("customers", merge=MOVE)
    """Whose record it leads to, or for whom something may be done; null until that is known, and for good where a phone
    is nobody's."""
    taker_id: Mapped[UUID | None] = belongs_to("customers", merge=MOVE)
    """Who asked for it by a phone, or has typed it."""
    what: Mapped[str | None]
    """Of a grant; of an address, the id of the contact that it is."""
    phone_index: Mapped[bytes | None]
    """As in `customer_contacts`, of the phone by which it was asked for, or the address to which it went."""
    send_id: Mapped[UUID | None]
    """Of `sends`, which are kept as long: the SMS with the code. Whoever types that has proved the phone."""
    code_hash: Mapped[bytes | None]
    state: Mapped[CodeState] = mapped_column(Word)
    reason: Mapped[str | None]
    """Of what was refused: `another_friend`, `limit_reached`, `cannot_merge`."""
    asked_by: Mapped[str]
    """As in `runtime/actors.py`."""
    decided_by: Mapped[str | None]
    asked_at: Mapped[datetime]
    until: Mapped[datetime]
    """The first moment at which it is too late."""
    decided_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    """Real time."""
