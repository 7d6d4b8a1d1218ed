"""The process: `python -m simulator` listens, speaks HTTP/1.1 on kept connections, and ends at once."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from .conftest import KEN

ROOT = Path(__file__).parents[2]


@pytest.fixture
def process(tmp_path: Path) -> Iterator[tuple["subprocess.Popen[str]", str]]:
    ports = {"SIMULATOR_PORT": "0", "SIMULATOR_MAIL_PORT": "0"}
    env = {**os.environ, **ports, "SIMULATOR_DATA": str(tmp_path), "LINE_BOT_TOKEN": "t"}
    child = subprocess.Popen([sys.executable, "-m", "simulator"], cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    found = re.fullmatch(r"Simulator: (http://\S+)\n", child.stdout.readline())
    assert found is not None
    yield child, found[1]
    child.kill()
    child.wait()
    child.stdout.close()


@pytest.mark.parametrize("name", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_at_once_with_streams_open(process: tuple["subprocess.Popen[str]", str], name: signal.Signals) -> None:
    child, url = process
    with httpx.stream("GET", f"{url}/sim/feed") as feed:
        assert next(feed.iter_lines()) == "retry: 1000"
        began = time.monotonic()
        child.send_signal(name)
        assert child.wait(timeout=5) == 0
        assert time.monotonic() - began < 2  # it takes half a second; a loaded machine is given the rest


def test_the_screen_is_served(process: tuple["subprocess.Popen[str]", str]) -> None:
    answer = httpx.get(process[1])
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")
    policy = answer.headers["content-security-policy"].split("; ")
    assert policy[0] == "default-src 'none'"
    assert not [rule for rule in policy if "unsafe" in rule]


def test_what_has_not_changed_is_not_sent_again(process: tuple["subprocess.Popen[str]", str]) -> None:
    host, port = process[1].removeprefix("http://").split(":")
    first = httpx.get(f"{process[1]}/static/app.js")
    again = f"GET /static/app.js HTTP/1.1\r\nHost: x\r\nIf-None-Match: {first.headers['etag']}\r\n\r\n".encode()
    with socket.create_connection((host, int(port)), timeout=5) as connection, connection.makefile("rb") as stream:
        for _ in range(2):  # what followed the first head would be taken for the second answer
            connection.sendall(again)
            assert stream.readline() == b"HTTP/1.1 304 NOT MODIFIED\r\n"
            names = {row.split(b":")[0].lower() for row in iter(stream.readline, b"\r\n")}
            assert names.isdisjoint({b"transfer-encoding", b"content-length", b"content-type"})


def test_connections_are_kept_and_chunks_understood(process: tuple["subprocess.Popen[str]", str]) -> None:
    host, port = process[1].removeprefix("http://").split(":")
    head = f"POST /sim/people/{KEN}/say HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
    body = b'{"message":{"type":"text","text":"x"}}'
    half = len(body) // 2
    chunks = b"%x\r\n%b\r\n%x;a=b\r\n%b\r\n0\r\n\r\n" % (half, body[:half], len(body) - half, body[half:])
    with socket.create_connection((host, int(port)), timeout=5) as connection, connection.makefile("rb") as stream:
        for _ in range(2):
            connection.sendall(head + chunks)
            assert stream.readline() == b"HTTP/1.1 200 OK\r\n"
            headers = dict(row.decode().strip().split(": ", 1) for row in iter(stream.readline, b"\r\n"))
            assert b'"text": "x"' in stream.read(int(headers["Content-Length"]))
        connection.sendall(b"nonsense\r\n\r\n")
        assert stream.readline() == b"HTTP/1.1 400 Bad Request\r\n"


def test_a_port_in_use_is_said(process: tuple["subprocess.Popen[str]", str], tmp_path: Path) -> None:
    ports = {"SIMULATOR_PORT": process[1].rsplit(":", 1)[1], "SIMULATOR_MAIL_PORT": "0"}
    env = {**os.environ, **ports, "SIMULATOR_DATA": str(tmp_path / "other")}
    second = subprocess.run(
        [sys.executable, "-m", "simulator"], cwd=ROOT, env=env, capture_output=True, text=True, timeout=20, check=False
    )
    assert second.returncode == 1
    assert "cannot listen on port" in second.stderr


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("SIMULATOR_PORT", "eighty"),
        ("SIMULATOR_PORT", "65536"),
        ("SIMULATOR_PORT", "-1"),
        ("SIMULATOR_REDELIVERY", "5,x"),
    ],
)
def test_a_wrong_variable_is_one_line_that_says_what_to_write(variable: str, value: str, tmp_path: Path) -> None:
    env = {**os.environ, "SIMULATOR_DATA": str(tmp_path / "none"), variable: value}
    command = [sys.executable, "-m", "simulator"]
    ended = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert ended.stderr.startswith(f"{variable}: write ")
    assert ended.stderr.count("\n") == 1
    assert not (tmp_path / "none").exists()
