"""The way to the database: engines that keep to their limits, and sessions that can open sealed columns."""

import select
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any, cast

import psycopg
from psycopg import waiting
from psycopg.abc import RV, PQGen
from psycopg.pq import Conninfo, ConnStatus, TransactionStatus
from sqlalchemy import Engine, create_engine, event, make_url, text
from sqlalchemy.exc import DBAPIError, DisconnectionError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.sql.elements import CompilerElement

from runtime.keys import Vault
from runtime.limits import Limits
from runtime.opening import Opening
from runtime.settings import Settings

CONNECT_SECONDS = 2
"""The least that libpq takes. Who waits for the connection may give up sooner (`runtime/opening.py`)."""
_KEEPALIVES = {"keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3}
"""Seconds, seconds, times: what waits without a limit notices within half a minute that the server's host has gone."""
_DIALECT = make_url("postgresql+psycopg://").get_dialect()
_budget: ContextVar["Budget | None"] = ContextVar("budget", default=None)


@dataclass
class Budget:
    """What is left of the seconds that may be waited for databases in all."""

    left: float


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """All waiting for databases within, in this thread, is broken off when it comes to more than this."""
    token = _budget.set(Budget(seconds))
    try:
        yield
    finally:
        _budget.reset(token)


@contextmanager
def _waiting(limit: float) -> Iterator[float | None]:
    """Yields the seconds that this one wait may take; `limit` 0 and None: no end."""
    budget = _budget.get()
    if budget is None:
        yield limit or None
        return
    left, began = max(budget.left, 0.001), time.monotonic()
    try:
        yield min(left, limit) if limit else left
    finally:
        budget.left -= time.monotonic() - began


class Impatient(psycopg.Connection[Any]):
    """Gives up on a server which says nothing, and is closed by whatever breaks a call off.

    psycopg itself would wait for ever; on an interruption it cancels the statement and waits for the answer to that.
    """

    patience = 0.0
    """Seconds for one answer; 0 waits."""

    def wait(self, gen: PQGen[RV], interval: float = 0.1, timeout: float | None = None) -> RV:
        """Raises `psycopg.OperationalError` when `patience` is over."""
        try:
            with _waiting(timeout or self.patience) as seconds:
                return waiting.wait(gen, self.pgconn.socket, interval=interval, timeout=seconds)
        except psycopg.errors._WaitTimeout as error:  # noqa: SLF001 - what `waiting` raises has no public name
            self.pgconn.finish()
            raise psycopg.OperationalError("the database has not answered in time") from error
        except psycopg.Error:
            raise  # it has answered
        except BaseException:
            # What the server does with the statement is not known, so nobody may use this connection again.
            if self.pgconn.transaction_status == TransactionStatus.ACTIVE:
                self.pgconn.finish()
            raise

    def rollback(self) -> None:
        """Of one that was closed there is nothing to take back, and what closed it is the error to be told."""
        if not self.closed:
            super().rollback()

    @property
    def dead(self) -> bool:
        """Whether either side has ended it. No round trip: of a connection that lives there is nothing to read."""
        look = select.poll()
        try:
            look.register(self.pgconn.socket, select.POLLIN)
            while look.poll(0):
                self.pgconn.consume_input()
        except psycopg.OperationalError:
            return True
        return self.pgconn.status != ConnStatus.OK


def arguments(address: str, limits: Limits) -> dict[str, Any]:
    """What a connection to this address is opened with; options that the address or the environment has stay."""
    given = make_url(address).query.get("options") or next(
        (one.val.decode() for one in Conninfo.get_defaults() if one.keyword == b"options" and one.val), ""
    )
    return {
        "options": f"{' '.join(given) if isinstance(given, tuple) else given} {limits.options}".strip(),
        "fallback_application_name": f"aura {limits.process}",
        "connect_timeout": CONNECT_SECONDS,
        **_KEEPALIVES,
    }


def connect(settings: Settings, vault: Vault, limits: Limits) -> tuple[Engine, sessionmaker[Session]]:
    """Nothing is contacted yet. Objects stay readable after commit: answers are sent when the transaction is over."""
    engine = create_engine(
        settings.database_url,
        pool_size=limits.connections,
        max_overflow=0,
        hide_parameters=True,  # an error says which statement failed, not about whom
        pool_timeout=limits.pool,
        connect_args=arguments(settings.database_url, limits),
    )
    opening: Opening[Impatient] = Opening(limits.connections)

    @event.listens_for(engine, "do_connect")
    def _connect(_dialect: Any, _record: Any, args: tuple[Any, ...], options: dict[str, Any]) -> Impatient:
        with _waiting(limits.pool) as seconds:
            connection = opening.take(partial(Impatient.connect, *args, **options), seconds)
        connection.patience = limits.patience
        return connection

    @event.listens_for(engine, "checkout")
    def _alive(connection: Any, _record: Any, _proxy: Any) -> None:
        if connection.dead:
            raise DisconnectionError("the server has ended this connection")  # the pool opens another one

    @event.listens_for(engine, "handle_error")
    def _alone(context: Any) -> None:
        # All others are looked at before their next use. Thrown away as a whole, the pool would leave behind what is in
        # use just then: open, and beyond the number, until the interpreter comes to collect it.
        context.invalidate_pool_on_disconnect = False

    # What rows themselves need: sealed columns the vault, a clinic's settings the defaults. Rules are handed the rest.
    info = {"vault": vault, "clinic_defaults": settings.clinic_defaults}
    return engine, sessionmaker(engine, expire_on_commit=False, info=info)


def hurry(session: Session, seconds: float) -> None:
    """Until the end of this transaction no lock is waited for longer than this."""
    session.execute(text("SELECT set_config('lock_timeout', :wait, true)"), {"wait": f"{round(seconds * 1000)}ms"})


@contextmanager
def direct(engine: Engine) -> Iterator[psycopg.Connection[Any]]:
    """A connection of the engine's pool with its limits, as psycopg has it, each statement a transaction of its own.

    For a statement so short that SQLAlchemy costs more than the database. Its errors are raised as SQLAlchemy would.
    """
    try:
        held = engine.raw_connection()
        connection = cast("psycopg.Connection[Any]", held.driver_connection)
        try:
            connection.autocommit = True
            yield connection
        finally:
            # One that was broken off is closed, and the pool opens another one.
            if not connection.closed:
                connection.autocommit = False
            held.close()
    except psycopg.Error as error:
        raise DBAPIError.instance(None, None, error, psycopg.Error, hide_parameters=True) from error


def in_words(statement: CompilerElement, columns: Iterable[str] | None = None) -> bytes:
    """A statement as psycopg takes it, its values by name; of an INSERT the columns that it is given."""
    given = None if columns is None else list(columns)
    return str(statement.compile(dialect=_DIALECT(), column_keys=given)).encode()


PATIENCE = timedelta(minutes=10)
"""How long a busy or absent database is not the fault of the work that met it; then it counts as any other failure."""
_LOCKED = {"55P03", "40P01"}
"""Lock not available, deadlock. postgresql.org/docs/current/errcodes-appendix.html"""
_CUT_SHORT = {"57014", "40001"}
"""Statement cancelled, serialisation."""
_AWAY = {"57P01", "57P02", "57P03", "57P05", "25P03", "25P04", "53300", "25006"}
"""A server that is going down or coming up, has ended a session that idled, has no connection to spare, or can be read
only."""


def locked(error: BaseException) -> bool:
    """Whether somebody else held what was needed: others may fare better now."""
    return _state(error) in _LOCKED


def lost(error: BaseException) -> bool:
    """Whether the database is away: nobody else would fare better now."""
    if isinstance(error, PoolTimeout) or _state(error) in _AWAY:
        return True
    # Without a word of the server: it was not reached, or the line was cut.
    return isinstance(error, DBAPIError) and (error.connection_invalidated or _unreached(error.orig))


def transient(error: BaseException) -> bool:
    """Whether the database was busy or away: nothing is wrong with the work that was being done."""
    return locked(error) or _state(error) in _CUT_SHORT or lost(error)


def _state(error: BaseException) -> str | None:
    return getattr(error.orig, "sqlstate", None) if isinstance(error, DBAPIError) else None


def _unreached(error: BaseException | None) -> bool:
    return isinstance(error, psycopg.OperationalError) and error.sqlstate is None
