"""The only composition root: everything is made here and handed down. Importing any other module changes nothing."""

from collections.abc import Iterable

import click
from flask import Flask
from flask.cli import AppGroup
from werkzeug.exceptions import HTTPException

import bot.commands
import loyalty.commands
import richmenus.commands
import web.api
import web.http.commands
import web.http.rooms
import webhooks.line
import workers.commands
from bot import routes
from channels.line.client import Access, Line
from channels.line.replies import Breaker
from models import migrations
from runtime import database, logs, wake
from runtime.clock import Clock
from runtime.keys import Vault, new_key
from runtime.settings import Settings
from web import dev, ops, pictures
from web.http import problems
from web.http.rooms import Room
from workers.inbox import Ears
from workers.jobs import Hands

WEBHOOK_SECONDS = 1.0
"""How long a webhook waits for a database that has stopped answering: LINE itself waits two."""
DEMO_CLINIC = "aura"
"""The clinic whose LINE account the environment may set; it is never written to the database."""


def create_app(settings: Settings | None = None, *, rooms: Iterable[Room] | None = None) -> Flask:
    """The application with its commands. Contacts nothing until it is used. Raises `ValueError` for bad settings.

    `rooms` are those of the API; else all that `web/api` has.
    """
    settings = settings or Settings()
    logs.configure(development=settings.development)
    app = Flask("aura", static_folder=None)
    app.config.update(SETTINGS=settings, MAX_CONTENT_LENGTH=webhooks.line.BODY_LIMIT)

    vault = Vault.from_settings(settings)
    engine, sessions = database.connect(settings, vault)
    waker = wake.Waker(settings.redis_url)
    wake.follow(sessions, waker)
    clock = Clock(movable=settings.development)
    line = Line(settings.line_api_base, _accounts(settings))
    app.extensions["hands"] = Hands(Ears(sessions, clock, line, routes.build(), Breaker()), waker)

    hasty, hasty_sessions = database.connect(settings, vault, patience=WEBHOOK_SECONDS)
    app.extensions["engines"] = (engine, hasty)
    app.register_blueprint(webhooks.line.blueprint(hasty, hasty_sessions, vault, line, waker))
    app.register_blueprint(ops.blueprint(engine))
    app.register_blueprint(pictures.blueprint(sessions, clock, settings))
    if settings.development:
        app.register_blueprint(dev.blueprint(sessions, clock, waker))
    web.http.rooms.register(app, sessions, clock, settings, web.http.rooms.find(web.api) if rooms is None else rooms)
    app.register_error_handler(HTTPException, problems.of_http)
    for command in (
        bot.commands.bot,
        bot.commands.customers,
        bot.commands.groups,
        loyalty.commands.points,
        richmenus.commands.richmenus,
        web.http.commands.api_keys,
        workers.commands.worker,
        workers.commands.cron,
    ):
        app.cli.add_command(command)
    app.cli.add_command(_database_commands(settings))
    app.cli.add_command(_key_commands())
    return app


def _accounts(settings: Settings) -> dict[str, Access]:
    secret = settings.line_channel_secret.get_secret_value()
    if not secret:
        return {}
    token = settings.line_bot_token.get_secret_value()
    return {DEMO_CLINIC: Access(settings.line_channel_id, secret, token)}


def _database_commands(settings: Settings) -> AppGroup:
    group = AppGroup("db", help="The database.")

    @group.command("upgrade")
    def upgrade() -> None:
        """Bring the tables to the newest form."""
        migrations.upgrade(settings.database_url)

    return group


def _key_commands() -> AppGroup:
    group = AppGroup("keys", help="Keys for SECRET_KEYS and INDEX_KEY.")

    @group.command("new")
    def new() -> None:
        """Print a fresh key."""
        click.echo(new_key())

    return group
