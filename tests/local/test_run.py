"""`python -m local` with real processes: what starts, what comes back, and above all what does not stay behind."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import pytest

from local.child import ended, spawn
from local.leftovers import Register
from local.place import Place, prepare, remove, temporary
from local.postgres import Postgres
from tests.fixtures.waiting import eventually
from tests.local.conftest import Checkout

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks at processes through /proc")
Checkouts = Callable[[str], Checkout]
TWO_KEYS = ("SIMULATOR_API_KEY", "SIMULATOR_COUNTER_KEY")
accounts = pytest.mark.parametrize("account", ["same", "normal"])


@pytest.fixture
def light(database_url: str, redis_url: str) -> dict[str, str]:
    """Servers that run already: what is tested here is who is started, watched and ended, not what it costs."""
    return {"DATABASE_URL": database_url, "REDIS_URL": redis_url}


@pytest.fixture
def unprepared(light: dict[str, str], place: Place, worker_id: str) -> dict[str, str]:
    """The same with an empty database, so that the tables are a step of the start."""
    return {**light, "DATABASE_URL": Postgres(place, durable=False).ensure_database(f"unprepared_{worker_id}")}


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
def test_a_life_from_the_first_start_over_a_kill_to_the_reset(checkouts: Checkouts, account: str) -> None:
    checkout = checkouts(account)
    run = checkout.start()
    checkout.started(run)
    assert healthy(checkout)
    assert f"http://127.0.0.1:{checkout.simulator_port}" in checkout.output(run)
    assert checkout.noted("chat")
    assert len(checkout.noted("richmenus")) == 2  # tried again after its failure, and the address waited for it
    for name in ("prepare", "send", "slow", "simulator", "horse"):
        eventually(partial(checkout.noted, name))
    eventually(lambda: len(checkout.noted("chat")) == 2)  # two of them

    second = checkout.start()
    assert second.wait(30) == 1
    assert f"already running (process {run.pid}): http://127.0.0.1:{checkout.simulator_port}" in checkout.output(second)
    refused = checkout.start("reset")
    assert refused.wait(30) == 1
    assert "Stop it first" in checkout.output(refused)

    assert open_to_others(checkout) == []
    kept = secrets_of(checkout)
    shared = {f"SIMULATOR_BOOKING_{name}" for name in ("STANDARD", "CALCOM", "CALENDLY", "SQUARE")}
    own = {"SECRET_KEYS", "INDEX_KEY", "LINE_CHANNEL_ID", "LINE_CHANNEL_SECRET"}
    own |= {"SMS_PROVIDER_API_KEY", "SIMULATOR_MAIL_SECRET", "SIMULATOR_LOGIN_SECRET"}
    assert set(kept) == {*own, *TWO_KEYS, *shared}

    [horse] = checkout.noted("horse")
    assert horse in checkout.processes()
    assert len(checkout.processes()) > 10
    run.kill()
    run.wait()
    eventually(lambda: checkout.processes() == {}, within=5)
    assert len(checkout.noted("richmenus")) == 2

    again = checkout.start()  # nothing left behind is in the way either
    checkout.started(again)
    assert secrets_of(checkout) == kept
    eventually(lambda: len(checkout.noted("prepare")) == 2)  # beside the others, for the tables were there
    if account == "same":
        servers_come_back(checkout, again)
    again.send_signal(signal.SIGTERM)
    assert again.wait(5) == 0
    assert checkout.processes() == {}
    assert not (checkout.data / "environment.json").exists()

    reset = checkout.start("reset")
    assert reset.wait(30) == 0
    assert not checkout.data.exists()


def open_to_others(checkout: Checkout) -> list[str]:
    """What somebody else could read of the data; the servers' programs are no secret, and the sockets have a door."""
    return [
        f"{path}: {oct(found.st_mode)}"
        for path in [checkout.data, *checkout.data.rglob("*")]
        for found in [path.lstat()]
        if found.st_mode & 0o077 & ~(0o010 if path == checkout.data else 0)
        and not path.is_relative_to(checkout.data / "bin")
        and not path.is_socket()
        and not path.is_symlink()
    ]


def secrets_of(checkout: Checkout) -> dict[str, str]:
    file = checkout.data / "secrets.json"
    assert file.stat().st_mode & 0o777 == 0o600
    found: dict[str, str] = json.loads(file.read_text())
    return found


def ready_lines(checkout: Checkout) -> int:
    """How often PostgreSQL has said that it is there."""
    return (checkout.data / "logs" / "postgres.log").read_text().count("ready to accept connections")


def servers_come_back(checkout: Checkout, run: subprocess.Popen[bytes]) -> None:
    starts = ready_lines(checkout)
    for words in ("bin/postgres", "valkey-server"):
        os.kill(checkout.pid_of(words), signal.SIGKILL)
    eventually(lambda: "postgres ended (killed by SIGKILL)" in checkout.output(run))
    eventually(lambda: "valkey ended (killed by SIGKILL)" in checkout.output(run))
    eventually(lambda: checkout.pid_of("valkey-server"), within=20)
    eventually(lambda: ready_lines(checkout) > starts, within=20)


def test_whatever_is_killed_comes_back(checkouts: Checkouts, light: Mapping[str, str]) -> None:
    checkout = checkouts("same")
    run = checkout.start(env=light)
    checkout.started(run)
    [worker] = eventually(lambda: checkout.noted("slow"))
    [horse] = checkout.noted("horse")
    for words in (("flask", "worker", "slow"), ("granian",)):
        os.kill(checkout.pid_of(*words), signal.SIGKILL)
    eventually(lambda: len(checkout.noted("slow")) == 2, within=20)
    assert ended(worker)
    eventually(lambda: ended(horse), within=5)
    eventually(lambda: healthy(checkout), within=20)
    assert "worker-slow ended (killed by SIGKILL); starting it again in 0.5 s." in checkout.output(run)

    granian_worker = max(pid for pid, command in checkout.processes().items() if "granian" in command)
    os.kill(granian_worker, signal.SIGKILL)
    eventually(lambda: ended(granian_worker) and healthy(checkout), within=20)


def test_commands_have_the_settings_of_what_runs(checkouts: Checkouts, light: Mapping[str, str]) -> None:
    checkout = checkouts("same")
    early = checkout.start("flask", "told", "PORT")
    assert early.wait(30) == 1
    assert "BN-Aura does not run here. Start it with `make run`" in checkout.output(early)

    run = checkout.start(env=light)
    checkout.started(run)
    kept = checkout.data / "environment.json"
    assert kept.stat().st_mode & 0o777 == 0o600
    names = ("DATABASE_URL", "LINE_CHANNEL_SECRET", "APP_ENV", "PORT")
    said = checkout.start("flask", "told", *names, "--as", "a b", env={"PORT": "1"})
    assert said.wait(30) == 0
    secret = secrets_of(checkout)["LINE_CHANNEL_SECRET"]
    assert checkout.output(said).strip() == f"a b: {light['DATABASE_URL']} {secret} development {checkout.port}"

    run.kill()  # nobody tidies up
    run.wait()
    late = checkout.start("flask", "told", "PORT")
    assert late.wait(30) == 1
    assert "BN-Aura does not run here" in checkout.output(late)


def test_stops_during_the_start(checkouts: Checkouts, unprepared: Mapping[str, str]) -> None:
    checkout = checkouts("same")
    run = checkout.start(env={**unprepared, "STUB_PREPARE_SECONDS": "60"})
    eventually(lambda: checkout.noted("prepare"), within=60)
    run.send_signal(signal.SIGINT)
    assert run.wait(5) == 0
    assert checkout.processes() == {}


def test_ends_with_make_when_make_is_killed(checkouts: Checkouts, light: Mapping[str, str]) -> None:
    checkout = checkouts("same")
    make = checkout.start("--with-parent", wrapper=("sh", "-c", '"$@" & wait', "sh"), env=light)
    checkout.started(make)
    make.kill()
    make.wait()
    eventually(lambda: checkout.processes() == {}, within=6)


def test_a_failed_step_is_shown_and_ends_the_start(checkouts: Checkouts, unprepared: Mapping[str, str]) -> None:
    checkout = checkouts("same")
    run = checkout.start(env={**unprepared, "STUB_PREPARE_FAILS": "yes"})
    assert run.wait(60) == 1
    assert "the stub was told to fail" in checkout.output(run)
    assert "prepare failed" in checkout.output(run)
    assert checkout.processes() == {}
    assert checkout.noted("chat") == []


def test_own_servers_and_another_line(checkouts: Checkouts, light: Mapping[str, str]) -> None:
    checkout = checkouts("same")
    run = checkout.start(
        env={
            **light,
            "LINE_API_BASE": "http://127.0.0.1:9",
            "LINE_CHANNEL_SECRET": "given",
            "LINE_BOT_TOKEN": "token",
        }
    )
    checkout.started(run)
    [process] = eventually(lambda: checkout.noted("send"))
    raw = Path(f"/proc/{process}/environ").read_bytes().decode()
    env = dict(pair.split("=", 1) for pair in raw.split("\0") if pair)
    assert env["DATABASE_URL"] == light["DATABASE_URL"]
    assert env["REDIS_URL"] == light["REDIS_URL"]
    assert env["LINE_API_BASE"] == "http://127.0.0.1:9"
    assert env["LINE_CHANNEL_SECRET"] == "given"
    assert "LINE_CHANNEL_ID" not in env
    assert env["APP_ENV"] == "development"
    commands = " ".join(checkout.processes().values())
    assert "worker" in commands
    assert "postgres" not in commands
    assert "valkey" not in commands
    assert checkout.noted("simulator") == []


@pytest.mark.parametrize("name", ["PORT", "SIMULATOR_PORT", "SIMULATOR_MAIL_PORT"])
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


def test_a_broken_pipe_does_not_end_it(checkouts: Checkouts, light: Mapping[str, str]) -> None:
    checkout = checkouts("same")
    run = checkout.start(wrapper=("bash", "-c", 'set -o pipefail; "$@" | head -1', "bash"), env=light)
    eventually(lambda: healthy(checkout), within=60)
    os.kill(json.loads((checkout.data / "running").read_text())["pid"], signal.SIGTERM)
    assert run.wait(6) == 0
