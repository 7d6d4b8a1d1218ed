"""`flask booking`: what became of the events of the booking systems, and doing them once more."""

from uuid import UUID

import click
from flask.cli import AppGroup
from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import Session

from models.clinics import Clinic
from models.conversations import InboxEvent
from runtime import wake
from runtime.clock import DATABASE_NOW
from runtime.context import Runtime
from webhooks.booking.hearing import UNMAPPED
from webhooks.booking.system import System


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
            wanted = _wanted(session, slug, names, source)
            counted = (
                select(
                    InboxEvent.source,
                    InboxEvent.type,
                    InboxEvent.state,
                    InboxEvent.reason,
                    func.count().label("many"),
                    func.max(InboxEvent.received_at).label("newest"),
                )
                .where(*wanted)
                .group_by(InboxEvent.source, InboxEvent.type, InboxEvent.state, InboxEvent.reason)
                .order_by(InboxEvent.source, InboxEvent.state, InboxEvent.type)
            )
            rows = session.execute(counted).all()
        for row in rows:
            reason = f": {row.reason}" if row.reason else ""
            click.echo(
                f"{row.source} {row.type}, {row.many} {row.state}{reason} (the last {row.newest:%Y-%m-%d %H:%M})"
            )
        if not rows:
            click.echo("Nothing has come.")

    @group.command("replay")
    @click.argument("slug")
    @of_source
    @click.option("--reason", default=UNMAPPED, show_default=True, help="Those with this reason, as `events` shows it.")
    def replay(slug: str, source: str | None, reason: str) -> None:
        """Do events of the clinic SLUG once more, after what was wrong was mended: what is known stays."""
        with runtime.sessions.begin() as session:
            wanted = _wanted(session, slug, names, source)
            again = {"state": "new", "attempts": 0, "holds": False, "due_at": DATABASE_NOW, "reason": None}
            ended = InboxEvent.state.in_(("done", "ignored", "dead")), InboxEvent.reason == reason
            kept = InboxEvent.raw_sealed.is_not(None)
            changed = session.scalars(
                update(InboxEvent).where(*wanted, *ended, kept).values(again).returning(InboxEvent.id)
            ).all()
            if changed:
                wake.after(session, "chat")
        click.echo(f"{len(changed)} {'event is' if len(changed) == 1 else 'events are'} done once more.")

    return group


def _wanted(session: Session, slug: str, names: list[str], source: str | None) -> tuple[ColumnElement[bool], ...]:
    clinic: UUID | None = session.scalars(select(Clinic.id).where(Clinic.slug == slug)).one_or_none()
    if clinic is None:
        raise click.ClickException(f"There is no clinic {slug!r}.")
    return InboxEvent.clinic_id == clinic, InboxEvent.source.in_([source] if source else names)
