"""Which database it is in which messages to customers may leave."""

from datetime import datetime

from sqlalchemy import Integer
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base


class Installation(Base):
    """One row. A copy of it, in whatever place, stands in another database than it names (`channels/fence.py`)."""

    __tablename__ = "installation"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False, default=1)
    database: Mapped[str]
    """In which it may be sent, by what PostgreSQL itself calls it."""
    allowed_at: Mapped[datetime]
    """Since when, real time."""
