"""Every row says whose it is: in its key, in what must be unique, and in what it points at."""

from collections.abc import Iterator

from sqlalchemy import ForeignKeyConstraint, PrimaryKeyConstraint, Table, UniqueConstraint, Uuid, inspect
from sqlalchemy.orm import Session

from models import Base

NO_CLINICS = {"clinics", "business_clock", "installation"}
UNTIED = {
    "followup_executions.about_id": "the row of an anchor, in the table that the kind of the rule names",
    "deliveries.send_id": "what carried a message is forgotten long before that there was one",
    "deliveries.inbox_id": "what it rode in the answer to is forgotten long before that it rode",
    "one_time_codes.send_id": "what carried a code is forgotten by itself",
}
"""Columns of ids that no foreign key can hold, and why. Whether each row of them is asked for with its clinic is tested
where they are used."""
TABLES = [table for table in Base.metadata.sorted_tables if table.name not in NO_CLINICS]


def in_one_clinic(columns: list[str], tied: set[str]) -> bool:
    """A key begins with the clinic; one that is nothing but an id has it second, where the index is half as large."""
    return columns[0] == "clinic_id" or (columns[1:] == ["clinic_id"] and columns[0] in {"id", *tied})


def wrong(table: Table) -> Iterator[str]:
    pointing = [one for one in table.constraints if isinstance(one, ForeignKeyConstraint)]
    tied = {column.name for one in pointing for column in one.columns}
    for one in pointing:
        pairs = [(element.parent.name, element.target_fullname) for element in one.elements]
        theirs = "clinics.id" if len(pairs) == 1 else f"{one.referred_table.name}.clinic_id"
        if pairs[0] != ("clinic_id", theirs):
            yield f"{one.name} can point into another clinic"
    unique = [one for one in table.constraints if isinstance(one, (UniqueConstraint, PrimaryKeyConstraint))]
    for key in [*unique, *(index for index in table.indexes if index.unique)]:
        if not in_one_clinic(key.columns.keys(), tied):
            yield f"{key.name} is unique across clinics"
    for name in [*(one.name for one in [*pointing, *unique]), *(index.name for index in table.indexes)]:
        if len(str(name)) > 63:
            yield f"{name} is longer than PostgreSQL keeps"
    for column in table.columns:
        if isinstance(column.type, Uuid) and column.name not in {"id", *tied} and str(column) not in UNTIED:
            yield f"{column.name} points at nothing"
    if all(any(column.nullable for column in one.columns) for one in pointing):
        yield "nothing ties it to a clinic that exists"


def test_no_table_forgets_its_clinic() -> None:
    assert {table.name: found for table in TABLES if (found := list(wrong(table)))} == {}


def test_the_database_has_the_same_primary_keys(session: Session) -> None:
    """Alembic compares columns, foreign keys, unique keys and indexes; primary keys it does not look at."""
    database = inspect(session.connection())
    for table in Base.metadata.sorted_tables:
        kept = database.get_pk_constraint(table.name)
        assert (kept["name"], kept["constrained_columns"]) == (f"pk_{table.name}", table.primary_key.columns.keys())
