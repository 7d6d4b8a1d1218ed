"""What one `make run` consists of, decided from the environment before anything starts."""

from collections.abc import Mapping
from dataclasses import dataclass

from local import environment
from local.child import mortal
from local.place import Place
from local.postgres import Postgres
from local.privilege import CannotPrepare
from local.server import Server
from local.supervisor import Service
from local.valkey import Valkey
from runtime import settings
from runtime.connections import CONNECTIONS
from runtime.settings import Settings

FLASK = ("flask", "--app", "app")
QUEUES = ("chat", "send", "slow")
GATE = (
    "--interface", "asginl", "--factory", "--loop", "asyncio", "--http", "1", "--no-ws",
    "--http1-header-read-timeout", "10000", "--backlog", "2048", "--backpressure", str(CONNECTIONS),
    "--respawn-failed-workers",
)  # fmt: skip
"""What granian is told here and in production. docs/operations.md says why."""


@dataclass(frozen=True)
class Plan:
    """The servers to embed (none where the user named his own) and the environment of all processes."""

    place: Place
    env: dict[str, str]
    settings: Settings
    simulates: bool
    servers: list[Server]

    @property
    def app(self) -> str:
        return f"http://127.0.0.1:{self.settings.port}"

    @property
    def simulator(self) -> str:
        return f"http://127.0.0.1:{self.settings.simulator_port}"


def make_plan(given: Mapping[str, str], place: Place) -> Plan:
    """Raises `CannotPrepare` with the names of the variables that are wrong."""
    env = environment.complete(given, environment.kept_secrets(place.data / "secrets.json"), place.data)
    servers: list[Server] = []
    if not env.get("REDIS_URL"):
        valkey = Valkey(place)
        servers.append(valkey)
        env["REDIS_URL"] = valkey.url()
    if not env.get("DATABASE_URL"):
        postgres = Postgres(place)
        servers.append(postgres)
        env["DATABASE_URL"] = postgres.url()
    try:
        told = settings.read(env)  # otherwise every child would end at once, again and again
    except settings.SettingsRefused as error:
        raise CannotPrepare(f"The environment has a mistake:\n{error}".replace("\n", "\n  ")) from None
    return Plan(place, env, told, environment.simulates(given), servers)


def server_service(server: Server) -> Service:
    return Service(
        server.name, server.command(), server.environment(), ends_on=server.ends_on, quiet=True, last_to_stop=True
    )


def simulator_service(plan: Plan) -> Service:
    return _service(plan, "simulator", "simulator")


def prepare_service(plan: Plan, *, again: bool) -> Service:
    """Migrations and demo clinic: a step before all else, or on prepared tables (`again`) something to do beside it."""
    return Service("prepare", mortal(["local.prepare"]), plan.env, kind="until_done" if again else "step")


def app_services(plan: Plan) -> list[Service]:
    """One process of each kind that needs the tables, those that a conversation waits for first."""
    return [
        _service(plan, "web", *web_command(plan.settings.port)),
        *(_worker(f"worker-{queue}", queue, plan.env) for queue in QUEUES),
    ]


def second_chat(plan: Plan) -> Service:
    """So that one conversation need not wait for another; its counters have no address, since that is the first's."""
    return _worker("worker-chat-2", "chat", {**plan.env, "METRICS_PORT": "0"})


def menus_service(plan: Plan) -> Service:
    return Service("richmenus", mortal([*FLASK, "richmenus", "sync"]), plan.env, kind="until_done")


def web_command(port: int) -> list[str]:
    """Only loopback, because development endpoints are open; and little patience, as all of `make run` has."""
    own = ["--host", "127.0.0.1", "--port", str(port), "--workers-kill-timeout", "2", "--log-level", "warning"]
    return ["granian", *GATE, *own, "app:create_gate"]


def _worker(name: str, queue: str, env: Mapping[str, str]) -> Service:
    return Service(name, mortal([*FLASK, "worker", queue]), env, says_ready="worker ready")


def _service(plan: Plan, name: str, *program: str) -> Service:
    return Service(name, mortal(program), plan.env)
