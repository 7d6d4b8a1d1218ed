"""Thailand's public holidays, with the days that are given for those on a weekend, from a kept library.

It works out ahead what follows from rules (fixed days, the lunar ones, substitution); a day that the cabinet adds for
one year it knows once its release does. It is loaded when a day is first asked for: 12 MB and 0.1 s a process, for it
loads every country's.
"""

from collections.abc import Callable, Mapping
from datetime import date
from functools import lru_cache

from models.clinics import Clinic
from runtime.language import BANGKOK, FIRST

Rests = Callable[[date], bool]
"""Whether this day is one on which nobody is taken to be there."""
NO_DAY_OFF = frozenset({"วันเด็กแห่งชาติ"})
"""Listed, but a Saturday like others."""


def never(_day: date) -> bool:
    return False


def name_on(clinic: Clinic, day: date, language: str) -> str | None:
    """What is celebrated on this day, in a language that the library has, else as it tells it abroad; None: nothing, or
    the clinic is not in Thailand."""
    names = _of_year(day.year).get(day) if clinic.settings.voice.zone == BANGKOK else None
    return names.get(language) or next(name for code, name in names.items() if code != FIRST) if names else None


def closes(clinic: Clinic) -> Rests:
    """Days on which the clinic says that it is closed."""
    return (lambda day: _is_one(clinic, day)) if clinic.settings.hours.public_holidays == "closed" else never


def holds(clinic: Clinic) -> Rests:
    """Days on which no offer is made and no call asked for: where the clinic has not said that it is open."""
    return never if clinic.settings.hours.public_holidays == "open" else (lambda day: _is_one(clinic, day))


def _is_one(clinic: Clinic, day: date) -> bool:
    return name_on(clinic, day, FIRST) is not None


@lru_cache(maxsize=8)
def _of_year(year: int) -> Mapping[date, Mapping[str, str]]:
    """Day → language → its first name."""
    from holidays import country_holidays

    full_names = country_holidays("TH").supported_languages  # en_US is en
    named = {full.partition("_")[0]: full for full in full_names}
    thai = country_holidays("TH", years=year, language=named[FIRST])
    days = [day for day in thai if not NO_DAY_OFF.issuperset(thai.get_list(day))]
    known = {code: country_holidays("TH", years=year, language=full) for code, full in named.items()}
    return {day: {code: each.get_list(day)[0] for code, each in known.items()} for day in days}
