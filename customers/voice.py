"""How a clinic speaks to a customer: its persona, its zone, its colour, the customer's language."""

from channels.palette import Palette
from models.clinics import Clinic
from models.customers import Customer
from runtime.language import Language, best_language


def language_of(clinic: Clinic, customer: Customer | None) -> Language:
    """The customer's language in the clinic's voice and zone; Thai for nobody in particular."""
    return in_language(clinic, best_language(customer.language if customer else None))


def in_language(clinic: Clinic, code: str) -> Language:
    """A language in the clinic's voice and zone."""
    voice = clinic.settings.voice
    return Language(code, voice.persona, voice.zone)


def palette_of(clinic: Clinic) -> Palette:
    return Palette.of(clinic.settings.voice.brand_color)
