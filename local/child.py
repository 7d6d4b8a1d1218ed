"""Child processes: started in a session of their own, mortal, and ended together with what they started."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

from local.privilege import Account

CHECKOUT = Path(__file__).resolve().parent.parent


def mortal(
    program: Sequence[str],
    *,
    binary: bool = False,
    on_orphaned: signal.Signals = signal.SIGKILL,
    account: Account | None = None,
) -> list[str]:
    """The command line that runs `program` (module or binary, then arguments) tied to the calling process."""
    command = [sys.executable, "-m", "local.mortal", "--parent", str(os.getpid()), "--signal", on_orphaned.name]
    if account:
        command += ["--account", f"{account.uid}:{account.gid}"]
    if binary:
        command.append("--exec")
    return [*command, *program]


def spawn(
    command: Sequence[str], *, env: Mapping[str, str] | None = None, output: int | IO[bytes] = subprocess.DEVNULL
) -> subprocess.Popen[bytes]:
    """Starts `command` in the checkout. From the main thread: the kernel ties the child to the thread that calls."""
    return subprocess.Popen(
        list(command),
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT if output != subprocess.DEVNULL else output,
        cwd=CHECKOUT,
        env=None if env is None else dict(env),
        start_new_session=True,
    )


def signal_group(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    """Signals the child and every process of its session that did not leave its group; nothing if all are gone."""
    try:
        os.killpg(process.pid, number)
    except ProcessLookupError:
        return
    except PermissionError:
        # macOS answers so when only zombies of the group are left.
        return


def end(process: subprocess.Popen[bytes], *, number: signal.Signals = signal.SIGTERM, within: float = 5.0) -> int:
    """Asks the child to end with `number`, kills it after `within` seconds, returns its exit status."""
    if process.poll() is None:
        process.send_signal(number)
        try:
            process.wait(within)
        except subprocess.TimeoutExpired:
            process.kill()
    status = process.wait()
    signal_group(process, signal.SIGKILL)
    if process.stdout:
        process.stdout.close()
    return status


def ended(pid: int) -> bool:
    """Whether no process has this id."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False
