"""Words of customers' names, so that staff can find somebody by what they are called."""

from uuid import UUID

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped

from models.base import Identified
from models.clinics import OfClinic, belongs_to
from models.lifecycle import WHILE_KNOWN, Merge


class CustomerName(OfClinic, Identified):
    """A name, a word of it, its beginning or its sound, as a keyed hash: by it they are found, and nobody reads it."""

    __tablename__ = "customer_names"
    retention = WHILE_KNOWN
    __table_args__ = (UniqueConstraint("clinic_id", "word_index", "customer_id"),)

    customer_id: Mapped[UUID] = belongs_to("customers", index=True, merge=Merge("move", twice="goes"))
    word_index: Mapped[bytes]
