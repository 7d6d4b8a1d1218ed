"""Ids that LINE never issues, and refusals that repeat what somebody typed: nobody is asked, nothing is repeated."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from prometheus_client import generate_latest

from channels.line.client import Access, Line
from channels.line.errors import LineError
from channels.line.ids import issued, part
from channels.line.menus import LineMenus, menu_unusable
from models.base import new_id
from tests.fixtures.running import RunningSimulator

HELLO = b'[{"type": "text", "text": "hello"}]'
ODD = [
    "U/../../../oauth2", "..", ".", "Ploypailin", "U" + "a" * 200, "คุณมะลิ", "\ud83d", "", "U" + "A" * 32,
    "U" + "a" * 32 + "/richmenu/x", "U" + "a" * 31, "U" + "a" * 32 + "\n", "a?x=1#y", "U\0" + "a" * 31,
    "X" + "a" * 32, "Ù" + "a" * 32, "U" + "๑" * 32, "081-555-0147",
]  # fmt: skip
CALLS: dict[str, Callable[[Line, Access, str], object]] = {
    "profile": lambda line, access, id_: line.profile(access, id_),
    "push": lambda line, access, id_: line.push(access, id_, HELLO, new_id()),
    "link": lambda line, access, id_: LineMenus(line, access).link(id_, "richmenu-1"),
    "link_many": lambda line, access, id_: LineMenus(line, access).link_many(["U" + "a" * 32, id_], "richmenu-1"),
}


@pytest.mark.parametrize("call", CALLS)
def test_nobody_is_asked_of_what_line_never_issues(
    simulator: RunningSimulator, call: str, capsys: pytest.CaptureFixture[str]
) -> None:
    line, access = Line(simulator.url), Access(simulator.channel_id, simulator.channel_secret)
    for odd in ODD:
        with pytest.raises(LineError) as refused:
            CALLS[call](line, access, odd)
        assert (str(refused.value), refused.value.permanent) == ("not_an_id", True)
    assert [one for one in simulator.call("GET", "log")["entries"] if one["kind"] == "api"] == []
    said = capsys.readouterr().err + generate_latest().decode()
    assert [odd for odd in ODD if len(odd) > 2 and odd in said] == []


@pytest.mark.parametrize("letter", "UCR")
def test_what_line_issues_is_taken(letter: str) -> None:
    assert issued(letter + "0123456789abcdef" * 2) == letter + "0123456789abcdef" * 2


def test_an_id_stays_one_part_of_its_path() -> None:
    assert part("richmenu-1/../x?y#z%") == "richmenu-1%2F..%2Fx%3Fy%23z%25"


def test_calls_are_named_by_words_of_the_program(simulator: RunningSimulator) -> None:
    """A person's id in a metric's label would be kept for ever, and make one metric a person."""
    person = simulator.call("POST", "people", {"name": "Mali", "language": "th"})["user_id"]
    simulator.follow(person)
    line, access = Line(simulator.url), Access(simulator.channel_id, simulator.channel_secret)
    line.profile(access, person)
    for menu_id in ("abcdefgh-no-digits", "richmenu-1/content"):
        assert not LineMenus(line, access).has_picture(menu_id)
        LineMenus(line, access).delete(menu_id)
    labels = {text.split('"')[1] for text in generate_latest().decode().split("aura_line_seconds_count{")[1:]}
    assert {"profile", "token", "menu_picture_read", "menu_deleted"} <= labels
    assert [label for label in labels if "/" in label or "-" in label] == []


@contextmanager
def refusing(status: int, message: str) -> Iterator[str]:
    """A LINE that answers everything like this; its address."""

    class Refuses(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.dumps({"message": message}).encode()
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("X-Line-Request-Id", "r-1")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_given: Any) -> None:
            """What it says is no matter here."""

    server = HTTPServer(("127.0.0.1", 0), Refuses)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize(
    ("status", "message", "text"),
    [
        (400, "The property 'messages[0].text' (hydrafacial) is invalid: 401", "refused 400"),
        (401, "Authentication failed for hydrafacial", "refused 401"),
        (404, "hydrafacial", "refused 404"),
        (400, "Invalid reply token hydrafacial", "token 400"),
        (409, "The retry key for hydrafacial is already accepted", "accepted_before 409"),
        (429, "You have reached your monthly limit. hydrafacial", "quota 429"),
        (429, "hydrafacial", "rate 429"),
        (500, "hydrafacial", "unknown 500"),
        (400, "must upload richmenu image before applying it to hydrafacial", "no_picture 400"),
    ],
)
def test_a_refusal_is_told_in_our_words_alone(
    status: int, message: str, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with refusing(status, message) as address, pytest.raises(LineError) as refused:
        Line(address).push(Access("1", "secret", "token"), "U" + "a" * 32, HELLO, new_id())
    error = refused.value
    assert (str(error), error.status, error.request_id) == (text, status, "r-1")
    assert error.permanent == (status not in (401, 500) and text != "rate 429")
    assert menu_unusable(error) == (status == 404 or text == "no_picture 400")
    assert "hydrafacial" not in capsys.readouterr().err + generate_latest().decode()
