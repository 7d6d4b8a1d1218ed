"""LINE's rate limits: a token bucket for each channel and endpoint (Messaging API reference, "Rate limits")."""

import threading
from collections.abc import Callable

_PER_HOUR: dict[str, float] = {
    "createRichMenu": 100,
    "deleteRichMenu": 100,
    "deleteRichMenuAlias": 100,
    "testWebhookEndpoint": 60,
    "statisticsPerUnit": 60,
}
_PER_SECOND: dict[str, float] = {
    "listRichMenus": 10,
    "multicast": 200,
    "showLoadingAnimation": 100,
    "issueChannelToken": 370,
    "webhookEndpoint": 1000 / 60,
}
_OTHERWISE = 2000.0


class Buckets:
    """One bucket for each (channel, endpoint). An hourly bucket holds an hour's worth, the others a second's."""

    def __init__(self, real: Callable[[], float]) -> None:
        self._real = real
        self._lock = threading.Lock()
        self._level: dict[tuple[str, str], tuple[float, float]] = {}

    def take(self, channel: str, endpoint: str) -> bool:
        """True when the call is within the limit."""
        hourly = _PER_HOUR.get(endpoint)
        size = hourly or max(_PER_SECOND.get(endpoint, _OTHERWISE), 1000 if endpoint == "webhookEndpoint" else 1)
        rate = hourly / 3600 if hourly else _PER_SECOND.get(endpoint, _OTHERWISE)
        now = self._real()
        with self._lock:
            level, at = self._level.get((channel, endpoint), (size, now))
            level = min(size, level + max(0.0, now - at) * rate)
            allowed = level >= 1
            self._level[channel, endpoint] = (level - 1 if allowed else level, now)
        return allowed

    def forget(self) -> None:
        with self._lock:
            self._level.clear()
