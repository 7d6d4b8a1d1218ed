"""What a server of ours does when those at its other end do not do what they should, over the real granian."""

import contextlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from statistics import median

import httpx
import pytest

from local.child import end, mortal, spawn
from local.plan import web_command
from tests.fixtures.strangers import HALF, READERS, SIGNED, SILENT, STREAMS, strangers
from tests.fixtures.waiting import eventually, free_port
from tests.web import gated
from web import gate

THREADS = gate.THREADS


class Gated:
    """The small application of `tests.web.gated`, served."""

    def __init__(self, notes: Path, divisor: int = 10) -> None:
        self.port, self._notes = free_port(), notes
        program = mortal([*web_command(self.port)[:-1], "tests.web.gated:create_gate"])
        as_usual = ["sh", "-c", 'ulimit -Sn 1024 && exec "$@"', "sh", *program]
        env = {**os.environ, "GATED_NOTES": str(notes), "GATED_DIVISOR": str(divisor)}
        self.process = spawn(as_usual, env=env, output=subprocess.PIPE)
        self.http = httpx.Client(base_url=f"http://127.0.0.1:{self.port}", trust_env=False, timeout=5)
        eventually(self._answers, within=30)

    def noted(self, what: str) -> int:
        """How often the application has written this down."""
        file = self._notes / what
        return len(file.read_text()) if file.exists() else 0

    @contextlib.contextmanager
    def hanging(self, number: int, path: str) -> Iterator[list[Future[httpx.Response]]]:
        """So many requests whose threads wait until the block ends."""
        before = self.noted("hanging")
        with ThreadPoolExecutor(number) as pool:
            asked = [pool.submit(self.http.post, path, timeout=20) for _ in range(number)]
            eventually(lambda: self.noted("hanging") == before + number)
            try:
                yield asked
            finally:
                eventually(lambda: self._go_on(before + number))

    def _go_on(self, all_of_them: int) -> bool:
        with contextlib.suppress(OSError):  # nobody waits at this moment
            os.close(os.open(self._notes / "door", os.O_WRONLY | os.O_NONBLOCK))
        return self.noted("went on") == all_of_them

    def _answers(self) -> bool:
        assert self.process.poll() is None
        with contextlib.suppress(httpx.TransportError):
            return self.http.get("/healthz").is_success
        return False


@contextlib.contextmanager
def serving(notes: Path, divisor: int = 10) -> Iterator[Gated]:
    running = Gated(notes, divisor)
    try:
        yield running
    finally:
        running.http.close()
        end(running.process)


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Gated]:
    with serving(tmp_path) as running:
        yield running


@pytest.fixture
def patient(tmp_path: Path) -> Iterator[Gated]:
    """It waits for a body as long as the product does: 64 MB of them take a second to arrive."""
    with serving(tmp_path, 1) as running:
        yield running


def raw(served: Gated, *pieces: bytes) -> bytes:
    """What comes back until the connection is closed."""
    with socket.create_connection(("127.0.0.1", served.port), timeout=5) as line:
        for piece in pieces:
            line.sendall(piece)
        got = b""
        while part := line.recv(65_536):
            got += part
        return got


def test_a_request_arrives_whole(served: Gated) -> None:
    answer = served.http.get("/seen/a%2Fb%00%FF%E0%B8%81?x=%FF&y=", headers=[("Cookie", "a=1"), ("Cookie", "b=2")])
    assert answer.json() == {
        "PATH_INFO": "/seen/a/b\0\xff\xe0\xb8\x81",
        "QUERY_STRING": "x=%FF&y=",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_COOKIE": "a=1; b=2",
    }
    told = served.http.get("/seen/x", headers={"X_Forwarded_For": "1.2.3.4", "Proxy": "evil"}).json()
    assert not {"HTTP_X_FORWARDED_FOR", "HTTP_PROXY"} & told.keys()
    assert served.http.post("/echo", content=b"a" * 100_000).content == b"a" * 100_000
    assert (
        served.http.post("/echo", content=iter([b"a" * 50_000, b"b" * 50_000])).content == b"a" * 50_000 + b"b" * 50_000
    )
    assert served.http.head("/large").headers["Content-Length"] == str(gated.LARGE)
    assert served.http.get("/echo").content == b""


def test_a_body_that_is_too_large_is_refused_and_never_cut(served: Gated) -> None:
    allowed = bytes(gate.BODY_LIMIT)
    assert served.http.post("/echo", content=allowed).content == allowed
    for body in (allowed + b"x", iter([allowed, b"x"]), iter([bytes(65_536)] * 48)):
        answer = served.http.post("/webhooks/echo", content=body)
        assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    assert served.noted("echoed") == 1


def test_a_body_that_does_not_arrive_in_time_is_refused(served: Gated) -> None:
    """A second here. A byte now and then does not extend it."""
    began = time.monotonic()
    assert raw(served, SIGNED % b"/webhooks/echo").startswith(b"HTTP/1.1 408 ")
    assert 0.9 < time.monotonic() - began < 3
    with strangers(served.port) as them:
        them.dripping(1, b"/echo")
        eventually(lambda: b"408" in them.answer(0), within=3)
    assert served.noted("echoed") == 0


def test_all_bodies_together_are_limited(served: Gated) -> None:
    most = gate.HELD_LIMIT // gate.BODY_LIMIT
    with strangers(served.port) as them:
        them.sending(most + 8, b"/echo", gate.BODY_LIMIT, gate.BODY_LIMIT - 1)
        answers = eventually(lambda: [one for n in range(most + 8) if (one := them.answer(n))])
        assert answers
        assert all(one.startswith((b"HTTP/1.1 503 ", b"HTTP/1.1 408 ")) for one in answers)
        assert any(b"\r\nretry-after: 1\r\n" in one for one in answers)
    assert served.http.post("/echo", content=b"a").content == b"a"


def test_who_fills_what_is_kept_for_bodies_shuts_out_no_webhook(patient: Gated) -> None:
    most, small = gate.HELD_LIMIT // gate.BODY_LIMIT, bytes(gate.SMALL)
    with strangers(patient.port) as them:
        them.sending(most + 8, b"/echo", gate.BODY_LIMIT, gate.BODY_LIMIT - 1)
        # One more or less, since the beginning of each is not counted.
        eventually(lambda: sum(bool(them.answer(n)) for n in range(most + 8)) >= 7)
        them.sending(100, b"/echo", gate.BODY_LIMIT, gate.SMALL)  # what those who were refused have left
        assert patient.http.post("/webhooks/echo", content=small).content == small


def test_webhooks_and_health_have_threads_of_their_own(served: Gated) -> None:
    with served.hanging(THREADS, "/hang") as hanging:
        began = time.monotonic()
        assert served.http.get("/healthz").json() == {"status": "ok"}
        assert served.http.get("/readyz").text == "ok"
        assert served.http.post("/webhooks/echo", content=b"a").content == b"a"
        assert time.monotonic() - began < 0.5
    assert [one.result().text for one in hanging] == ["went on"] * THREADS


@pytest.mark.parametrize("path", ["/echo", "/webhooks/echo"])
def test_where_no_thread_comes_free_a_request_is_told_to_come_again_and_is_not_done(served: Gated, path: str) -> None:
    with served.hanging(THREADS, path.replace("echo", "hang")):
        began = time.monotonic()
        answer = served.http.post(path, content=b"a")
        assert 0.9 < time.monotonic() - began < 1.5
        assert (answer.status_code, answer.headers["Retry-After"], answer.json()["code"]) == (503, "1", "unavailable")
    assert served.http.post(path, content=b"a").content == b"a"
    assert served.noted("echoed") == 1


def test_where_too_many_wait_the_next_is_told_so_at_once(served: Gated) -> None:
    with served.hanging(THREADS, "/hang"), strangers(served.port) as them:
        them.readers(80, b"/echo")
        told = eventually(lambda: [one for n in range(80) if (one := them.answer(n))][15:], within=0.9)
        assert told[0].startswith(b"HTTP/1.1 503 "), "16 of them find 64 before them"


def test_a_webhook_that_has_begun_is_told_to_come_again_after_a_second(served: Gated) -> None:
    """Its thread goes on: what it stores is stored once, however often it comes."""
    began = time.monotonic()
    with served.hanging(1, "/webhooks/hang") as [hanging]:
        assert hanging.result().status_code == 503
        assert 0.9 < time.monotonic() - began < 1.5
    assert served.noted("went on") == 1


def test_threads_that_finish_nothing_while_more_is_asked_are_told(served: Gated) -> None:
    """Three seconds here."""
    with served.hanging(THREADS, "/hang"):
        eventually(lambda: served.http.post("/echo", timeout=5).status_code == 503)
        eventually(lambda: served.http.get("/healthz").status_code == 503, within=8)
        assert served.http.get("/healthz").json() == {"status": "stuck"}
    eventually(lambda: served.http.get("/healthz").status_code == 200)


def test_what_is_made_piece_by_piece_is_closed_when_its_reader_leaves(served: Gated) -> None:
    whole = served.http.get("/made").content
    assert whole == (b"/made" + bytes(1024 * 1024)) * 30
    assert served.noted("closed") == 1
    with served.http.stream("GET", "/made") as answer:
        next(answer.iter_raw(1000))
    eventually(lambda: served.noted("closed") == 2)
    with strangers(served.port) as them:
        them.readers(1, b"/made")
        eventually(lambda: served.noted("closed") == 3, within=5)  # after the patience for readers


def test_a_stream_holds_no_thread_and_ends_with_its_reader(served: Gated) -> None:
    with strangers(served.port) as them:
        them.streams(3 * THREADS, b"/stream")
        assert served.http.post("/echo", content=b"a").content == b"a"
    eventually(lambda: served.noted("stream ended") == 3 * THREADS)


def test_asked_to_end_it_finishes_what_it_has_begun_and_takes_nothing_new(served: Gated) -> None:
    with strangers(served.port) as them:
        them.streams(1, b"/stream")
        with served.hanging(1, "/hang") as [hanging]:
            served.process.send_signal(signal.SIGTERM)
            eventually(lambda: refuses(served.port))
        began = time.monotonic()
        assert hanging.result().text == "went on"
        assert served.process.wait(5) == 0, "a stream keeps it no longer than `--workers-kill-timeout`"
        assert time.monotonic() - began < 4


def refuses(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def test_strangers_of_every_kind_keep_nobody_waiting(served: Gated) -> None:
    def asked() -> float:
        began = time.monotonic()
        assert served.http.get("/healthz").json() == {"status": "ok"}
        assert served.http.post("/webhooks/echo", content=b"a").content == b"a"
        return time.monotonic() - began

    calm = median(asked() for _ in range(20))
    with strangers(served.port) as them:
        them.readers(READERS, b"/large")
        them.streams(STREAMS, b"/stream")
        them.silent(SILENT)
        them.half(HALF, b"/echo")
        them.dripping(HALF, b"/webhooks/echo")
        assert median(asked() for _ in range(20)) < max(1.5 * calm, 0.1)
