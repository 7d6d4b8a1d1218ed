"""`flask groups`: the LINE groups of the staff."""

import click
from flask.cli import AppGroup

from customers import staff
from customers.clinics import by_slug
from runtime.codes import spaced
from runtime.context import Runtime


def commands(runtime: Runtime) -> AppGroup:
    group = AppGroup("groups", help="LINE groups of the staff.")

    @group.command("code")
    @click.argument("slug")
    def code(slug: str) -> None:
        """Print a code that binds one LINE group to the clinic SLUG; good once, for a day, and shown only here."""
        with runtime.sessions.begin() as session:
            made = staff.make_code(session, by_slug(session, slug), runtime.clock.now(session))
        click.echo(
            f"Add the clinic's LINE account to the group of its staff, and send there:\n\n    bind {spaced(made)}\n"
        )

    return group
