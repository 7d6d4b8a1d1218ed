"""`flask api-keys`: make, list and revoke the keys of a clinic."""

from collections.abc import Iterable
from uuid import UUID

import click
from flask.cli import AppGroup
from sqlalchemy import select
from sqlalchemy.orm import contains_eager

from models.access import ApiKey
from models.clinics import Clinic
from runtime.clock import real
from runtime.context import Runtime
from web.http import keys


def commands(runtime: Runtime, allowed: Iterable[str]) -> AppGroup:
    """`allowed` are the scopes that a key can have."""
    group = AppGroup("api-keys", help="Keys of the REST API.")

    @group.command("create")
    @click.argument("clinic")
    @click.argument("name")
    @click.option(
        "--scope", "scopes", multiple=True, required=True, type=click.Choice(list(allowed)), help="May be repeated."
    )
    def create(clinic: str, name: str, scopes: tuple[str, ...]) -> None:
        """Make a key for the clinic with the slug CLINIC, called NAME, and show it this once."""
        with runtime.sessions.begin() as session:
            found = session.scalars(select(Clinic).where(Clinic.slug == clinic)).one_or_none()
            if found is None:
                raise click.ClickException(f"There is no clinic {clinic!r}.")
            key, secret = keys.create(session, found, name, scopes, real())
        click.echo(f"Key {key.id} of {clinic}, {', '.join(key.scopes)}. Keep it now, it is not shown again:", err=True)
        click.echo(secret)

    @group.command("list")
    def list_() -> None:
        """Print every key: id, clinic, name, scopes, since when, and whether it is revoked. Never the key itself."""
        with runtime.sessions() as session:
            rows = session.scalars(
                select(ApiKey)
                .join(ApiKey.clinic)
                .options(contains_eager(ApiKey.clinic))
                .order_by(Clinic.slug, ApiKey.id)
            ).all()
        for key in rows:
            revoked = f"revoked {key.revoked_at:%Y-%m-%d %H:%M}" if key.revoked_at else "good"
            scopes = ",".join(key.scopes)
            click.echo(f"{key.id}  {key.clinic.slug}  {key.name}  {scopes}  {key.created_at:%Y-%m-%d}  {revoked}")

    @group.command("revoke")
    @click.argument("key_id", type=click.UUID)
    def revoke(key_id: UUID) -> None:
        """Refuse the key KEY_ID from now on."""
        with runtime.sessions.begin() as session:
            key = session.scalars(select(ApiKey).where(ApiKey.id == key_id)).one_or_none()
            if key is None:
                raise click.ClickException(f"There is no key {key_id}: see `flask api-keys list`.")
            key.revoked_at = key.revoked_at or real()
        click.echo(f"{key.name} ({key_id}) is revoked.")

    return group
