"""What a clinic gives points for: its own settings, else those of the installation, else the product's."""

from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy.orm import Session

from models.clinics import Clinic
from runtime.settings import Settings


@dataclass(frozen=True)
class Terms:
    points_per_baht: Decimal
    referral_bonus: int
    referral_pending_days: int
    treatment_pending_days: int
    welcome_points: int
    review_points: int
    check_in_points: int
    birthday_points: int
    points_life_months: int


def terms_of(session: Session, clinic: Clinic) -> Terms:
    """`session.info["settings"]` is set by whoever made the session (`models/database.py`)."""
    process: Settings = session.info["settings"]
    own = clinic.settings
    return Terms(
        points_per_baht=Decimal(str(own.get("points_per_baht", process.loyalty_points_per_baht))),
        referral_bonus=int(own.get("referral_bonus_points", process.referral_bonus_points)),
        referral_pending_days=int(own.get("referral_pending_days", 7)),
        treatment_pending_days=int(own.get("treatment_pending_days", 0)),
        welcome_points=int(own.get("welcome_points", 100)),
        review_points=int(own.get("review_points", 50)),
        check_in_points=int(own.get("check_in_points", 10)),
        birthday_points=int(own.get("birthday_points", 100)),
        points_life_months=int(own.get("points_life_months", 12)),
    )
