"""The short cut of a later start: does it see what alembic would see?"""

from pathlib import Path

from local.place import Place
from local.postgres import Postgres
from local.schema import is_newest


def test_a_migrated_database_is_newest(database_url: str) -> None:
    assert is_newest(database_url)


def test_a_new_migration_and_an_empty_database_are_not(database_url: str, place: Place, tmp_path: Path) -> None:
    assert not is_newest(Postgres(place).url("postgres"))
    (tmp_path / "0001_first.py").write_text("revision = '0001'\ndown_revision: str | None = None\n")
    (tmp_path / "zzzz_second.py").write_text('revision: str = "zzzz"\ndown_revision = "0001"\n')
    assert not is_newest(database_url, tmp_path)
