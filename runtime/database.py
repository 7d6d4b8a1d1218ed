"""The way to the database: one engine a process, and sessions that can open sealed columns."""

from datetime import timedelta
from typing import Any

import psycopg
from psycopg.abc import RV, PQGen
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session, sessionmaker

from runtime.keys import Vault
from runtime.settings import Settings

CONNECT_SECONDS = 2
POOL_SECONDS = 2.0
"""A webhook has two seconds to answer; waiting longer for a connection only makes LINE send it again."""


class Impatient(psycopg.Connection[Any]):
    """A connection that gives up on a server which has stopped answering; libpq itself would wait for ever."""

    patience = 0.0
    """Seconds for one answer; 0 waits."""

    def wait(self, gen: PQGen[RV], interval: float = 0.1, timeout: float | None = None) -> RV:
        """Raises `psycopg.OperationalError`, and closes the connection, when `patience` is over."""
        try:
            return super().wait(gen, interval, timeout or self.patience or None)
        except psycopg.errors._WaitTimeout as error:  # noqa: SLF001 - what its own `wait` raises has no public name
            # What the server does with the statement is not known, so nobody may use this connection again.
            self.pgconn.finish()
            raise psycopg.OperationalError("the database has not answered in time") from error


def connect(
    settings: Settings, vault: Vault, *, connections: int = 8, patience: float = 0.0
) -> tuple[Engine, sessionmaker[Session]]:
    """Nothing is contacted yet. Objects stay readable after commit: answers are sent when the transaction is over.

    `patience`: how many seconds one statement may take before the database counts as down; 0 = as long as it takes.
    """
    engine = create_engine(
        settings.database_url,
        pool_size=connections,
        max_overflow=0,
        hide_parameters=True,  # an error says which statement failed, not about whom
        pool_timeout=POOL_SECONDS,
        connect_args={"connect_timeout": CONNECT_SECONDS},
    )

    @event.listens_for(engine, "do_connect")
    def _connect(_dialect: Any, _record: Any, args: tuple[Any, ...], options: dict[str, Any]) -> Impatient:
        connection = Impatient.connect(*args, **options)
        connection.patience = patience
        return connection

    # What rows themselves need: sealed columns the vault, a clinic's settings the defaults. Rules are handed the rest.
    info = {"vault": vault, "clinic_defaults": settings.clinic_defaults}
    return engine, sessionmaker(engine, expire_on_commit=False, info=info)


PATIENCE = timedelta(minutes=10)
"""How long a busy or absent database is not the fault of the work that met it; then it counts as any other failure."""
_NOBODYS_FAULT = {"55P03", "57014", "40P01", "40001", "57P01", "57P02", "57P03"}
"""lock not available, statement cancelled, deadlock, serialisation, and a server that is going down or coming up.
postgresql.org/docs/current/errcodes-appendix.html"""


def lost(error: BaseException) -> bool:
    """Whether the database is away: nobody else would fare better now."""
    return isinstance(error, PoolTimeout) or (isinstance(error, DBAPIError) and error.connection_invalidated)


def transient(error: BaseException) -> bool:
    """Whether the database was busy or away: nothing is wrong with the work that was being done."""
    busy = isinstance(error, DBAPIError) and getattr(error.orig, "sqlstate", None) in _NOBODYS_FAULT
    return busy or lost(error)
