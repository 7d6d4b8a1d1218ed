"""The only composition root: everything is made here and handed down. Importing another module contacts nothing and
reads no setting; it fills the registries of what the product knows, such as routes and kinds."""

import gc

gc.disable()  # until all is imported: a quarter of the time of that would be spent on looking for what is not needed

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property, partial
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import click
from flask import Flask
from flask.cli import AppGroup
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session, sessionmaker
from werkzeug.exceptions import HTTPException

import bot.commands
import clinics.commands
import customers.commands
import facts.commands
import followups.commands
import loyalty.commands
import privacy.commands
import richmenus.commands
import web.api
import web.http.commands
import web.http.routes
import webhooks.booking.commands
import webhooks.commands
import workers.commands
from bot import routes, staff_notices
from bot.listen import Listener
from bot.routes import Table
from channels import base, followed
from channels.accounts import in_environment
from channels.call import CallChannel
from channels.calls import Calls, Lane
from channels.email.channel import EmailChannel
from channels.email.resend import Resend
from channels.email.smtp import Smtp
from channels.in_app import InAppChannel
from channels.line.channel import LineChannel
from channels.line.client import Access, Line
from channels.line.replies import Replies
from channels.message import Leading
from channels.outbox import Ended, Outbox
from channels.pictures import address
from channels.reports import Report, Reporter
from channels.sms.channel import PROVIDERS, SmsChannel
from customers import meters
from customers.profiles import Asker
from facts import answered
from followups import fates, leaving, news_in_answers, notifications, responses, rides
from followups.kind import kinds
from models import migrations
from models.clinics import Clinic
from models.conversations import OutgoingReply, Send
from privacy import suppressions
from richmenus.link import Linker
from richmenus.sync import shown
from runtime import connections, database, limits, logs, wake
from runtime.addresses import Addresses
from runtime.clock import Clock
from runtime.commands import telling
from runtime.context import Runtime
from runtime.keys import Vault
from runtime.limits import Limits
from runtime.settings import Settings, SettingsRefused, read
from runtime.timing import Timing
from web import counter, dev, gate, home, links, ops, parts, pictures, statics, unsubscribe
from web.door import Door
from web.http import absent, keys, problems
from web.http.application import Application
from web.http.rates import Rates
from web.http.rooms import Api, Room, find
from web.portal import doors as portal
from webhooks import receive
from webhooks.booking.hearing import Hearing
from webhooks.line import LineSource
from webhooks.receipts import Receipts, Reported
from webhooks.source import Source
from workers import calendar
from workers.alone import Alone
from workers.inbox import Handler, Inbox
from workers.jobs import WorkerContext, drain

DEMO_CLINIC = "aura"
"""The clinic whose LINE account the environment may set; it is never written to the database."""


@dataclass(frozen=True)
class Aura:
    """One process of the product. `runtime` is what the web has."""

    flask: Flask
    runtime: Runtime
    engines: list[Engine]
    context_within: Callable[[Limits], WorkerContext]

    @cached_property
    def context(self) -> WorkerContext:
        """What the drains of a quick worker have."""
        return self.context_within(limits.QUICK)


def create_app(settings: Settings | None = None) -> Flask:
    """The application with its commands. Contacts nothing until it is used.

    Where the environment is wrong it ends the process, and says of each bad variable how to mend it.
    """
    return (_made_here() if settings is None else assemble(settings)).flask


def create_gate() -> gate.Gate:
    """What the web server serves: the application behind its gate. Ends the process as `create_app` does."""
    connections.allow()
    return gated(_made_here())


def gated(made: Aura) -> gate.Gate:
    """For one event loop."""
    runtime = made.runtime

    def known() -> frozenset[bytes]:
        with runtime.sessions() as session:
            return keys.known(session)

    settings = runtime.settings
    rates = Rates(settings.redis_url, "wrong-keys", runtime.waker.reach)
    return gate.Gate(made.flask, runtime.timing, Door(settings.trusted_proxies, rates, known))


def _made_here() -> Aura:
    logs.catch_all()
    try:
        settings = read()
    except SettingsRefused as error:
        # Raised as it is, granian and Flask would print all frames.
        raise SystemExit(str(error)) from None
    return assemble(settings)


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
    vault, timing = Vault.from_settings(settings), Timing().scaled(settings.timing_divisor)
    waker, clock = wake.Waker(settings.redis_url, drain, timing), Clock(movable=settings.development)
    engines: list[Engine] = []

    def connected(within: Limits) -> tuple[Engine, sessionmaker[Session]]:
        # Nothing is opened before it is used, so a process has connections under the limits of its own work only.
        engine, sessions = database.connect(settings, vault, within)
        engines.append(engine)
        wake.follow(sessions, waker)
        return engine, sessions

    def runtime(within: Limits) -> Runtime:
        return Runtime(settings, vault, connected(within)[1], clock, waker, timing)

    line = Line(settings.line_api_base, _accounts(settings), timing)
    leading = partial(followed.leading, settings)
    line_channel = LineChannel(line, timing, leading)
    provided = _provided(settings, vault, timing, leading)
    all_channels = base.channels(line_channel, InAppChannel(leading), CallChannel(), *provided.channels, *channels)
    table = routes.build()
    line_source = LineSource(line)
    systems = webhooks.booking.systems(settings.public_url)
    hearing: dict[Source, Handler] = {**{system: Hearing(system) for system in systems}, **provided.sources}
    calls = Calls(timing)
    over_line = calls.of(line_channel.name)

    def context(within: Limits) -> WorkerContext:
        own, alone = runtime(within), Alone()
        lane = _lane(alone, "chat")
        hooks = (partial(_unanswered, clock), _said)
        replies = Replies(own.sessions, line, line_channel, over_line, timing, lane, *hooks)
        listener = Listener(table, replies, partial(address, settings), all_channels)
        heard: dict[Source, Handler] = {line_source: listener, **hearing, **(sources or {})}
        inbox = Inbox(own, {source.name: handler for source, handler in heard.items()}, later=replies.lane.again_in)
        outbox = Outbox(
            own.sessions, all_channels, calls, timing, _lane(alone, "send"), partial(_settled, clock),
            partial(leaving.why_not, clock.now, all_channels),
        )  # fmt: skip
        linker = Linker(own, line, over_line, _lane(alone, "menus"))
        asker = Asker(own, line, over_line, _lane(alone, "profiles"))
        return WorkerContext(own, line, inbox, replies, outbox, linker, asker, alone)

    asked, watched, commanded = runtime(limits.WEB), runtime(limits.HEALTH), context(limits.COMMAND)
    app = Application("aura", static_folder=None)
    # The gate's own, for whoever asks Flask without it.
    app.config.update(MAX_CONTENT_LENGTH=gate.BODY_LIMIT)
    hasty = connected(limits.WEBHOOK)
    app.register_blueprint(receive.blueprint(*hasty, vault, waker, [line_source, *hearing, *(sources or {})]))
    app.register_blueprint(ops.blueprint(watched.sessions, partial(calendar.days_behind, watched), waker.answers))
    app.register_blueprint(pictures.blueprint(asked))
    app.register_blueprint(
        links.blueprint(replace(asked, sessions=hasty[1]), Rates(settings.redis_url, "links", waker.reach))
    )
    leaving_mail = unsubscribe.blueprint(asked, Rates(settings.redis_url, "leave", waker.reach))
    developing = (dev.blueprint(asked), parts.blueprint()) if settings.development else ()
    faces = (counter.blueprint(), home.blueprint(asked), statics.blueprint(), portal.blueprint(asked, all_channels))
    for pages in (leaving_mail, *faces, *developing):
        app.register_blueprint(pages)
    api = Api(find(web.api) if rooms is None else rooms)
    web.http.routes.register(app, asked, api, all_channels)
    app.register_error_handler(HTTPException, problems.of_http)
    for missing in (DBAPIError, PoolTimeout):
        app.register_error_handler(missing, absent.of_database)
    doors = (
        webhooks.booking.commands.commands(asked, systems),
        webhooks.commands.commands(asked, provided.reporters),
    )
    for command in (*workers.commands.commands(commanded, context), *_commands(commanded, table, api), *doors):
        app.cli.add_command(telling(command))
    return Aura(app, asked, engines, context)


def _commands(context: WorkerContext, table: Table, api: Api) -> tuple[click.Command, ...]:
    runtime = context.runtime
    return (
        bot.commands.commands(table),
        clinics.commands.commands(runtime, shown, _said_by_environment(runtime.settings)),
        customers.commands.commands(runtime),
        facts.commands.commands(runtime),
        followups.commands.commands(runtime),
        loyalty.commands.commands(runtime),
        *privacy.commands.commands(runtime),
        richmenus.commands.commands(runtime, context.line),
        web.http.commands.commands(runtime, api.scopes),
        counter.commands(runtime),
        _database_commands(runtime.settings),
    )


def _unanswered(clock: Clock, session: Session, reply: OutgoingReply, push: Send | None) -> None:
    news_in_answers.unanswered(session, reply, push)
    staff_notices.unanswered(session, reply, push)
    answered.unanswered(session, reply, push, clock.now(session))
    rides.unanswered(session, reply, push, clock.now(session))


def _said(session: Session, reply: tuple[UUID, UUID], message_ids: tuple[str, ...]) -> None:
    if (row := session.get(OutgoingReply, reply)) is not None:
        staff_notices.said_in_reply(session, row, message_ids)
        answered.said_in_reply(session, row, message_ids)


def _settled(clock: Clock, session: Session, ended: Sequence[Ended]) -> None:
    """What a rule says carries nothing else, and may be much at once."""
    now, sends = clock.now(session), [one.send for one in ended]
    for send, receipt in ((one.send, one.receipt) for one in ended):
        suppressions.learn(session, send, now)
        if send.reason not in kinds:
            notifications.settled(session, send, now)
            staff_notices.settled(session, send)
            answered.settled(session, send, now)
            if receipt is not None:
                staff_notices.said_in_push(session, send, receipt.message_ids)
            if send.state == "sent" and send.customer_id is None:
                meters.count(session, send, now)
    meters.refused_pushes(session, [send for send in sends if send.reason in kinds], now)
    fates.settled(session, sends, now)


def _reported(channel: str, session: Session, clinic: Clinic, send: Send | None, report: Report, now: datetime) -> None:
    """A provider has told, later, what became of it."""
    if send is not None:
        fates.settled(session, [send], now)
    if send is not None and report.loaded:
        responses.loaded(session, send, now)
    address = send.recipient if send is not None else report.address
    if report.bad_address is not None and address is not None:
        suppressions.add(session, clinic, suppressions.REACHES[channel], address, report.bad_address, now)


def _lane(alone: Alone, name: str) -> Lane[Any]:
    """What lands when its drain has ended has this process drain once more: nobody else knows of it."""
    return Lane(partial(alone.leave, name))


def _accounts(settings: Settings) -> dict[str, Access]:
    secret = settings.line_channel_secret.get_secret_value()
    if not secret:
        return {}
    token = settings.line_bot_token.get_secret_value()
    return {DEMO_CLINIC: Access(settings.line_channel_id, secret, token)}


def _said_by_environment(settings: Settings) -> set[tuple[str, str]]:
    """The secrets that go before those that are kept."""
    said = {"line": _accounts(settings), "sms": settings.sms_provider, "email": settings.smtp_host}
    return {(DEMO_CLINIC, name) for name in clinics.commands.SECRETS if said[name.partition(".")[0]]}


@dataclass(frozen=True)
class Provided:
    """What is sent by providers that a clinic chooses, and what they report of it."""

    channels: Sequence[base.Channel]
    reporters: Sequence[Reporter]
    sources: Mapping[Source, Handler]


def _provided(settings: Settings, vault: Vault, timing: Timing, leading: Leading) -> Provided:
    accounts, addresses = in_environment(settings, DEMO_CLINIC), Addresses(settings)
    reporters: list[Reporter] = [*PROVIDERS.values(), Resend()]
    smtp = Smtp(urlsplit(settings.public_url).hostname or "localhost", timing)
    return Provided(
        [SmsChannel(accounts, addresses, timing, leading), EmailChannel(accounts, smtp, settings, vault, leading)],
        reporters,
        {Receipts(one, accounts, addresses): Reported(one, partial(_reported, one.channel)) for one in reporters},
    )


def _database_commands(settings: Settings) -> AppGroup:
    group = AppGroup("db", help="The database.")

    @group.command("upgrade")
    def upgrade() -> None:
        """Bring the tables to the newest form."""
        migrations.upgrade(settings.database_url, click.echo)

    return group


gc.freeze()  # what has been imported stays until the process ends
gc.enable()
