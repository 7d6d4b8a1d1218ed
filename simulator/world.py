"""The pretend world of one simulator: its memory, its clock, its faults, and who is listening."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

from simulator.calls import Calls
from simulator.config import Config
from simulator.faults import Faults
from simulator.feed import Feed
from simulator.limits import Buckets
from simulator.mail.moods import Moods
from simulator.store import Store


@dataclass
class World:
    config: Config
    store: Store
    feed: Feed
    faults: Faults
    calls: Calls
    buckets: Buckets
    offset: float = 0.0
    mail: Moods = field(default_factory=Moods)

    def real(self) -> float:
        """The wall clock: tokens, keys and rate limits live by it."""
        return self.config.real()

    def now(self) -> float:
        """The time that people see, which the desk may move."""
        return self.config.real() + self.offset

    def move_clock(self, offset: float) -> None:
        self.offset = offset
        self.store.run("INSERT OR REPLACE INTO facts VALUES ('clock_offset', ?)", str(offset))
        self.feed.tell("clock", offset_seconds=offset)


def open_world(config: Config) -> World:
    store = Store(config.data / "simulator.sqlite")
    known = store.row("SELECT value FROM facts WHERE name = 'clock_offset'")
    return World(
        config=config,
        store=store,
        feed=Feed(),
        faults=Faults(),
        calls=Calls(),
        buckets=Buckets(config.real),
        offset=float(known["value"]) if known else 0.0,
    )


def iso(at: float) -> str:
    """Seconds since 1970 as ISO 8601 in UTC with milliseconds."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
