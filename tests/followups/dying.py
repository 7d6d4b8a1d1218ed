"""A worker that says and sends follow-ups, and is killed at one of its moments: when it has claimed, judged, or written
something, before and after a commit, before and after a call. What it only reads leaves nothing that it could not read
again.

It waits for orders, a line of JSON each, and forks for each of them, so that nobody waits for its start. Its answer
names the moments that were lived through.
"""

import json
import os
import signal
import sys
from collections.abc import Callable, Sequence
from datetime import datetime
from threading import Lock
from typing import Any
from uuid import UUID

from sqlalchemy import event
from sqlalchemy.orm import Session, configure_mappers

import followups.kinds  # noqa: F401
from channels.base import Receipt, channels
from channels.calls import Calls, Lane
from channels.line.channel import LineChannel
from channels.line.client import Access, Line
from channels.outbox import Ended, Outbox
from followups import dispatch, due, fates
from models.clinics import Clinic
from runtime import database, limits
from runtime.context import Runtime
from runtime.keys import Vault
from runtime.settings import Settings
from runtime.timing import Timing
from runtime.wake import Waker
from tests.fixtures.clinic import At
from tests.fixtures.waiting import carry

Moment = Callable[[str], None]


class Mortal(LineChannel):
    """LINE, with a moment before and after each call."""

    def __init__(self, line: Line, moment: Moment) -> None:
        super().__init__(line)
        self._moment = moment

    def send(self, clinic: Clinic, address: str, body: bytes, key: UUID, unit: str | None = None) -> Receipt:
        self._moment("before the call")
        answer = super().send(clinic, address, body, key, unit)
        self._moment("after the call")
        return answer


def main() -> None:
    given: dict[str, Any] = json.loads(sys.stdin.readline())
    configure_mappers()  # once, and not in each that is to die
    for line in sys.stdin:
        order = json.loads(line)
        readable, writable = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(readable)
            os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what is logged is no answer
            _live(given, order, writable)
            os._exit(0)
        os.close(writable)
        with os.fdopen(readable) as told:
            moments = told.read().splitlines()
        killed = os.WIFSIGNALED(os.waitpid(child, 0)[1])
        sys.stdout.write(json.dumps({"killed": killed, "moments": moments}) + "\n")
        sys.stdout.flush()


def _live(given: dict[str, Any], order: dict[str, Any], told: int) -> None:
    lived, one_by_one = 0, Lock()

    def moment(name: str) -> None:
        nonlocal lived
        with one_by_one:  # the calls run beside each other
            lived += 1
            os.write(told, f"{name}\n".encode())
            if lived == order["dies_after"]:
                os.kill(os.getpid(), signal.SIGKILL)

    settings = Settings.model_validate(given["settings"])
    vault = Vault.from_settings(settings)
    engine, sessions = database.connect(settings, vault, limits.QUICK)
    clock, clinic_id = At(datetime.fromisoformat(order["at"])), UUID(given["clinic"])

    def judged(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.startswith("INSERT INTO sends"):
            moment("before it is written")

    def stated(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if not statement.startswith("SELECT") or " FOR " in statement:
            moment(" ".join(statement.split()[:3]))

    event.listen(engine, "before_cursor_execute", judged)
    event.listen(engine, "after_cursor_execute", stated)
    event.listen(engine, "commit", lambda _connection: moment("before the commit"))
    event.listen(sessions, "after_commit", lambda _session: moment("after the commit"))
    runtime = Runtime(settings, vault, sessions, clock, Waker(settings.redis_url, print), Timing())
    line = Line(settings.line_api_base, {given["slug"]: Access(*given["access"])})
    mortal = channels(Mortal(line, moment))
    due.BATCH = order["batch"]

    def settled(session: Session, ended: Sequence[Ended]) -> None:
        fates.settled(session, [one.send for one in ended], clock.now(session))

    outbox = Outbox(sessions, mortal, Calls(Timing()), Timing(), Lane(lambda: None), settled)
    while dispatch.step(runtime, mortal, clinic_id) or carry(outbox, clinic_id):
        pass


if __name__ == "__main__":
    main()
