"""A small application behind the gate, for what strangers do; served by granian as the product is."""

import asyncio
import os
from collections.abc import AsyncGenerator, Iterator
from pathlib import Path

from flask import Flask, Response, request, stream_with_context

from runtime import connections
from runtime.reach import Reach
from runtime.timing import Timing
from web.door import Door
from web.gate import Gate
from web.http.rates import Rates
from web.wsgi import STREAM

LARGE = 30 * 1024 * 1024


def create_gate() -> Gate:
    connections.allow()
    app = Flask(__name__)
    notes = Path(os.environ["GATED_NOTES"])
    (notes / "door").unlink(missing_ok=True)
    os.mkfifo(notes / "door")
    at_once(app)
    with_time(app, notes / "door")
    timing = Timing().scaled(float(os.environ["GATED_DIVISOR"]))
    return Gate(app, timing, Door(0, Rates("redis://127.0.0.1:1", "none", Reach(Timing().wake_rest)), frozenset))


def note(what: str) -> None:
    with (Path(os.environ["GATED_NOTES"]) / what).open("a") as file:
        file.write("x")


def at_once(app: Flask) -> None:

    @app.route("/echo", methods=["GET", "POST"])
    @app.route("/webhooks/echo", methods=["POST"])
    def echo() -> Response:
        note("echoed")
        return Response(request.get_data(), headers={"Seen": request.environ["PATH_INFO"]})

    @app.get("/seen/<path:path>")
    def seen(path: str) -> dict[str, str]:
        names = ("PATH_INFO", "QUERY_STRING", "REMOTE_ADDR", "HTTP_COOKIE", "HTTP_X_FORWARDED_FOR", "HTTP_PROXY")
        return {name: request.environ[name] for name in names if name in request.environ}

    @app.get("/readyz")
    def ready() -> str:
        return "ok"

    @app.get("/large")
    def large() -> bytes:
        return bytes(LARGE)


def with_time(app: Flask, door: Path) -> None:
    @app.post("/hang")
    @app.post("/webhooks/hang")
    def hang() -> str:
        note("hanging")
        door.read_bytes()  # until the test opens its other end
        note("went on")
        return "went on"

    @app.get("/made")
    def made() -> Response:
        def pieces() -> Iterator[bytes]:
            try:
                for _ in range(30):
                    yield request.path.encode() + bytes(1024 * 1024)
            finally:
                note("closed")

        return Response(stream_with_context(pieces()))

    @app.get("/stream")
    def stream() -> Response:
        async def ticks() -> AsyncGenerator[bytes, None]:
            try:
                while True:
                    yield b"tick\n"
                    await asyncio.sleep(0.05)
            finally:
                note("stream ended")

        request.environ[STREAM] = ticks
        return Response(content_type="text/event-stream")
