"""Faults on demand: what goes wrong next, where, and how often."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

SMS_KINDS = (
    "bad_number", "error_inside", "no_credit", "report_late", "report_never", "report_first", "report_failed",
)  # fmt: skip
"""Of a provider of SMS: refusals in what looks like a success, and what becomes of its reports."""
KINDS = (
    "duplicate", "redeliver", "delay", "error_500", "timeout_after_accept", "refused_400", "rate_429", "quota_429",
    "hang", "refuse", *SMS_KINDS,
)  # fmt: skip
# Kinds that only mean something for a webhook, and those that only mean something for a call of the API.
_WEBHOOK_ONLY = {"duplicate", "redeliver"}
_API_ONLY = {"refused_400", "rate_429", "quota_429"}
_PATHS = {
    "reply": ("/v2/bot/message/reply",),
    "push": ("/v2/bot/message/push", "/v2/bot/message/multicast"),
    "richmenu": ("/v2/bot/richmenu", "/v2/bot/user/"),
    "login": ("/oauth2/v2.1/", "/liff/"),
    "sms": ("/thaibulksms", "/twilio", "/gateway"),
}


@dataclass
class Fault:
    """`on`: webhook, reply, push, richmenu, login, sms, any, or the beginning of a path. `ms`: how long it holds.
    `channel`: the LINE account that alone is met."""

    kind: str
    on: str
    times: int
    ms: int | None
    channel: str | None = None

    def hits(self, path: str, whose: Callable[[], str | None]) -> bool:
        if self.channel is not None and self.channel != whose():
            return False
        webhook = path == "webhook"
        if self.kind in SMS_KINDS and not path.startswith(_PATHS["sms"]):
            return False
        if self.kind in (_API_ONLY if webhook else _WEBHOOK_ONLY):
            return False
        if self.on == "any":
            return True
        if webhook or self.on == "webhook":
            return webhook and self.on == "webhook"
        if self.on == "richmenu" and path.startswith("/v2/bot/user/"):
            return "/richmenu" in path
        return path.startswith(_PATHS.get(self.on, (self.on,)))

    def seconds(self, otherwise: float) -> float:
        return otherwise if self.ms is None else self.ms / 1000


class Faults:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[Fault] = []

    def order(self, wanted: dict[str, Any]) -> Fault:
        """Raises ValueError with a sentence when the order makes no sense."""
        kind, on = str(wanted.get("kind")), str(wanted.get("on", "any"))
        if kind not in KINDS:
            raise ValueError(f"kind must be one of {', '.join(KINDS)}")
        if on not in {"webhook", "any", *_PATHS} and not on.startswith("/"):
            raise ValueError(f"on must be webhook, any, {', '.join(_PATHS)} or the beginning of a path")
        ms, channel = wanted.get("ms"), wanted.get("channel")
        times = int(wanted.get("times", 1))
        fault = Fault(kind, on, times, None if ms is None else int(ms), None if channel is None else str(channel))
        with self._lock:
            self._waiting.append(fault)
        return fault

    def take(self, path: str, whose: Callable[[], str | None] = lambda: None) -> Fault | None:
        """The oldest fault that meets this path ('webhook' for a delivery); each meeting uses it once. `whose`: which
        account of LINE's it is about, asked where a fault is of one alone; None: of none."""
        if not self._waiting:
            return None
        with self._lock:
            for fault in self._waiting:
                if fault.hits(path, whose):
                    fault.times -= 1
                    if fault.times <= 0:
                        self._waiting.remove(fault)
                    return fault
        return None

    def clear(self) -> None:
        with self._lock:
            self._waiting.clear()

    def waiting(self) -> list[dict[str, Any]]:
        with self._lock:
            return [vars(fault).copy() for fault in self._waiting]
