"""`make run`: the servers, the migrations, the demo clinic, then the processes that make up BN-Aura."""

import http.client
import os
import signal
import socket
import sys
import time
from itertools import combinations
from pathlib import Path
from urllib.parse import urlsplit

from local import environment, place
from local.child import CHECKOUT
from local.environment import MAIL_PORT
from local.leftovers import Register
from local.log import say
from local.mortal import end_with_parent
from local.plan import (
    FLASK,
    Plan,
    app_services,
    make_plan,
    menus_service,
    prepare_service,
    second_chat,
    server_service,
    simulator_service,
)
from local.postgres import Postgres
from local.privilege import CannotPrepare
from local.server import Server
from local.supervisor import CannotStart, StopAsked, Supervisor

STEP_WITHIN = 120.0


def run(*, with_parent: bool) -> int:
    """Runs until asked to stop; the exit status. 1 when it could not start, with a sentence that says what to do."""
    began = time.monotonic()
    _open_standard_files()
    os.umask(0o077)  # chats, logs and secrets: theirs who run it; the children take it over
    if with_parent:
        end_with_parent(signal.SIGTERM, os.getppid())
    try:
        where = place.prepare(place.where(CHECKOUT))
        plan = make_plan(os.environ, where)
        lock = place.Lock(where, plan.simulator if plan.simulates else plan.app)
        _check_ports(plan)
    except CannotPrepare as error:
        say(str(error))
        return 1
    environment.keep(plan.env, where.environment)
    register = Register(where.data / "children.json")
    register.clean()
    supervisor = Supervisor(where.logs, register)
    status = _supervise(plan, supervisor, began)
    where.environment.unlink(missing_ok=True)
    lock.release()
    return status


def flask(arguments: list[str]) -> int:
    """Becomes `flask --app app ARGUMENTS` with the settings of the BN-Aura that runs here; 1 when none does."""
    data = place.where(CHECKOUT)
    kept = environment.kept(data / place.ENVIRONMENT) if place.in_use(data) else {}
    if kept:
        os.execve(sys.executable, [sys.executable, "-m", *FLASK, *arguments], {**os.environ, **kept})
    say("BN-Aura does not run here. Start it with `make run`, then say this again in another terminal.")
    return 1


def reset() -> int:
    """Deletes the data of this checkout; the exit status. Refuses while it runs."""
    data = place.where(CHECKOUT)
    if not data.exists():
        say("There is no data to delete.")
        return 0
    try:
        where = place.prepare(data)
        place.Lock(where, "being reset")
    except CannotPrepare as error:
        say(f"{error}\nStop it first, then reset.")
        return 1
    place.remove(where)
    say(f"Deleted {data}.")
    return 0


def _supervise(plan: Plan, supervisor: Supervisor, began: float) -> int:
    status = 0
    try:
        _start(plan, supervisor)
        say(_welcome(plan, time.monotonic() - began))
        supervisor.run()
    except StopAsked:
        say("Stopping.")
    except (CannotPrepare, CannotStart) as error:
        say(str(error))
        status = 1
    finally:
        supervisor.stop()
    say("Stopped.")
    return status


def _start(plan: Plan, supervisor: Supervisor) -> None:
    first = not (plan.place.data / "postgres").exists()
    say("Starting BN-Aura for the first time; this takes a few seconds more." if first else "Starting BN-Aura.")
    if plan.simulates:
        supervisor.start(simulator_service(plan))  # needs nobody, so it starts beside the database
    for server in plan.servers:
        server.prepare()
        supervisor.start(server_service(server))
    for server in plan.servers:
        _wait_for(server, supervisor)
    again = _is_newest(plan)
    if not again:
        supervisor.finish(prepare_service(plan, again=False), STEP_WITHIN)
    # Each process takes two seconds of a core to import: first those without which there is no conversation.
    web, chat, *others = app_services(plan)
    menus = menus_service(plan)
    supervisor.start(web)
    supervisor.start(chat)
    supervisor.run_until(lambda: _answers(plan.app, "/healthz"), STEP_WITHIN, "the app")
    if plan.simulates:
        supervisor.run_until(lambda: _answers(plan.simulator, "/sim/state"), STEP_WITHIN, "the simulator")
    supervisor.start(menus)
    supervisor.run_until(lambda: supervisor.ready(chat.name), STEP_WITHIN, chat.name)
    if plan.simulates:  # the real LINE may refuse them for reasons that no waiting mends
        supervisor.run_until(lambda: supervisor.ready(menus.name), STEP_WITHIN, "the menu")
    for service in (*others, second_chat(plan)):
        supervisor.start(service)
    if again:
        supervisor.start(prepare_service(plan, again=True))


def _is_newest(plan: Plan) -> bool:
    import psycopg  # takes a while to import: meanwhile the servers start

    from local import schema

    try:
        return schema.is_newest(plan.settings.database_url)
    except psycopg.Error as error:
        first = str(error).strip().partition("\n")[0]
        raise CannotStart(f"The database at DATABASE_URL does not answer: {first}") from error


def _wait_for(server: Server, supervisor: Supervisor) -> None:
    def ready() -> bool:
        pid = supervisor.pid(server.name)
        return pid is not None and server.ready(pid)

    supervisor.run_until(ready, STEP_WITHIN, server.name)
    if isinstance(server, Postgres):
        server.ensure_database()


def _welcome(plan: Plan, seconds: float) -> str:
    lines = [f"BN-Aura is running after {seconds:.1f} s.", ""]
    if plan.simulates:
        lines.append(f"  Simulator   {plan.simulator}   a phone with LINE: begin here")
    else:
        lines.append(f"  LINE        {plan.settings.line_api_base}   as LINE_API_BASE says")
    lines += [f"  App         {plan.app}", f"  Logs        {plan.place.logs}", ""]
    lines.append('Ctrl-C stops it. Its commands, in another terminal: make flask ARGS="doctor"')
    return "\n".join(lines)


def _check_ports(plan: Plan) -> None:
    """Raises `CannotPrepare` when somebody listens already: a child that fails at that says it much less clearly."""
    ports = {"PORT": plan.settings.port}
    if plan.simulates:
        ports["SIMULATOR_PORT"] = plan.settings.simulator_port
        if (mail := plan.env[MAIL_PORT]).isdecimal():  # what is no port the simulator refuses by itself
            ports[MAIL_PORT] = int(mail)
    for one, other in combinations(ports, 2):
        if ports[one] == ports[other]:
            raise CannotPrepare(f"{one} and {other} are both {ports[one]}. Give them different numbers.")
    for name, port in ports.items():
        if _taken(port):
            raise CannotPrepare(
                f"Port {port} is already in use by another program. Choose a free one: {name}={port + 10} make run"
            )


def _taken(port: int) -> bool:
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", port))
        except OSError:
            return True
        return False


def _answers(address: str, path: str) -> bool:
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=1)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _open_standard_files() -> None:
    """Without a terminal 0, 1 or 2 may be closed; the next file opened would then take the place of one of them."""
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            opened = os.open(Path(os.devnull), os.O_RDWR)
            os.dup2(opened, descriptor, inheritable=True)
            if opened != descriptor:
                os.close(opened)
