"""The database is kept to its limits on both sides, and no connection is used again of which nobody knows the state."""

import gc
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import psycopg
import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from runtime import database, limits
from runtime.keys import Vault
from runtime.limits import Limits
from runtime.opening import Opening
from runtime.settings import Settings
from tests.fixtures.waiting import eventually

NAMES = (
    "statement_timeout",
    "lock_timeout",
    "idle_in_transaction_session_timeout",
    "client_connection_check_interval",
)
ONE = replace(limits.COMMAND, connections=1)
TOLD = text("SELECT name, setting FROM pg_settings WHERE name = ANY(:names)")
BUSY = text("SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep(21)%' AND state = 'active'")


@pytest.fixture
def engine_of(settings: Settings) -> Iterator[Callable[..., Engine]]:
    made: list[Engine] = []

    def make(within: Limits, url: str = settings.database_url) -> Engine:
        there = settings.model_copy(update={"database_url": url})
        made.append(database.connect(there, Vault.from_settings(settings), within)[0])
        return made[-1]

    yield make
    for engine in made:
        engine.dispose()


def by_sqlalchemy(engine: Engine, statement: str) -> None:
    with engine.connect() as connection:
        connection.execute(text(statement))


def by_itself(engine: Engine, statement: str) -> None:
    with database.direct(engine) as connection:
        connection.execute(statement.encode(), prepare=True)


WAYS = pytest.mark.parametrize("say", [by_sqlalchemy, by_itself])
Say = Callable[[Engine, str], None]


def number(engine: Engine) -> int:
    """Of the server's process behind the engine's one connection."""
    with engine.connect() as connection:
        return int(connection.execute(text("SELECT pg_backend_pid()")).scalar_one())


def busy(engine: Engine) -> bool:
    """Whether the server is still at a statement that nobody waits for."""
    with engine.connect() as connection:
        return bool(connection.execute(BUSY).scalar_one())


@pytest.mark.parametrize("options", ["", "&options=-c%20work_mem%3D5MB"], ids=["plain", "with options of its own"])
@pytest.mark.parametrize("within", limits.ALL.values(), ids=limits.ALL)
def test_the_server_is_told_the_limits(
    engine_of: Callable[..., Engine], settings: Settings, within: Limits, options: str
) -> None:
    with engine_of(within, settings.database_url + options).connect() as connection:
        told = {
            name: connection.execute(text(f"SELECT setting FROM pg_settings WHERE name = '{name}'")).scalar_one()
            for name in NAMES
        }
        own = connection.execute(text("SHOW work_mem")).scalar_one()
        name = connection.execute(text("SHOW application_name")).scalar_one()
    given = (within.statement, within.lock, within.idle, limits.CHECK_CLIENT)
    assert told == {name: f"{seconds * 1000:.0f}" for name, seconds in zip(NAMES, given, strict=True)}
    assert (own == "5MB") == bool(options)
    assert name == f"aura {within.process}"


@WAYS
def test_the_server_ends_what_takes_too_long_and_the_connection_stays(
    engine_of: Callable[..., Engine], say: Say
) -> None:
    engine = engine_of(replace(limits.WEBHOOK, statement=0.2, connections=1))
    before = number(engine)
    with pytest.raises(OperationalError) as refused:
        say(engine, "SELECT pg_sleep(20)")
    assert database.transient(refused.value)
    assert not database.lost(refused.value)
    assert number(engine) == before


@WAYS
def test_a_server_that_says_nothing_is_given_up_and_its_process_ends(
    engine_of: Callable[..., Engine], say: Say
) -> None:
    engine, other = engine_of(replace(ONE, lock=0)), engine_of(ONE)
    before, began = number(engine), time.monotonic()
    with pytest.raises(OperationalError, match="not answered in time") as refused, database.at_most(0.3):
        say(engine, "SELECT pg_sleep(21)")
    assert time.monotonic() - began < 2
    assert database.lost(refused.value)
    assert number(engine) != before
    eventually(lambda: not busy(other), within=5)


@WAYS
@pytest.mark.parametrize("thrown", [KeyboardInterrupt, SystemExit, RuntimeError])
def test_a_connection_whose_call_was_broken_off_is_closed(
    engine_of: Callable[..., Engine], thrown: type[BaseException], say: Say
) -> None:
    engine, other = engine_of(ONE), engine_of(ONE)
    before = number(engine)

    def throw(_number: int, _frame: object) -> None:
        raise thrown

    # As Ctrl-C or a time limit of a library does it: into whatever is running.
    usual = signal.signal(signal.SIGALRM, throw)
    signal.setitimer(signal.ITIMER_REAL, 0.3)
    began = time.monotonic()
    try:
        with pytest.raises(thrown):
            say(engine, "SELECT pg_sleep(21)")
    finally:
        signal.signal(signal.SIGALRM, usual)
    assert time.monotonic() - began < 1
    assert number(engine) != before
    eventually(lambda: not busy(other), within=5)


def test_a_refused_statement_keeps_its_connection(engine_of: Callable[..., Engine]) -> None:
    engine = engine_of(ONE)
    before = number(engine)
    with engine.connect() as connection, pytest.raises(Exception, match="division by zero"):
        connection.execute(text("SELECT 1 / :zero"), [{"zero": one} for one in (1, 0, 1)])
    assert number(engine) == before


def test_a_connection_that_the_server_has_ended_is_found_dead_before_it_is_used(
    engine_of: Callable[..., Engine], settings: Settings
) -> None:
    engine, other = engine_of(ONE), engine_of(ONE)
    before = number(engine)
    with other.connect() as connection:
        connection.execute(text("SELECT pg_terminate_backend(:one, 5000)"), {"one": before})
    assert number(engine) != before


class Opened:
    def __init__(self) -> None:
        self.closed = False

    def close(self) -> None:
        self.closed = True


def test_a_connection_that_opens_slowly_is_there_for_the_next_one() -> None:
    may, opened = threading.Event(), [Opened()]

    def slowly() -> Opened:
        may.wait(10)
        return opened.pop()

    opening: Opening[Opened] = Opening(2)
    for _ in range(2):
        with pytest.raises(psycopg.OperationalError, match="in time"):
            opening.take(slowly, 0.02)
    may.set()
    assert not opening.take(slowly, 5).closed
    assert opened == []


def test_a_connection_that_nobody_takes_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("runtime.opening.KEPT_SECONDS", 0.05)
    may, one = threading.Event(), Opened()

    def slowly() -> Opened:
        may.wait(10)
        return one

    with pytest.raises(psycopg.OperationalError, match="in time"):
        Opening[Opened](1).take(slowly, 0.02)
    may.set()
    eventually(lambda: one.closed)


def test_why_it_failed_is_told_to_who_waits_and_to_nobody_after() -> None:
    opening: Opening[Opened] = Opening(1)
    may = threading.Event()

    def refused() -> Opened:
        may.wait(10)
        raise psycopg.OperationalError("refused")

    with pytest.raises(psycopg.OperationalError, match="in time"):
        opening.take(refused, 0.02)
    may.set()
    with pytest.raises(psycopg.OperationalError, match="refused"):
        Opening[Opened](1).take(refused, 5)
    assert not opening.take(Opened, 5).closed


def test_a_connection_that_came_too_late_is_closed_at_once(engine_of: Callable[..., Engine]) -> None:
    """Left to whenever the interpreter collects it, it would be one more than the number when the server goes on."""
    with socket.create_server(("127.0.0.1", 0)) as server, without_collection():
        engine = engine_of(replace(ONE, pool=30.0), f"postgresql+psycopg://127.0.0.1:{server.getsockname()[1]}/x")
        with pytest.raises(OperationalError, match="timeout"):
            engine.connect()
        peer, _ = server.accept()
        with peer:
            peer.settimeout(5)
            while peer.recv(4096):
                pass  # ends with the end of the stream; else the time-out fails


@contextmanager
def without_collection() -> Iterator[None]:
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


@WAYS
def test_a_server_that_cannot_be_reached_is_nobodys_fault(engine_of: Callable[..., Engine], say: Say) -> None:
    engine = engine_of(ONE, "postgresql+psycopg://app@127.0.0.1:1/nowhere")
    with pytest.raises(OperationalError) as refused:
        say(engine, "SELECT 1")
    assert database.lost(refused.value)


@WAYS
def test_who_gets_no_connection_is_told_so(engine_of: Callable[..., Engine], say: Say) -> None:
    engine = engine_of(replace(ONE, pool=0.05))
    with engine.connect(), pytest.raises(PoolTimeout):
        say(engine, "SELECT 1")


def test_what_is_said_directly_is_kept_at_once_and_the_next_one_has_a_transaction_again(
    engine_of: Callable[..., Engine],
) -> None:
    engine, other = engine_of(ONE), engine_of(ONE)
    with database.direct(engine) as connection:
        connection.execute("CREATE TABLE said (word text)")
        connection.execute("INSERT INTO said VALUES ('kept')")
        with other.connect() as looks:
            assert looks.execute(text("SELECT word FROM said")).all() == [("kept",)]
    try:
        with engine.connect() as begun:
            begun.execute(text("INSERT INTO said VALUES ('taken back')"))
        with engine.connect() as looks:
            assert looks.execute(text("SELECT word FROM said")).all() == [("kept",)]
    finally:
        by_itself(engine, "DROP TABLE said")
