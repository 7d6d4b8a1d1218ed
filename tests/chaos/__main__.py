"""`python -m tests.chaos`: ten minutes of it, then the verdict. It touches 127.0.0.1 alone and ends by itself."""

import argparse
import random
import shutil
import subprocess
import sys
import tempfile
import time

from local.child import ended, mortal
from local.place import prepare, temporary
from local.plan import web_command
from local.supervisor import Service
from tests.chaos.crowd import Crowd
from tests.chaos.troubles import Trouble, troubles
from tests.chaos.verdict import Happened, judged, table, wrong
from tests.fixtures.installation import Installation, installed
from tests.fixtures.waiting import eventually, free_port

QUIET = (1.0, 4.0)
"""Seconds between two troubles."""
OPEN = (
    "SELECT (SELECT count(*) FROM inbox WHERE state = 'new') + (SELECT count(*) FROM replies WHERE state = 'open')"
    " + (SELECT count(*) FROM sends WHERE state = 'queued')"
)
BACKENDS = (
    "SELECT count(*), count(*) FILTER (WHERE starts_with(state, 'idle in transaction')) FROM pg_stat_activity"
    " WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--rate", type=float, default=20.0, help="taps a second")
    parser.add_argument("--seed", type=int, default=random.randrange(10**6), help="which troubles come, in which order")
    parser.add_argument("--only", help="troubles whose name contains this")
    given = parser.parse_args()
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    print(f"{given.minutes:g} minutes at {given.rate:g} taps a second, seed {given.seed}")
    place = prepare(temporary("bna-chaos-"))
    product = installed(place, durable=True, TIMING_DIVISOR="1")
    try:
        problems = _run(product, given.minutes * 60, given.rate, random.Random(given.seed), given.only or "")
    finally:
        pids = _family(product)
        product.close()
    left = [pid for pid in pids if not ended(pid)]
    problems += [f"{len(left)} processes are left over"] if left else []
    print(*(problems or ["Nothing was lost, nothing doubled, nobody waited for another's trouble."]), sep="\n")
    if problems:
        # Not where they were: the next run of any test sweeps away what ended runs have left.
        print(f"The logs are kept in {shutil.move(place.logs, tempfile.mkdtemp(prefix='chaos-'))}.")
    shutil.rmtree(place.data)
    return 1 if problems else 0


def _run(product: Installation, seconds: float, rate: float, chance: random.Random, only: str) -> list[str]:
    port = free_port()
    product.processes.add(Service("web-2", mortal(web_command(port)), product.plan.env))
    chat = next(one for one in product.services if one.name == "worker-chat")
    product.processes.add(Service("worker-chat-2", chat.command, chat.env))
    product.healthy()
    doors = [product.url, f"http://127.0.0.1:{port}"]
    crowd = Crowd(product, doors, rate, chance)
    try:
        crowd.join()
        _settled(crowd)
        before = crowd.rows(BACKENDS)[0][0]
        crowd.start()
        wanted = [one for one in troubles(product, crowd.customers, doors) if only in one.name]
        happened = _trouble(product, crowd, wanted, seconds, chance)
        product.healthy()
    except BaseException:
        crowd.give_up()
        raise
    crowd.stop()
    problems = []
    try:
        _settled(crowd)
    except AssertionError as error:
        problems.append(f"not all work has ended: {error}")
    crowd.read_answers()
    found = judged(crowd.said, crowd.answers, happened)
    print(*table(crowd, happened, found), f"{len(crowd.said)} taps, {len(crowd.paid)} payments", sep="\n")
    problems += wrong(crowd, happened, found)
    problems += _left_over(product, crowd, before)
    return problems


def _trouble(
    product: Installation, crowd: Crowd, all_of_them: list[Trouble], seconds: float, chance: random.Random
) -> list[Happened]:
    """One trouble after the other, each once before any comes again; what has ended is started again."""
    happened: list[Happened] = []
    end = time.time() + seconds
    waiting: list[Trouble] = []
    while time.time() < end:
        _pass(product, crowd, chance.uniform(*QUIET))
        waiting = waiting or chance.sample(all_of_them, len(all_of_them))
        trouble = waiting.pop()
        while not trouble.may() and time.time() < end:
            _pass(product, crowd, 0.25)
        began = time.time()
        with trouble.begin(chance) as person:
            _pass(product, crowd, chance.uniform(*trouble.lasts), restarting=not trouble.kills)
        happened.append(Happened(trouble, person, began, time.time()))
        print(f"{end - time.time():5.0f} s left: {trouble.name}, {happened[-1].ended - began:.1f} s")
    _pass(product, crowd, 8.0)
    return happened


def _pass(product: Installation, crowd: Crowd, seconds: float, *, restarting: bool = True) -> None:
    until = time.time() + seconds
    while (left := until - time.time()) > 0:
        crowd.check()
        if restarting:
            product.processes.start()
        time.sleep(min(0.25, left))


def _settled(crowd: Crowd) -> None:
    eventually(lambda: crowd.rows(OPEN)[0][0] == 0, within=120, every=0.2)


def _left_over(product: Installation, crowd: Crowd, before: int) -> list[str]:
    problems = []

    def returned() -> bool:
        backends, holding = crowd.rows(BACKENDS)[0]
        # A pool opens what it needs, up to its size, and keeps it: as many more as in peace is no leak.
        return bool(backends <= 2 * before and holding == 0)

    try:
        eventually(returned, within=70, every=0.5)
    except AssertionError:
        backends, holding = crowd.rows(BACKENDS)[0]
        problems.append(f"{backends} connections to the database ({before} before), {holding} idle in transaction")
    try:
        product.flask("points", "reconcile", "aura")
    except AssertionError as error:
        problems.append(f"the ledger does not agree: {error}")
    return problems


def _family(product: Installation) -> list[int]:
    listed = subprocess.run(["ps", "-e", "-o", "pid=,ppid="], capture_output=True, check=True, text=True)
    pairs = [(int(pid), int(parent)) for pid, parent in map(str.split, listed.stdout.splitlines())]
    found = [product.processes.pid(name) for name in product.processes.names if product.processes.alive(name)]
    for one in found:
        found += [pid for pid, parent in pairs if parent == one]
    return found


if __name__ == "__main__":
    raise SystemExit(main())
