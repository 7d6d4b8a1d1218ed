"""`flask bot routes`: the table of what the bot hears, as it was built. `flask groups`: the groups of the staff.

`flask customers`: who is who.
"""

from uuid import UUID

import click
from flask import current_app
from flask.cli import AppGroup
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.routes import build
from customers import staff
from facts import merged
from loyalty.errors import CustomerMerged
from loyalty.merge import CannotMerge
from models.clinics import Clinic
from models.customers import Customer, CustomerIdentity
from models.loyalty import LoyaltyProfile
from runtime.codes import spaced

bot = AppGroup("bot", help="The conversation.")
groups = AppGroup("groups", help="LINE groups of the staff.")
customers = AppGroup("customers", help="Who is who.")


@bot.command("routes")
def routes() -> None:
    """Print every type of event, the words or arguments it takes, and the function that answers."""
    table = build()
    for route in table:
        arguments = ", ".join(
            [name if name in route.required else f"{name}?" for name in route.converters]
            + [f"{name} from a picker" for name in route.picked]
        )
        words = "  ".join(
            f"{language}: {' | '.join(phrases.get(route.name, ()))}" for language, phrases in table.languages.items()
        )
        said = words if route.name and route.event_type in table.words else f"({arguments})" if arguments else ""
        said += "  (in unbound groups too)" if route.unbound else ""
        click.echo(f"{route.event_type:16}{route.name:18} {route.place:38} {said}")


@groups.command("code")
@click.argument("slug")
def code(slug: str) -> None:
    """Print a code that binds one LINE group to the clinic SLUG; it is good once, for a day, and shown only here."""
    ears = current_app.extensions["hands"].ears
    with ears.sessions.begin() as session:
        clinic = _clinic(session, slug)
        made = staff.make_code(session, clinic, ears.clock.now(session))
    click.echo(f"Add the clinic's LINE account to the group of its staff, and send there:\n\n    bind {spaced(made)}\n")


@customers.command("merge")
@click.argument("slug")
@click.argument("gone", type=click.UUID)
@click.argument("stays", type=click.UUID)
def merge(slug: str, gone: UUID, stays: UUID) -> None:
    """Make the customer GONE of the clinic SLUG one with STAYS, who keeps the points of both; there is no way back."""
    ears = current_app.extensions["hands"].ears
    with ears.sessions.begin() as session:
        clinic = _clinic(session, slug)
        one, other = _customer(session, clinic, gone), _customer(session, clinic, stays)
        try:
            merged.merge(session, one, other, ears.clock.now(session), actor="staff")
        except (CannotMerge, CustomerMerged) as refused:
            raise click.ClickException(f"Nothing was changed: {refused}.") from refused
        held = session.get_one(LoyaltyProfile, (stays, clinic.id)).available_points
        known = session.scalars(select(CustomerIdentity.kind).where(CustomerIdentity.customer_id == stays))
        kinds = ", ".join(sorted(known)) or "nothing"
    click.echo(f"{gone} is merged into {stays}, who now has {held} points and is known by: {kinds}")


def _clinic(session: Session, slug: str) -> Clinic:
    clinic = session.scalars(select(Clinic).where(Clinic.slug == slug)).one_or_none()
    if clinic is None:
        raise click.ClickException(f"There is no clinic {slug!r}.")
    return clinic


def _customer(session: Session, clinic: Clinic, customer_id: UUID) -> Customer:
    customer = session.get(Customer, (customer_id, clinic.id))
    if customer is None:
        raise click.ClickException(f"The clinic {clinic.slug!r} has no customer {customer_id}.")
    return customer
