"""`flask booking`: what became of the events of the booking systems, and doing them once more."""

import re
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import click
from flask.cli import AppGroup
from sqlalchemy import ColumnElement, Text, cast, func, select, update
from sqlalchemy.orm import Session

from models.clinics import Clinic
from models.conversations import InboxEvent
from runtime import wake
from runtime.clock import DATABASE_NOW
from runtime.context import Runtime
from webhooks.booking.hearing import ELSEWHERE, UNMAPPED
from webhooks.booking.system import System

SHOWN = 50
REFERENCE = re.compile("[0-9a-f]{8}|[0-9a-f]{32}")
"""The last eight letters of an event's id, or all of it."""
ENDED = ("done", "ignored", "dead")


def commands(runtime: Runtime, systems: list[System]) -> AppGroup:
    names = [system.name for system in systems]
    group = AppGroup("booking", help="Events of the booking systems.")
    of_source = click.option("--source", type=click.Choice(names), help="Of this system only.")

    @group.command("events")
    @click.argument("slug")
    @of_source
    def events(slug: str, source: str | None) -> None:
        """How many of the last 30 days' events of the clinic SLUG were done, passed over or given up, and why."""
        with runtime.sessions() as session:
            lines = list(_counted(session, _wanted(session, slug, names, source)))
        click.echo("\n".join(lines or ["Nothing has come."]))

    @group.command("list")
    @click.argument("slug")
    @of_source
    @click.option("--state", type=click.Choice(ENDED), help="Only these. Left out: all but what was simply done.")
    @click.option("--reason", help="Only those with this reason.")
    @click.option("--most", type=click.IntRange(1, 1_000), default=SHOWN, show_default=True)
    def list_(slug: str, source: str | None, state: str | None, reason: str | None, most: int) -> None:
        """Each event of the clinic SLUG that was passed over, given up, or done with something missing, newest first.

        When it came (UTC), its system and type, its state and why, and the id by which `replay --event` does it again.
        """
        with runtime.sessions() as session:
            wanted = _wanted(session, slug, names, source)
            chosen = InboxEvent.state == state if state else InboxEvent.state.in_(ENDED)
            why = InboxEvent.reason == reason if reason else InboxEvent.reason.is_not(None)
            lines = list(_listed(session, (*wanted, chosen) if state and not reason else (*wanted, chosen, why), most))
        click.echo("\n".join(lines or ["There are none."]))

    @group.command("replay")
    @click.argument("slug")
    @of_source
    @click.option("--reason", help=f"Those with this reason, as `list` shows it. Left out: {UNMAPPED} and {ELSEWHERE}.")
    @click.option("--event", metavar="ID", help="This one only, by its id or the last eight letters of it.")
    def replay(slug: str, source: str | None, reason: str | None, event: str | None) -> None:
        """Do events of the clinic SLUG once more, after what was wrong was mended: what is known stays."""
        with runtime.sessions.begin() as session:
            wanted = _wanted(session, slug, names, source)
            chosen = _called(event) if event else InboxEvent.reason.in_([reason] if reason else [UNMAPPED, ELSEWHERE])
            many = _again(session, (*wanted, chosen))
        click.echo(f"{many} {'event is' if many == 1 else 'events are'} done once more.")

    return group


def _again(session: Session, wanted: tuple[ColumnElement[bool], ...]) -> int:
    again = {"state": "new", "attempts": 0, "holds": False, "due_at": DATABASE_NOW, "reason": None}
    kept = InboxEvent.state.in_(ENDED), InboxEvent.raw_sealed.is_not(None)
    changed = session.scalars(update(InboxEvent).where(*wanted, *kept).values(again).returning(InboxEvent.id)).all()
    if changed:
        wake.after(session, "chat")
    return len(changed)


def _counted(session: Session, wanted: tuple[ColumnElement[bool], ...]) -> Iterator[str]:
    by = InboxEvent.source, InboxEvent.type, InboxEvent.state, InboxEvent.reason
    many, newest = func.count().label("many"), func.max(InboxEvent.received_at).label("newest")
    counted = select(*by, many, newest).where(*wanted).group_by(*by)
    for row in session.execute(counted.order_by(InboxEvent.source, InboxEvent.state, InboxEvent.type)):
        last = f"the last {row.newest:%Y-%m-%d %H:%M}"
        yield f"{row.source} {row.type}, {row.many} {_became(row)} ({last})"


def _listed(session: Session, wanted: tuple[ColumnElement[bool], ...], most: int) -> Iterator[str]:
    columns = InboxEvent.id, InboxEvent.source, InboxEvent.type, InboxEvent.state, InboxEvent.reason
    kept = InboxEvent.raw_sealed.is_not(None).label("kept")
    found = select(*columns, InboxEvent.received_at, kept).where(*wanted)
    newest = found.order_by(InboxEvent.received_at.desc(), InboxEvent.arrival.desc()).limit(most)
    for row in session.execute(newest):
        again = row.id.hex[-8:] if row.kept else "forgotten: not again"
        yield f"{row.received_at:%Y-%m-%d %H:%M}  {row.source} {row.type}, {_became(row)}  [{again}]"


def _became(row: Any) -> str:
    return f"{row.state}: {row.reason}" if row.reason else row.state


def _called(given: str) -> ColumnElement[bool]:
    reference = given.replace("-", "").lower()
    if not REFERENCE.fullmatch(reference):
        raise click.UsageError(f"{given!r} is no id: give it as `flask booking list` does.")
    return func.replace(cast(InboxEvent.id, Text), "-", "").endswith(reference)


def _wanted(session: Session, slug: str, names: list[str], source: str | None) -> tuple[ColumnElement[bool], ...]:
    clinic: UUID | None = session.scalars(select(Clinic.id).where(Clinic.slug == slug)).one_or_none()
    if clinic is None:
        raise click.ClickException(f"There is no clinic {slug!r}.")
    return InboxEvent.clinic_id == clinic, InboxEvent.source.in_([source] if source else names)
