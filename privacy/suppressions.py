"""Phones and mail addresses to which nothing is sent, whoever has them and whatever is imported again.

Kept are keyed hashes alone: they outlive the record of whoever asked for it.
"""

from datetime import datetime
from typing import Literal

from sqlalchemy import ColumnElement, delete, exists, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from channels.email.smtp import NO_MAILBOX
from customers.contacts import spelling
from customers.people import vault_of
from models.clinics import Clinic
from models.conversations import Send
from models.preferences import Suppression

Contact = Literal["phone", "email"]
REACHES: dict[str, Contact] = {"sms": "phone", "email": "email"}
"""What the addresses of a channel are. A person who telephones sees what is noted."""


def add(session: Session, clinic: Clinic, kind: Contact, value: str, reason: str, now: datetime) -> None:
    """The first reason stays."""
    row = {"clinic_id": clinic.id, "kind": kind, "value_index": _index(session, clinic, kind, value)}
    session.execute(insert(Suppression).values(**row, reason=reason, created_at=now).on_conflict_do_nothing())


def learn(session: Session, send: Send, now: datetime) -> None:
    """What a provider has refused because nobody is there, nobody is sent again."""
    if send.state == "failed" and send.error == NO_MAILBOX and send.recipient is not None:
        add(session, send.clinic, REACHES[send.channel], send.recipient, "bounced", now)


def lift(session: Session, clinic: Clinic, kind: Contact, value: str) -> bool:
    """Whether it was on the list: its owner wants to be written to again."""
    gone = delete(Suppression).where(*_this(session, clinic, kind, value)).returning(Suppression.kind)
    return session.scalars(gone).one_or_none() is not None


def holds(session: Session, clinic: Clinic, channel: str, address: str) -> bool:
    """Whether nothing may go to this address over this channel."""
    kind = REACHES.get(channel)
    return kind is not None and bool(session.scalar(select(exists().where(*_this(session, clinic, kind, address)))))


def _this(session: Session, clinic: Clinic, kind: Contact, value: str) -> tuple[ColumnElement[bool], ...]:
    index = _index(session, clinic, kind, value)
    return Suppression.clinic_id == clinic.id, Suppression.kind == kind, Suppression.value_index == index


def _index(session: Session, clinic: Clinic, kind: Contact, value: str) -> bytes:
    return vault_of(session).index(clinic.id, kind, spelling(kind, value.strip()))
