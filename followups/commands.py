"""`flask tasks`: the calls that the staff of a clinic are asked for."""

import click
from flask.cli import AppGroup

from customers.clinics import by_slug
from followups import tasks
from followups.tasks import DoneBefore
from runtime.actors import STAFF
from runtime.context import Runtime


def commands(runtime: Runtime) -> AppGroup:
    group = AppGroup("tasks", help="Calls that the staff of a clinic are asked for.")

    @group.command("list")
    @click.argument("slug")
    def list_(slug: str) -> None:
        """List what is open at the clinic SLUG, the urgent first."""
        with runtime.sessions() as session:
            clinic, now = by_slug(session, slug), runtime.clock.now(session)
            found, zone = tasks.open_(session, clinic, now), clinic.settings.voice.zone
            for one in found:
                until = f"{one.until.astimezone(zone):%Y-%m-%d %H:%M}"
                urgent = " (urgent)" if one.priority == "high" else ""
                click.echo(f"{one.code}: {one.kind}, customer {one.customer_id}, until {until}{urgent}")
        click.echo(f"{len(found)} to call.")

    @group.command("done")
    @click.argument("slug")
    @click.argument("code")
    def done(slug: str, code: str) -> None:
        """Note that the call CODE of the clinic SLUG was made."""
        with runtime.sessions.begin() as session:
            clinic, now = by_slug(session, slug), runtime.clock.now(session)
            task = tasks.by_code(session, clinic, code)
            if task is None:
                raise click.ClickException(f"No call has the code {code!r}.")
            try:
                tasks.done(session, task, now, actor=STAFF)
            except DoneBefore:
                raise click.ClickException(f"It was made before, as {task.done_by} has said.") from None
        click.echo(f"{task.code}: done.")

    return group
