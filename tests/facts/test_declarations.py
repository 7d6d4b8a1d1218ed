"""Every table with a customer says what a merge and the passing of time do with it, and a merge does what is said."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Column, Table, UniqueConstraint, select
from sqlalchemy.orm import Session

from customers.merge import references
from customers.people import new_customer
from facts.merged import merge
from models import Base
from models.base import Sealing
from models.clinics import OF, Clinic
from models.customers import Customer
from models.lifecycle import MOVE, Merge, stay
from tests.fixtures import rows
from tests.fixtures.clinic import NOW

MODELS: dict[Any, Any] = {mapper.local_table: mapper.class_ for mapper in Base.registry.mappers}
NAMING = {
    (column.table.name, column.name)
    for table in Base.metadata.sorted_tables
    for key in table.foreign_key_constraints
    if key.referred_table.name == "customers"
    for column in key.columns
    if column.name != "clinic_id"
}


def own_key(model: Any) -> bool:
    """Whether its sealed columns are under the customer's key."""
    return issubclass(model, Sealing) and bool(model.sealed) and hasattr(model, "customer")


def in_a_unique_key(table: Table, column: Column[Any]) -> bool:
    return any(isinstance(key, UniqueConstraint) and column.name in key.columns for key in table.constraints)


def wrong(table: Table, column: Column[Any], rule: Merge | None) -> Iterator[str]:
    if rule is None:
        yield "does not say what a merge does with it"
        return
    if rule.how in ("stay", "own") and not rule.why:
        yield "does not say why"
    if rule.how == "move" and own_key(MODELS[table]):
        yield "is moved away from the key that opens it"
    if rule.how == "reseal" and not own_key(MODELS[table]):
        yield "has nothing to be sealed anew"
    if rule.how in ("move", "reseal") and in_a_unique_key(table, column) != (rule.twice is not None):
        yield "does not say what becomes of what both have, or says it in vain"
    if "retention" not in vars(MODELS[table]):
        yield "does not say how long it is kept"


def test_each_column_that_names_a_customer_is_declared() -> None:
    declared = {(column.table.name, column.name): rule for _, column, rule in references()}
    assert declared.keys() == NAMING
    assert len(NAMING) > 20
    found = {
        f"{name}.{column}": complaints
        for name, column in sorted(NAMING)
        if (complaints := [*wrong(table := Base.metadata.tables[name], table.c[column], declared[name, column])])
    }
    assert found == {}


def test_a_wrong_declaration_is_found() -> None:
    table = Base.metadata.tables
    for name, column, rule, complaint in (
        ("visits", "customer_id", None, "does not say what"),
        ("visits", "customer_id", stay(""), "does not say why"),
        ("reviews", "customer_id", MOVE, "away from the key"),
        ("visits", "customer_id", Merge("reseal"), "nothing to be sealed"),
        ("achievement_unlocks", "customer_id", MOVE, "what both have"),
        ("visits", "customer_id", Merge("move", twice="goes"), "in vain"),
    ):
        assert any(complaint in one for one in wrong(table[name], table[name].c[column], rule)), complaint


@pytest.mark.parametrize("table", sorted(Base.metadata.tables))
def test_what_is_kept_for_a_time_says_since_when(table: str) -> None:
    retention = getattr(MODELS[Base.metadata.tables[table]], "retention", None)
    if retention is None or retention.life is None:
        return
    columns = Base.metadata.tables[table].c
    assert not columns[retention.since].nullable
    assert not retention.states or "state" in columns
    pointing = [other for other in Base.metadata.sorted_tables for one in other.c if one.info.get(OF) == table]
    for other in pointing:
        column = next(one for one in other.c if one.info.get(OF) == table)
        goes = column.nullable or MODELS[other].retention.goes_with == column.name
        assert goes, f"{other.name} stays without its row"


def a_row(session: Session, model: Any, column: Column[Any], customer: Customer, rule: Merge) -> dict[str, Any]:
    """A row whose column names this customer, with something sealed wherever it is to be sealed anew; its key."""
    session.flush()
    table: Table = model.__table__
    made = rows.values(session.connection(), table, customer.clinic_id, **{column.name: customer.id})
    session.execute(table.insert().values(made))
    key = {part.name: made[part.name] for part in table.primary_key}
    if rule.how == "reseal":
        row = session.scalars(select(model).filter_by(**key)).one()
        for name in model.sealed:
            setattr(row, name, _plain(model, name))
        session.flush()
    return key


def _plain(model: Any, name: str) -> Any:
    return b"[]" if vars(model)[name].bound_as in ("inbox.raw", "replies.body", "sends.body") else f"{name} of theirs"


def test_a_merge_does_with_every_table_what_it_says(session: Session, clinic: Clinic) -> None:
    duplicate, survivor = new_customer(session, clinic, NOW), new_customer(session, clinic, NOW)
    session.flush()
    made: list[tuple[Any, Column[Any], Merge, dict[str, Any]]] = []
    for model, column, rule in references():
        if rule.how == "own":
            continue
        made.append((model, column, rule, a_row(session, model, column, duplicate, rule)))
    assert {(column.table.name, column.name) for _, column, _, _ in made} == NAMING - {
        ("loyalty_profiles", "customer_id")
    }
    merge(session, duplicate, survivor, NOW, actor="staff")
    session.flush()
    session.expire_all()
    for model, column, rule, key in made:
        row = session.scalars(select(model).filter_by(**key)).one()
        names = duplicate.id if rule.how == "stay" else survivor.id
        assert getattr(row, column.name) == names, f"{column.table.name}.{column.name} was not handed over"
    # What was sealed opens with the survivor's key alone; what stays under its own record forgets with that record.
    duplicate.data_key = None
    session.flush()
    session.expire_all()
    resealed = 0
    for model, _, rule, key in made:
        row = session.scalars(select(model).filter_by(**key)).one()
        for name in model.sealed if rule.how == "reseal" else ():
            assert getattr(row, name) == _plain(model, name), f"{model.__name__}.{name} does not open"
            resealed += 1
    assert resealed > 8
    merged = {id_: into for id_, into in session.execute(select(Customer.id, Customer.merged_into)).all() if into}
    assert merged[duplicate.id] == survivor.id
    assert set(merged.values()) == {survivor.id}, "a record that was merged before leads to the one that stays"


def test_a_second_merge_leaves_no_chain(session: Session, clinic: Clinic) -> None:
    a, b, c = (new_customer(session, clinic, NOW) for _ in range(3))
    session.flush()
    merge(session, a, b, NOW, actor="staff")
    merge(session, b, c, NOW + timedelta(days=1), actor="staff")
    session.expire_all()
    assert (a.merged_into, b.merged_into, c.merged_into) == (c.id, c.id, None)
    assert (a.merged_at, b.merged_at) == (NOW, NOW + timedelta(days=1))
    profiles = MODELS[Base.metadata.tables["loyalty_profiles"]]
    found: dict[Any, Any] = dict(session.execute(select(profiles.customer_id, profiles.merged_into)).all())
    assert found == {a.id: c.id, b.id: c.id, c.id: None}
