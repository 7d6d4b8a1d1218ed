"""What a source of the clinic's tells, in our own words; what it means is with the fact it is."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from decimal import Decimal
from uuid import UUID

from customers.errors import Contradiction
from models.appointments import AppointmentState
from models.courses import CourseSaid, SessionState
from models.invoices import InvoiceSaid
from models.treatments import TreatmentState
from runtime.errors import TooEarly

CLOCKS_DIFFER = timedelta(days=1)
"""A system whose clock is wrong by more than this should be looked at, not believed."""


class NotYet(TooEarly):
    """The fact is about something that no source has told yet: it is tried again, and kept if that never comes."""


@dataclass(frozen=True)
class Person:
    """Who it is about, as the source knows them. At least one of `ours`, `id`, `phone` and `email` is there."""

    id: str | None = None
    """The source's own id of the person; None where it has none."""
    name: str | None = None
    phone: str | None = None
    """As `customers/contacts.py` spells it, or as people write it."""
    email: str | None = None
    ours: UUID | None = None
    """Our own id of the customer, where the source knows it."""
    token: str | None = None
    """What came back of the booking link that a customer was given in the chat."""

    @property
    def nobody(self) -> bool:
        """Whether nothing at all is said of who it is."""
        return not (self.id or self.name or self.phone or self.email or self.ours or self.token)


@dataclass(frozen=True)
class Details:
    """Who comes when, and what for."""

    person: Person
    starts_at: datetime
    ends_at: datetime | None = None
    service: str | None = None
    """The source's own name or id of the service, which the clinic's file may map to its code."""
    service_name: str | None = None
    """What people call it, where the source says so."""
    branch: str | None = None
    """The code of a branch of the clinic."""
    replaces: str | None = None
    """The source's id of the appointment in whose place this one stands."""

    def check(self) -> None:
        """Raises `Contradiction`."""
        if self.ends_at is not None and self.ends_at < self.starts_at:
            raise Contradiction("the end lies before the beginning: look which of the two times is wrong")


@dataclass(frozen=True)
class AppointmentTold:
    """What a source says of one appointment."""

    external_id: str
    state: AppointmentState
    order: int
    """The source's version of it, or its time in microseconds: what is older changes nothing."""
    at: datetime
    """When the source says that this was so."""
    details: Details | None = None
    """None where the source says no more than the state."""
    attendee: str | None = None
    """The e-mail address of whom the state is about, where the source tells of guests too."""
    by_customer: bool = False
    """Whether the source says that they have done this themselves."""


@dataclass(frozen=True)
class PaymentTold:
    """Money that a source says was paid, net of discounts."""

    external_id: str
    person: Person
    amount: Decimal
    """Baht."""
    at: datetime
    service: str | None = None
    invoice: str | None = None
    """The source's id of the bill that it pays."""
    branch: str | None = None
    at_counter: bool = True
    """Whether whoever paid was there."""
    workflow_id: str | None = None


@dataclass(frozen=True)
class RefundTold:
    """Money that was given back."""

    external_id: str
    payment: str
    """The source's id of the payment."""
    amount: Decimal
    at: datetime


@dataclass(frozen=True)
class VisitTold:
    """Somebody was at the clinic."""

    external_id: str
    person: Person
    at: datetime
    service: str | None = None
    branch: str | None = None


@dataclass(frozen=True)
class InvoiceTold:
    """What a source says of one bill. What is None is not said."""

    external_id: str
    state: InvoiceSaid | None
    order: int
    """As of an appointment."""
    at: datetime
    person: Person | None = None
    amount: Decimal | None = None
    """Baht, of the whole bill."""
    due_on: date | None = None
    service: str | None = None
    paid_in_all: Decimal | None = None
    """Of a source that tells of each payment apart, and not for which bill it is."""
    payment: PaymentTold | None = None
    refund: RefundTold | None = None
    """Money that this very fact tells of."""


@dataclass(frozen=True)
class Sale:
    """What was sold, and to whom."""

    person: Person
    sessions: int
    sold_on: date
    """A day of the clinic's."""
    name: str | None = None
    service: str | None = None
    price: Decimal | None = None
    """Baht, of all of it."""
    contract: str | None = None
    controlled: bool | None = None
    """Whether the rules of contracts for beauty services hold for it."""


@dataclass(frozen=True)
class SessionTold:
    """What became of one session of a course."""

    external_id: str
    state: SessionState
    at: datetime
    """For when it is planned, or when it was used or given back."""
    appointment: str | None = None


@dataclass(frozen=True)
class ShareTold:
    """Sessions of a course that are another customer's now."""

    external_id: str
    """The source's id of what they have of it."""
    person: Person
    sessions: int
    """Of this sharing in all; 0: it is taken back."""


@dataclass(frozen=True)
class CourseTold:
    """What a source says of one course. What is None is not said."""

    external_id: str
    order: int
    """As of an appointment."""
    at: datetime
    state: CourseSaid | None = None
    sale: Sale | None = None
    ends_on: date | None = None
    extends: bool = False
    """Whether the end was put off, so that what had ended goes on."""
    session: SessionTold | None = None
    share: ShareTold | None = None
    refund: RefundTold | None = None

    def check(self, zone: tzinfo) -> None:
        """`zone` is the clinic's. Raises `Contradiction`."""
        if self.sale is None:
            return
        if self.ends_on is not None and self.ends_on < self.sale.sold_on:
            raise Contradiction("the end lies before the day of the sale: look which of the two days is wrong")
        if self.sale.sold_on > (self.at + CLOCKS_DIFFER).astimezone(zone).date():
            raise Contradiction("the day of the sale is still to come: look at it, and at when this is said to be so")


@dataclass(frozen=True)
class Performed:
    """For whom something was done, when, and what."""

    person: Person
    at: datetime
    service: str | None = None
    """As in `Details`, and so is the name."""
    service_name: str | None = None
    staff: str | None = None
    """Who did it."""
    branch: str | None = None
    appointment: str | None = None
    """The source's id of the appointment at which it was done."""
    workflow_id: str | None = None


@dataclass(frozen=True)
class TreatmentTold:
    """What a source says of one treatment."""

    external_id: str
    state: TreatmentState
    order: int
    """As of an appointment."""
    at: datetime
    """When the source says that this was so."""
    details: Performed | None = None
    """None where the source says no more than the state."""


@dataclass(frozen=True)
class ConsentTold:
    """A consent that the clinic holds, or that was withdrawn; what the source leaves out is None."""

    purpose: str | None
    channel: str | None
    granted: bool
    given_at: datetime | None
    evidence: str | None = None
    version: str | None = None


@dataclass(frozen=True)
class CustomerTold:
    """A customer of the source's, with the consents that the clinic holds of them."""

    person: Person
    consents: tuple[ConsentTold, ...] = ()
    at: datetime | None = None
    """When the source says that it was so."""


Fact = CustomerTold | AppointmentTold | PaymentTold | RefundTold | VisitTold | TreatmentTold | InvoiceTold | CourseTold


def micros(moment: datetime) -> int:
    """The order of what has no version: whole microseconds since 1970."""
    return int(moment.timestamp()) * 1_000_000 + moment.microsecond
