"""Runs one program that ends when the process that started it ends.

`python -m local.mortal --parent PID [--signal NAME] [--account UID:GID] [--exec] PROGRAM [ARGUMENT …]`

PROGRAM is a Python module, run in this process, or with `--exec` the path of a binary, which takes this process over.
A program of its own instead of `preexec_fn`: that one refuses to mix with threads, and an unprivileged account may be
unable to read the interpreter (a virtual environment below a closed home), so the account changes only at the very end.
The kernel's promise exists on Linux alone; elsewhere `local.leftovers` cleans at the next start.
"""

import argparse
import ctypes
import multiprocessing
import os
import runpy
import signal
import sys

PR_SET_PDEATHSIG = 1  # <linux/prctl.h>


def end_with_parent(number: signal.Signals, parent: int) -> None:
    """Asks the kernel to send `number` when the thread that started this process ends.

    Exits at once when `parent` is already gone: then the signal would never come.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, int(number), 0, 0, 0)
    if os.getppid() != parent:
        raise SystemExit(1)


def _forks_end_too() -> None:
    """RQ's work horses and granian's workers are forks: without this they survive a `kill -9` of their parent."""
    if sys.platform != "linux":
        return
    multiprocessing.set_start_method("fork")  # Python 3.14 would fork from a server process that nobody watches
    parents: list[int] = []
    os.register_at_fork(
        before=lambda: parents.append(os.getpid()),
        after_in_parent=parents.pop,
        after_in_child=lambda: end_with_parent(signal.SIGKILL, parents.pop()),
    )


def _become(account: str) -> None:
    uid, gid = (int(part) for part in account.split(":"))
    os.setgroups([])
    os.setgid(gid)
    os.setuid(uid)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m local.mortal")
    parser.add_argument("--parent", type=int, required=True)
    parser.add_argument("--signal", default="SIGKILL")
    parser.add_argument("--account")
    parser.add_argument("--exec", action="store_true", dest="binary")
    parser.add_argument("program")
    parser.add_argument("arguments", nargs=argparse.REMAINDER)
    given = parser.parse_args()
    if given.account:
        _become(given.account)
    # After the change of account: the kernel forgets the wish when a process changes who it is.
    end_with_parent(signal.Signals[given.signal], given.parent)
    if given.binary:
        os.execv(given.program, [given.program, *given.arguments])
    _forks_end_too()
    sys.argv = [given.program, *given.arguments]
    runpy.run_module(given.program, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
