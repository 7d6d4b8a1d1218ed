"""`/dev/clock`: business time, moved by the simulator. Registered in development only."""

from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, request
from sqlalchemy import text

from runtime.clock import real
from runtime.context import Runtime
from runtime.wake import wakeups
from web.waiting import waiting

LARGEST = timedelta(days=3650)

_MOVE = text(
    "INSERT INTO business_clock (id, offset_seconds) VALUES (1, :offset) "
    "ON CONFLICT (id) DO UPDATE SET offset_seconds = excluded.offset_seconds"
)


class BadClock(ValueError):
    """The clock is not moved so; the message says how, and quotes nothing."""


def blueprint(runtime: Runtime) -> Blueprint:
    sessions, clock, waker = runtime.sessions, runtime.clock, runtime.waker
    routes = Blueprint("dev", __name__)

    @routes.get("/dev/clock")
    def read() -> dict[str, Any]:
        """The clinics' present, and what waits for it."""
        with sessions() as session:
            offset = clock.offset(session)
            now = real() + offset
            waits = [
                {"until": one.until.isoformat(), "what": one.what, "why": one.why, "count": one.count, "kind": one.kind}
                for one in waiting(session, now)
            ]
        return {"now": now.isoformat(), "offset_seconds": round(offset.total_seconds()), "waits": waits}

    @routes.put("/dev/clock")
    def move() -> tuple[dict[str, Any], int]:
        """`{"advance_seconds": n}` or `{"at": "2026-12-01T10:00:00+07:00"}`; `{"at": null}` is real time again."""
        try:
            body = request.get_json(silent=True)
            with sessions.begin() as session:
                offset = _offset(body, clock.offset(session))
                session.execute(_MOVE, {"offset": round(offset.total_seconds())})
        except BadClock as error:
            return {"code": "bad_clock", "detail": str(error)}, 400
        except (ValueError, TypeError, OverflowError, RecursionError):
            # Python's own messages quote what was sent.
            detail = "send whole seconds in advance_seconds, or a time such as 2026-12-01T10:00:00+07:00 in at"
            return {"code": "bad_clock", "detail": detail}, 400
        # What has become due by the move should happen while somebody watches.
        for name in wakeups:
            waker.wake(name)
        return read(), 200

    return routes


def _offset(body: Any, before: timedelta) -> timedelta:
    if not isinstance(body, dict) or len(body.keys() & {"advance_seconds", "at"}) != 1:
        raise BadClock("send either advance_seconds or at")
    if "advance_seconds" in body:
        offset = before + timedelta(seconds=int(body["advance_seconds"]))
    elif body["at"] is None:
        offset = timedelta(0)
    else:
        at = datetime.fromisoformat(str(body["at"]))
        if at.tzinfo is None:
            raise BadClock("`at` needs a time zone, such as +07:00")
        offset = at - real()
    if abs(offset) > LARGEST:
        raise BadClock("the clock can be moved by ten years at most")
    return offset
