"""The customer's own page as a channel: what is said there is a row, read by whoever opens the page."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from channels.base import NoWay, Recipient
from channels.message import Action, Answer, Button, Figure, Leading, Message, Paragraph, direct
from models.clinics import Clinic
from models.conversations import Send
from models.customers import Customer
from runtime.language import Language

COUNTED = 100
"""Of so many, the newest, it is counted how many are unread."""


class InAppChannel:
    """No wire: written is said. It has no limits of its own."""

    name = "in_app"

    def __init__(self, leading: Leading = direct) -> None:
        self._leading = leading

    def address(self, session: Session, recipient: Recipient) -> str | NoWay:  # noqa: ARG002 - nothing is looked up
        """The customer's id. Reasons: `not_reachable` for whoever is no customer, `erased`."""
        if not isinstance(recipient, Customer):
            return NoWay("not_reachable")
        return NoWay("erased") if recipient.data_key is None else str(recipient.id)

    def render(self, message: Message, clinic: Clinic, t: Language) -> bytes:  # noqa: ARG002 - the words are chosen
        """The message's own fields as JSON, an action as its data: the page draws them."""
        return json.dumps(self._leading(message, clinic.slug, self.name), default=_plain, ensure_ascii=False).encode()


def _plain(one: object) -> object:
    if isinstance(one, Action):
        return one.data
    if is_dataclass(one):
        return {field.name: getattr(one, field.name) for field in fields(one)}
    raise TypeError(f"{type(one).__name__} is not part of a message")


def read(body: bytes) -> Message:
    """What `render` has drawn."""
    told: dict[str, Any] = json.loads(body)
    told["paragraphs"] = tuple(Paragraph(**one) for one in told["paragraphs"])
    told["figures"] = tuple(Figure(**one) for one in told["figures"])
    told["pictures"] = tuple(told["pictures"])
    told["answers"] = tuple(Answer(**one | {"target": Action.parse(one["target"])}) for one in told["answers"])
    told["buttons"] = tuple(Button(**one | {"target": _target(one)}) for one in told["buttons"])
    return Message(**told)


def of(session: Session, customer: Customer, many: int, *, before: UUID | None = None) -> Sequence[Send]:
    """What was said to this customer there, the newest first."""
    older = () if before is None else (Send.id < before,)
    return session.scalars(_said_to(customer).where(*older).order_by(Send.id.desc()).limit(many)).all()


def one_of(session: Session, customer: Customer, id_: UUID) -> Send | None:
    return session.scalars(_said_to(customer).where(Send.id == id_)).one_or_none()


def unread(session: Session, customer: Customer) -> int:
    newest = _said_to(customer).order_by(Send.id.desc()).limit(COUNTED).with_only_columns(Send.read_at).subquery()
    return session.scalar(select(func.count()).select_from(newest).where(newest.c.read_at.is_(None))) or 0


def _said_to(customer: Customer) -> Select[Send]:
    theirs = Send.clinic_id == customer.clinic_id, Send.customer_id == customer.id
    return select(Send).where(*theirs, Send.channel == InAppChannel.name)


def _target(button: Mapping[str, str]) -> Action | str:
    """An address has a colon, which the data of an action never has."""
    target = button["target"]
    return target if ":" in target else Action.parse(target)
