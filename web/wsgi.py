"""The two ends of a WSGI application, as the gate uses it: what it is told of a request, and what it answers."""

import io
import sys
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_to_bytes

Environ = dict[str, Any]
Application = Callable[[Environ, Any], Iterable[bytes]]
Headers = list[tuple[bytes, bytes]]

STREAM = "gate.stream"
"""Where a view leaves a function without arguments that gives an asynchronous generator: the answer's body, written by
the event loop for as long as the reader stays, with no thread."""
WHOLE = 1024 * 1024
"""Bytes up to which an answer is made in one go; what is longer, or of a length that nobody knows, goes in pieces."""
_NOT_HEADERS = {"HTTP_TRANSFER_ENCODING", "HTTP_CONTENT_LENGTH", "HTTP_PROXY"}
"""The body is whole and its length known; `Proxy` would look like the variable of that name."""


@dataclass(frozen=True)
class Answer:
    """`body`: all of it; or its pieces, each of which may take time to make; or what the event loop iterates itself."""

    status: int
    headers: Headers
    body: "bytes | Pieces | Callable[[], AsyncGenerator[bytes, None]]"


class Pieces:
    """What an application gives piece by piece. Each call is for a thread."""

    def __init__(self, result: Iterable[bytes]) -> None:
        self._result = result
        self._iterator: Iterator[bytes] = iter(result)

    def next(self) -> bytes | None:
        """None: that was all."""
        return next(self._iterator, None)

    def close(self) -> None:
        _close(self._result)


def environ_of(scope: Mapping[str, Any], body: bytes, address: str) -> Environ:
    """PEP 3333, from ASGI's scope of a request whose body is there and whose client has this address."""
    host, port = scope.get("server") or ("localhost", 80)
    environ: Environ = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        # Not `path`: there, what is no UTF-8 has become something else.
        "PATH_INFO": unquote_to_bytes(scope["raw_path"]).decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_NAME": host,
        "SERVER_PORT": str(port),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "REMOTE_ADDR": address,
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope["scheme"],
        "wsgi.input": io.BytesIO(body),
        "wsgi.input_terminated": True,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        STREAM: None,
    }
    for name, value in scope["headers"]:
        if b"_" in name:  # it would pose as another: X_Forwarded_For
            continue
        key, text = "HTTP_" + name.decode("latin-1").upper().replace("-", "_"), value.decode("latin-1")
        if key in environ:
            text = f"{environ[key]}{'; ' if name == b'cookie' else ','}{text}"
        environ[key] = text
    for name in _NOT_HEADERS & environ.keys():
        del environ[name]
    if body:
        environ["CONTENT_LENGTH"] = str(len(body))
    if "HTTP_CONTENT_TYPE" in environ:
        environ["CONTENT_TYPE"] = environ.pop("HTTP_CONTENT_TYPE")
    return environ


def call(application: Application, environ: Environ) -> Answer:
    """Asks the application, in a thread."""
    status, headers = 500, list[tuple[str, str]]()

    def start_response(line: str, given: list[tuple[str, str]], _exc_info: Any = None) -> None:
        nonlocal status, headers
        status, headers = int(line[:3]), given

    result = application(environ, start_response)
    length = next((int(value) for name, value in headers if name.lower() == "content-length"), WHOLE + 1)
    told = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
    if environ[STREAM]:
        _close(result)
        return Answer(status, [(name, value) for name, value in told if name != b"content-length"], environ[STREAM])
    if length > WHOLE:
        return Answer(status, told, Pieces(result))
    try:
        return Answer(status, told, b"".join(result))
    finally:
        _close(result)


def _close(result: Iterable[bytes]) -> None:
    close = getattr(result, "close", None)
    if close:
        close()
