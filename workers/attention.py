"""`flask work`: what waits, what is stuck, and a person's word on it."""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from typing import Any

import click
from flask.cli import AppGroup
from sqlalchemy import Text, cast, func, select, update
from sqlalchemy.orm import Session

from channels.line.client import Line
from models.clinics import Clinic
from runtime import wake, work
from runtime.clock import database_now
from runtime.context import Runtime
from workers import calendar
from workers.aside import Aside

SHOWN = 50
HELP = """What waits and what is stuck, by clinic and queue; clinics that are set aside; what of the calendar is due.

DEAD has failed for good; of UNKNOWN nobody can say whether it was done. OLDEST is how long something is overdue.
"""
REFERENCE = re.compile(r"[0-9a-f]{8,32}")
"""The id of a row, or its last eight letters: the reference that a customer was given."""
COLUMNS = "{:<16}{:<15}{:>9}{:>10}{:>8}{:>9}"


def commands(runtime: Runtime, line: Line) -> AppGroup:
    @click.pass_context
    def overview(context: click.Context) -> None:
        if context.invoked_subcommand is None:
            Aside(runtime, line).look_at_all()
            with runtime.sessions() as session:
                lines = list(_overview(runtime, session))
            click.echo("\n".join(lines or ["Nothing waits, nothing is stuck, every clinic is at work."]))

    group = AppGroup("work", callback=overview, invoke_without_command=True, help=HELP)
    queue = click.argument("queue", type=click.Choice(list(work.queues)))
    row = click.argument("row", metavar="ID")

    @group.command("show")
    @queue
    def show(queue: str) -> None:
        """List what is stuck in QUEUE, with its ids and why."""
        with runtime.sessions() as session:
            lines = list(_stuck(session, queue))
        click.echo("\n".join(lines or [f"Nothing is stuck in {queue}."]))

    @group.command("retry")
    @queue
    @row
    def retry(queue: str, row: str) -> None:
        """Have what is stuck in QUEUE under ID done after all. A send or an answer of unknown outcome may arrive twice.

        ID is the row's, or its last eight letters.
        """
        _settle(runtime, queue, row, lambda its: its.retry, wakes=True)
        click.echo(f"{row} is tried again.")

    @group.command("drop")
    @queue
    @row
    @click.option("--reason", required=True, help="Why it is given up; kept with the row. Name nobody in it.")
    def drop(queue: str, row: str, reason: str) -> None:
        """Give up what is stuck in QUEUE under ID. ID is the row's, or its last eight letters."""
        if not reason.strip():
            raise click.UsageError("Say with --reason why it is given up.")
        _settle(runtime, queue, row, lambda its: its.drop(f"{work.DROPPED}: {reason.strip()}"), wakes=False)
        click.echo(f"{row} is given up.")

    return group


def _overview(runtime: Runtime, session: Session) -> Iterator[str]:
    clinics = {clinic.id: clinic for clinic in session.scalars(select(Clinic).order_by(Clinic.slug))}
    now = database_now(session)
    rows: dict[tuple[str, str], dict[str, work.Count]] = {}
    for one in work.counted(session):
        rows.setdefault((clinics[one.clinic_id].slug, one.queue), {})[one.state] = one
    if rows:
        yield COLUMNS.format("CLINIC", "QUEUE", "WAITING", "OLDEST", "DEAD", "UNKNOWN")
    for (slug, queue), states in sorted(rows.items()):
        waiting, dead, unknown = (states.get(state) for state in ("waiting", "dead", "unknown"))
        oldest = _since(waiting.oldest, now) if waiting else ""
        counts = [one.rows if one else "" for one in (waiting, dead, unknown)]
        yield COLUMNS.format(slug, queue, counts[0], oldest, counts[1], counts[2])
    for clinic in clinics.values():
        if clinic.aside_reason is not None:
            yield f"{clinic.slug} is set aside since {clinic.aside_since:%Y-%m-%d %H:%M} UTC: {clinic.aside_reason}"
    days: dict[tuple[str, str], list[date]] = {}
    for missed in calendar.behind(runtime, session):
        days.setdefault((missed.slug, missed.name), []).append(missed.day)
    for (slug, job), open_ in days.items():
        more = f" and {len(open_) - 1} more days" if len(open_) > 2 else " and one more day" if len(open_) == 2 else ""
        yield f"{slug} is behind: {job} of {min(open_)}{more}"


def _since(moment: datetime | None, now: datetime) -> str:
    """How long ago, in the largest whole unit; nothing for what is not due yet."""
    seconds = int((now - moment).total_seconds()) if moment is not None else 0
    for unit, length in (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1)):
        if seconds >= length:
            return f"{seconds // length} {unit}"
    return ""


def _stuck(session: Session, name: str) -> Iterator[str]:
    queue = work.queues[name]
    found = session.execute(
        select(queue.id_, Clinic.slug, queue.error)
        .join(Clinic, Clinic.id == queue.clinic_id)
        .where(queue.stuck)
        .order_by(queue.id_)
        .limit(SHOWN)
    )
    for id_, slug, error in found:
        yield f"{id_}  {slug:<16}{error or ''}"


def _settle(
    runtime: Runtime, name: str, given: str, values: Callable[[work.Queue], Mapping[Any, Any]], *, wakes: bool
) -> None:
    queue, reference = work.queues[name], given.replace("-", "").lower()
    if not REFERENCE.fullmatch(reference):
        raise click.UsageError(f"{given!r} is no id: give it as `flask work show {name}` does, or its last 8 letters.")
    with runtime.sessions.begin() as session:
        ends = func.replace(cast(queue.id_, Text), "-", "").endswith(reference)
        found = session.execute(select(queue.id_, queue.clinic_id).where(queue.stuck, ends).distinct()).all()
        if len(found) != 1:
            many = "Several rows end like this: give the whole id." if found else "Nothing that is stuck has this id."
            raise click.ClickException(f"{many} `flask work show {name}` lists what is.")
        ((id_, clinic_id),) = found
        session.execute(
            update(queue.id_.class_)
            .where(queue.id_ == id_, queue.clinic_id == clinic_id, queue.stuck)
            .values(values(queue))
            .execution_options(synchronize_session=False)
        )
        if wakes:
            wake.after(session, queue.wake)
