"""The migrations make what the models say, and what must never change cannot be changed."""

from dataclasses import replace

import psycopg
import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy.exc import OperationalError

from models import Base, migrations
from runtime import limits
from tests.fixtures.servers import libpq

APPEND_ONLY = ("point_transactions", "consents", "notices")


def test_models_equal_migrations(database_url: str) -> None:
    command.check(migrations.config(database_url))


def test_there_is_one_head(database_url: str) -> None:
    assert len(ScriptDirectory.from_config(migrations.config(database_url)).get_heads()) == 1


def test_one_that_meets_a_lock_lets_the_others_pass_and_tries_again(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "COMMAND", replace(limits.COMMAND, lock=0.1))
    monkeypatch.setattr(migrations, "PAUSE", 0.05)
    said: list[str] = []
    with psycopg.connect(libpq(database_url)) as other:
        other.execute("LOCK TABLE alembic_version")

        def say(text: str) -> None:
            said.append(text)
            if len(said) == 2:
                other.rollback()

        migrations.upgrade(database_url, say)
        assert len(said) == 2
        monkeypatch.setattr(migrations, "TRIES", 3)
        other.execute("LOCK TABLE alembic_version")
        with pytest.raises(OperationalError):
            migrations.upgrade(database_url, said.append)
    assert len(said) == 4


def test_every_table_of_people_is_scoped_to_a_clinic() -> None:
    for table in Base.metadata.sorted_tables:
        if table.name not in ("clinics", "business_clock", "installation"):
            assert "clinic_id" in table.columns, f"{table.name} belongs to no clinic"


@pytest.mark.parametrize("table", APPEND_ONLY)
@pytest.mark.parametrize("verb", ["UPDATE {} SET clinic_id = clinic_id", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
def test_the_database_refuses_to_change_history(database_url: str, table: str, verb: str) -> None:
    refused = pytest.raises(psycopg.errors.RestrictViolation, match="append-only")
    with psycopg.connect(libpq(database_url)) as connection, refused:
        connection.execute(verb.format(table))
