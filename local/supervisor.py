"""Keeps child processes alive and takes them all down again.

One thread does everything: the kernel ties a child to the thread that started it.
"""

import os
import selectors
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from local.child import signal_group, spawn
from local.leftovers import Register
from local.log import ChildLog, say

FIRST_WAIT = 0.5
LONGEST_WAIT = 30.0
STABLE_AFTER = 60.0


@dataclass(frozen=True)
class Service:
    """A program to keep running, to try until it has succeeded once, or to run just once (a step)."""

    name: str
    command: list[str]
    env: Mapping[str, str]
    ends_on: signal.Signals = signal.SIGTERM
    quiet: bool = False
    kind: Literal["lasting", "until_done", "step"] = "lasting"
    last_to_stop: bool = False
    """For servers that others need until their own end."""
    says_ready: str = ""
    """What it prints when it is at work."""


class StopAsked(Exception):
    """SIGINT, SIGTERM or SIGHUP arrived."""


class CannotStart(Exception):
    """A step without which nothing works has failed; its output has been shown."""


@dataclass
class _Child:
    service: Service
    log: ChildLog
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    wait: float = FIRST_WAIT
    due: float = field(default=float("inf"))
    status: int | None = None


class Supervisor:
    def __init__(self, logs: Path, register: Register) -> None:
        self._logs = logs
        self._register = register
        self._children: dict[str, _Child] = {}
        self._selector = selectors.DefaultSelector()
        self._asked = 0
        self._wake, wakes = socket.socketpair()
        self._wakes = wakes
        for end in (self._wake, wakes):
            end.setblocking(False)
        self._selector.register(self._wake, selectors.EVENT_READ)
        signal.set_wakeup_fd(wakes.fileno(), warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:  # nohup
                signal.signal(number, self._on_stop)

    def start(self, service: Service) -> int:
        """Starts `service` and keeps it running; returns its process id."""
        log = ChildLog(service.name, self._logs, quiet=service.quiet, awaited=service.says_ready)
        child = _Child(service, log)
        self._children[service.name] = child
        return self._launch(child)

    def finish(self, service: Service, within: float) -> None:
        """Runs a step to its end while the others run on. Raises `CannotStart`, `StopAsked`."""
        self.start(service)
        child = self._children[service.name]
        self.run_until(lambda: child.status is not None, within, service.name)
        if child.status:
            child.log.show_last()
            raise CannotStart(f"{service.name} failed (status {child.status}); its output is above.")

    def pid(self, name: str) -> int | None:
        """The process id of a running child; None while it is down."""
        process = self._children[name].process
        return process.pid if process else None

    def ready(self, name: str) -> bool:
        """Whether the child is at work, by its own word; one that is tried until it succeeds: whether it has."""
        child = self._children[name]
        return child.status == 0 if child.service.kind == "until_done" else child.log.heard

    def run_until(self, reached: Callable[[], object], within: float, what: str) -> None:
        """Supervises until `reached()` is true. Raises `CannotStart` after `within` seconds, `StopAsked`."""
        deadline = time.monotonic() + within
        while not reached():
            if time.monotonic() > deadline:
                raise CannotStart(f"{what} was not ready within {within:g} s; see {self._logs}.")
            self._turn(0.05)

    def run(self) -> None:
        """Supervises until somebody asks to stop, then raises `StopAsked`."""
        while True:
            self._turn(3600.0)

    def stop(self) -> None:
        """Ends everything in under five seconds: first those who work, then the servers they work with."""
        for last, seconds in ((False, 2.5), (True, 1.5)):
            self._asked = 0
            self._end([child for child in self._children.values() if child.service.last_to_stop is last], seconds)
        for child in self._children.values():
            child.log.close()
        self._selector.close()

    def _on_stop(self, *_: object) -> None:
        self._asked += 1

    def _turn(self, longest: float) -> None:
        """One round of work: output, ends, restarts. Returns after `longest` seconds or at the first event."""
        if self._asked:
            raise StopAsked
        now = time.monotonic()
        due = min((child.due for child in self._children.values()), default=float("inf"))
        self._read(max(0.0, min(longest, due - now)))
        for child in list(self._children.values()):
            self._look_after(child)

    def _read(self, timeout: float) -> None:
        for key, _ in self._selector.select(timeout):
            if key.fileobj is self._wake:
                self._wake.recv(4096)
                continue
            child: _Child = key.data
            output = os.read(key.fd, 65_536)
            if output:
                child.log.feed(output)
            else:
                self._selector.unregister(key.fileobj)

    def _look_after(self, child: _Child) -> None:
        if child.process is None:
            if time.monotonic() >= child.due:
                self._launch(child)
            return
        status = child.process.poll()
        if status is None:
            return
        lived = time.monotonic() - child.started
        self._bury(child, status)
        if child.service.kind == "step" or (child.service.kind == "until_done" and status == 0):
            return
        if lived > STABLE_AFTER:
            child.wait = FIRST_WAIT
        child.due = time.monotonic() + child.wait
        say(f"{child.service.name} ended ({_explain(status)}); starting it again in {child.wait:g} s.")
        child.log.show_last()
        child.wait = min(child.wait * 2, LONGEST_WAIT)

    def _launch(self, child: _Child) -> int:
        process = spawn(child.service.command, env=child.service.env, output=subprocess.PIPE)
        assert process.stdout is not None
        self._selector.register(process.stdout, selectors.EVENT_READ, child)
        child.process, child.started, child.due, child.status = process, time.monotonic(), float("inf"), None
        self._register.add(process.pid)
        return process.pid

    def _bury(self, child: _Child, status: int) -> None:
        """The child has ended: end what it left in its group, take its last words."""
        process = child.process
        assert process is not None and process.stdout is not None
        signal_group(process, signal.SIGKILL)
        os.set_blocking(process.stdout.fileno(), False)
        while rest := _read_available(process.stdout.fileno()):
            child.log.feed(rest)
        child.log.finish()
        if process.stdout in {key.fileobj for key in self._selector.get_map().values()}:
            self._selector.unregister(process.stdout)
        process.stdout.close()
        self._register.remove(process.pid)
        child.process, child.status = None, status

    def _end(self, children: list[_Child], seconds: float) -> None:
        for child in children:
            child.due = float("inf")
            if child.process:
                child.process.send_signal(child.service.ends_on)
        deadline = time.monotonic() + seconds
        while any(child.process for child in children):
            self._read(0.05)
            for child in children:
                status = child.process.poll() if child.process else None
                if status is not None:
                    self._bury(child, status)
            if time.monotonic() > deadline or self._asked:  # asked again: no more patience
                for child in children:
                    if child.process:
                        signal_group(child.process, signal.SIGKILL)


def _read_available(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 65_536)
    except BlockingIOError:
        return b""


def _explain(status: int) -> str:
    return f"killed by {signal.Signals(-status).name}" if status < 0 else f"status {status}"
