"""Making a clinic, and finding one."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import click
from sqlalchemy import select
from sqlalchemy.orm import Session, object_session

from customers.people import vault_of
from models.base import new_id
from models.branches import MAIN, Branch
from models.clinics import Clinic
from runtime.settings import ClinicDefaults

SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


def new_clinic(
    session: Session, slug: str, name: str, now: datetime, own_settings: Mapping[str, Any] | None = None
) -> Clinic:
    """A clinic with a data key of its own and its first branch, which bears its name.

    Raises `BadSettings`, and `ValueError` for a slug that could stand in no address and no API key.
    """
    if not SLUG.fullmatch(slug):
        raise ValueError(f"{slug!r} is no slug: write up to 40 small letters, digits and dashes, such as aura-siam")
    id_ = new_id()
    clinic = Clinic(
        id=id_,
        slug=slug,
        name=name,
        data_key=vault_of(session).new_data_key((id_,)),
        own_settings=dict(own_settings or {}),
        created_at=now,
    )
    session.add(clinic)
    session.flush()
    session.add(Branch(clinic_id=id_, code=MAIN, name=name, created_at=now))
    session.flush()
    return clinic


def own_page(clinic: Clinic, path: str = "") -> str | None:
    """Where LINE opens the customers' own page of a clinic, or what is at a path below it (`/rewards`); None where the
    clinic has none. Needs the clinic in a session."""
    session, app = object_session(clinic), clinic.settings.portal.liff_id
    if app is None or session is None:
        return None
    defaults: ClinicDefaults = session.info["clinic_defaults"]
    return f"{defaults.line_apps}/{app}{path}"


def by_slug(session: Session, slug: str, *, alone: bool = False) -> Clinic:
    """For commands. `alone`: locked against others who would change the clinic's own row, and against nobody else.

    Raises `click.ClickException`, which says that there is none.
    """
    found = select(Clinic).where(Clinic.slug == slug)
    clinic = session.scalars(found.with_for_update(key_share=True) if alone else found).one_or_none()
    if clinic is None:
        raise click.ClickException(f"There is no clinic {slug!r}.")
    return clinic
