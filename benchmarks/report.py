"""What a benchmark found: this system, the limit of this machine in the same run, and whether the goal was met."""

import os
import platform
import statistics
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    name: str
    ours: str
    limit: str
    ratio: str
    goal: str
    met: bool | None
    """None where a line only explains another."""

    def __str__(self) -> str:
        said = {True: "met", False: "NOT MET", None: "-"}[self.met]
        return f"| {self.name} | {self.ours} | {self.limit} | {self.ratio} | {self.goal} | {said} |"


BUDGET_SECONDS = 120.0
LEAST_ROUNDS = 3


def numbered(rounds: int) -> Iterator[int]:
    """0 to warm up, then up to `rounds` rounds: fewer on a slow or busy machine, so that the whole stays bounded."""
    began = time.monotonic()
    for number in range(rounds + 1):
        if number <= LEAST_ROUNDS or time.monotonic() - began < BUDGET_SECONDS:
            yield number


HEAD = "| bench | this system | limit of this machine | ratio | goal | |\n|---|---|---|---|---|---|"


@dataclass(frozen=True)
class Round:
    """Both rates of one round, measured right after each other, because the machine is noisy."""

    ours: float
    limit: float

    @property
    def ratio(self) -> float:
        return self.ours / self.limit


def rates(name: str, rounds: Iterable[Round], unit: str, goal: float | None) -> Row:
    """Medians with their range; the ratio is the median of the rounds' own ratios."""
    rounds = list(rounds)
    ratio = statistics.median(one.ratio for one in rounds)
    return Row(
        name,
        f"{_spread([one.ours for one in rounds])} {unit}",
        f"{_spread([one.limit for one in rounds])} {unit}",
        f"{ratio:.2f}",
        f"≥ {goal:g}" if goal else "-",
        ratio >= goal if goal else None,
    )


def percentile(values: Iterable[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def machine() -> str:
    """The machine in words: no name, no path."""
    system = f"{platform.system()} {platform.release().split('-')[0]}, Python {platform.python_version()}"
    memory = Path("/proc/meminfo")
    size = f"{int(memory.read_text().split()[1]) / 2**20:.0f} GB, " if memory.exists() else ""
    busy = f"{os.getloadavg()[0]:.1f}"
    return f"{os.cpu_count()} cores, {size}{platform.machine()}, {system}; load before the run {busy}"


def _spread(values: list[float]) -> str:
    return f"{statistics.median(values):,.0f} [{min(values):,.0f} - {max(values):,.0f}]"
