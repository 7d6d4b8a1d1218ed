"""A source has told of a customer, and of the consents that the clinic holds of them."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from sqlalchemy.orm import Session

from facts.told import ConsentTold, CustomerTold
from facts.whose import owner
from models.clinics import Clinic
from models.customers import Customer
from privacy import held
from privacy.held import Became, HeldConsent, NotHeld
from runtime.errors import NeverAgain


def told(session: Session, clinic: Clinic, source: str, fact: CustomerTold, now: datetime) -> Customer:
    """Raises `NeverAgain` where nothing tells who it is, or a consent was given in the future."""
    customer = owner(session, clinic, source, fact.person, now, fact.at or now)
    session.flush()
    try:
        consents(session, customer, fact.consents, now, source=source, actor=source)
    except NotHeld as refused:
        raise NeverAgain(f"data.consents: {refused}") from refused
    return customer


def consents(
    session: Session, customer: Customer, given: Sequence[ConsentTold], now: datetime, *, source: str, actor: str
) -> list[Became]:
    """What became of each. Raises `NotHeld`."""
    return [held.told(session, customer, HeldConsent(**asdict(one)), now, source=source, actor=actor) for one in given]
