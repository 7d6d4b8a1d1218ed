"""The customer's own page as a channel: what is said there is a row, read by whoever opens the page."""

import json
from dataclasses import fields, is_dataclass

from sqlalchemy.orm import Session

from channels.base import NoWay, Recipient
from channels.message import Action, Leading, Message, direct
from models.clinics import Clinic
from models.customers import Customer
from runtime.language import Language


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
