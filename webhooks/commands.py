"""`flask receipts`: where the providers of a clinic report."""

from collections.abc import Iterable

import click
from sqlalchemy import select

from channels.reports import Reporter
from models.clinics import Clinic
from runtime.addresses import Addresses
from runtime.context import Runtime


def commands(runtime: Runtime, reporters: Iterable[Reporter]) -> click.Command:
    addresses = Addresses(runtime.settings)

    @click.command("receipts", help="Print where each provider of SMS and mail reports for the clinic SLUG.")
    @click.argument("slug")
    def receipts(slug: str) -> None:
        with runtime.sessions() as session:
            if session.scalar(select(Clinic.id).where(Clinic.slug == slug)) is None:
                raise click.ClickException(f"There is no clinic {slug}.")
        for one in reporters:
            click.echo(f"{one.channel} {one.name}: {addresses.of(slug, one.name, signs=one.signs)}")

    return receipts
