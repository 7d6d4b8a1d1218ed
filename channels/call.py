"""A call by the staff as a channel: what is to be said is written down, and somebody telephones."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from channels.base import NoWay, Recipient
from channels.message import Message
from models.clinics import Clinic
from models.contacts import CustomerContact
from models.customers import Customer, CustomerIdentity
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
        proved = select(CustomerIdentity).where(
            CustomerIdentity.clinic_id == recipient.clinic_id,
            CustomerIdentity.customer_id == recipient.id,
            CustomerIdentity.kind == "phone",
        )
        if (own := session.scalars(proved.limit(1)).first()) is not None and own.value:
            return own.value
        told = select(CustomerContact).where(
            CustomerContact.clinic_id == recipient.clinic_id,
            CustomerContact.customer_id == recipient.id,
            CustomerContact.kind == "phone",
        )
        first = session.scalars(told.order_by(CustomerContact.told_at).limit(1)).first()
        return first.value if first is not None and first.value else NoWay("no_phone")

    def render(self, message: Message, clinic: Clinic, t: Language) -> bytes:  # noqa: ARG002 - the words are chosen
        """In words."""
        return message.plain.encode()
