"""From an id in a request to a row of the key's clinic. What is another clinic's does not exist."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select

from customers.appointments import branch_of
from customers.people import known_as
from models.customers import Customer
from models.facts import Payment, Referral
from models.rewards import Redemption
from web.http.operations import RequestContext
from web.http.problems import Problem

LINE = "line"
"""The source of LINE user ids: `ext:line:U…` is who the clinic's LINE account knows by it."""


CLOCKS_DIFFER = timedelta(days=1)
"""A till whose clock is wrong by more than this should be looked at, not believed."""


def external(reference: str) -> tuple[str, str] | None:
    """(source, id) of `ext:<source>:<id>`; None for an id of ours."""
    if not reference.startswith("ext:"):
        return None
    source, _, id_ = reference.removeprefix("ext:").partition(":")
    return source, id_


def kind_of(source: str) -> str:
    """The kind of identity that ids of a source are. A LINE user id is what LINE gave; no system can give another."""
    return "line" if source == LINE else f"booking:{source}"


def customer(context: RequestContext, reference: str) -> Customer:
    """The person as they stand today: after a merge the record that goes on. Raises `Problem` (unknown_customer)."""
    abroad = external(reference)
    if abroad is not None:
        found = known_as(context.session, context.clinic, kind_of(abroad[0]), abroad[1])
    else:
        found = context.session.get(Customer, (UUID(reference), context.clinic.id))
    while found is not None and found.merged_into is not None:
        found = context.session.get(Customer, (found.merged_into, context.clinic.id))
    if found is None or found.data_key is None:
        raise Problem("unknown_customer")
    return found


def branch(context: RequestContext, source: str, code: str | None) -> UUID | None:
    """None also for a code that the clinic does not have: a fact is as true without its place."""
    found = branch_of(context.session, context.clinic, source, code)
    return found.id if found is not None else None


def payment(context: RequestContext, reference: str) -> Payment:
    """Raises `Problem` (unknown_payment)."""
    chosen = select(Payment).where(Payment.clinic_id == context.clinic.id)
    abroad = external(reference)
    if abroad is not None:
        chosen = chosen.where(Payment.source == abroad[0], Payment.external_id == abroad[1])
    else:
        chosen = chosen.where(Payment.id == UUID(reference))
    found = context.session.scalars(chosen).one_or_none()
    if found is None or found.customer.data_key is None:
        raise Problem("unknown_payment")
    return found


def redemption(context: RequestContext, id_: str) -> Redemption:
    """Raises `Problem` (unknown_redemption)."""
    found = context.session.get(Redemption, (UUID(id_), context.clinic.id))
    if found is None:
        raise Problem("unknown_redemption")
    return found


def referral(context: RequestContext, id_: str) -> Referral:
    """Raises `Problem` (unknown_referral)."""
    found = context.session.get(Referral, (UUID(id_), context.clinic.id))
    if found is None:
        raise Problem("unknown_referral")
    return found


def past(context: RequestContext, at: datetime) -> datetime:
    """Raises `Problem` (bad_time)."""
    if at > context.now + CLOCKS_DIFFER:
        raise Problem("bad_time", f"It is {context.now.isoformat(timespec='seconds')} here.")
    return at
