"""`POST /webhooks/receipts/<clinic slug>/<provider>`: what providers of SMS and mail tell later of what they took.

One class serves all of them; a provider's own file says how it signs and what its words mean. Who signs nothing has a
secret in the path.
"""
# ruff: noqa: ARG002 - the engine hands to every source what one of them needs

import hmac
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from channels import reports
from channels.accounts import Accounts
from channels.reports import Asked, Report, Reporter, Unreadable
from models.clinics import Clinic
from models.conversations import InboxEvent, Send
from runtime.addresses import Addresses
from runtime.errors import TooEarly
from runtime.work import Handled
from webhooks.source import Delivery, Malformed, RawEvent

MANY = 1_000
"""Messages of which one request may tell."""
SOON = timedelta(minutes=2)
"""So long a report may come before we know ourselves what it is about: before the answer to the request."""
Heard = Callable[[Session, Clinic, Send | None, Report, datetime], None]
"""None: of a message that is not known (any more)."""


@dataclass(frozen=True, eq=False)
class Receipts:
    """A provider as a source of events."""

    reporter: Reporter
    accounts: Accounts
    addresses: Addresses

    methods: Sequence[str] = ("POST", "GET")
    """Some tell it in an address that they fetch."""

    @property
    def name(self) -> str:
        return f"receipts.{self.reporter.name}"

    @property
    def rule(self) -> str:
        return f"/webhooks/receipts/<slug>/{self.reporter.name}" + ("" if self.reporter.signs else "/<in_path>")

    def secret(self, clinic: Clinic) -> bytes:
        if self.reporter.signs:
            return self.reporter.signed_with(clinic, self.accounts).encode()
        return " ".join(self.addresses.secrets(clinic.slug, self.reporter.name)).encode()

    def verified(self, secret: bytes, delivery: Delivery) -> bool:
        if self.reporter.signs:
            return self.reporter.verified(secret.decode(), self._asked(delivery))
        given = delivery.path.rpartition("/")[2].encode("utf-8", "replace")
        return any([hmac.compare_digest(one, given) for one in secret.split()])  # noqa: C419 - all are looked at

    def events(self, delivery: Delivery) -> list[RawEvent]:
        try:
            said = self.reporter.read(self._asked(delivery))
        except Unreadable as error:
            raise Malformed(str(error)) from error
        if len(said) > MANY:
            raise Malformed(f"the body tells of more than {MANY} messages")
        return [self._event(one) for one in said]

    def _event(self, said: dict[str, Any]) -> RawEvent:
        report = self.reporter.report(said)
        about = report and (str(report.send_id or "") or report.request_id or report.address)
        return RawEvent(
            body=said, key=None, fingerprint=said, actor=about or None, type=report.told if report else "nothing",
            occurred_at=None,
        )  # fmt: skip

    def _asked(self, delivery: Delivery) -> Asked:
        url = f"{self.addresses.base}{delivery.path}" + (f"?{delivery.query}" if delivery.query else "")
        return Asked(url, delivery.query, delivery.headers, delivery.body)


@dataclass(frozen=True)
class Reported:
    """The handler of one provider's reports. `heard`: told in the same transaction of what is new."""

    reporter: Reporter
    heard: Heard

    retries: Sequence[timedelta] = tuple(timedelta(seconds=seconds) for seconds in (1, 3, 10, 30, 90))

    def load(self, session: Session, events: Sequence[InboxEvent]) -> Mapping[UUID, None]:
        return dict.fromkeys(event.id for event in events)

    def handle(
        self, session: Session, event: InboxEvent, loaded: None, now: datetime, real_now: datetime
    ) -> Callable[[], Handled]:
        """Raises `TooEarly` while what it is about may still become known."""
        report = self.reporter.report(json.loads(event.raw)) if event.raw is not None else None
        if report is None:
            return lambda: Handled("says_nothing", ignored=True)
        send = reports.find(session, event.clinic, self.reporter.channel, report)
        if (send is None or send.state == "queued") and real_now - event.received_at < SOON:
            raise TooEarly("unknown_message")
        if send is None:
            self.heard(session, event.clinic, None, report, now)
            return lambda: Handled("unknown_message", ignored=True)
        new = reports.settle(send, report, real_now)
        if new or report.loaded or report.bad_address:
            self.heard(session, event.clinic, send, report, now)
        return partial(_settled, event, send, new=new)

    def give_up(
        self, session: Session, event: InboxEvent, loaded: None, reference: str, now: datetime, real_now: datetime
    ) -> Handled | None:
        """Nobody waits for an answer."""
        return None


def _settled(event: InboxEvent, send: Send, *, new: bool) -> Handled:
    """From here the words are the customer's: erasing their key forgets them too."""
    if send.customer is not None:
        raw = event.raw
        event.customer_id, event.customer = send.customer.id, send.customer
        event.raw = raw
    return Handled(None if new else "known_already", ignored=not new)
