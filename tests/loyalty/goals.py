"""Looking at a customer's achievements, in the short form in which the tests compare them."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from loyalty import achievements, ledger
from models.clinics import Clinic
from models.customers import Customer
from models.rewards import Achievement
from tests.fixtures.clinic import NOW


def check(session: Session, customer: Customer, now: datetime = NOW, **hint: Any) -> list[str]:
    """The codes that unlock."""
    profile = ledger.open_profile(session, customer, now)
    return [unlock.achievement.code for unlock in achievements.check(session, profile, now, **hint)]


def progress(session: Session, customer: Customer, now: datetime = NOW) -> list[str]:
    """`code current/target`, the nearest first."""
    held = achievements.progress(session, customer, now)
    return [f"{each.achievement.code} {each.current}/{each.target}" for each in held.in_progress]


def add(session: Session, clinic: Clinic, code: str, conditions: dict[str, Any], **more: Any) -> Achievement:
    """An achievement of the clinic's own making."""
    fields = {"points_reward": 10, "texts": {}, "active": True, "secret": False, "position": 0, **more}
    achievement = Achievement(
        clinic_id=clinic.id, code=code, name=code, category="spending", conditions=conditions, **fields
    )
    achievements.save(session, achievement)
    session.flush()
    return achievement
