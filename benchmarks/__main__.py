"""`python -m benchmarks`: all rows, one after the other, with a table at the end."""

import argparse
import sys
import time
from collections.abc import Callable

from benchmarks import (
    award,
    chat,
    dispatch,
    facts,
    followups,
    forecast,
    growth,
    ledger,
    memory,
    outage,
    profile,
    webhook,
)
from benchmarks.people import MEMBERS, settle_in
from benchmarks.report import HEAD, Row, machine
from benchmarks.stage import Stage

Bench = Callable[[Stage, list[str], argparse.Namespace], list[Row]]

BENCHES: dict[str, Bench] = {
    "webhook": lambda stage, people, _given: webhook.run(stage, people),
    "chat": lambda stage, people, _given: chat.run(stage, people),
    "award": lambda stage, _people, _given: award.run(stage),
    "dispatch": lambda stage, _people, given: dispatch.run(stage, large=given.large),
    "profile": lambda stage, _people, _given: profile.run(stage),
    "memory": lambda stage, people, given: memory.run(stage, people, given.events, 3600 if given.large else 300),
}

LARGE: dict[str, Bench] = {
    "ledger": lambda stage, _people, _given: ledger.run(stage),
    "growth": lambda stage, _people, _given: growth.run(stage),
    "facts": lambda stage, _people, given: facts.run(stage, given.workers),
    "followups": lambda stage, _people, _given: followups.run(stage),
    "forecast": lambda stage, _people, _given: forecast.run(stage),
    "outage": lambda stage, people, given: outage.run(stage, people, given.workers),
}
"""Only with `--large`, or when named."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "only", nargs="*", metavar="BENCH", help=f"of {', '.join(BENCHES | LARGE)}; all when none is named"
    )
    parser.add_argument("--large", action="store_true", help="the full counts, however long they take")
    parser.add_argument("--events", type=int, help="of the memory bench; 50,000")
    parser.add_argument("--workers", type=int, default=2, help="of chat, in two benches; %(default)s")
    given = parser.parse_args()
    benches = BENCHES | LARGE if given.large or given.only else BENCHES
    if unknown := set(given.only) - benches.keys():
        parser.error(f"no bench {', '.join(sorted(unknown))}; there are {', '.join(benches)}")
    given.events = given.events or 50_000
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    print(machine())
    began = time.monotonic()
    rows: list[Row] = []
    with Stage() as stage:
        print(f"PostgreSQL, Valkey and LINE's endpoint are up; {MEMBERS} members join.")
        people = settle_in(stage.settings)
        for name, bench in benches.items():
            if not given.only or name in given.only:
                rows += bench(stage, people, given)
    print(f"\n{HEAD}", *rows, f"\n{time.monotonic() - began:.0f} s", sep="\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
