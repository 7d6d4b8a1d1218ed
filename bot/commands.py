"""`flask bot routes`: the table of what the bot hears, as it was built. `flask groups`: the groups of the staff."""

import click
from flask import current_app
from flask.cli import AppGroup
from sqlalchemy import select

from bot import staff_groups
from bot.routes import build
from loyalty.redemption_codes import spaced
from models.clinics import Clinic

bot = AppGroup("bot", help="The conversation.")
groups = AppGroup("groups", help="LINE groups of the staff.")


@bot.command("routes")
def routes() -> None:
    """Print every stimulus, the words or arguments it takes, and the function that answers."""
    table = build()
    for route in table:
        arguments = ", ".join(
            [name if name in route.required else f"{name}?" for name in route.converters]
            + [f"{name} from a picker" for name in route.picked]
        )
        words = "  ".join(
            f"{language}: {' | '.join(phrases.get(route.name, ()))}" for language, phrases in table.languages.items()
        )
        said = words if route.stimulus in ("text", "prefix") else f"({arguments})" if arguments else ""
        click.echo(f"{route.stimulus:14}{route.name:18} {route.place:38} {said}")


@groups.command("code")
@click.argument("slug")
def code(slug: str) -> None:
    """Print a code that binds one LINE group to the clinic SLUG; it is good once, for a day, and shown only here."""
    ears = current_app.extensions["hands"].ears
    with ears.sessions.begin() as session:
        clinic = session.scalars(select(Clinic).where(Clinic.slug == slug)).one_or_none()
        if clinic is None:
            raise click.ClickException(f"There is no clinic {slug!r}.")
        made = staff_groups.make_code(session, clinic, ears.clock.now(session))
    click.echo(f"Add the clinic's LINE account to the group of its staff, and send there:\n\n    bind {spaced(made)}\n")
