"""Whether a database already has the newest tables, found out in milliseconds instead of the second alembic takes.

Only the order of the start depends on it: the migrations run in either case.
"""

import re
from pathlib import Path

import psycopg

from local.child import CHECKOUT

_REVISION = re.compile(r"""^(revision|down_revision)\b[^=\n]*=\s*["'](\w+)["']""", re.MULTILINE)


def is_newest(database_url: str, versions: Path = CHECKOUT / "models" / "migrations" / "versions") -> bool:
    """Whether the database at `database_url` stands at the one head of the migration files. Raises `psycopg.Error`."""
    address = database_url.replace("postgresql+psycopg://", "postgresql://", 1)
    with psycopg.connect(address, connect_timeout=5) as database:
        found = database.execute("SELECT to_regclass('alembic_version')").fetchone()
        if not found or found[0] is None:
            return False
        stands = {row[0] for row in database.execute("SELECT version_num FROM alembic_version")}
    return stands == _heads(versions)


def _heads(versions: Path) -> set[str]:
    made: set[str] = set()
    followed: set[str] = set()
    for file in versions.glob("*.py"):
        for name, value in _REVISION.findall(file.read_text(encoding="utf-8")):
            (made if name == "revision" else followed).add(value)
    return made - followed
