"""What a fault has left behind in the database: no waiting backend, no open transaction, no more connections."""

from dataclasses import dataclass

from runtime import limits
from runtime.opening import KEPT_SECONDS
from tests.fixtures.waiting import eventually
from tests.stories.whole import Json, Whole

OURS = """
    SELECT pid, application_name AS name, state, wait_event_type AS waits,
        extract(epoch FROM clock_timestamp() - coalesce(state_change, backend_start)) AS since, left(query, 80) AS query
    FROM pg_stat_activity
    WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()
"""
PROCESSES = {"aura webhook": 1, "aura health": 1, "aura web": 1, "aura quick": 2, "aura slow": 1, "aura command": 0}
MOST = {f"aura {one.process}": PROCESSES[f"aura {one.process}"] * one.connections for one in limits.ALL.values()}
"""Connections that processes of one kind may keep open, all together."""
IDLE = 1.0
"""Seconds in a transaction, or waiting for a lock, that are work and no leftover."""


@dataclass
class Look:
    """At `pg_stat_activity`, through a connection of the test's own."""

    whole: Whole

    def leftovers(self) -> list[Json]:
        """Backends that are stuck, and what there is too much of."""
        rows = self.whole.rows(OURS)
        stuck = [one for one in rows if one["state"] != "idle" and one["since"] > IDLE]
        counts = {name: sum(one["name"] == name for one in rows) for name in {*MOST, *(one["name"] for one in rows)}}
        many = [{"name": name, "count": count} for name, count in counts.items() if count > MOST.get(name, 0)]
        return stuck + many

    def nothing_left(self) -> None:
        """Every wait on the server ends by itself, at the latest with the limit of its statement."""

        def none() -> bool:
            left = self.leftovers()
            assert not left, left
            return True

        eventually(none, within=limits.QUICK.statement + limits.CHECK_CLIENT + KEPT_SECONDS, every=0.1)
