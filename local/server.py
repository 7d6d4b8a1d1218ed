"""What the two embedded servers have in common, and one of them running in the foreground of a test or a benchmark."""

import signal
import subprocess
import time
from pathlib import Path
from typing import Protocol

from local.child import end, signal_group, spawn
from local.privilege import CannotPrepare


class Server(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def ends_on(self) -> signal.Signals: ...
    def prepare(self) -> None: ...
    def command(self) -> list[str]: ...
    def environment(self) -> dict[str, str]: ...
    def ready(self, pid: int) -> bool: ...


class Running:
    """A started server. It ends with this process, at the latest. Start it from the main thread."""

    def __init__(self, server: Server, log: Path) -> None:
        self.server = server
        self.log = log
        self.process: subprocess.Popen[bytes] | None = None
        server.prepare()
        self.start()

    def start(self, within: float = 30.0) -> None:
        """Returns when the server takes connections. Raises `CannotPrepare` with the end of its log otherwise."""
        with self.log.open("ab") as output:
            self.process = spawn(self.server.command(), env=self.server.environment(), output=output)
        deadline = time.monotonic() + within
        while not self.server.ready(self.process.pid):
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise CannotPrepare(
                    f"{self.server.name} did not start:\n{self.log.read_text(errors='replace')[-2000:]}"
                )
            time.sleep(0.01)

    def stop(self) -> None:
        """Ends the server as an operator would; nothing if it is down already."""
        if self.process:
            self.resume()
            end(self.process, number=self.server.ends_on)
            self.process = None

    def kill(self) -> None:
        """Ends the server as a power cut would."""
        if self.process:
            end(self.process, number=signal.SIGKILL)
            self.process = None

    def pause(self) -> None:
        """The server hangs: connections open, no answer comes."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        if self.process and self.process.poll() is None:
            signal_group(self.process, number)
