"""Where this checkout keeps its data, and who is using it now."""

import fcntl
import hashlib
import json
import os
import re
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from local.privilege import Account, CannotPrepare, own_folder, servers_folder, service_account

SOCKET_PATH_LIMIT = 85  # 104 bytes on macOS, 108 on Linux, less "/.s.PGSQL.5432" and a NUL
RUNNING, ENVIRONMENT = "running", "environment.json"
_PLAIN = re.compile(r"[A-Za-z0-9/._-]+")  # PostgreSQL reads commas and quotes in its list of socket folders


@dataclass(frozen=True)
class Place:
    """The folders of one installation: `data` for everything that lasts, `sockets` for the two servers' doors."""

    data: Path
    sockets: Path
    account: Account | None
    binaries: Path
    """Where copies of the servers' programs go if their account cannot reach the originals."""

    @property
    def logs(self) -> Path:
        return self.data / "logs"

    @property
    def simulator(self) -> Path:
        """Chats, and secrets of channels."""
        return self.data / "simulator"

    @property
    def lock_file(self) -> Path:
        return self.data / RUNNING

    @property
    def environment(self) -> Path:
        """The settings of whoever holds the lock."""
        return self.data / ENVIRONMENT


def where(checkout: Path) -> Path:
    """The data folder of a checkout: below it for a normal user, below /var/tmp for root (whose home is closed)."""
    if os.geteuid() != 0:
        return checkout / ".data"
    return Path("/var/tmp") / f"bn-aura-{_key(checkout)}"


def prepare(data: Path, binaries: Path | None = None) -> Place:
    """Creates the folders at `data`; `binaries` may be those of another place. Raises `CannotPrepare`."""
    account = service_account()
    # The servers' account passes through, and nobody else looks in: not even at a name that can be guessed.
    passing = 0o710 if account else 0o700
    own_folder(data, passing, account)
    sockets = data / "sockets"
    if len(os.fsencode(sockets)) > SOCKET_PATH_LIMIT or not _PLAIN.fullmatch(str(sockets)):
        sockets = own_folder(Path("/tmp") / f"bn-aura-{os.geteuid()}-{_key(data)}", passing, account) / "s"
    place = Place(data, servers_folder(sockets, account), account, binaries or data / "bin")
    own_folder(place.logs)
    own_folder(place.simulator)
    own_folder(place.binaries, 0o755)
    return place


def temporary(prefix: str) -> Path:
    """A new folder for servers that tests throw away; its name tells which process made it.

    Not below $TMPDIR: on macOS that path is too long for sockets.
    """
    return Path(tempfile.mkdtemp(prefix=f"{prefix}{os.getpid()}-", dir="/tmp"))


def remove(place: Place) -> None:
    """Deletes all data of an installation that is not running."""
    shutil.rmtree(place.data)
    if not place.sockets.is_relative_to(place.data):
        shutil.rmtree(place.sockets.parent)


class AlreadyRunning(CannotPrepare):
    """Another supervisor holds this data folder."""

    def __init__(self, about: dict[str, object]) -> None:
        super().__init__(f"BN-Aura is already running (process {about.get('pid')}): {about.get('address')}")


class Lock:
    """Held by the one supervisor of a data folder; the kernel drops it however that process ends."""

    def __init__(self, place: Place, address: str) -> None:
        self._file: IO[str] = place.lock_file.open("a+", encoding="utf-8")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._file.seek(0)
            about = json.loads(self._file.read() or "{}")
            self._file.close()
            raise AlreadyRunning(about) from None
        self._file.truncate(0)
        self._file.write(json.dumps({"pid": os.getpid(), "address": address}))
        self._file.flush()

    def release(self) -> None:
        self._file.truncate(0)
        self._file.close()


def in_use(data: Path) -> bool:
    """Whether a supervisor holds the data folder now."""
    try:
        with (data / RUNNING).open(encoding="utf-8") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


def _key(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:12]
