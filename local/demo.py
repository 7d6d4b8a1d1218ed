"""The demo clinic, so that there is somebody to talk to: `python -m local.demo`. Running it again changes nothing."""

import hashlib
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from clock import real
from crypto import Vault
from customers.people import known_as, meet_on_line
from loyalty import points
from models import database
from models.base import new_id
from models.clinics import Clinic
from settings import Settings

SLUG = "aura"

SETTINGS: dict[str, Any] = {"persona": "female", "brand_color": "#8E5A6D", "timezone": "Asia/Bangkok"}

VISITS = (
    (352, 320, "HydraFacial"),
    (318, 150, "Facial treatment"),
    (290, 320, "HydraFacial"),
    (256, 240, "Laser hair removal"),
    (221, 150, "Facial treatment"),
    (187, 320, "HydraFacial"),
    (160, 240, "Laser hair removal"),
    (128, 450, "Skin rejuvenation"),
    (93, 320, "HydraFacial"),
    (61, 240, "Laser hair removal"),
    (30, 150, "Facial treatment"),
    (6, 320, "HydraFacial"),
)
"""Ken's year: days ago, points, what for."""


def user_id(name: str) -> str:
    """The LINE user id the simulator gives to one of its people."""
    return "U" + hashlib.md5(name.encode(), usedforsecurity=False).hexdigest()


def demo_clinic(session: Session, now: datetime) -> Clinic:
    clinic = session.scalars(select(Clinic).where(Clinic.slug == SLUG)).one_or_none()
    if clinic is None:
        id_ = new_id()
        vault: Vault = session.info["vault"]
        clinic = Clinic(
            id=id_,
            slug=SLUG,
            name="Aura Clinic",
            data_key=vault.new_data_key(id_),
            settings=SETTINGS,
            line_basic_id="@aura",
            created_at=now,
        )
        session.add(clinic)
        session.flush()
    return clinic


def ken(session: Session, clinic: Clinic, now: datetime) -> None:
    """A member who speaks English, with a year behind him. Mali comes to the clinic while you watch."""
    if known_as(session, clinic, "line", user_id("ken")) is not None:
        return
    joined = now - timedelta(days=364)
    link = meet_on_line(session, clinic, user_id("ken"), joined)
    customer = link.customer
    customer.display_name, customer.language, customer.language_chosen = "Ken", "en", True
    link.followed_at, link.profile_due_at = joined, None
    points.create_loyalty_profile(session, customer, joined)
    for days, amount, treatment in VISITS:
        at = now - timedelta(days=days)
        points.award_points(
            session, customer, amount, treatment, now=at, source="treatment", key=f"demo:{customer.id}:{days}"
        )


def main() -> None:
    settings = Settings()
    engine, sessions = database.connect(settings, Vault.from_settings(settings), connections=1)
    with sessions.begin() as session:
        now = real()
        ken(session, demo_clinic(session, now), now)
    engine.dispose()


if __name__ == "__main__":
    main()
