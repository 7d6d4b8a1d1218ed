"""A small threaded HTTP/1.1 server for the WSGI application.

Why not a ready one: the desk needs a stream per screen beside hundreds of short calls on kept connections, an exit
within a second while streams are open, and a way to hang up without an answer (that is one of the faults). Werkzeug's
server closes every connection and waits 10 ms for each; a server with worker processes needs longer to stop.
"""

import contextlib
import io
import socket
import socketserver
import sys
import threading
import traceback
from collections.abc import Iterable
from typing import Any, BinaryIO
from urllib.parse import unquote_to_bytes
from wsgiref.types import WSGIApplication

HEAD_LIMIT = 64 * 1024
BODY_LIMIT = 16 * 1024 * 1024
IDLE_SECONDS = 75
BODILESS = ("204", "304")
ABOUT_THE_BODY = {"content-length", "content-type", "transfer-encoding"}


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False
    request_queue_size = 256

    def __init__(self, app: WSGIApplication, port: int, host: str = "127.0.0.1") -> None:
        self.app = app
        super().__init__((host, port), _Connection)

    @property
    def url(self) -> str:
        host, port = self.server_address[:2]
        return f"http://{host!s}:{port}"

    def start(self) -> None:
        """Serves in a thread of its own."""
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True, name="serve").start()

    def stop(self) -> None:
        """Takes no more connections. Open ones end with the process, or when their clients leave."""
        self.shutdown()
        self.server_close()

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002
        if not isinstance(sys.exception(), OSError):
            traceback.print_exc()


class _Bad(Exception):
    """A request that is not HTTP as we speak it."""


class _Connection(socketserver.BaseRequestHandler):
    server: Server
    request: socket.socket

    def handle(self) -> None:
        self.request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.request.settimeout(IDLE_SECONDS)
        stream = self.request.makefile("rb")
        with contextlib.closing(stream), contextlib.suppress(OSError):
            while self._one(stream):
                pass

    def _one(self, stream: BinaryIO) -> bool:
        """Serves one request; whether the connection stays."""
        first = stream.readline(HEAD_LIMIT)
        if not first.strip():
            return False
        try:
            environ, keep = self._read(first, stream)
        except _Bad as error:
            self.request.sendall(f"HTTP/1.1 {error}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
            return False
        return self._answer(environ, keep)

    def _read(self, first: bytes, stream: BinaryIO) -> tuple[dict[str, Any], bool]:
        try:
            method, target, version = first.decode("latin-1").split()
        except ValueError as error:
            raise _Bad("400 Bad Request") from error
        path, _, query = target.partition("?")
        environ: dict[str, Any] = {
            "REQUEST_METHOD": method,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
            "QUERY_STRING": query,
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": str(self.server.server_address[1]),
            "SERVER_PROTOCOL": version,
            "REMOTE_ADDR": self.client_address[0],
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
        }
        self._read_headers(environ, stream)
        environ["wsgi.input"] = io.BytesIO(self._read_body(environ, stream))
        asked = environ.get("HTTP_CONNECTION", "").lower()
        return environ, asked != "close" if version == "HTTP/1.1" else asked == "keep-alive"

    @staticmethod
    def _read_headers(environ: dict[str, Any], stream: BinaryIO) -> None:
        size = 0
        while (row := stream.readline(HEAD_LIMIT)) not in (b"\r\n", b"\n", b""):
            size += len(row)
            name, colon, value = row.decode("latin-1").partition(":")
            if not colon or size > HEAD_LIMIT:
                raise _Bad("431 Request Header Fields Too Large" if colon else "400 Bad Request")
            key = name.strip().upper().replace("-", "_")
            environ[key if key in {"CONTENT_TYPE", "CONTENT_LENGTH"} else f"HTTP_{key}"] = value.strip()

    def _read_body(self, environ: dict[str, Any], stream: BinaryIO) -> bytes:
        if environ.get("HTTP_EXPECT", "").lower() == "100-continue":
            self.request.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        if environ.pop("HTTP_TRANSFER_ENCODING", "").lower() == "chunked":
            body = self._read_chunks(stream)
            environ["CONTENT_LENGTH"] = str(len(body))
            return body
        length = environ.get("CONTENT_LENGTH") or "0"
        if not length.isdigit():
            raise _Bad("400 Bad Request")
        if int(length) > BODY_LIMIT:
            raise _Bad("413 Content Too Large")
        return stream.read(int(length))

    @staticmethod
    def _read_chunks(stream: BinaryIO) -> bytes:
        body = bytearray()
        try:
            while size := int(stream.readline(HEAD_LIMIT).split(b";")[0], 16):
                body += stream.read(size)
                stream.readline(HEAD_LIMIT)
                if len(body) > BODY_LIMIT:
                    raise _Bad("413 Content Too Large")
        except ValueError as error:
            raise _Bad("400 Bad Request") from error
        while stream.readline(HEAD_LIMIT).strip():
            pass
        return bytes(body)

    def _answer(self, environ: dict[str, Any], keep: bool) -> bool:
        told: list[Any] = []

        def start_response(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:  # noqa: ARG001
            told[:] = [status, headers]

        parts: Iterable[bytes] = self.server.app(environ, start_response)
        try:
            if environ.get("simulator.hang_up"):
                return False
            status, headers = told
            self._send(status, headers, parts, asked_for_head=environ["REQUEST_METHOD"] == "HEAD", keep=keep)
            return keep
        finally:
            if hasattr(parts, "close"):
                parts.close()

    def _send(
        self, status: str, headers: list[tuple[str, str]], parts: Iterable[bytes], *, asked_for_head: bool, keep: bool
    ) -> None:
        bodiless = status.startswith(BODILESS)
        if bodiless:
            # A client takes what follows such a head for the next answer: not even an empty chunk may.
            headers = [(name, value) for name, value in headers if name.lower() not in ABOUT_THE_BODY]
        known = bodiless or any(name.lower() == "content-length" for name, _ in headers)
        if not known:
            headers = [*headers, ("Transfer-Encoding", "chunked")]
        head = "".join(f"{name}: {value}\r\n" for name, value in headers)
        ending = "" if keep else "Connection: close\r\n"
        start = f"HTTP/1.1 {status}\r\n{head}{ending}\r\n".encode("latin-1")
        if known or asked_for_head:
            self.request.sendall(start + (b"" if bodiless or asked_for_head else b"".join(parts)))
            return
        self.request.sendall(start)
        for part in parts:
            if part:
                self.request.sendall(b"%x\r\n%b\r\n" % (len(part), part))
        self.request.sendall(b"0\r\n\r\n")
