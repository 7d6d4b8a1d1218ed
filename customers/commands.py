"""`flask groups`: the LINE groups of the staff."""

import click
from flask.cli import AppGroup

from customers import branches, staff
from customers.clinics import by_slug
from runtime.codes import spaced
from runtime.context import Runtime


def commands(runtime: Runtime) -> AppGroup:
    group = AppGroup("groups", help="LINE groups of the staff.")

    @group.command("code")
    @click.argument("slug")
    @click.option("--branch", "branch_code", help="Code of the branch whose staff they are; else it is the clinic's.")
    def code(slug: str, branch_code: str | None) -> None:
        """Print a code that binds one LINE group to the clinic SLUG; good once, for a day, and shown only here."""
        with runtime.sessions.begin() as session:
            clinic = by_slug(session, slug)
            found = [one for one in branches.active(session, clinic) if one.code == branch_code]
            if branch_code is not None and not found:
                raise click.ClickException(f"The clinic has no branch {branch_code!r}.")
            made = staff.make_code(session, clinic, runtime.clock.now(session), next(iter(found), None))
        click.echo(
            f"Add the clinic's LINE account to the group of its staff, and send there:\n\n    bind {spaced(made)}\n"
        )

    return group
