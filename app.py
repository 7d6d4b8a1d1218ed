"""The only composition root: everything is made here and handed down. Importing another module contacts nothing and
reads no setting; it fills the registries of what the product knows, such as routes and kinds."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from flask import Flask
from flask.cli import AppGroup
from sqlalchemy import Engine
from werkzeug.exceptions import HTTPException

import bot.commands
import customers.commands
import facts.commands
import loyalty.commands
import privacy.commands
import richmenus.commands
import web.api
import web.http.commands
import web.http.routes
import workers.commands
from bot import routes
from bot.listen import Listener
from channels import base
from channels.line.channel import LineChannel
from channels.line.client import Access, Line
from channels.line.replies import Breaker, Replies
from channels.outbox import Outbox
from channels.pictures import address
from followups import notifications
from models import migrations
from runtime import database, logs, wake
from runtime.clock import Clock
from runtime.context import Runtime
from runtime.keys import Vault
from runtime.settings import Settings, SettingsRefused, read
from runtime.timing import Timing
from web import dev, ops, pictures
from web.http import problems
from web.http.application import Application
from web.http.rooms import Api, Room, find
from webhooks import receive
from webhooks.line import LineSource
from webhooks.source import Source
from workers import calendar
from workers.inbox import Handler, Inbox
from workers.jobs import WorkerContext, drain

WEBHOOK_SECONDS = 1.0
"""How long a webhook waits for a database that has stopped answering: LINE itself waits two."""
DEMO_CLINIC = "aura"
"""The clinic whose LINE account the environment may set; it is never written to the database."""


@dataclass(frozen=True)
class Aura:
    """One process of the product."""

    flask: Flask
    runtime: Runtime
    context: WorkerContext
    engines: tuple[Engine, ...]


def create_app(settings: Settings | None = None) -> Flask:
    """The application with its commands. Contacts nothing until it is used.

    Where the environment is wrong it ends the process, and says of each bad variable how to mend it.
    """
    if settings is None:
        logs.catch_all()
        try:
            settings = read()
        except SettingsRefused as error:
            # Raised as it is, granian and Flask would print all frames.
            raise SystemExit(str(error)) from None
    return assemble(settings).flask


def assemble(
    settings: Settings,
    *,
    sources: Mapping[Source, Handler] | None = None,
    channels: Sequence[base.Channel] = (),
    rooms: Iterable[Room] | None = None,
) -> Aura:
    """The product's parts, put together.

    `sources` and `channels`: more of them than the product's own. `rooms`: those of the API, else all of `web/api`.
    """
    logs.configure(development=settings.development)
    vault = Vault.from_settings(settings)
    engine, sessions = database.connect(settings, vault)
    hasty, hasty_sessions = database.connect(settings, vault, patience=WEBHOOK_SECONDS)
    timing = Timing().scaled(settings.timing_divisor)
    waker = wake.Waker(settings.redis_url, drain, timing)
    wake.follow(sessions, waker)
    runtime = Runtime(settings, vault, sessions, Clock(movable=settings.development), waker, timing)

    line = Line(settings.line_api_base, _accounts(settings), timing)
    line_channel = LineChannel(line, timing)
    all_channels = base.channels(line_channel, *channels)
    table = routes.build()
    replies = Replies(sessions, line, line_channel, Breaker(timing.reply_rest), timing)
    listener = Listener(table, replies, partial(address, settings))
    heard: dict[Source, Handler] = {LineSource(line): listener, **(sources or {})}
    inbox = Inbox(runtime, {source.name: handler for source, handler in heard.items()})
    context = WorkerContext(
        runtime, line, inbox, replies, Outbox(sessions, all_channels, timing, notifications.settled)
    )

    app = Application("aura", static_folder=None)
    app.config.update(MAX_CONTENT_LENGTH=receive.BODY_LIMIT)
    app.register_blueprint(receive.blueprint(hasty, hasty_sessions, vault, waker, list(heard)))
    app.register_blueprint(ops.blueprint(engine, partial(calendar.days_behind, runtime)))
    app.register_blueprint(pictures.blueprint(runtime))
    if settings.development:
        app.register_blueprint(dev.blueprint(runtime))
    api = Api(find(web.api) if rooms is None else rooms)
    web.http.routes.register(app, runtime, api)
    app.register_error_handler(HTTPException, problems.of_http)
    for command in (
        bot.commands.commands(table),
        customers.commands.commands(runtime),
        facts.commands.commands(runtime),
        loyalty.commands.commands(runtime),
        richmenus.commands.commands(runtime, line),
        web.http.commands.commands(runtime, api.scopes),
        *workers.commands.commands(context),
        _database_commands(settings),
        privacy.commands.commands(runtime),
    ):
        app.cli.add_command(command)
    return Aura(app, runtime, context, (engine, hasty))


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
