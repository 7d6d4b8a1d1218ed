"""The wire to a provider for what is sent most: ready bytes over kept connections.

Of the processor such a request to LINE costs a fifth of what it costs through its SDK (docs/performance.md).
"""

import http.client
import io
import select
import socket
import ssl
import time
import weakref
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache, partial
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

KEPT_SECONDS = 20.0
"""A connection that rested longer is closed: what stands between us and LINE forgets those that nobody uses."""


Kept = deque[tuple[float, http.client.HTTPConnection]]


class NeverLeft(Exception):
    """No connection was made: nobody has seen the request. Its text is the kind of the error."""


class Unanswered(Exception):
    """The request has left, and no whole answer came. Its text is the kind of the error."""


@dataclass(frozen=True)
class Response:
    status: int
    headers: Mapping[str, str]
    body: bytes


@cache
def trusted() -> ssl.SSLContext:
    """Whose certificates are believed: those of this machine. Reading them takes 50 ms, so it is done once."""
    return ssl.create_default_context()


class Wire:
    """Connections to one host, shared by threads: each request has one of its own.

    `read`: how long a whole answer may take, from the request on.
    """

    def __init__(self, base: str, connect: timedelta, read: timedelta) -> None:
        parts = urlsplit(base)
        self._host, self._path = parts.netloc, parts.path
        self._tls = trusted() if parts.scheme == "https" else None
        self._connect, self._read = connect.total_seconds(), read.total_seconds()
        self._kept: Kept = deque()
        weakref.finalize(self, _close, self._kept)

    def post(self, path: str, headers: Mapping[str, str], body: bytes) -> Response:
        """Raises `NeverLeft` and `Unanswered`. Nothing is ever sent twice: also where a kept connection turns out to
        have been closed just now, the caller decides."""
        connection, deadline = self._connection(), time.monotonic() + self._read
        try:
            connection.sock.settimeout(self._read)
            connection.request("POST", self._path + path, body, dict(headers))
            connection.response_class = partial(_answer, deadline)  # type: ignore[assignment]
            answer = connection.getresponse()
            response = Response(answer.status, dict(answer.headers), answer.read())
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            raise Unanswered(type(error).__name__) from error
        if answer.will_close:
            connection.close()
        else:
            self._kept.append((time.monotonic(), connection))
        return response

    def _connection(self) -> http.client.HTTPConnection:
        """The one used last, if it is still good; else a new one."""
        while self._kept:
            try:
                since, connection = self._kept.pop()
            except IndexError:  # another thread was faster
                break
            if time.monotonic() - since < KEPT_SECONDS and not _closed(connection):
                return connection
            connection.close()
        return self._made()

    def _made(self) -> http.client.HTTPConnection:
        if self._tls is not None:
            connection: http.client.HTTPConnection = http.client.HTTPSConnection(
                self._host, timeout=self._connect, context=self._tls
            )
        else:
            connection = http.client.HTTPConnection(self._host, timeout=self._connect)
        try:
            connection.connect()
        except OSError as error:
            connection.close()
            raise NeverLeft(type(error).__name__) from error
        return connection


class _Until(io.RawIOBase):
    """What comes over a line until a moment of `time.monotonic`: a socket's own time-out is for each piece, and who
    sent a byte now and then would be waited for without end. Raises `TimeoutError`.
    """

    def __init__(self, line: socket.socket, deadline: float) -> None:
        self._line, self._deadline = line, deadline
        self._from = line.makefile("rb", buffering=0)  # the line stays open until this is closed

    def makefile(self, _mode: str) -> io.BufferedReader:
        """What an answer asks its socket for."""
        return io.BufferedReader(self)

    def readable(self) -> bool:
        return True

    def readinto(self, into: "WriteableBuffer") -> int | None:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self._line.settimeout(left)
        return self._from.readinto(into)

    def close(self) -> None:
        self._from.close()
        super().close()


def _answer(deadline: float, line: socket.socket, method: str | None = None) -> http.client.HTTPResponse:
    return http.client.HTTPResponse(_Until(line, deadline), method=method)  # type: ignore[arg-type]


def _close(kept: Kept) -> None:
    for _, connection in kept:
        connection.close()


def _closed(connection: http.client.HTTPConnection) -> bool:
    """Whether there is something to read before anything was asked: the other side has hung up."""
    look = select.poll()
    look.register(connection.sock, select.POLLIN)
    return bool(look.poll(0))
