"""Stands in for the product where the supervisor is tested: its commands, doing just what shows that they ran."""

import os
import socket
import threading
import time
from pathlib import Path
from urllib.parse import urlsplit

import click
import psycopg
from flask import Flask

NOTES = Path(os.environ["STANDIN_NOTES"])


def note(what: str) -> None:
    with (NOTES / what).open("a") as file:
        file.write(f"{os.getpid()}\n")


def touch_servers() -> None:
    address = os.environ["DATABASE_URL"].replace("postgresql+psycopg://", "postgresql://", 1)
    with psycopg.connect(address) as connection:
        connection.execute("SELECT 1")
    with socket.socket(socket.AF_UNIX) as valkey:
        valkey.connect(urlsplit(os.environ["REDIS_URL"]).path)
        valkey.sendall(b"PING\r\n")
        if not valkey.recv(16).startswith(b"+PONG"):
            raise click.ClickException("Valkey does not answer")


def create_app() -> Flask:
    app = Flask(__name__)

    @app.get("/healthz")
    def healthz() -> str:
        return "ok"

    @app.cli.command("worker")
    @click.argument("queue")
    def worker(queue: str) -> None:
        if queue == "slow" and os.fork() == 0:  # as a work horse: a fork in a group of its own
            os.setpgrp()
            note("horse")
            threading.Event().wait()
        touch_servers()
        note(queue)
        threading.Event().wait()

    @app.cli.command("cron")
    def cron() -> None:
        note("cron")
        threading.Event().wait()

    @app.cli.group("db")
    def db() -> None: ...

    @db.command("upgrade")
    def upgrade() -> None:
        touch_servers()
        note("upgrade")
        time.sleep(float(os.environ.get("STANDIN_UPGRADE_SECONDS", "0")))
        if os.environ.get("STANDIN_UPGRADE_FAILS"):
            raise click.ClickException("the stand-in was told to fail")

    @app.cli.group("richmenus")
    def richmenus() -> None: ...

    @richmenus.command("sync")
    def sync() -> None:
        note("richmenus")
        if len((NOTES / "richmenus").read_text().splitlines()) == 1:
            raise click.ClickException("the first try fails, as it does while LINE is away")

    return app
