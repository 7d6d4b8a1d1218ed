"""Between the server and Flask: nobody who is slow, silent or stuck holds a thread that somebody else needs.

An ASGI application around a WSGI one. The event loop waits: for a body, before Flask hears of the request, and for the
reader of an answer. Threads only compute, and each kind of request has its own (`web.threads`).
"""

import asyncio
import contextlib
import contextvars
import json
import re
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, MutableMapping
from functools import partial
from http import HTTPStatus
from typing import Any

from prometheus_client import Counter

from runtime.timing import Timing
from web.door import Door, bucket_of, key_of
from web.http.problems import GENERAL, MEDIA_TYPE, Problem
from web.threads import Busy, Threads
from web.wsgi import Answer, Application, Environ, Headers, Pieces, call, environ_of

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Body = AsyncGenerator[bytes, None]

BODY_LIMIT = 2 * 1024 * 1024
HELD_LIMIT = 64 * 1024 * 1024
"""Bytes of all bodies together that are arriving or being worked on, beyond what is `SMALL` of each: what strangers may
cost in memory."""
SMALL = 32 * 1024
"""Bytes of each body that are taken whatever others hold, a webhook's as a rule: 33 strangers hold all of the above for
ten seconds at a time. With as many connections as the server holds it is another 512 MB."""
PIECE = 256 * 1024
"""Bytes handed to the server at once; it keeps a few pieces for a reader who takes none, without an end."""

THREADS = 4
"""For webhooks, and as many for the rest: while all of those wait for a lock, webhooks are stored."""
WATCHERS = 2
"""For `/readyz` and `/metrics`, which count what waits: not the webhooks' own, since counting may take seconds."""
WATCHED = {"/readyz", "/metrics"}
ENTERING = 4
"""For who signs in, since that asks LINE and may wait for it as long as a call may take."""
_ENTERS = re.compile(r"/portal/[^/]+/(?:liff|signed-in)")

_LENGTHS = {b"content-length", b"transfer-encoding"}
_refused = Counter("aura_requests_refused", "Requests that the gate has answered, by status", ["status"])


class Refused(Exception):
    """The gate answers. `unread`: some of the body has not been read, so the connection ends with it."""

    def __init__(self, code: str, *, unread: bool = False, again: int | None = None) -> None:
        """`again`: after how many seconds it may be asked again."""
        super().__init__(code)
        self.code, self.unread, self.again = code, unread, again


class Gone(Exception):
    """The client has hung up."""


class Gate:
    """Made in the server's process, used by its event loop."""

    def __init__(self, application: Application, timing: Timing, door: Door) -> None:
        self._application, self._timing, self._door = application, timing, door
        self._webhooks = Threads("webhook", THREADS, room=256, hurry=True)
        self._watching = Threads("watch", WATCHERS, room=8)
        self._entering = Threads("enter", ENTERING, room=32)
        self._rest = Threads("request", THREADS, room=64)
        self._all = (self._webhooks, self._watching, self._entering, self._rest)
        self._held = 0

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        if scope["path"] == "/healthz":
            await _answer(send, *self._health())
            return
        body = bytearray()
        try:
            with contextlib.suppress(Gone):
                address = self._door.client_of(scope)
                bucket = await self._knock(scope, address)
                await self._read(scope, receive, body)
                environ = environ_of(scope, bytes(body), address)
                await self._respond(scope["path"], environ, bucket, receive, send)
        except Refused as refused:
            await _answer(send, *_refusal(refused))
        finally:
            self._held -= _large(body)

    def _health(self) -> tuple[int, Headers, bytes]:
        """The process answers; it says nothing of anything else, so that a database outage restarts nobody."""
        longest = max(kind.stuck() for kind in self._all)
        stuck = longest > self._timing.stuck.total_seconds()
        text = json.dumps({"status": "stuck" if stuck else "ok"}).encode()
        return 503 if stuck else 200, [(b"content-type", b"application/json")], text

    async def _read(self, scope: Message, receive: Receive, body: bytearray) -> None:
        """All of it into `body`. Raises `Refused`, `Gone`."""
        lengths = dict(header for header in scope["headers"] if header[0] in _LENGTHS)
        if not lengths:
            return
        announced = int(lengths.get(b"content-length", -1)) if len(lengths) == 1 else -1
        if announced > BODY_LIMIT:
            raise Refused("too_large", unread=True)
        more = True
        try:
            async with asyncio.timeout(self._timing.body.total_seconds()):
                while more and len(body) != announced:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        raise Gone
                    piece, more = message.get("body", b""), message.get("more_body", False)
                    self._held -= _large(body)
                    body += piece
                    self._held += _large(body)
                    if len(body) > BODY_LIMIT:
                        raise Refused("too_large", unread=True)
                    if self._held > HELD_LIMIT and _large(body):
                        raise Refused("unavailable", unread=True, again=1)
        except TimeoutError:
            raise Refused("too_slow", unread=True) from None

    async def _knock(self, scope: Message, address: str) -> int | None:
        """Where an API key comes from; None where none is brought. Raises `Refused` for a wrong one too many."""
        key = key_of(scope["headers"]) if scope["path"].startswith("/api/") else None
        if key is None:
            return None
        bucket = bucket_of(address)
        wait = await self._door.closed(bucket, key, self._watching.run)
        if wait:
            raise Refused("too_many_wrong_keys", unread=True, again=wait)
        return bucket

    def _ask(self, environ: Environ, bucket: int | None) -> Answer:
        """In a thread. Raises `Refused`."""
        answer = call(self._application, environ)
        if bucket is not None and answer.status == HTTPStatus.UNAUTHORIZED:
            wait = self._door.wrong(bucket)
            if wait:
                raise Refused("too_many_wrong_keys", again=wait)
        return answer

    async def _respond(self, path: str, environ: Environ, bucket: int | None, receive: Receive, send: Send) -> None:
        threads = self._threads_for(path)
        context = contextvars.Context()  # one for all pieces of an answer: Flask takes back what it has set
        try:
            answer = await threads.run(partial(context.run, self._ask, environ, bucket))
        except Busy:
            raise Refused("unavailable", again=1) from None
        if isinstance(answer.body, bytes):
            await _answer(send, answer.status, answer.headers, answer.body)
            return

        async def in_thread(do: Callable[[], Any]) -> Any:
            return await threads.run(partial(context.run, do), begun=True)

        source = _made(answer.body, in_thread) if isinstance(answer.body, Pieces) else answer.body()
        await _unless_gone(receive, _written(send, answer, source, self._timing.reader.total_seconds()))

    def _threads_for(self, path: str) -> Threads:
        if path.startswith("/webhooks/"):
            return self._webhooks
        if _ENTERS.fullmatch(path):
            return self._entering
        return self._watching if path in WATCHED else self._rest


def _large(body: bytearray) -> int:
    """Bytes of it that are held in what all bodies share."""
    return max(len(body) - SMALL, 0)


async def _made(pieces: Pieces, in_thread: Callable[[Callable[[], Any]], Coroutine[Any, Any, Any]]) -> Body:
    step: asyncio.Future[bytes | None] | None = None
    try:
        while True:
            step = asyncio.ensure_future(in_thread(pieces.next))
            piece = await asyncio.shield(step)
            if piece is None:
                return
            yield piece
    finally:
        if step:
            await asyncio.wait({step})  # the reader has left, and a thread may still make the next piece
        await in_thread(pieces.close)


async def _written(send: Send, answer: Answer, source: Body, patience: float) -> None:
    """Raises `Gone` when the reader has taken nothing for as many seconds."""
    async with contextlib.aclosing(source):
        await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
        async for made in source:
            for begin in range(0, len(made), PIECE):
                piece = made[begin : begin + PIECE]
                try:
                    async with asyncio.timeout(patience):
                        await send({"type": "http.response.body", "body": piece, "more_body": True})
                except TimeoutError:
                    raise Gone from None
        await send({"type": "http.response.body", "body": b""})


async def _unless_gone(receive: Receive, writing: Coroutine[Any, Any, None]) -> None:
    """Ends the writing when the client hangs up. Raises `Gone`, and what the writing raises."""
    written, gone = asyncio.ensure_future(writing), asyncio.ensure_future(_hung_up(receive))
    try:
        await asyncio.wait({written, gone}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        ended = written.done()
        for task in (written, gone):
            task.cancel()
        await asyncio.gather(written, gone, return_exceptions=True)
    if not ended:
        raise Gone
    written.result()


async def _hung_up(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _answer(send: Send, status: int, headers: Headers, body: bytes) -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _refusal(refused: Refused) -> tuple[int, Headers, bytes]:
    kind = GENERAL[refused.code]
    body = Problem(refused.code).body(kind).encode()
    headers = [(b"content-type", MEDIA_TYPE.encode()), (b"content-length", str(len(body)).encode())]
    if refused.unread:
        headers.append((b"connection", b"close"))
    if refused.again is not None:
        headers.append((b"retry-after", str(refused.again).encode()))
    _refused.labels(str(kind.status)).inc()
    return kind.status, headers, body
