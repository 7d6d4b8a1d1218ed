"""`flask doctor`: everything that can be wrong, in plain words, each with its cure."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

import click
from redis import Redis
from redis.exceptions import RedisError
from rq import Worker
from sqlalchemy import Connection, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

import channels.fence
from channels.base import ChannelError, Supplied
from channels.line.errors import LineError
from customers import meters
from models import migrations
from models.calendar import CalendarFailure
from models.clinics import Clinic
from models.meters import LineMeter
from runtime import connections, work
from runtime.settings import DEVELOPMENT_KEY
from workers import calendar, fence
from workers.aside import Aside, fault_of
from workers.jobs import WorkerContext
from workers.serve import QUEUES

OLDEST_POSTGRESQL = 150_000
PATIENCE = timedelta(minutes=1)
"""How long work may be overdue before something is wrong."""

ONLY_URGENT = (
    "a larger LINE plan; until the month is over staff are pushed only what is urgent, the rest goes in answers"
)


@dataclass(frozen=True)
class Finding:
    """`cure`: what to do about it; empty when it is well."""

    about: str
    says: str
    cure: str = ""


Check = Callable[[WorkerContext], Iterator[Finding]]


def command(context: WorkerContext) -> click.Command:
    @click.command("doctor")
    def doctor() -> None:
        """Look at everything that can be wrong, and say the cure. Status 1 when something is."""
        wrong = 0
        for finding in _findings(context):
            click.echo(f"{'WRONG' if finding.cure else 'ok':<6}{finding.about}: {finding.says}")
            if finding.cure:
                click.echo(f"      do: {finding.cure}")
                wrong += 1
        if wrong:
            raise click.exceptions.Exit(1)

    return doctor


def _findings(context: WorkerContext) -> Iterator[Finding]:
    """A check that breaks is a finding too, and the others go on."""
    checks = (
        _settings, _files, _database, _fence, _redis, _clinics, _calendar, _queues, _line, _messages, _senders
    )  # fmt: skip
    for check in checks:
        try:
            yield from check(context)
        except Exception as error:  # noqa: BLE001 - whoever asks a doctor wants to hear of everything
            about = check.__name__.strip("_")
            yield Finding(about, f"could not be looked at ({type(error).__name__})", "see to what is wrong above first")


def _settings(context: WorkerContext) -> Iterator[Finding]:
    settings = context.runtime.settings
    public = urlsplit(settings.public_url)
    here = public.hostname in ("127.0.0.1", "localhost", "::1")
    if settings.development and not here:
        yield Finding(
            "settings", f"APP_ENV is development, and PUBLIC_URL is {settings.public_url}",
            "set APP_ENV=production: development opens the clock and demo endpoints to everybody",
        )  # fmt: skip
    elif not settings.development and public.scheme != "https":
        yield Finding(
            "settings", f"PUBLIC_URL is {settings.public_url}", "give it an https:// address: LINE takes no other"
        )
    else:
        yield Finding("settings", f"{settings.app_env} at {settings.public_url}")
    keys = [*settings.secret_keys.get_secret_value().split(","), settings.index_key.get_secret_value()]
    if DEVELOPMENT_KEY in [key.strip() for key in keys] and not here:
        yield Finding("keys", "a development key is in use", "make real ones with `flask --app app keys new`")


def _files(_context: WorkerContext) -> Iterator[Finding]:
    most = connections.most_files()
    if most < connections.FILES:
        yield Finding(
            "open files", f"at most {most} for this account",
            f"allow the web server {connections.FILES} (`ulimit -Hn`, systemd's LimitNOFILE, a container's ulimits)",
        )  # fmt: skip
    else:
        yield Finding("open files", "enough for the web server")


def _database(context: WorkerContext) -> Iterator[Finding]:
    try:
        with context.runtime.sessions() as session:
            yield from _of_database(session.connection())
    except (DBAPIError, PoolTimeout) as error:
        cure = "start PostgreSQL, or correct DATABASE_URL (host, port, user, password, database); then ask again"
        yield Finding("database", f"could not be looked at ({type(error).__name__})", cure)


def _of_database(connection: Connection) -> Iterator[Finding]:
    number, version, read_only = connection.exec_driver_sql(
        "SELECT current_setting('server_version_num')::int, current_setting('server_version'),"
        " current_setting('transaction_read_only') = 'on'"
    ).one()
    if read_only:
        yield Finding("database", "it can only be read", "is it a standby, or `default_transaction_read_only` set?")
    if number < OLDEST_POSTGRESQL:
        yield Finding("database", f"PostgreSQL {version}", "use PostgreSQL 15 or newer")
    else:
        yield Finding("database", f"PostgreSQL {version}")
    has, newest = migrations.revisions(connection)
    if has == newest:
        yield Finding("tables", f"at {has}, the newest")
    else:
        yield Finding("tables", f"at {has or 'nothing'}, not {newest}", "run `flask --app app db upgrade`")


def _fence(context: WorkerContext) -> Iterator[Finding]:
    with context.runtime.sessions.begin() as session:
        found = channels.fence.stands(session)
    yield Finding("fence", fence.SAYS, fence.CURE) if found else Finding("fence", "messages to customers may leave")


def _redis(context: WorkerContext) -> Iterator[Finding]:
    try:
        redis = Redis.from_url(context.runtime.settings.redis_url, socket_timeout=2, socket_connect_timeout=2)
    except ValueError as error:
        yield Finding("redis", f"REDIS_URL cannot be used ({type(error).__name__})", "correct REDIS_URL")
        return
    with redis:
        try:
            redis.set("doctor", 1, px=1_000)  # a write: one that is full answers reads
        except (RedisError, OSError, TypeError) as error:  # TypeError: an option of the address that Redis has not
            cure = (
                "start it, give it memory, or correct REDIS_URL; until then workers look each second, and answers go on"
            )
            yield Finding("redis", f"takes nothing ({type(error).__name__})", cure)
            return
        yield Finding("redis", "reached")
        served = {name for worker in Worker.all(connection=redis) for name in worker.queue_names()}
    for queue in QUEUES:
        if queue in served:
            yield Finding(f"worker {queue}", "at work")
        else:
            yield Finding(f"worker {queue}", "there is none", f"start `flask --app app worker {queue}`")


def _clinics(context: WorkerContext) -> Iterator[Finding]:
    """Their settings, their data key under the ring, their credentials."""
    cures = {
        "settings": "correct what stands there; `flask --app app work` tells when it is back",
        "data_key": "put the key back that SECRET_KEYS held when it was made, behind the newest; where its bytes were "
        "changed, restore clinics.data_key from a backup. Till then its webhooks are answered 503, and LINE sends them "
        "again for some time only",
        "line_credentials": "store the clinic's LINE credentials again, without blanks or line breaks",
    }
    Aside(context.runtime, context.line).look_at_all()
    with context.runtime.sessions() as session:
        clinics = session.scalars(select(Clinic).order_by(Clinic.slug)).all()
        for clinic in clinics:
            fault = fault_of(clinic, context.line)
            if fault is None:
                yield Finding(f"clinic {clinic.slug}", "can be read")
            else:
                yield Finding(f"clinic {clinic.slug}", f"is set aside: {fault}", cures[fault.partition(":")[0]])


def _calendar(context: WorkerContext) -> Iterator[Finding]:
    with context.runtime.sessions() as session:
        behind = calendar.behind(context.runtime, session)
        broken = session.scalars(select(CalendarFailure.job).where(CalendarFailure.next_try_at.is_not(None))).all()
    if behind:
        first = behind[0]
        yield Finding(
            "calendar", f"{len(behind)} days of jobs are due, such as {first.name} of {first.day} for {first.slug}",
            "is `flask --app app worker slow` running? it makes up what was missed,"
            " of a clinic that is set aside once it is mended",
        )  # fmt: skip
    else:
        yield Finding("calendar", "nothing is due")
    if broken:
        jobs = ", ".join(sorted(set(broken)))
        yield Finding("daily jobs", f"{len(broken)} rows broke ({jobs})", "see `flask --app app work show calendar`")


def _queues(context: WorkerContext) -> Iterator[Finding]:
    with context.runtime.sessions() as session:
        totals = {(name, state): (rows, overdue) for name, state, rows, overdue in work.totals(session)}
    for name in work.queues:
        if name != "calendar":
            waiting, overdue = totals[name, "waiting"]
            yield _queue(name, waiting, overdue, totals[name, "dead"][0] + totals[name, "unknown"][0])


def _queue(name: str, waiting: int, overdue: float, stuck: int) -> Finding:
    says = f"{waiting} wait, {stuck} are stuck"
    # Their times are business time, which may stand ahead.
    if overdue > PATIENCE.total_seconds() and name not in ("notifications", "staff_notices", "appointments"):
        return Finding(f"queue {name}", f"{says}; the oldest for {overdue:.0f} seconds", "is its worker running?")
    if stuck:
        return Finding(f"queue {name}", says, f"see `flask --app app work show {name}`, then retry or drop")
    return Finding(f"queue {name}", says)


def _messages(context: WorkerContext) -> Iterator[Finding]:
    """What LINE has told of each clinic's month."""
    with context.runtime.sessions() as session:
        now = context.runtime.clock.now(session)
        for clinic in session.scalars(select(Clinic).order_by(Clinic.slug)).all():
            meter = session.get(LineMeter, clinic.id)
            if meter is None or meter.read_at is None or fault_of(clinic, context.line) is not None:
                continue
            of = "without limit" if meter.allowed is None else f"of {meter.allowed:,}"
            kept = meters.kept_back(session, clinic, meter, now)
            says = f"{meter.used:,} {of} used, {meter.staff:,} by pushes to the staff, {kept:,} kept back"
            enough = meters.enough(session, clinic, now)
            yield Finding(f"messages {clinic.slug}", says, "" if enough else ONLY_URGENT)


def _line(context: WorkerContext) -> Iterator[Finding]:
    with context.runtime.sessions() as session:
        clinics = session.scalars(select(Clinic).order_by(Clinic.slug)).all()
        accounts = [
            (clinic.slug, context.line.access(clinic)) for clinic in clinics if fault_of(clinic, context.line) is None
        ]
    for slug, access in accounts:
        about, ours = f"line {slug}", f"{context.runtime.settings.public_url.rstrip('/')}/webhooks/line/{slug}"
        if not access.token and not (access.channel_id and access.secret):
            yield Finding(about, "no credentials", "store the channel's id and secret, or its token")
            continue
        try:
            path = "/v2/bot/channel/webhook/endpoint"
            known = context.line.call(access, "GET", path, name="webhook_read").data
        except LineError as error:
            cure = "is the machine online?" if error.fault == "away" else "correct the channel's id, secret or token"
            yield Finding(about, f"does not let us in ({error.fault})", cure)
            continue
        if known.get("endpoint") != ours:
            yield Finding(about, "its webhook goes elsewhere", f"set it to {ours} in the LINE Developers console")
        elif not known.get("active"):
            yield Finding(about, "its webhook is switched off", "switch on *Use webhook* in LINE's console")
        else:
            yield Finding(about, "lets us in, and its webhook comes here")


def _senders(context: WorkerContext) -> Iterator[Finding]:
    """By what each clinic sends besides LINE."""
    channels_ = [context.outbox.channels[name] for name in context.outbox.channels]
    supplied = [channel for channel in channels_ if isinstance(channel, Supplied)]
    with context.runtime.sessions() as session:
        clinics = session.scalars(select(Clinic).order_by(Clinic.slug)).all()
        whole = [clinic for clinic in clinics if fault_of(clinic, context.line) is None]
        accounts = [(channel, clinic, channel.lacks(clinic)) for clinic in whole for channel in supplied]
    for channel, clinic, lacks in accounts:
        yield _sender(channel, clinic, lacks)


def _sender(channel: Supplied, clinic: Clinic, lacks: Sequence[str] | None) -> Finding:
    about = f"{channel.name} {clinic.slug}"
    if lacks is None:
        return Finding(about, "none is sent, no provider is chosen")
    if lacks:
        cure = f"secrets by `flask --app app clinics secret {clinic.slug} …`, the rest in the clinic's file"
        return Finding(about, f"none is sent, this is missing: {', '.join(lacks)}", cure)
    try:
        if not channel.knock(clinic):
            return Finding(about, "its account is whole; whether the key is right the first message shows")
    except ChannelError as error:
        cure = "correct its host, port, user or password; docs/operations.md says what this word means"
        return Finding(about, f"its server does not let us in ({error})", cure)
    return Finding(about, "can be sent")
