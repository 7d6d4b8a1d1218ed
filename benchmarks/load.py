"""Sends prepared requests to a loopback server, as cheaply as Python can: the sender shares the machine."""

import re
import select
import socket
import time
from collections.abc import Sequence

from benchmarks.people import Request

CONNECTIONS = 8
GIVE_UP_SECONDS = 60.0
_LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)


class Refused(Exception):
    """The server answered something else than 200, or not at all."""


def sustained(port: int, requests: Sequence[Request], connections: int = CONNECTIONS) -> float:
    """Each connection sends its next request when the last was answered. Requests a second. Raises `Refused`."""
    started = time.perf_counter()
    _send(port, requests, [0.0] * len(requests), connections)
    return len(requests) / (time.perf_counter() - started)


def arriving(port: int, requests: Sequence[Request], offsets: Sequence[float]) -> list[float]:
    """Each request leaves at its offset (seconds, ascending) whatever became of the others; `time.monotonic()` of each.

    The time is the one planned: a sender that is late is part of what the customer waits for. Raises `Refused`.
    """
    return _send(port, requests, offsets, None)


def _send(port: int, requests: Sequence[Request], offsets: Sequence[float], connections: int | None) -> list[float]:
    idle: list[socket.socket] = []
    busy: dict[socket.socket, bytes] = {}
    began, sent = time.monotonic(), 0
    try:
        while sent < len(requests) or busy:
            wait = began + offsets[sent] - time.monotonic() if sent < len(requests) else GIVE_UP_SECONDS
            if wait <= 0 and (connections is None or len(busy) < connections):
                line = _kept(idle) or _connect(port)
                line.sendall(requests[sent].wire)
                busy[line] = b""
                sent += 1
                continue
            readable, _, _ = select.select(busy, (), (), wait if wait > 0 else GIVE_UP_SECONDS)
            if not readable and wait <= 0:
                raise Refused(f"no answer within {GIVE_UP_SECONDS:g} s")
            for line in readable:
                part = line.recv(65536)
                busy[line] += part
                if not part or not busy[line].startswith(b"HTTP/1.1 200"):
                    raise Refused(busy[line][:300].decode(errors="replace") or "the connection was closed")
                if _whole(busy[line]):
                    del busy[line]
                    idle.append(line)
    finally:
        for line in (*idle, *busy):
            line.close()
    return [began + offset for offset in offsets]


def _kept(idle: list[socket.socket]) -> socket.socket | None:
    """One that the server has not closed for having rested too long."""
    while idle:
        line = idle.pop()
        if not select.select([line], (), (), 0)[0]:
            return line
        line.close()
    return None


def _whole(answer: bytes) -> bool:
    """Whether head and body are complete; the server sends them in two parts."""
    end = answer.find(b"\r\n\r\n")
    length = _LENGTH.search(answer, 0, end) if end >= 0 else None
    return length is not None and len(answer) >= end + 4 + int(length[1])


def _connect(port: int) -> socket.socket:
    line = socket.create_connection(("127.0.0.1", port), timeout=GIVE_UP_SECONDS)
    line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return line
