"""Which menu a person has: the guests' until they join, then their tier's, in their language.

Nobody stores it: it is worked out when a menu is linked, in Python for one person and in SQL for everybody at once.
"""

from sqlalchemy import ColumnElement, case, literal, or_

from models.clinics import Clinic
from models.customers import Customer
from models.loyalty import LoyaltyProfile
from richmenus.menus import TIERS
from runtime.language import best_language


def key_of(clinic: Clinic, customer: Customer, profile: LoyaltyProfile | None) -> str:
    """`<look>-<language>`: the key of a `Menu`, the name of its row."""
    member = customer.joined_at is not None and profile is not None
    look = looks(clinic).get(profile.current_tier, TIERS[0]) if member and profile else "guest"
    return f"{look}-{best_language(customer.language, clinic.settings.voice.languages)}"


def key_in_sql(clinic: Clinic) -> ColumnElement[str]:
    """The same over `customers` and, joined to them where there are any, `loyalty_profiles`."""
    guest = or_(Customer.joined_at.is_(None), LoyaltyProfile.customer_id.is_(None))
    tier = case(looks(clinic), value=LoyaltyProfile.current_tier, else_=TIERS[0])
    spoken = clinic.settings.voice.languages
    language = case({code: code for code in spoken}, value=Customer.language, else_=spoken[0])
    return case((guest, "guest"), else_=tier) + literal("-") + language


def looks(clinic: Clinic) -> dict[str, str]:
    """Tier → look: its own name's, else that of its place among the clinic's tiers."""
    placed = {tier.name: TIERS[min(place, len(TIERS) - 1)] for place, tier in enumerate(clinic.settings.tiers.steps)}
    return placed | {name: name for name in TIERS}
