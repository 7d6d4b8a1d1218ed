"""`flask customers`: who is who."""

from uuid import UUID

import click
from flask.cli import AppGroup
from sqlalchemy import select
from sqlalchemy.orm import Session

from customers.clinics import by_slug
from facts import merged
from loyalty.errors import CustomerMerged, LimitReached
from loyalty.merge import CannotMerge
from models.clinics import Clinic
from models.customers import Customer, CustomerIdentity
from models.loyalty import LoyaltyProfile
from runtime.actors import STAFF
from runtime.context import Runtime


def commands(runtime: Runtime) -> AppGroup:
    group = AppGroup("customers", help="Who is who.")

    @group.command("merge")
    @click.argument("slug")
    @click.argument("duplicate", type=click.UUID)
    @click.argument("survivor", type=click.UUID)
    def merge(slug: str, duplicate: UUID, survivor: UUID) -> None:
        """Make the customer DUPLICATE of the clinic SLUG one with SURVIVOR, who keeps the points of both."""
        with runtime.sessions.begin() as session:
            clinic = by_slug(session, slug)
            one, other = _customer(session, clinic, duplicate), _customer(session, clinic, survivor)
            try:
                merged.merge(session, one, other, runtime.clock.now(session), actor=STAFF)
            except (CannotMerge, CustomerMerged, LimitReached) as refused:
                raise click.ClickException(f"Nothing was changed: {refused}.") from refused
            balance = session.get_one(LoyaltyProfile, (survivor, clinic.id)).available_points
            known = session.scalars(select(CustomerIdentity.kind).where(CustomerIdentity.customer_id == survivor))
            kinds = ", ".join(sorted(known)) or "nothing"
        points = f"{max(balance, 0)} points" + (f" ({-balance} owed)" if balance < 0 else "")
        click.echo(f"{duplicate} is merged into {survivor}, who now has {points} and is known by: {kinds}")

    return group


def _customer(session: Session, clinic: Clinic, customer_id: UUID) -> Customer:
    customer = session.get(Customer, (customer_id, clinic.id))
    if customer is None:
        raise click.ClickException(f"The clinic {clinic.slug!r} has no customer {customer_id}.")
    return customer
