"""How a clinic speaks to a customer: its persona, its zone, its colour, the customer's language."""

from zoneinfo import ZoneInfo

from channels.palette import DEFAULT_BRAND, Palette
from models.clinics import Clinic
from models.customers import Customer
from runtime.language import Language, best_language


def language_of(clinic: Clinic, customer: Customer | None) -> Language:
    """The customer's language in the clinic's voice and zone; Thai for nobody in particular."""
    return Language(
        best_language(customer.language if customer else None),
        clinic.settings.get("persona", "female"),
        ZoneInfo(str(clinic.settings.get("timezone", "Asia/Bangkok"))),
    )


def palette_of(clinic: Clinic) -> Palette:
    return Palette.of(str(clinic.settings.get("brand_color", DEFAULT_BRAND)))
