"""Records that turn out to be one person's by what a source tells, and are made one without asking anybody."""

from contextlib import suppress
from datetime import datetime

from sqlalchemy import Column, ColumnElement, Table, exists, or_, select
from sqlalchemy.orm import Session

from customers import abroad, cards, families, ties
from customers.merge import references
from customers.people import identify, known_as
from facts import linked, tied
from facts.tied import CannotTie
from models.clinics import Clinic
from models.customers import Customer
from runtime.actors import SYSTEM

_BARE = frozenset(
    {
        "customer_contacts", "customer_identities", "customer_journey_events", "customer_names", "inbox",
        "loyalty_profiles", "staff_notices",
    }
)  # fmt: skip
"""Tables that tell who somebody is, and of us: whoever has rows in others has something that is not given away."""


def by_link(session: Session, clinic: Clinic, source: str, friend: Customer, id_: str, now: datetime) -> None:
    """What is told under the friend's own link and name has the source's id of the person: from then on that id alone
    leads to them, so that a payment without the link is theirs too.

    Where the id is another record's of that name, as when the source has told of a customer before they booked, that
    record becomes theirs if it holds nothing else; for more the staff tie it.
    """
    kind = f"booking:{source}"
    record = cards.today(session, known_as(session, clinic, kind, id_))
    if record is None:
        if known_as(session, clinic, kind, id_) is None:
            identify(session, friend, kind, id_, None)
            session.flush()
    elif record is not friend and _same_name(record, friend) and _holds_nothing(session, record, now):
        _join(session, record, friend, now)


def by_typed(session: Session, clinic: Clinic, told: abroad.Told, now: datetime) -> None:
    """Two records of a source without ids, told apart only because one had the address and the other the phone of who
    now has both, under one name. Who is a friend in LINE speaks for themselves."""
    found = sorted(abroad.typed(session, clinic, told), key=lambda one: one.id)
    if len(found) > 1 and not any(ties.has_line(session, one) for one in found):
        for other in found[1:]:
            _join(session, other, found[0], now)


def _join(session: Session, record: Customer, person: Customer, now: datetime) -> None:
    """Unless staff have said that they are two. What cannot be made one stays as it is."""
    if families.apart(session, person, record) is not None or families.are_apart(session, person, record):
        return
    with suppress(CannotTie):
        tied.join(session, record, person, now, actor=SYSTEM)


def _same_name(record: Customer, friend: Customer) -> bool:
    return record.display_name is None or abroad.alike(friend.display_name, record.display_name)


def _holds_nothing(session: Session, record: Customer, now: datetime) -> bool:
    if ties.has_line(session, record) or linked.has_something_to_lose(session, record, now):
        return False
    rows: list[ColumnElement[bool]] = []
    for model, column, rule in references():
        table: Table = model.__table__
        if rule.how != "stay" and table.name not in _BARE and column.name != "merged_into":
            rows.append(_any(table, column, record))
    return not session.scalar(select(or_(*rows)))


def _any(table: Table, column: Column[object], record: Customer) -> ColumnElement[bool]:
    return exists().where(table.c.clinic_id == record.clinic_id, column == record.id)
