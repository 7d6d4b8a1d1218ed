"""The demo clinic, so that there is somebody to talk to: `python -m local.demo`. Running it again changes nothing."""

import hashlib
import os
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from clinics.apply import create
from clinics.check import check
from customers import names
from customers.people import identify, known_as, meet_on_line
from facts.paid import paid
from local import team
from local.environment import API_KEY, COUNTER_KEY, SHARED
from loyalty import points
from models.access import ApiKey
from models.clinics import Clinic
from models.loyalty import Notification
from models.secrets import ClinicSecret
from runtime import database, limits
from runtime.clock import real
from runtime.keys import Vault
from runtime.settings import Settings, SettingsRefused, read
from web.http import keys

SLUG = "aura"

FILE = Path(__file__).with_name("demo_clinic.yaml")
"""What the clinic is made of, once; from then on it is changed by `flask clinics apply aura FILE`."""

HERE = b"http://127.0.0.1:8000/"
"""In it stands for wherever this installation is reached: its links are registered, as a real clinic's would be."""

KEYS = (
    (API_KEY, "Till", ["facts:write", "followup:read", "loyalty:read", "staff"]),
    (COUNTER_KEY, "Counter", ["counter"]),
)
"""The simulator's: variable, name, scopes."""

VISITS = (
    (352, 3_200, "HydraFacial"),
    (318, 1_500, "Facial treatment"),
    (290, 3_200, "HydraFacial"),
    (256, 2_400, "Laser hair removal"),
    (221, 1_500, "Facial treatment"),
    (187, 3_200, "HydraFacial"),
    (160, 2_400, "Laser hair removal"),
    (128, 4_500, "Skin rejuvenation"),
    (93, 3_200, "HydraFacial"),
    (61, 2_400, "Laser hair removal"),
    (30, 1_500, "Facial treatment"),
    (6, 3_200, "HydraFacial"),
)
"""Ken's year: days ago, baht, what for."""


def user_id(name: str) -> str:
    """The LINE user id the simulator gives to one of its people."""
    return "U" + hashlib.md5(name.encode(), usedforsecurity=False).hexdigest()


def demo_clinic(session: Session, now: datetime) -> Clinic:
    clinic = session.scalars(select(Clinic).where(Clinic.slug == SLUG)).one_or_none()
    if clinic is not None:
        return clinic
    defaults = session.info["clinic_defaults"]
    written = FILE.read_bytes().replace(HERE, f"{defaults.public_url.rstrip('/')}/".encode())
    checked = check(written, defaults)
    if checked.file is None:
        raise SystemExit("\n".join([f"{FILE.name} has mistakes:", *map(str, checked.problems)]))
    return create(session, SLUG, checked.file, now)


def ken(session: Session, clinic: Clinic, now: datetime) -> None:
    """A member who speaks English, with a year behind him. Mali comes to the clinic while you watch."""
    if known_as(session, clinic, "line", user_id("ken")) is not None:
        return
    joined = now - timedelta(days=364)
    link = meet_on_line(session, clinic, user_id("ken"), joined)
    customer = link.customer
    names.call(session, customer, "Ken")
    customer.language, customer.language_chosen = "en", True
    link.followed_at = link.heard_at = joined
    link.profile_due_at = None
    identify(session, customer, "email", "ken@mail.example", joined)
    points.create_loyalty_profile(session, customer, joined)
    for days, baht, service in VISITS:
        at = now - timedelta(days=days)
        paid(
            session, customer, source="demo", external_id=f"ken-{days}", amount=Decimal(baht), paid_at=at,
            service_code=service, at_counter=True, now=at,
        )  # fmt: skip
    # A year of news is no news today.
    session.execute(
        update(Notification).where(Notification.customer_id == customer.id).values(state="skipped", reason="history")
    )


def key(session: Session, clinic: Clinic, name: str, secret: str, scopes: list[str], now: datetime) -> None:
    """A key of the simulator's, which `make run` keeps with its other secrets. One that was revoked stays so."""
    known = keys.hash_of(secret)
    if (
        session.scalars(select(ApiKey.id).where(ApiKey.clinic_id == clinic.id, ApiKey.key_hash == known)).one_or_none()
        is None
    ):
        session.add(ApiKey(clinic_id=clinic.id, name=name, key_hash=known, scopes=scopes, created_at=now))


def share(session: Session, clinic: Clinic, name: str, secret: str) -> None:
    """What the clinic shares with a booking system of the simulator's. One that was changed since stays so."""
    if session.get(ClinicSecret, (clinic.id, name)) is None:
        session.add(ClinicSecret(clinic_id=clinic.id, clinic=clinic, name=name, value=secret))


def told() -> Settings:
    """The settings. Raises `SystemExit` that says which is wrong."""
    try:
        return read()
    except SettingsRefused as error:
        raise SystemExit(str(error)) from None


def fill(settings: Settings) -> None:
    """The demo clinic into the database, whose tables are there."""
    engine, sessions = database.connect(settings, Vault.from_settings(settings), limits.COMMAND)
    with sessions.begin() as session:
        now = real()
        clinic = demo_clinic(session, now)
        ken(session, clinic, now)
        if os.environ.get("SIMULATOR_TEAM"):
            team.seed(session, clinic, now)
        for variable, name, scopes in KEYS:
            if secret := os.environ.get(variable):
                key(session, clinic, name, secret, scopes, now)
        for name, variable in SHARED.items():
            if secret := os.environ.get(variable):
                share(session, clinic, name, secret)
    engine.dispose()


if __name__ == "__main__":
    fill(told())
