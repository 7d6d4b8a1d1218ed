"""E-mail as a channel: who is reached by it, and one mail."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from channels.accounts import Accounts
from channels.base import NoWay, Receipt, Recipient, TooMuch
from channels.email import leave
from channels.email.draw import Drawn, draw
from channels.email.leave import Leaving
from channels.email.letter import letter
from channels.email.smtp import MailError, Server, Smtp
from channels.message import Leading, Message, direct
from models.base import among
from models.clinics import Clinic
from models.contacts import CustomerContact
from models.customers import Customer, CustomerIdentity
from runtime.clock import real
from runtime.keys import Vault
from runtime.language import Language
from runtime.settings import Settings

KIND = "email"
LARGEST = 90_000
"""Bytes of the HTML: Gmail cuts a mail off after 102 KB, and the way out with it."""


class EmailChannel:
    """A mail has no key by which a server would know it again: one whose fate is unknown is not sent twice by itself.
    Sent again by hand it has the same `Message-ID`."""

    name = "email"
    key_life: timedelta | None = None

    def __init__(
        self, accounts: Accounts, smtp: Smtp, settings: Settings, vault: Vault, leading: Leading = direct
    ) -> None:
        self._accounts, self._smtp, self._settings, self._vault = accounts, smtp, settings, vault
        self._leading = leading

    def address(self, session: Session, recipient: Recipient) -> str | NoWay:
        """The customer's address, proved before told. Reasons: `not_reachable`, `erased`, `no_email` where the
        clinic has no mail server, `no_address`."""
        if not isinstance(recipient, Customer):
            return NoWay("not_reachable")
        return self.addresses(session, [recipient])[recipient.id]

    def addresses(self, session: Session, customers: Sequence[Customer]) -> dict[UUID, str | NoWay]:
        if not self.serves(customers[0].clinic):
            return {one.id: NoWay("no_email") for one in customers}
        found = _addresses(session, customers[0].clinic_id, [one.id for one in customers])
        return {one.id: _of(one, found.get(one.id)) for one in customers}

    def serves(self, clinic: Clinic) -> bool:
        """Whether the clinic has a mail server. Needs the clinic in a session."""
        return self._accounts.mail_of(clinic) is not None

    def lacks(self, clinic: Clinic) -> tuple[str, ...] | None:
        account = self._accounts.any_mail_of(clinic)
        return None if account is None else account.lacks

    def knock(self, clinic: Clinic) -> bool:
        """Raises `MailError`."""
        by = self._accounts.mail_of(clinic)
        if by is None:
            raise MailError("no_email", permanent=True)
        self._smtp.knock(Server(by.host, by.port, by.user, by.password))
        return True

    def render(self, message: Message, clinic: Clinic, t: Language) -> bytes:
        """The JSON of a `Drawn`."""
        drawn = draw(self._leading(message, clinic.slug, self.name), clinic, t)
        if len(drawn.html.encode()) > LARGEST:
            raise TooMuch("a mail is shown whole up to 100 KB")
        return drawn.freeze()

    def send(self, clinic: Clinic, address: str, body: bytes, key: UUID) -> Receipt:
        by = self._accounts.mail_of(clinic)
        if by is None:
            raise MailError("no_email", permanent=True)
        drawn = Drawn.thaw(body)
        out = None
        if drawn.purpose is not None:
            index = self._vault.index(clinic.id, KIND, address.lower())
            out = leave.address(self._settings, Leaving(clinic.slug, drawn.purpose, index))
        made = letter(drawn, sender=by.sender, recipient=address, key=key, at=real(), leave=out, host=by.host)
        return Receipt(self._smtp.carry(Server(by.host, by.port, by.user, by.password), made))


def _addresses(session: Session, clinic_id: UUID, people: Sequence[UUID]) -> dict[UUID, str | None]:
    """Of each the address that they have proved, the last of several; else the first that somebody told."""
    told, proved = CustomerContact, CustomerIdentity
    contacts = select(told).where(told.clinic_id == clinic_id, among(told.customer_id, people), told.kind == KIND)
    own = select(proved).where(proved.clinic_id == clinic_id, among(proved.customer_id, people), proved.kind == KIND)
    found = {one.customer_id: one.value for one in session.scalars(contacts.order_by(told.told_at.desc()))}
    return found | {one.customer_id: one.value for one in session.scalars(own.order_by(proved.verified_at))}


def _of(customer: Customer, address: str | None) -> str | NoWay:
    return NoWay("erased") if customer.data_key is None else address or NoWay("no_address")
