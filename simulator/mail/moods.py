"""How the pretend mail server and its provider behave: what goes wrong next, and what is reported when."""

import threading
from dataclasses import dataclass, field
from typing import Any, Literal

At = Literal["rcpt", "data"]


@dataclass(frozen=True)
class _Kind:
    at: At
    answer: str = ""
    taken: bool = False
    """Whether the mail is in the box all the same."""


SMTP_FAULTS = {
    "no_mailbox": _Kind("rcpt", "550 5.1.1 <somebody>: no such user here"),
    "mailbox_full": _Kind("rcpt", "552 5.2.2 mailbox is full"),
    "not_now": _Kind("rcpt", "451 4.7.1 greylisted, come again"),
    "refused": _Kind("data", "554 5.7.1 message refused as spam"),
    "slow": _Kind("data", taken=True),
    "hang_up": _Kind("data", taken=True),
}
"""`slow`: it is taken after `seconds`. `hang_up`: it is taken, and the connection ends without a word."""
WHATS = ("delivered", "bounced", "soft", "complained", "opened", "nothing")
WHENS = ("soon", "before", "late", "never")
LATE = 20.0
"""Seconds; `soon` is one."""


@dataclass
class Fault:
    kind: str
    times: int
    seconds: float

    @property
    def taken(self) -> bool:
        return SMTP_FAULTS[self.kind].taken


@dataclass(frozen=True)
class Reports:
    """What the provider tells of each mail that it took. `before`: ahead of its own answer."""

    what: str = "delivered"
    when: str = "soon"

    @property
    def seconds(self) -> float:
        return {"soon": 1.0, "late": LATE}.get(self.when, 0.0)


@dataclass
class Moods:
    reports: Reports = field(default_factory=Reports)
    port: int = 0
    """On which the server listens."""
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)
    _waiting: list[Fault] = field(default_factory=list)

    def order(self, wanted: dict[str, Any]) -> None:
        """Raises ValueError with a sentence when the order makes no sense."""
        kind = str(wanted.get("kind"))
        if kind not in SMTP_FAULTS:
            raise ValueError(f"kind must be one of {', '.join(SMTP_FAULTS)}")
        fault = Fault(kind, int(wanted.get("times", 1)), float(wanted.get("seconds", 5 if kind == "slow" else 0)))
        with self._lock:
            self._waiting.append(fault)

    def report(self, wanted: dict[str, Any]) -> None:
        """Raises ValueError as `order` does."""
        what, when = str(wanted.get("what", self.reports.what)), str(wanted.get("when", self.reports.when))
        if what not in WHATS or when not in WHENS:
            raise ValueError(f"what must be one of {', '.join(WHATS)}, and when one of {', '.join(WHENS)}")
        self.reports = Reports(what, when)

    def take(self, at: At) -> Fault | None:
        with self._lock:
            for fault in self._waiting:
                if SMTP_FAULTS[fault.kind].at == at:
                    fault.times -= 1
                    if fault.times <= 0:
                        self._waiting.remove(fault)
                    return fault
        return None

    def clear(self) -> None:
        with self._lock:
            self._waiting.clear()
        self.reports = Reports()

    def waiting(self) -> list[dict[str, Any]]:
        with self._lock:
            return [vars(fault).copy() for fault in self._waiting]
