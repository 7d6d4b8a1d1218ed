"""A call by the staff as a channel: what is to be said is written down, and somebody telephones."""

from sqlalchemy.orm import Session

from channels.base import NoWay, Recipient
from channels.message import Message
from channels.phones import phones_of
from models.clinics import Clinic
from models.customers import Customer
from runtime.language import Language


class CallChannel:
    """No wire: the request is a task of the staff's (`followups/tasks.py`)."""

    name = "call"

    def address(self, session: Session, recipient: Recipient) -> str | NoWay:
        """The customer's phone, proved before told. Reasons: `no_phone`, `not_reachable`, `erased`."""
        if not isinstance(recipient, Customer):
            return NoWay("not_reachable")
        if recipient.data_key is None:
            return NoWay("erased")
        phone = phones_of(session, recipient.clinic_id, [recipient.id]).get(recipient.id)
        return NoWay("no_phone") if phone is None else phone

    def render(self, message: Message, clinic: Clinic, t: Language) -> bytes:  # noqa: ARG002 - the words are chosen
        """In words."""
        return message.plain.encode()
