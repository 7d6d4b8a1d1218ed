"""Children of a supervisor that was killed where the kernel does not end them (anything but Linux)."""

import json
import os
import signal
import subprocess
from pathlib import Path


class Register:
    """A file with the process ids of the living children, for the next start to clean."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._children: dict[int, str] = {}

    def add(self, pid: int) -> None:
        stamp = started(pid)
        if stamp:
            self._children[pid] = stamp
            self._write()

    def remove(self, pid: int) -> None:
        if self._children.pop(pid, None):
            self._write()

    def clean(self) -> list[int]:
        """Kills what the last supervisor left, each with its group; returns the ids it killed."""
        if not self._file.exists():
            return []
        killed = []
        for text, stamp in json.loads(self._file.read_text()).items():
            pid = int(text)
            if started(pid) == stamp:  # else the id belongs to somebody else by now
                os.killpg(pid, signal.SIGKILL)
                killed.append(pid)
        self._file.unlink()
        return killed

    def _write(self) -> None:
        half = self._file.with_suffix(".new")
        half.write_text(json.dumps(self._children))
        half.replace(self._file)


def started(pid: int) -> str | None:
    """When the process started, in the system's own words; None when there is no such process."""
    if Path("/proc/self/stat").exists():
        try:
            stat = Path(f"/proc/{pid}/stat").read_text()
        except (FileNotFoundError, ProcessLookupError):
            return None
        return stat.rpartition(")")[2].split()[19]  # field 22, clock ticks after boot; the name may contain spaces
    answer = subprocess.run(["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return answer.stdout.strip() or None
