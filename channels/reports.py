"""What providers tell later of what they took: whether a message has arrived.

They do it at an address of ours, in whatever order, twice, before the answer to the request itself, or never.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, Protocol
from uuid import UUID

from sqlalchemy import literal_column, select, union
from sqlalchemy.orm import Session

from channels.accounts import Accounts
from models.clinics import Clinic
from models.contacts import CustomerContact
from models.conversations import Send
from models.customers import CustomerIdentity
from runtime.clock import database_now
from runtime.keys import Vault

Told = Literal["sent", "delivered", "failed"]
"""Sent: it is on its way. Delivered: it is there. Failed: it will not arrive."""
GUESSED = timedelta(days=1)
"""For so long a report without an id of ours is held against what was sent to its address with an unknown outcome."""
LATELY, LOOKED_AT = timedelta(days=3), 20
"""The same of mail, of which a provider may name nothing but the address: how long ago, and how many of one person."""
REACHES = {"sms": "phone", "email": "email"}
"""What the addresses of a channel are."""
_REPORTED = Send.channel != literal_column("'line'")
"""Written out, so that the partial index is used."""


@dataclass(frozen=True)
class Report:
    """`send_id`: our own id, where the provider gives it back; `request_id`: the provider's; `address`: to whom.

    `bad_address`: why nothing is to be sent to this address any more. `loaded`: it was opened, or a program has loaded
    it beforehand. `newest`: where its ids say nothing, it is about what was sent to its address last.
    """

    told: Told
    send_id: UUID | None = None
    request_id: str | None = None
    address: str | None = None
    error: str | None = None
    bad_address: str | None = None
    loaded: bool = False
    newest: bool = False


@dataclass(frozen=True)
class Asked:
    """A request to an address of ours, before it is believed. `url`: as the provider knows it, with its query."""

    url: str
    query: str
    headers: Mapping[str, str]
    """Their names in lower case."""
    body: bytes


class Unreadable(ValueError):
    """The body is none of this provider's; the message says what was expected."""


class Reporter(Protocol):
    """A provider that tells what has become of messages."""

    @property
    def name(self) -> str: ...
    @property
    def channel(self) -> str: ...
    @property
    def signs(self) -> bool:
        """Whether it signs its reports; else a secret stands in their address."""
        ...

    def signed_with(self, clinic: Clinic, accounts: Accounts) -> str:
        """What this clinic shares with it for that; empty where that is nothing, and no report is let in then."""
        ...

    def verified(self, secret: str, asked: Asked) -> bool:
        """Whether the signature fits, in constant time. Asked of those that sign."""
        ...

    def read(self, asked: Asked) -> list[dict[str, Any]]:
        """What it says, one a message, as it is kept. Raises `Unreadable`."""
        ...

    def report(self, said: Mapping[str, Any]) -> Report | None:
        """What one of those means; None: nothing that is known."""
        ...


def find(session: Session, clinic: Clinic, channel: str, report: Report) -> Send | None:
    """What it is about, locked: by our id, by the provider's, or the one to its address whose fate nobody knows."""
    mine = Send.clinic_id == clinic.id, Send.channel == channel
    if report.send_id is not None:
        named = select(Send).where(*mine, Send.id == report.send_id)
        if (found := session.scalars(named.with_for_update()).one_or_none()) is not None:
            return found
    if report.request_id is not None:
        known = select(Send).where(*mine, _REPORTED, Send.request_id == report.request_id).order_by(Send.id).limit(1)
        if (found := session.scalars(known.with_for_update()).one_or_none()) is not None:
            return found
    if report.address is None:
        return None
    if report.newest:
        return _newest(session, clinic, channel, report.address)
    under_way = select(Send).where(*mine, Send.state == "queued", Send.lease_until.is_not(None))
    if any(one.recipient == report.address for one in session.scalars(under_way)):
        return None  # it may be of that one, whose answer will say the provider's id
    since = database_now(session) - GUESSED
    lost = select(Send).where(*mine, Send.state == "unknown", Send.request_id.is_(None), Send.created_at > since)
    theirs = [one for one in session.scalars(lost.with_for_update()) if one.recipient == report.address]
    return theirs[0] if len(theirs) == 1 else None


def _newest(session: Session, clinic: Clinic, channel: str, address: str) -> Send | None:
    """What was sent last to this address, of which no provider has given an id yet."""
    vault: Vault = session.info["vault"]
    index = vault.index(clinic.id, REACHES[channel], address)
    known = [
        select(table.customer_id).where(table.clinic_id == clinic.id, table.value_index == index)
        for table in (CustomerIdentity, CustomerContact)
    ]
    whose, ours = Send.customer_id.in_(union(*known)), (Send.request_id.is_(None) | Send.request_id.startswith("<"))
    since = database_now(session) - LATELY
    mine = Send.clinic_id == clinic.id, Send.channel == channel
    sent = select(Send).where(*mine, Send.created_at > since, whose, ours)
    lately = session.scalars(sent.order_by(Send.id.desc()).limit(LOOKED_AT).with_for_update())
    return next((one for one in lately if one.recipient == address), None)


def settle(send: Send, report: Report, real_now: datetime) -> bool:
    """Whether it says something new. What has arrived stays so, whatever comes later or out of order."""
    if send.request_id is None or (report.request_id and send.request_id.startswith("<")):
        send.request_id = report.request_id  # the provider's own, in the place of ours
    if send.state not in ("sent", "unknown", "failed") or send.delivered_at is not None:
        return False
    if report.told == "delivered":
        send.state, send.error, send.delivered_at = "sent", None, real_now
        return True
    if report.told == "failed" and send.state != "failed":
        send.state, send.error = "failed", report.error or "not_delivered"
        return True
    if report.told == "sent" and send.state == "unknown":
        send.state, send.error = "sent", None
        return True
    return False
