"""Finding a clinic."""

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.clinics import Clinic


def by_slug(session: Session, slug: str) -> Clinic:
    """For commands. Raises `click.ClickException`, which says that there is none."""
    clinic = session.scalars(select(Clinic).where(Clinic.slug == slug)).one_or_none()
    if clinic is None:
        raise click.ClickException(f"There is no clinic {slug!r}.")
    return clinic
