"""The database refuses a row of one clinic that points at a row of another, for every reference of every table."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, Engine, Table, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, sessionmaker

from models import Base
from tests.fixtures import rows

REFERENCES = [
    (table.name, column)
    for table in Base.metadata.sorted_tables
    if "clinic_id" in table.columns
    for column in sorted(rows.pointing(table))
]


@pytest.fixture
def connection(sessions: sessionmaker[Session]) -> Iterator[Connection]:
    engine: Engine = sessions.kw["bind"]
    with engine.connect() as connection, connection.begin() as transaction:
        yield connection
        transaction.rollback()


def test_there_are_references_to_try() -> None:
    assert len(REFERENCES) > 30


@pytest.mark.parametrize(("name", "column"), REFERENCES)
def test_no_row_points_into_another_clinic(connection: Connection, name: str, column: str) -> None:
    table: Table = Base.metadata.tables[name]
    target = rows.pointing(table)[column]
    ours, theirs = rows.clinic(connection), rows.clinic(connection)
    own, abroad = (rows.insert(connection, target, one) for one in (ours, theirs))
    sound = rows.values(connection, table, ours, **{column: own})
    with connection.begin_nested() as tried:
        connection.execute(table.insert().values(sound))
        tried.rollback()
    with pytest.raises(IntegrityError, match="violates foreign key constraint"), connection.begin_nested():
        connection.execute(table.insert().values({**sound, column: abroad}))
    connection.execute(table.insert().values(sound))
    if name not in ("point_transactions", "consents", "notices"):  # these cannot be changed at all
        with pytest.raises(IntegrityError, match="violates foreign key constraint"), connection.begin_nested():
            connection.execute(table.update().where(table.c.clinic_id == ours).values({column: abroad}))
    held = select(func.count()).select_from(table).where(table.c.clinic_id == ours, table.c[column] == own)
    assert connection.scalar(held) == 1
