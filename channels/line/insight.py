"""What LINE counts of pushes that went under one name: how many people have seen them, and never who.

Facts: developers.line.biz/en/reference/messaging-api/#get-statistics-per-unit, as of August 2026: days are those of
UTC+9, at most thirty lie between the first and the last, an account asks sixty times an hour.
"""

import threading
import time
from datetime import datetime, timedelta, timezone
from urllib.parse import urlencode

from channels.base import Seen
from channels.breaker import Breaker
from channels.line.client import Access, Line
from channels.line.errors import LineError
from runtime.timing import Timing

PATH = "/v2/bot/insight/message/event/aggregation"
ZONE = timezone(timedelta(hours=9))
LONGEST = timedelta(days=30)


class Insight:
    """Asked while somebody waits, so one at a time, and not while LINE is away: the few threads that answer requests
    are never all behind it. Safe to share between threads."""

    def __init__(self, line: Line, timing: Timing) -> None:
        self._line, self._patience = line, timing.call_patience.total_seconds()
        call = timing.call_connect + timing.call_read  # the next probe begins when the one before has ended
        self._breaker, self._turn = Breaker(call, 8 * call), threading.Lock()

    def seen(self, access: Access, unit: str, since: datetime, until: datetime) -> Seen:
        """Of what was sent under this name between these times; the days that LINE's own begin and end. Raises
        `LineError`."""
        first = since.astimezone(ZONE).date()
        last = min(until.astimezone(ZONE).date(), first + LONGEST)
        asked = {"customAggregationUnit": unit, "from": f"{first:%Y%m%d}", "to": f"{last:%Y%m%d}"}
        overview = self._ask(access, f"{PATH}?{urlencode(asked)}").get("overview")
        told = overview if isinstance(overview, dict) else {}
        return Seen(_many(told.get("uniqueImpression")), _many(told.get("uniqueClick")))

    def _ask(self, access: Access, path: str) -> dict[str, object]:
        if not self._turn.acquire(timeout=self._patience):
            raise LineError("away", permanent=False, kind="others ask")
        try:
            if self._breaker.room < 1:
                raise LineError("away", permanent=False, kind="resting")
            self._breaker.begun()
            began = time.monotonic()
            try:
                data = self._line.call(access, "GET", path, name="insight").data
            except LineError as error:
                if error.scope == "channel":
                    self._breaker.failed(began, certain=not error.outcome_unknown)
                else:
                    self._breaker.passed()  # it is there, and has refused
                raise
            self._breaker.passed()
            return dict(data)
        finally:
            self._turn.release()


def _many(told: object) -> int | None:
    return told if isinstance(told, int) else None
