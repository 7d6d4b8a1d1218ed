"""LINE for measurements: a loopback server that answers 200 and remembers what came when.

It checks nothing, so that it is never the slow part. `python -m benchmarks.line PORT`
"""

import asyncio
import http.client
import json
import re
import sys
import time
from collections import Counter
from typing import Any

_LENGTH = re.compile(rb"content-length:\s*(\d+)", re.IGNORECASE)
_TOKEN = re.compile(rb'"replyToken":\s*"([^"]+)"')
_BROKEN = b"HTTP/1.1 500 Internal Server Error\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
_ACCEPTED = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nX-Line-Request-Id: bench\r\n"
    b'Content-Length: 19\r\n\r\n{"sentMessages":[]}'
)


class _Connection(asyncio.Protocol):
    """Parses just enough HTTP/1.1 for keep-alive: request line, length, body."""

    arrivals: list[tuple[float, str]] = []  # noqa: RUF012 - shared by all connections on purpose
    delay = 0.0
    away = ""
    """How nothing is accepted: `silent`, `gone` (it hangs up) or `broken` (500); empty while everything is."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport, self._rest = transport, b""

    def data_received(self, data: bytes) -> None:
        at = time.monotonic()
        self._rest += data
        while (end := self._rest.find(b"\r\n\r\n")) >= 0:
            length = _LENGTH.search(self._rest, 0, end)
            whole = end + 4 + (int(length[1]) if length else 0)
            if len(self._rest) < whole:
                return
            request, self._rest = self._rest[:whole], self._rest[whole:]
            if request.startswith(b"POST") and self.away:
                self._refuse()
                return
            answer = self._answer(request, end, at)
            if request.startswith(b"POST") and self.delay:
                asyncio.get_running_loop().call_later(self.delay, self._transport.write, answer)
            else:
                self._transport.write(answer)

    def _refuse(self) -> None:
        if self.away == "gone":
            self._transport.abort()
        elif self.away == "broken":
            self._transport.write(_BROKEN)

    def _answer(self, request: bytes, end: int, at: float) -> bytes:
        if request.startswith(b"POST"):
            token = _TOKEN.search(request, end)
            self.arrivals.append((at, token[1].decode() if token else ""))
            return _ACCEPTED
        if request.startswith(b"DELETE"):
            self.arrivals.clear()
        if request.startswith(b"PUT /delay/"):
            type(self).delay = int(request.split(b" ", 2)[1].rpartition(b"/")[2]) / 1000
        if request.startswith(b"PUT /away/"):
            type(self).away = request.split(b" ", 2)[1].rpartition(b"/")[2].decode()
        said = json.dumps(self.arrivals if request.startswith(b"GET /arrivals") else len(self.arrivals)).encode()
        return b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (len(said), said)


class LineServer:
    """What a benchmark asks of the server's process."""

    def __init__(self, port: int) -> None:
        self.port = port

    def open(self) -> bool:
        try:
            self.count()
        except OSError:
            return False
        return True

    def count(self) -> int:
        """How many answers came."""
        return int(self._ask("GET", "/count"))

    def arrivals(self) -> list[tuple[float, str]]:
        """`time.monotonic()` (one clock for all processes of a machine) and reply token of each answer, in order."""
        return [(at, token) for at, token in self._ask("GET", "/arrivals")]

    def takes(self, milliseconds: int) -> None:
        """From now on it answers after this long, as the real one does."""
        self._ask("PUT", f"/delay/{milliseconds}")

    def leaves(self, how: str) -> None:
        """From now on it accepts nothing: `silent`, `gone` or `broken`."""
        self._ask("PUT", f"/away/{how}")

    def returns(self) -> float:
        """It accepts again; since when, `time.monotonic()`."""
        self._ask("PUT", "/away/")
        return time.monotonic()

    def forget(self) -> None:
        self._ask("DELETE", "/arrivals")

    def exactly_once(self, tokens: set[str]) -> list[tuple[float, str]]:
        """The arrivals, when each of these tokens came once and nothing else did. Raises `AssertionError`."""
        arrivals = self.arrivals()
        came = Counter(token for _, token in arrivals)
        missing, strange = tokens - came.keys(), came.keys() - tokens
        doubled = [token for token, times in came.items() if times > 1]
        assert not missing and not strange and not doubled, (
            f"{len(missing)} events unanswered, {len(doubled)} answered twice, {len(strange)} answers to nothing"
        )
        return arrivals

    def _ask(self, method: str, path: str) -> Any:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request(method, path)
            return json.loads(connection.getresponse().read())
        finally:
            connection.close()


async def _serve(port: int) -> None:
    server = await asyncio.get_running_loop().create_server(_Connection, "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1])))
