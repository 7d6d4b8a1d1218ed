"""How a clinic speaks to a customer: its persona, its zone, its colour, the customer's language, and by which name."""

import re
import unicodedata
from dataclasses import dataclass, replace

from channels.line.lengths import truncate
from channels.line.limits import LABEL
from channels.message import Action
from channels.palette import Palette
from models.clinics import Clinic
from models.customers import Customer
from runtime.language import Language, best_language

_OURS = "คุณ"
"""The title that Thai texts put before a name."""
_THAI = "คุณ|นางสาว|นาง|นาย|เด็กชาย|เด็กหญิง"
_SHORT = r"น\.ส\.|ด\.ช\.|ด\.ญ\.|ดร\.|นพ\.|พญ\.|ทพญ\.|ทพ\."
# Thai is written without spaces, so a title is sure only where something ends it: a space, a full stop, other letters.
_TITLE = re.compile(
    rf"(?P<title>(?:{_THAI})(?=\s|[^\u0e00-\u0e7f])|{_SHORT}|(?:khun|mrs?|ms|miss|dr)(?:\.|(?=\s)))\s*(?P<bare>\S.*)",
    re.IGNORECASE | re.DOTALL,
)
# What could be a title, or the beginning of a name such as คุณธรรม. No word begins with a vowel that stands behind its
# letter, or with a letter that is silenced: คุณากร and นายน์ are names.
_PERHAPS = re.compile(rf"(?:{_THAI})(?:[เ-ไ]|[ก-ฮ](?!\u0e4c))")


_JOINERS = "\u200c\u200d"
_PLAIN = re.compile(r"[\s\u0000-\u024f\u0e00-\u0e7f]")
"""Latin and Thai, in which nothing is joined."""
_BLANK = "\u115f\u1160\u2800\u3164\uffa0"
"""Letters that draw nothing."""


@dataclass(frozen=True)
class Way:
    """A way to somewhere: what its button says, what it means, and what it does."""

    label: str
    note: str
    action: Action


def language_of(clinic: Clinic, customer: Customer | None) -> Language:
    """The customer's language in the clinic's voice and zone; the clinic's first for nobody in particular, and for who
    has chosen one that it does not speak now."""
    return in_language(clinic, best_language(customer.language if customer else None, clinic.settings.voice.languages))


def in_language(clinic: Clinic, code: str) -> Language:
    """A language in the clinic's voice and zone."""
    voice = clinic.settings.voice
    return Language(code, voice.persona, voice.zone)


def palette_of(clinic: Clinic) -> Palette:
    return Palette.of(clinic.settings.voice.brand_color)


def addressed(customer: Customer, t: Language) -> str | None:
    """How texts call the customer: the whole name with one title, its own or the one that the language puts there."""
    name = _name(customer)
    found = _TITLE.fullmatch(name)
    if found is not None and found["title"] == _OURS:
        name = found["bare"]
    elif found is not None or _PERHAPS.match(name):
        return name
    # Thai writes คุณ before a name, and no space.
    return t("{name}", name=name) if name else None


def first_name(customer: Customer) -> str:
    """The first word of the name without a title that is surely one; empty when it is not known."""
    return without_title(_name(customer)).split(" ")[0]


def without_title(name: str) -> str:
    """The name, with a title taken from it that is surely one."""
    found = _TITLE.fullmatch(name)
    return found["bare"] if found else name


def _name(customer: Customer) -> str:
    return seen(customer.display_name or "")


def seen(text: str) -> str:
    """In one line, as it is seen. A sign without width may hide a title or turn the rest of a text around; and where it
    is all there is, there is no text.
    """
    shown = "".join(char for at, char in enumerate(text) if _seen(char) or _joins(text, at))
    return " ".join(shown.split())


def _seen(char: str) -> bool:
    return char.isspace() or not (unicodedata.category(char) in ("Cc", "Cf", "Cs", "Cn", "Co") or char in _BLANK)


def _joins(text: str, at: int) -> bool:
    """Whether it joins or parts two signs that are seen, as in emoji of several and in scripts of India."""
    around = text[at - 1 : at] + text[at + 1 : at + 2]
    return text[at] in _JOINERS and len(around) == 2 and not any(map(_PLAIN.match, around)) and all(map(_seen, around))


def other_language(clinic: Clinic, t: Language) -> Way | None:
    """The way from this language to the other one, or to the choice among several; None where there is no other.

    Said in the language it leads to: who needs it may not read this one.
    """
    ways = [_way(replace(t, code=code)) for code in clinic.settings.voice.languages if code != t.code]
    if len(ways) <= 1:
        return next(iter(ways), None)
    names = " · ".join(way.label for way in ways)
    return Way(truncate(names, LABEL), names, Action("languages"))


def _way(t: Language) -> Way:
    return Way(t("English"), t("Switch to English"), Action("language", to=t.code))
