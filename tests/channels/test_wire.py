"""Kept connections: used again while they are good, and nothing is ever sent twice over them."""

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from channels import wire
from channels.wire import NeverLeft, Unanswered, Wire
from tests.fixtures.waiting import eventually, free_port

READ = timedelta(seconds=0.3)
YES = b"HTTP/1.1 200 OK\r\nX-Line-Request-Id: r-1\r\nContent-Length: 2\r\n\r\n{}"


class Door:
    """A server that counts connections and requests; `answer` says what comes back: bytes, or None to hang up."""

    def __init__(self) -> None:
        self.answer: Callable[[int], bytes | None] = lambda _number: YES
        self.drips = 0.0
        """Seconds between two bytes of an answer; 0: it comes whole."""
        self.connections, self.requests = 0, list[bytes]()
        self._open = list[socket.socket]()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}/base"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self.connections += 1
                self._open.append(connection)
                threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while request := connection.recv(65536):
                while not request.endswith(b"[]"):
                    request += connection.recv(65536)
                self.requests.append(request)
                said = self.answer(len(self.requests))
                if said is None:
                    connection.close()
                    return
                for piece in [said] if not self.drips else (said[at : at + 1] for at in range(len(said))):
                    time.sleep(self.drips)
                    connection.sendall(piece)

    def hang_up(self) -> None:
        for connection in self._open:
            with contextlib.suppress(OSError):  # the other side may have been faster
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()

    def close(self) -> None:
        self._listener.close()
        self.hang_up()


@pytest.fixture
def door() -> Iterator[Door]:
    door = Door()
    yield door
    door.close()


@pytest.fixture
def line(door: Door) -> Wire:
    return Wire(door.url, READ, READ)


def test_a_connection_is_used_again(door: Door, line: Wire) -> None:
    for _ in range(3):
        answer = line.post("/v2/x", {"Content-Type": "application/json"}, b"[]")
        assert (answer.status, answer.body, answer.headers["X-Line-Request-Id"]) == (200, b"{}", "r-1")
    assert (door.connections, len(door.requests)) == (1, 3)
    assert door.requests[0].startswith(b"POST /base/v2/x HTTP/1.1\r\n")


def test_requests_at_once_have_connections_of_their_own(door: Door, line: Wire) -> None:
    all_there = threading.Barrier(3)

    def wait(_number: int) -> bytes:
        all_there.wait(10)
        return YES

    door.answer = wait
    callers = [threading.Thread(target=line.post, args=("/", {}, b"[]")) for _ in range(3)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join(10)
    assert (door.connections, len(door.requests)) == (3, 3)


def test_one_that_the_other_side_has_closed_is_not_used(door: Door, line: Wire) -> None:
    line.post("/", {}, b"[]")
    door.hang_up()
    assert line.post("/", {}, b"[]").status == 200
    assert (door.connections, len(door.requests)) == (2, 2)


def test_one_that_has_rested_long_is_not_used(door: Door, line: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    line.post("/", {}, b"[]")
    monkeypatch.setattr(wire, "KEPT_SECONDS", 0.0)
    line.post("/", {}, b"[]")
    assert (door.connections, len(door.requests)) == (2, 2)


def test_one_closed_at_the_request_is_of_unknown_outcome_and_not_repeated(door: Door, line: Wire) -> None:
    door.answer = lambda number: YES if number == 1 else None
    line.post("/", {}, b"[]")
    with pytest.raises(Unanswered):
        line.post("/", {}, b"[]")
    assert len(door.requests) == 2


def test_a_door_that_keeps_silent_is_waited_for_no_longer_than_that(door: Door, line: Wire) -> None:
    door.answer = lambda _number: b""
    with pytest.raises(Unanswered, match="TimeoutError"):
        line.post("/", {}, b"[]")
    door.answer = lambda _number: YES
    assert line.post("/", {}, b"[]").status == 200


@pytest.mark.parametrize("said", [b"nonsense\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}"])
def test_half_an_answer_is_none(door: Door, line: Wire, said: bytes) -> None:
    door.answer = lambda _number: said
    with pytest.raises(Unanswered):
        line.post("/", {}, b"[]")


def test_where_nobody_listens_nothing_has_left() -> None:
    with pytest.raises(NeverLeft, match="ConnectionRefusedError"):
        Wire(f"http://127.0.0.1:{free_port()}", READ, READ).post("/", {}, b"[]")


def test_who_says_close_is_closed(door: Door, line: Wire) -> None:
    door.answer = lambda _number: YES.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
    line.post("/", {}, b"[]")
    line.post("/", {}, b"[]")
    eventually(lambda: door.connections == 2)


def test_an_answer_that_drips_is_waited_for_no_longer_than_any(door: Door, line: Wire) -> None:
    """Each byte comes long before the last one was waited for too long."""
    door.drips = READ.total_seconds() / 3
    began = time.monotonic()
    with pytest.raises(Unanswered, match="TimeoutError"):
        line.post("/", {}, b"[]")
    assert time.monotonic() - began < 4 * READ.total_seconds()
    door.drips = 0.0
    assert line.post("/", {}, b"[]").status == 200
