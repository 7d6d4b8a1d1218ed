"""Which account the embedded servers run under, and where that account can reach its files.

PostgreSQL refuses to run as root. Then both servers run as `postgres`, else `nobody`; as neither can look into root's
home, their binaries are copied to, and their data kept in, a folder that they can reach.
"""

import importlib.util
import os
import pwd
import shutil
import stat
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Account:
    name: str
    uid: int
    gid: int


class CannotPrepare(Exception):
    """Something about this machine stops the servers; the message says what to do."""


def service_account() -> Account | None:
    """The account to drop to, or None for a normal user, who keeps his own."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(name, entry.pw_uid, entry.pw_gid)
    raise CannotPrepare(
        "PostgreSQL refuses to run as root and there is no account `nobody` to run it. Use a normal user."
    )


def own_folder(path: Path, mode: int = 0o700, account: Account | None = None) -> Path:
    """Makes `path` a folder of ours with exactly `mode`, of the group of `account` where there is one.

    Raises `CannotPrepare` when somebody else made it first: below /tmp and /var/tmp anybody can.
    """
    try:
        path.mkdir(mode=mode, parents=True, exist_ok=True)
    except OSError as error:
        raise CannotPrepare(f"Cannot create {path}: {error.strerror}.") from error
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
        raise CannotPrepare(f"{path} belongs to somebody else. Remove it, then start again.")
    if account:
        os.chown(path, -1, account.gid)
    path.chmod(mode)
    return path


def servers_folder(path: Path, account: Account | None) -> Path:
    """A folder of mode 0700 that belongs to the servers' account."""
    path.mkdir(mode=0o700, exist_ok=True)
    if account:
        os.chown(path, account.uid, account.gid)
    path.chmod(0o700)
    return path


def package_folder(name: str) -> Path:
    """Where an installed package lies, without importing it. Raises `CannotPrepare` when it is not installed."""
    found = importlib.util.find_spec(name)
    if found is None or found.origin is None:
        raise CannotPrepare(f"The package {name} is not installed. `make run` installs it.")
    return Path(found.origin).parent


def reachable_copy(source: Path, into: Path, account: Account | None) -> Path:
    """`source` itself for a normal user; for a service account a copy below `into`, made once.

    `source` is a file or a folder whose name tells its version apart from others.
    """
    if account is None:
        return source
    target = into / source.name
    if not target.exists():
        half = into / f"{source.name}.{os.getpid()}"
        shutil.rmtree(half, ignore_errors=True)
        if source.is_dir():
            shutil.copytree(source, half, symlinks=True)
        else:
            shutil.copy2(source, half)
        _open_for_reading(half)
        half.rename(target)
    return target


def _open_for_reading(top: Path) -> None:
    """Undoes a strict umask: the service account must read and run the copy."""
    for path in [top, *top.rglob("*")]:
        if not path.is_symlink():
            path.chmod(
                path.stat().st_mode | (0o755 if path.is_dir() else 0o444) | (path.stat().st_mode & 0o100 and 0o111)
            )
