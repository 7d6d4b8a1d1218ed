"""What the children print: a prefixed line each on the terminal, and a bounded file each."""

import logging
import sys
from collections import deque
from logging.handlers import RotatingFileHandler
from pathlib import Path

FILE_BYTES = 2_000_000
LAST_LINES = 15


def say(text: str) -> None:
    """A line of our own. A reader that went away (`make run | head`) is no reason to stop."""
    try:
        print(text, flush=True)
    except BrokenPipeError:
        sys.stdout = Path("/dev/null").open("w", encoding="utf-8")  # noqa: SIM115  # stays open as stdout does


class ChildLog:
    """The output of one child. `quiet` keeps it off the terminal until something goes wrong.

    `awaited`: words by which the child says that it is at work.
    """

    def __init__(self, name: str, folder: Path, *, quiet: bool, awaited: str = "") -> None:
        self.last: deque[str] = deque(maxlen=LAST_LINES)
        self.heard = not awaited
        self._awaited = awaited
        self._name = name
        self._quiet = quiet
        self._rest = b""
        self._file = RotatingFileHandler(folder / f"{name}.log", maxBytes=FILE_BYTES, backupCount=1, encoding="utf-8")
        self._file.setFormatter(logging.Formatter("%(message)s"))

    def feed(self, output: bytes) -> None:
        """Takes what was read from the child's pipe; a line may come in pieces."""
        *lines, self._rest = (self._rest + output).split(b"\n")
        for line in lines:
            self._line(line.decode(errors="replace").rstrip())

    def finish(self) -> None:
        """The child ended: its last line may lack a newline."""
        if self._rest:
            self.feed(b"\n")

    def show_last(self) -> None:
        """Prints the last lines of a quiet child; those of others are on the terminal already."""
        if self._quiet:
            for line in self.last:
                self._print(line)

    def close(self) -> None:
        self._file.close()

    def _line(self, line: str) -> None:
        self.last.append(line)
        self.heard = self.heard or self._awaited in line
        self._file.emit(logging.makeLogRecord({"msg": line, "levelno": logging.INFO}))
        if not self._quiet:
            self._print(line)

    def _print(self, line: str) -> None:
        say(f"{self._name:<14}| {line}")
