"""How long a process lets the database take: one object, set on the server with each connection and kept to here.

PostgreSQL itself ends what takes longer, so nobody is left behind there when this side has gone. This side only gives
up, `GRACE` later, on a server that says nothing at all. Real durations, never divided for tests.
"""

from dataclasses import dataclass

GRACE = 0.25
"""Seconds after the server's own limit: what says nothing until then has stopped."""
CHECK_CLIENT = 1.0
"""Seconds between the server's looks whether a client that waits is still there."""


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Seconds; 0 = none. `process`: how its connections call themselves in `pg_stat_activity`."""

    process: str
    statement: float
    """One statement, its waiting for locks included."""
    lock: float
    """Waiting for one lock that somebody holds."""
    idle: float
    """A transaction in which nothing is said."""
    pool: float
    """Getting a connection, where one must be opened first too."""
    connections: int
    above: str
    """What ends the work around it, in words."""

    @property
    def patience(self) -> float:
        """Seconds after which this side breaks one call off; 0 = never."""
        return self.statement + GRACE if self.statement else 0.0

    @property
    def options(self) -> str:
        """As libpq's `options`: settings of the server for one connection."""
        each = {
            "statement_timeout": self.statement,
            "lock_timeout": self.lock,
            "idle_in_transaction_session_timeout": self.idle,
            "client_connection_check_interval": CHECK_CLIENT,
        }
        return " ".join(f"-c {name}={round(seconds * 1000)}" for name, seconds in each.items())


WEBHOOK = Limits(
    process="webhook", statement=0.7, lock=0.5, idle=1, pool=0.3, connections=8,
    above="1 s to the 503",
)  # fmt: skip
HEALTH = Limits(
    process="health", statement=2, lock=0.3, idle=2, pool=0.5, connections=2,
    above="the request",
)  # fmt: skip
WEB = Limits(
    process="web", statement=5, lock=2, idle=10, pool=2, connections=8,
    above="the request",
)  # fmt: skip
QUICK = Limits(
    process="quick", statement=5, lock=0.3, idle=5, pool=2, connections=8,
    above="20 s, then the process ends",
)  # fmt: skip
SLOW = Limits(
    process="slow", statement=60, lock=1, idle=60, pool=2, connections=4,
    above="600 s, then the process ends",
)  # fmt: skip
COMMAND = Limits(
    process="command", statement=0, lock=5, idle=0, pool=10, connections=4,
    above="nothing",
)  # fmt: skip

ALL = {
    "webhooks, links": WEBHOOK,
    "health, readiness, metrics": HEALTH,
    "API, pictures": WEB,
    "worker chat, worker send": QUICK,
    "worker slow": SLOW,
    "commands, migrations": COMMAND,
}
"""As the table in `docs/architecture.md` calls them; a test compares."""


def of_queue(queue: str) -> Limits:
    return SLOW if queue == "slow" else QUICK
