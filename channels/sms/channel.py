"""SMS as a channel: plain words to a phone, by the clinic's own provider."""

import re
import threading
import time
from collections.abc import Sequence
from datetime import timedelta
from urllib.parse import urlsplit
from uuid import UUID

import structlog
from prometheus_client import Histogram
from sqlalchemy.orm import Session

from channels.accounts import Accounts
from channels.base import NoWay, Receipt, Recipient, TooMuch
from channels.message import Leading, Message, direct
from channels.phones import phones_of
from channels.sms.errors import SmsError
from channels.sms.http import PlainHttp
from channels.sms.provider import Provider, Request, Sms
from channels.sms.text import measure, written
from channels.sms.thaibulksms import ThaiBulkSms
from channels.sms.twilio import Twilio
from channels.wire import NeverLeft, Response, Unanswered, Wire
from models.clinic_channels import registered
from models.clinics import Clinic
from models.customers import Customer
from runtime.addresses import Addresses
from runtime.language import Language
from runtime.timing import Timing

PARTS = 10
"""Of one SMS at most: more are refused by some operators, and nobody reads them."""
PROVIDERS: dict[str, Provider] = {one.name: one for one in (ThaiBulkSms(), Twilio(), PlainHttp())}

_ADDRESS = re.compile(r"https?://\S+", re.IGNORECASE)
log = structlog.get_logger(__name__)
_calls = Histogram("aura_sms_seconds", "Calls to providers of SMS", ["provider", "outcome"])


class NotRegistered(TooMuch):
    """An address that the clinic has not registered: its operator would drop the whole SMS."""


class SmsChannel:
    """Without keys: a request of unknown outcome is never repeated."""

    name = "sms"
    key_life: timedelta | None = None

    def __init__(
        self,
        accounts: Accounts,
        addresses: Addresses,
        timing: Timing,
        leading: Leading = direct,
    ) -> None:
        self._accounts, self._addresses, self._timing, self._leading = accounts, addresses, timing, leading
        self._wires, self._lock = dict[str, Wire](), threading.Lock()

    def address(self, session: Session, recipient: Recipient) -> str | NoWay:
        """The customer's phone, `+` and digits. Reasons: `no_sms` where the clinic has no provider, `no_phone`,
        `not_reachable`, `erased`."""
        if not isinstance(recipient, Customer):
            return NoWay("not_reachable")
        return self.addresses(session, [recipient])[recipient.id]

    def addresses(self, session: Session, customers: Sequence[Customer]) -> dict[UUID, str | NoWay]:
        clinic = customers[0].clinic
        if self.carrier(clinic) is None:
            return {one.id: NoWay("no_sms") for one in customers}
        phones = phones_of(session, clinic.id, [one.id for one in customers])
        return {
            one.id: NoWay("erased") if one.data_key is None else phones.get(one.id) or NoWay("no_phone")
            for one in customers
        }

    def carrier(self, clinic: Clinic) -> str | None:
        account = self._accounts.sms_of(clinic)
        return None if account is None else account.provider

    def lacks(self, clinic: Clinic) -> tuple[str, ...] | None:
        account = self._accounts.any_sms_of(clinic)
        return None if account is None else account.lacks

    def knock(self, clinic: Clinic) -> bool:  # noqa: ARG002 - nobody is asked
        """No provider says for nothing whether it would take an SMS."""
        return False

    def render(self, message: Message, clinic: Clinic, t: Language) -> bytes:
        """The text: the clinic's name, what is said, and below it the links. Raises `TooMuch`."""
        leading = self._leading(message, clinic.slug, self.name)
        said, name = leading.brief or leading.plain, clinic.called(t.code)
        if name not in said and clinic.name not in said:
            said = f"{name}: {said}"
        links = [(one.label, one.target) for one in leading.buttons if isinstance(one.target, str) and not one.quiet]
        text = written("\n".join([said, *(f"{label} {url}" for label, url in links)]))
        only_registered(text, clinic.settings.channels.sms.registered_links)
        if (parts := measure(text).parts) > PARTS:
            raise TooMuch(f"{parts} parts, allowed {PARTS}")
        return text.encode()

    def send(self, clinic: Clinic, address: str, body: bytes, key: UUID) -> Receipt:
        account = self._accounts.sms_of(clinic)
        if account is None:
            raise SmsError("no_sms")
        provider = PROVIDERS[account.provider]
        sms = Sms(address, body.decode(), key, self._addresses.of(clinic.slug, provider.name, signs=provider.signs))
        request = provider.request(account, sms)
        wire = self._wire(account.base or provider.base)
        return provider.receipt(_asked(wire, provider.name, request), sms)

    def _wire(self, base: str) -> Wire:
        with self._lock:
            if base not in self._wires:
                self._wires[base] = Wire(base, self._timing.call_connect, self._timing.call_once)
            return self._wires[base]


def _asked(wire: Wire, provider: str, request: Request) -> Response:
    """Raises `SmsError` where no whole answer came."""
    began, outcome = time.perf_counter(), "unknown"
    try:
        response = wire.post(request.path, request.headers, request.body)
        outcome = str(response.status)
    except NeverLeft as error:
        outcome = "away"
        raise SmsError("away", str(error)) from error
    except Unanswered as error:
        raise SmsError("unknown", str(error)) from error
    finally:
        _calls.labels(provider, outcome).observe(time.perf_counter() - began)
    log.info("sms", provider=provider, status=outcome)
    return response


def only_registered(text: str, prefixes: Sequence[str]) -> None:
    """Raises `NotRegistered` for the first address in it that lies under none of these."""
    for word in _ADDRESS.findall(text):
        if not registered(word, prefixes):
            raise NotRegistered(f"{urlsplit(word).netloc} is not among channels.sms.registered_links")
