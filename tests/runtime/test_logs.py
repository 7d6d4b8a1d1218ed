"""One line an event, and nothing in it that anybody typed."""

import json
import logging
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import psycopg
import pytest
import structlog
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from runtime import database, limits, logs
from runtime.keys import Vault
from runtime.settings import Settings
from tests.check.tree import ROOT, sources
from tests.fixtures.waiting import eventually, free_port
from tests.runtime.test_settings import production

TYPED = "น้ำผึ้ง 0812345678 typed"


@pytest.fixture
def lines(capsys: pytest.CaptureFixture[str]) -> Iterator[Callable[[], list[dict[str, Any]]]]:
    """The log since the last look, as a machine reads it: every line is JSON."""
    before = logging.getLogger().level, structlog.get_config()
    logs.configure(development=False)

    def read() -> list[dict[str, Any]]:
        said = capsys.readouterr()
        assert said.out == ""
        assert TYPED not in said.err
        assert "0812345678" not in said.err
        return [json.loads(line) for line in said.err.splitlines()]

    yield read
    root = logging.getLogger()
    root.handlers = [one for one in root.handlers if type(one).__module__ != "runtime.logs"]
    root.setLevel(before[0])
    structlog.configure(**before[1])


def fails() -> None:
    raise ValueError(TYPED)


def raised() -> Exception:
    try:
        fails()
    except ValueError as error:
        return error
    raise AssertionError


def test_an_exception_is_told_by_its_type_and_place(lines: Callable[[], list[dict[str, Any]]]) -> None:
    structlog.get_logger("ours").error("it failed", exc_info=raised())
    (line,) = lines()
    assert (line["event"], line["level"], line["error"]) == ("it failed", "error", "ValueError")
    assert line["where"].startswith("tests/runtime/test_logs.py:")
    assert line["trace"].endswith(" fails")


@pytest.mark.parametrize("name", ["rq.worker", "sqlalchemy.pool", "aura", "_granian", "psycopg.pool", "urllib3"])
def test_the_loggers_of_others_speak_as_ours(lines: Callable[[], list[dict[str, Any]]], name: str) -> None:
    logger = logging.getLogger(name)
    level = logger.level
    logger.setLevel(logging.WARNING)
    try:
        logger.warning("Worker %s: it failed with %s\n%s", TYPED, raised(), TYPED)
        logger.error("waited %d of %s seconds", 3, 4.5, stack_info=True)
        try:
            fails()
        except ValueError:
            logger.exception("Exception on %s", TYPED)
        logger.info("nobody reads this")
    finally:
        logger.setLevel(level)
    first, second, third = lines()
    assert (first["event"], first["logger"], first["error"]) == ("Worker %s: it failed with %s", name, "ValueError")
    assert second["event"] == "waited 3 of 4.5 seconds"
    assert (third["event"], third["error"]) == ("Exception on %s", "ValueError")


def test_an_error_of_the_database_says_its_state_and_not_about_whom(
    settings: Settings, lines: Callable[[], list[dict[str, Any]]]
) -> None:
    engine, _ = database.connect(settings, Vault.from_settings(settings), limits.COMMAND)
    with engine.connect() as connection, pytest.raises(DBAPIError) as refused:
        connection.execute(text("SELECT CAST(:typed AS integer)"), {"typed": TYPED})
    engine.dispose()
    assert refused.value.hide_parameters
    structlog.get_logger("ours").error("it failed", exc_info=refused.value)
    (line,) = lines()
    assert (line["error"], line["sqlstate"], line["cause"]) == ("DataError", "22P02", "InvalidTextRepresentation")
    assert psycopg.errors.lookup("22P02").__name__ == line["cause"]


def test_every_engine_of_the_product_hides_its_parameters() -> None:
    """Also where the message is printed by somebody else: it is the exception that must not know."""
    made = [
        f"{path}: {line.strip()}"
        for path, source in sources("*.py").items()
        if not path.startswith(("tests/", "benchmarks/", "simulator/"))
        for number, line in enumerate(source.splitlines())
        if "create_engine(" in line and "hide_parameters=True" not in "".join(source.splitlines()[number : number + 8])
    ]
    assert made == []


PROCESS = """
import threading
from runtime import logs
logs.configure(development=False)
logs.catch_all()
def fails():
    raise ValueError("typed by somebody")
thread = threading.Thread(target=fails, name="drains")
thread.start()
thread.join()
fails()
"""


def test_what_nobody_catches_ends_as_a_line_too() -> None:
    ended = subprocess.run([sys.executable, "-c", PROCESS], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout) == (1, "")
    of_thread, of_process = map(json.loads, ended.stderr.splitlines())
    assert (of_thread["event"], of_thread["thread"], of_thread["error"]) == ("thread ends", "drains", "ValueError")
    assert (of_process["event"], of_process["error"], of_process["level"]) == ("process ends", "ValueError", "critical")
    assert "typed" not in ended.stderr


@pytest.mark.parametrize("port_is_taken", [False, True])
def test_the_web_server_begins_and_ends_in_such_lines(port_is_taken: bool) -> None:
    """Its main process reads no application: the file that its command names has it write as all others do."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1] if port_is_taken else free_port()
        taken.listen()
        server = subprocess.Popen(
            [
                sys.executable, "-m", "granian", "--log-config", "web/granian.json", "--interface", "asginl",
                "--factory", "--workers", "1", "--port", str(port), "app:create_gate",
            ],
            cwd=ROOT, env=production() | {"PATH": "/usr/bin:/bin"},
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        if not port_is_taken:
            eventually(lambda: answers(port), within=60)
            server.terminate()
        out, said = server.communicate(timeout=60)
    lines = [json.loads(line) for line in said.splitlines()]
    assert out == ""
    if port_is_taken:
        assert (lines[-1]["event"], lines[-1]["level"]) == ("process ends", "critical")
    else:
        said_of_it = {line["event"] for line in lines}
        assert {f"Starting granian (main PID: {server.pid})", "Shutting down granian"} <= said_of_it


def answers(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/healthz", trust_env=False).is_success
    except httpx.TransportError:
        return False
