"""One message to the stand-in for LINE, and nothing besides: what an RQ job of its own imports in each fork."""

from http.client import HTTPConnection
from threading import local

_lines = local()


def push(port: int, body: bytes) -> None:
    """Over a connection of this thread's own."""
    if not hasattr(_lines, "http"):
        _lines.http = HTTPConnection("127.0.0.1", port, timeout=10)
    _lines.http.request("POST", "/v2/bot/message/push", body, {"Content-Type": "application/json"})
    answer = _lines.http.getresponse()
    answer.read()
    if answer.status != 200:
        raise RuntimeError(f"LINE's endpoint said {answer.status}")
