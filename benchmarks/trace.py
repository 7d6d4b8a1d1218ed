"""The pieces of an answer alone: what the product said to the database and to LINE, said again without it."""

import http.client
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import psycopg
import structlog
from sqlalchemy import event

from app import Aura, assemble
from bot.listen import Listener
from channels.line.client import Access, Answer, Line
from runtime.settings import Settings
from workers.inbox import Inbox


@dataclass
class Answered:
    """One event: the statements up to the first commit, how many followed, and the body for LINE."""

    statements: list[tuple[str, Any]] = field(default_factory=list)
    commits: int = 0
    later: int = 0
    body: bytes = b""


class _Listening(Line):
    """LINE's client, which also keeps what is said."""

    def __init__(self, base: str, answered: list[Answered]) -> None:
        super().__init__(base)
        self._answered = answered

    def call(
        self, access: Access, method: str, path: str, body: Any = None, *, name: str,
        headers: Mapping[str, str] | None = None, files: bool = False,
    ) -> Answer:  # fmt: skip
        self._answered[-1].body = json.dumps(body).encode()
        return super().call(access, method, path, body, name=name, headers=headers, files=files)


def _listened(aura: Aura, line: Line) -> Inbox:
    """The process's inbox, with another client of LINE."""
    listener = aura.context.inbox.handlers["line"]
    assert isinstance(listener, Listener)
    return replace(
        aura.context.inbox, handlers={"line": replace(listener, replies=replace(listener.replies, line=line))}
    )


def capture(settings: Settings, count: int) -> list[Answered]:
    """Let the product answer `count` waiting events in this process, and write down each statement."""
    answered: list[Answered] = []
    aura = assemble(settings)
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory())  # the terminal is for the benchmark
    inbox = _listened(aura, _Listening(settings.line_api_base, answered))
    engine = aura.engines[-1]  # the worker's was made last
    (clinic_id,) = inbox.due()

    def say(_connection: Any, _cursor: Any, statement: str, values: Any, _context: Any, _many: bool) -> None:
        if answered[-1].commits:
            answered[-1].later += 1
        else:
            answered[-1].statements.append((statement, values))

    def commit(_connection: Any) -> None:
        answered[-1].commits += 1

    event.listen(engine, "before_cursor_execute", say)
    event.listen(engine, "commit", commit)
    for _ in range(count):
        answered.append(Answered())
        assert inbox.drain_one(clinic_id), "the inbox was empty too early"
        assert answered[-1].body, "an event was not answered"
    engine.dispose()
    return answered


def replay(answered: list[Answered], dsn: str, port: int) -> list[float]:
    """The same statements in one transaction and one HTTP call for each event; how long each took, in seconds."""
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    headers = {"Authorization": "Bearer bench", "Content-Type": "application/json"}
    times = []
    with psycopg.connect(dsn) as connection, connection.cursor() as cursor:
        for one in answered:
            started = time.perf_counter()
            for statement, values in one.statements:
                cursor.execute(statement.encode(), values)
            connection.commit()
            line.request("POST", "/v2/bot/message/reply", one.body, headers)
            answer = line.getresponse()
            answer.read()
            assert answer.status == 200
            times.append(time.perf_counter() - started)
    line.close()
    return times
