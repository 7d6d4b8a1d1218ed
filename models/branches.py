"""Where a clinic is and when it is open, and what it offers there."""

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Identified
from models.clinics import OfClinic

InWords = dict[str, str]
"""By language."""
MAIN = "main"
"""The code of the branch that every clinic begins with."""


class Branch(OfClinic, Identified):
    """A place of the clinic; every clinic has at least one that is active."""

    __tablename__ = "branches"
    __table_args__ = (UniqueConstraint("clinic_id", "code"),)

    code: Mapped[str]
    """Stable short name, such as `siam`."""
    name: Mapped[str]
    names: Mapped[InWords] = mapped_column(JSONB(none_as_null=True), default=dict)
    phone: Mapped[str | None]
    """As people dial it; the way to write it for a call is `customers/branches.py`."""
    address: Mapped[InWords] = mapped_column(JSONB(none_as_null=True), default=dict)
    map_url: Mapped[str | None]
    hours: Mapped[dict[str, list[str]]] = mapped_column(JSONB(none_as_null=True), default=dict)
    """`mon` to `sun` → spans such as `10:00-20:00`, in the clinic's zone; a day that is left out is closed. No day at
    all: the clinic has not said."""
    holidays: Mapped[list[str]] = mapped_column(JSONB(none_as_null=True), default=list)
    """ISO dates on which it is closed."""
    staff_group: Mapped[str | None]
    """What its LINE group of the staff is called."""
    duty_contact: Mapped[InWords] = mapped_column(JSONB(none_as_null=True), default=dict)
    """`name`, `phone` and `email` of who is called when nobody claims an urgent task."""
    booked_as: Mapped[dict[str, list[str]]] = mapped_column(JSONB(none_as_null=True), default=dict)
    """Source → what that booking system calls it."""
    active: Mapped[bool] = mapped_column(default=True)
    position: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]


class Service(OfClinic, Identified):
    """What the clinic offers, by the code under which visits and payments name it."""

    __tablename__ = "services"
    __table_args__ = (UniqueConstraint("clinic_id", "code"),)

    code: Mapped[str]
    names: Mapped[InWords] = mapped_column(JSONB(none_as_null=True), default=dict)
    category: Mapped[str | None]
    minutes: Mapped[int | None]
    price: Mapped[InWords] = mapped_column(JSONB(none_as_null=True), default=dict)
    """Words, such as `from ฿1,500`."""
    usual_interval_days: Mapped[int | None]
    """After how many days people usually come again for it."""
    aftercare: Mapped[InWords] = mapped_column(JSONB(none_as_null=True), default=dict)
    not_after: Mapped[dict[str, int]] = mapped_column(JSONB(none_as_null=True), default=dict)
    """Contra-indicated: code of another service → for how many days after that one."""
    medical: Mapped[bool] = mapped_column(default=False)
    """Whether it is a medical treatment."""
    booked_as: Mapped[dict[str, list[str]]] = mapped_column(JSONB(none_as_null=True), default=dict)
    """Source → what that booking system calls it."""
    active: Mapped[bool] = mapped_column(default=True)
    position: Mapped[int] = mapped_column(default=0)
