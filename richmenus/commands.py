"""`flask richmenus`: what an operator, or the start of everything, does with the menus."""

import click
from flask.cli import AppGroup
from sqlalchemy import select

from channels.line.client import Access, Line
from channels.line.errors import LineError
from models.clinics import Clinic
from richmenus.sync import Busy, sync
from runtime.context import Runtime
from runtime.keys import CannotOpen


def commands(runtime: Runtime, line: Line) -> AppGroup:
    group = AppGroup("richmenus", help="The menus under the chat.")

    @group.command("sync")
    @click.option("--clinic", "slug", help="Only the clinic with this slug.")
    def sync_command(slug: str | None) -> None:
        """Bring LINE's menus to what this version draws. Safe to repeat and to interrupt."""
        if not sync_all(runtime, line, slug):
            raise click.exceptions.Exit(1)

    return group


def sync_all(runtime: Runtime, line: Line, slug: str | None = None) -> bool:
    """Sync every clinic that has a LINE account, or the one named, telling each change. False when one was not done."""
    with runtime.sessions() as session:
        chosen = select(Clinic).order_by(Clinic.slug)
        clinics = session.scalars(chosen.where(Clinic.slug == slug) if slug else chosen).all()
        reachable = {clinic.slug: (clinic.id, _access(line, clinic)) for clinic in clinics}
    if not reachable:
        click.echo(f"There is no clinic {slug!r}." if slug else "There is no clinic yet.", err=True)
        return False
    done = True
    for name, (clinic_id, access) in reachable.items():
        if access is None:
            click.echo(f"{name}: not begun, no key of SECRET_KEYS opens what is kept of it", err=True)
            done = False
            continue
        if not (access.token or (access.channel_id and access.secret)):
            click.echo(f"{name}: passed over, it has no LINE account")
            continue
        changed = False
        try:
            for change in sync(runtime, line, clinic_id):
                click.echo(f"{name}: {change}")
                changed = True
        except (LineError, Busy, ValueError) as error:  # ValueError: a colour that is none, a picture too large
            click.echo(f"{name}: not finished, run it again: {error}", err=True)
            done = False
        else:
            click.echo(f"{name}: {'in place' if changed else 'nothing to change'}")
    return done


def _access(line: Line, clinic: Clinic) -> Access | None:
    """None when it cannot be opened: the other clinics' menus do not wait for it."""
    try:
        return line.access(clinic)
    except CannotOpen:
        return None
