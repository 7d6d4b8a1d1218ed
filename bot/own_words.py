"""What a clinic has added to what the bot hears and says: its own words for a subject, and answers it has approved."""

from collections.abc import Mapping
from uuid import UUID

from bot.routes import Table
from bot.understand import Understanding
from models.clinic_settings import ClinicSettings
from models.clinic_words import Answer
from models.clinics import Clinic
from runtime.language import kinds_of_words

OWN = "answer "
"""Before the code of an answer: what is understood by its phrases is no subject of the product's."""

KEPT = 64
"""Clinics of which a process remembers it: each is a megabyte."""
_made: dict[UUID, tuple[ClinicSettings, Understanding]] = {}


def understanding(table: Table, clinic: Clinic) -> Understanding:
    """The product's with the clinic's words, made once a process for each version of its settings."""
    settings = clinic.settings
    words = _words(settings)
    if not words:
        return table.understanding
    known = _made.get(clinic.id)
    if known is None or known[0] is not settings:
        _made.pop(next(iter(_made)) if len(_made) >= KEPT else clinic.id, None)
        known = _made[clinic.id] = (settings, Understanding(map(kinds_of_words, table.languages), words))
    return known[1]


def answer_to(clinic: Clinic, subject: str) -> Answer | None:
    """What the clinic has approved to be said of what was understood."""
    for one in clinic.settings.answers:
        if subject in (f"{OWN}{one.code}", one.subject):
            return one
    return None


def by_code(clinic: Clinic, code: str) -> Answer | None:
    return next((one for one in clinic.settings.answers if one.code == code), None)


def _words(settings: ClinicSettings) -> Mapping[str, tuple[str, ...]]:
    """What is understood → by which words. An answer to a subject has its words for that subject."""
    found: dict[str, tuple[str, ...]] = {subject: tuple(each) for subject, each in settings.phrases.items()}
    for one in settings.answers:
        if one.phrases:
            means = one.subject or f"{OWN}{one.code}"
            found[means] = (*found.get(means, ()), *one.phrases)
    return found
