"""Everything a measurement needs, in a folder of its own: PostgreSQL and Valkey, tables, the product's processes.

PostgreSQL waits for the disk at each commit, as in production. However the benchmark ends, its processes end with it.
"""

import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import psycopg
from redis import Redis

from benchmarks.line import LineServer
from benchmarks.people import SECRET, SLUG
from local.child import end, ended, mortal, spawn
from local.place import prepare
from local.plan import web_command
from local.postgres import Postgres
from local.server import Running
from local.valkey import Valkey
from models import migrations
from runtime.keys import new_key
from runtime.settings import Settings

PREFIX = "bna-bench-"
# Not /tmp: where that is memory, a commit waits for no disk.
FOLDERS = Path("/var/tmp")


class Stage:
    """Started servers and a migrated, empty database, until left."""

    def __enter__(self) -> Self:
        _remove_orphaned_folders()
        self._kept = ExitStack()
        self._kept.callback(signal.signal, signal.SIGTERM, signal.signal(signal.SIGTERM, _leave))
        self._children: list[subprocess.Popen[bytes]] = []
        self._servers: list[Running] = []
        self.place = prepare(Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-", dir=FOLDERS)))
        try:
            self._start()
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(self, _kind: type[BaseException] | None, _error: object, _trace: TracebackType | None) -> None:
        self._end()

    def _start(self) -> None:
        postgres, valkey = Postgres(self.place), Valkey(self.place)
        self._servers = [Running(postgres, self.place.logs / "postgres.log")]
        self._servers.append(Running(valkey, self.place.logs / "valkey.log"))
        self.port, line_port = free_port(), free_port()
        self.env: dict[str, str] = {
            "PATH": os.environ.get("PATH", os.defpath),
            "APP_ENV": "production",
            "DATABASE_URL": postgres.ensure_database(),
            "REDIS_URL": valkey.url(),
            "SECRET_KEYS": new_key(),
            "INDEX_KEY": new_key(),
            "LINE_API_BASE": f"http://127.0.0.1:{line_port}",
            "PORT": str(self.port),
        }
        self.settings = Settings.model_validate({name.lower(): value for name, value in self.env.items()})
        migrations.upgrade(self.settings.database_url)
        self.database = self._kept.enter_context(psycopg.connect(self.dsn, autocommit=True))
        self.redis = self._kept.enter_context(Redis.from_url(self.settings.redis_url))
        self.start("line", "benchmarks.line", str(line_port))
        self.line = LineServer(line_port)
        until(self.line.open, "LINE's endpoint")

    @property
    def dsn(self) -> str:
        """The database's address for psycopg itself."""
        return self.settings.database_url.replace("postgresql+psycopg://", "postgresql://", 1)

    def start(self, name: str, *program: str, env: Mapping[str, str] | None = None) -> subprocess.Popen[bytes]:
        """A Python module with its arguments as a child; its output goes to a log in the stage's folder."""
        with (self.place.logs / f"{name}.log").open("ab") as output:
            child = spawn(mortal(program), env={**self.env, **(env or {})}, output=output)
        self._children.append(child)
        return child

    def start_web(self) -> subprocess.Popen[bytes]:
        """The product's web server, as `make run` starts it."""
        web = self.start("web", *web_command(self.port))
        until(lambda: _listens(self.port), "the web server")
        return web

    def start_bare(self, *, gate: bool = True) -> tuple[subprocess.Popen[bytes], int]:
        """The bare views, served as the product is; without `gate` the WSGI function on as many threads. Its port."""
        port, env = free_port(), {"BENCH_DSN": self.dsn, "BENCH_SECRET": SECRET}
        env["BENCH_CLINIC"] = str(self.one("SELECT id FROM clinics WHERE slug = %s", SLUG))
        wsgi = ["granian", "--interface", "wsgi", "--factory", "--blocking-threads", "4", "--log-level", "warning"]
        command = web_command(port)[:-1] if gate else [*wsgi, "--port", str(port)]
        bare = self.start("bare", *command, f"benchmarks.bare:create_{'gate' if gate else 'app'}", env=env)
        until(lambda: _listens(port), "the bare web server")
        return bare, port

    def start_chat(self) -> subprocess.Popen[bytes]:
        """One chat worker."""
        worker = self.start("chat", "flask", "--app", "app", "worker", "chat")
        until(lambda: bool(self.redis.scard("rq:workers")), "the chat worker")
        return worker

    def stop(self, child: subprocess.Popen[bytes]) -> None:
        self._children.remove(child)
        end(child)

    def empty(self) -> None:
        """No events, no answers and no news, which may point at events; customers stay."""
        self.database.execute("TRUNCATE inbox, replies, notifications CASCADE")

    def one(self, query: str, *values: Any) -> Any:
        """The single value of a query."""
        row = self.database.execute(query.encode(), values).fetchone()
        return row[0] if row else None

    def _end(self) -> None:
        self._kept.close()
        for child in reversed(self._children):
            end(child)
        for server in reversed(self._servers):
            server.stop()
        shutil.rmtree(self.place.data)


def until(look: Callable[[], bool], what: str, within: float = 60.0) -> None:
    """Waits for something of another process. Raises `TimeoutError` naming it."""
    deadline = time.monotonic() + within
    while not look():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what}: not within {within:g} s")
        time.sleep(0.02)


def free_port() -> int:
    """A port of 127.0.0.1 that nobody used a moment ago."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def resident(pids: Sequence[int]) -> int:
    """Bytes of memory that these processes hold together."""
    wanted = ",".join(map(str, pids))
    listed = subprocess.run(["ps", "-o", "rss=", "-p", wanted], capture_output=True, check=True, text=True)
    return 1024 * sum(int(size) for size in listed.stdout.split())


def processor(pid: int) -> float:
    """Seconds of processor time that a process has used, all its threads together."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def family(pid: int) -> list[int]:
    """A process and what it started."""
    listed = subprocess.run(["ps", "-e", "-o", "pid=,ppid="], capture_output=True, check=True, text=True)
    pairs = [(int(child), int(parent)) for child, parent in map(str.split, listed.stdout.splitlines())]
    found = [pid]
    for one in found:
        found += [child for child, parent in pairs if parent == one]
    return found


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _leave(_number: int, _frame: object) -> None:
    raise SystemExit(143)


def _remove_orphaned_folders() -> None:
    """What benchmarks that were killed have left behind; their servers ended with them."""
    for folder in FOLDERS.glob(f"{PREFIX}*"):
        owner = re.match(rf"{PREFIX}(\d+)-", folder.name)
        if owner and folder.lstat().st_uid == os.geteuid() and ended(int(owner[1])):
            shutil.rmtree(folder)
