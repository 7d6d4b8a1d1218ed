"""A checkout of its own for each supervisor: the real `local` room around a stub of the product."""

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from local import place
from local.child import CHECKOUT
from tests.fixtures.waiting import eventually, free_port

STUB = Path(__file__).parent / "stub"


@dataclass
class Checkout:
    """`folder` holds the checkout, `user` is the account that runs it (None: whoever runs the tests)."""

    folder: Path
    user: pwd.struct_passwd | None
    packages: Path
    runs: list[subprocess.Popen[bytes]] = field(default_factory=list)
    port: int = field(default_factory=free_port)
    simulator_port: int = field(default_factory=free_port)

    @property
    def data(self) -> Path:
        return self.folder / ".data" if self.user else place.where(self.folder)

    @property
    def notes(self) -> Path:
        return self.folder / "notes"

    def noted(self, what: str) -> list[int]:
        """The process ids that left a note with this name."""
        file = self.notes / what
        return [int(line) for line in file.read_text().split()] if file.exists() else []

    def start(
        self, *arguments: str, wrapper: tuple[str, ...] = (), env: Mapping[str, str] | None = None
    ) -> subprocess.Popen[bytes]:
        """Starts `python -m local` without a terminal; its output goes to a file that `output` reads."""
        with (self.folder / f"output-{len(self.runs)}").open("wb") as output:
            run = subprocess.Popen(
                [*wrapper, python_for(self.user), "-m", "local", *arguments],
                cwd=self.folder,
                env=self._environment() | dict(env or {}),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                user=self.user.pw_uid if self.user else None,
                group=self.user.pw_gid if self.user else None,
                extra_groups=[] if self.user else None,
            )
        self.runs.append(run)
        return run

    def output(self, run: subprocess.Popen[bytes]) -> str:
        return (self.folder / f"output-{self.runs.index(run)}").read_text(errors="replace")

    def started(self, run: subprocess.Popen[bytes]) -> None:
        """Waits until the start is complete."""

        def complete() -> bool:
            if run.poll() is not None:
                pytest.fail(f"ended with status {run.returncode}:\n{self.output(run)}")
            return "BN-Aura is running after" in self.output(run)

        eventually(complete, within=60)

    def processes(self) -> dict[int, str]:
        """Every process that works in this checkout or in its data, by id, with its command line. (Linux)"""
        found = {}
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    folder = (entry / "cwd").readlink()
                    command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                except OSError:  # it ended while we looked, or it is another account's
                    continue
                if folder.is_relative_to(self.folder) or folder.is_relative_to(self.data):
                    found[int(entry.name)] = command
        return found

    def pid_of(self, *words: str) -> int:
        """The one process whose command line has all `words`, the oldest where there are several."""
        matching = [pid for pid, command in self.processes().items() if all(word in command for word in words)]
        assert matching, f"no process with {words} in {self.processes()}"
        return min(matching)

    def close(self) -> None:
        for run in self.runs:
            if run.poll() is None:
                run.send_signal(signal.SIGTERM)
            run.wait(10)
        for pid in self.processes():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        if self.data.exists():
            shutil.rmtree(self.data)
        shutil.rmtree(self.folder)

    def _environment(self) -> dict[str, str]:
        return {
            "PATH": os.defpath,
            "PYTHONPATH": str(self.packages),
            "PYTHONDONTWRITEBYTECODE": "1",
            "STUB_NOTES": str(self.notes),
            "PORT": str(self.port),
            "SIMULATOR_PORT": str(self.simulator_port),
        }


def python_for(user: pwd.struct_passwd | None) -> str:
    """A Python of this version that `user` may run: that of a virtual environment may lie in a closed home."""
    if user is None:
        return sys.executable
    name = f"python3.{sys.version_info.minor}"
    for candidate in (sys.executable, f"/usr/bin/{name}", f"/usr/local/bin/{name}"):
        try:
            subprocess.run([candidate, "-c", ""], user=user.pw_uid, group=user.pw_gid, extra_groups=[], check=True)
        except OSError:
            continue
        return candidate
    pytest.skip(f"no {name} that the account {user.pw_name} may run")


@pytest.fixture(scope="session")
def reachable_packages() -> Iterator[Path]:
    """The installed packages where every account can read them: linked, if the checkout lies in a closed home."""
    installed = Path(sysconfig.get_path("purelib"))
    if all(folder.stat().st_mode & 0o005 == 0o005 for folder in (installed, *installed.parents)):
        yield installed
        return
    folder = place.temporary("bna-packages-")
    folder.chmod(0o755)
    shutil.copytree(installed, folder / "packages", copy_function=_link, symlinks=True)
    yield folder / "packages"
    shutil.rmtree(folder)


def _link(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:  # another file system
        shutil.copy2(source, target)


@pytest.fixture
def checkouts(request: pytest.FixtureRequest) -> Iterator[Callable[[str], Checkout]]:
    """Makes checkouts: `checkouts("same")` for the account of the tests, `checkouts("normal")` for `nobody`."""
    made: list[Checkout] = []

    def make(account: str) -> Checkout:
        if account == "normal" and os.geteuid() != 0:
            pytest.skip("only root can become somebody else; the other variant has just run as a normal user")
        user = pwd.getpwnam("nobody") if account == "normal" else None
        folder = place.temporary("bna-checkout-")
        folder.chmod(0o755)
        shutil.copytree(CHECKOUT / "local", folder / "local", ignore=shutil.ignore_patterns("__pycache__"))
        (folder / "runtime").mkdir()
        for module in (
            "__init__.py",
            "settings.py",
            "keys.py",
            "connections.py",
            "addresses.py",
        ):  # what the supervisor asks of the ground floor
            shutil.copy(CHECKOUT / "runtime" / module, folder / "runtime")
        shutil.copytree(STUB, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
        (folder / "prepare.py").replace(folder / "local" / "prepare.py")
        (folder / "notes").mkdir()
        if user:
            for path in [folder, *folder.rglob("*")]:
                os.chown(path, user.pw_uid, user.pw_gid)
        packages = request.getfixturevalue("reachable_packages") if user else Path(sysconfig.get_path("purelib"))
        made.append(Checkout(folder, user, packages))
        return made[-1]

    yield make
    for checkout in made:
        checkout.close()
