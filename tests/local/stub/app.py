"""A stub of the product, where the supervisor is tested: its commands, doing just what shows that they ran."""

import os
import socket
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click
import psycopg
from flask import Flask

NOTES = Path(os.environ["STUB_NOTES"])
ADDRESS = os.environ["DATABASE_URL"].replace("postgresql+psycopg://", "postgresql://", 1)


def note(what: str) -> None:
    with (NOTES / what).open("a") as file:
        file.write(f"{os.getpid()}\n")


def migrate() -> None:
    with psycopg.connect(ADDRESS) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS alembic_version AS SELECT text '0001' AS version_num")


def touch_servers() -> None:
    with psycopg.connect(ADDRESS) as connection:
        connection.execute("SELECT 1")
    with socket.socket(socket.AF_UNIX) as valkey:
        valkey.connect(urlsplit(os.environ["REDIS_URL"]).path)
        valkey.sendall(b"PING\r\n")
        if not valkey.recv(16).startswith(b"+PONG"):
            raise click.ClickException("Valkey does not answer")


def create_gate() -> Callable[..., Awaitable[None]]:
    async def gate(_scope: Any, _receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"ok"})

    return gate


def create_app() -> Flask:
    app = Flask(__name__)

    @app.cli.command("worker")
    @click.argument("queue")
    def worker(queue: str) -> None:
        if queue == "slow" and os.fork() == 0:  # as a work horse: a fork in a group of its own
            os.setpgrp()
            note("horse")
            threading.Event().wait()
        touch_servers()
        note(queue)
        click.echo("worker ready")
        threading.Event().wait()

    @app.cli.command("told")
    @click.argument("names", nargs=-1)
    @click.option("--as", "how")
    def told(names: tuple[str, ...], how: str) -> None:
        click.echo(f"{how}: " + " ".join(os.environ.get(name, "-") for name in names))

    @app.cli.group("richmenus")
    def richmenus() -> None: ...

    @richmenus.command("sync")
    def sync() -> None:
        note("richmenus")
        if len((NOTES / "richmenus").read_text().splitlines()) == 1:
            raise click.ClickException("the first try fails, as it does while LINE is away")

    return app
