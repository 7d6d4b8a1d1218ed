"""`python -m local` with real processes: what starts, what comes back, and above all what does not stay behind."""

import http.client
import json
import os
import signal
import socket
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from local.child import ended, spawn
from local.leftovers import Register
from local.place import prepare, remove, temporary
from tests.fixtures.waiting import eventually
from tests.local.conftest import Checkout

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks at processes through /proc")
Checkouts = Callable[[str], Checkout]
accounts = pytest.mark.parametrize("account", ["same", "normal"])


def healthy(checkout: Checkout) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", checkout.port, timeout=2)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


@accounts
def test_starts_in_order_refuses_a_second_and_stops_at_once(checkouts: Checkouts, account: str) -> None:
    checkout = checkouts(account)
    run = checkout.start()
    checkout.started(run)
    assert healthy(checkout)
    assert f"http://127.0.0.1:{checkout.simulator_port}" in checkout.output(run)
    for name in ("prepare", "chat", "send", "slow", "cron", "simulator", "horse"):
        eventually(partial(checkout.noted, name))
    eventually(lambda: len(checkout.noted("richmenus")) == 2)  # tried again after its failure

    second = checkout.start()
    assert second.wait(30) == 1
    assert f"already running (process {run.pid}): http://127.0.0.1:{checkout.simulator_port}" in checkout.output(second)
    refused = checkout.start("reset")
    assert refused.wait(30) == 1
    assert "Stop it first" in checkout.output(refused)

    run.send_signal(signal.SIGTERM)
    assert run.wait(5) == 0
    assert checkout.processes() == {}
    assert len(checkout.noted("richmenus")) == 2

    reset = checkout.start("reset")
    assert reset.wait(30) == 0
    assert not checkout.data.exists()


@accounts
def test_a_kill_of_the_supervisor_leaves_nothing_running(checkouts: Checkouts, account: str) -> None:
    checkout = checkouts(account)
    run = checkout.start()
    checkout.started(run)
    [horse] = eventually(lambda: checkout.noted("horse"))
    assert horse in checkout.processes()
    assert len(checkout.processes()) > 10
    run.kill()
    run.wait()
    eventually(lambda: checkout.processes() == {}, within=5)

    again = checkout.start()  # nothing left behind is in the way either
    checkout.started(again)
    eventually(lambda: len(checkout.noted("prepare")) == 2)  # beside the others, for the tables were there
    again.send_signal(signal.SIGINT)
    assert again.wait(5) == 0


def test_whatever_is_killed_comes_back(checkouts: Checkouts) -> None:
    checkout = checkouts("same")
    run = checkout.start()
    checkout.started(run)
    [worker] = eventually(lambda: checkout.noted("slow"))
    [horse] = checkout.noted("horse")
    for words in (("flask", "worker", "slow"), ("granian",), ("bin/postgres",), ("valkey-server",)):
        os.kill(checkout.pid_of(*words), signal.SIGKILL)
    eventually(lambda: len(checkout.noted("slow")) == 2, within=20)
    assert ended(worker)
    assert ended(horse)
    eventually(lambda: healthy(checkout), within=20)
    assert "worker-slow ended (killed by SIGKILL); starting it again in 0.5 s." in checkout.output(run)
    eventually(lambda: checkout.pid_of("bin/postgres"), within=20)
    eventually(lambda: checkout.pid_of("valkey-server"), within=20)

    granian_worker = max(pid for pid, command in checkout.processes().items() if "granian" in command)
    os.kill(granian_worker, signal.SIGKILL)
    eventually(lambda: ended(granian_worker) and healthy(checkout), within=20)


def test_stops_during_the_start(checkouts: Checkouts) -> None:
    checkout = checkouts("same")
    run = checkout.start(env={"STANDIN_PREPARE_SECONDS": "60"})
    eventually(lambda: checkout.noted("prepare"), within=60)
    run.send_signal(signal.SIGINT)
    assert run.wait(5) == 0
    assert checkout.processes() == {}


def test_ends_with_make_when_make_is_killed(checkouts: Checkouts) -> None:
    checkout = checkouts("same")
    make = checkout.start("--with-parent", wrapper=("sh", "-c", '"$@" & wait', "sh"))
    checkout.started(make)
    make.kill()
    make.wait()
    eventually(lambda: checkout.processes() == {}, within=6)


def test_a_failed_step_is_shown_and_ends_the_start(checkouts: Checkouts) -> None:
    checkout = checkouts("same")
    run = checkout.start(env={"STANDIN_PREPARE_FAILS": "yes"})
    assert run.wait(60) == 1
    assert "the stand-in was told to fail" in checkout.output(run)
    assert "prepare failed" in checkout.output(run)
    assert checkout.processes() == {}
    assert checkout.noted("chat") == []


def test_own_servers_and_another_line(checkouts: Checkouts, database_url: str, redis_url: str) -> None:
    checkout = checkouts("same")
    run = checkout.start(
        env={
            "DATABASE_URL": database_url,
            "REDIS_URL": redis_url,
            "LINE_API_BASE": "http://127.0.0.1:9",
            "LINE_CHANNEL_SECRET": "given",
            "LINE_BOT_TOKEN": "token",
        }
    )
    checkout.started(run)
    [process] = eventually(lambda: checkout.noted("cron"))
    raw = Path(f"/proc/{process}/environ").read_bytes().decode()
    env = dict(pair.split("=", 1) for pair in raw.split("\0") if pair)
    assert env["DATABASE_URL"] == database_url
    assert env["REDIS_URL"] == redis_url
    assert env["LINE_API_BASE"] == "http://127.0.0.1:9"
    assert env["LINE_CHANNEL_SECRET"] == "given"
    assert "LINE_CHANNEL_ID" not in env
    assert env["APP_ENV"] == "development"
    commands = " ".join(checkout.processes().values())
    assert "worker" in commands
    assert "postgres" not in commands
    assert "valkey" not in commands
    assert checkout.noted("simulator") == []


def test_keys_are_made_once_and_closed_to_others(checkouts: Checkouts) -> None:
    checkout = checkouts("same")
    seen = []
    for _ in range(2):
        run = checkout.start()
        eventually(lambda: checkout.noted("prepare"), within=60)
        file = checkout.data / "secrets.json"
        seen.append(json.loads(file.read_text()))
        assert file.stat().st_mode & 0o777 == 0o600
        run.send_signal(signal.SIGTERM)
        run.wait(5)
    assert seen[0] == seen[1]
    assert set(seen[0]) == {"SECRET_KEYS", "INDEX_KEY", "LINE_CHANNEL_ID", "LINE_CHANNEL_SECRET", "SIMULATOR_API_KEY"}


@pytest.mark.parametrize("name", ["PORT", "SIMULATOR_PORT"])
def test_a_taken_port_is_named_with_its_cure(checkouts: Checkouts, name: str) -> None:
    checkout = checkouts("same")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        taken = listener.getsockname()[1]
        run = checkout.start(env={name: str(taken)})
        assert run.wait(30) == 1
    assert f"Port {taken} is already in use by another program. Choose a free one: {name}=" in checkout.output(run)


def test_a_wrong_variable_is_named(checkouts: Checkouts) -> None:
    checkout = checkouts("same")
    run = checkout.start(env={"PORT": "eighty"})
    assert run.wait(30) == 1
    assert "PORT: Input should be a valid integer" in checkout.output(run)


def test_leftovers_of_a_killed_supervisor_are_ended_and_strangers_are_not() -> None:
    folder = temporary("bna-leftovers-")
    place = prepare(folder)
    left = spawn(["/bin/sleep", "600"])
    stranger = spawn(["/bin/sleep", "600"])
    try:
        register = Register(place.data / "children.json")
        register.add(left.pid)
        register.add(stranger.pid)
        file = place.data / "children.json"
        known = json.loads(file.read_text())
        known[str(stranger.pid)] = "another start: the id was given away since"
        file.write_text(json.dumps(known))
        assert Register(file).clean() == [left.pid]
        assert left.wait(5) == -signal.SIGKILL
        assert stranger.poll() is None
        assert Register(file).clean() == []
    finally:
        for process in (left, stranger):
            process.kill()
            process.wait()
        remove(place)


def test_a_broken_pipe_does_not_end_it(checkouts: Checkouts) -> None:
    checkout = checkouts("same")
    run = checkout.start(wrapper=("bash", "-c", 'set -o pipefail; "$@" | head -1', "bash"))
    eventually(lambda: healthy(checkout), within=60)
    os.kill(json.loads((checkout.data / "running").read_text())["pid"], signal.SIGTERM)
    assert run.wait(6) == 0
