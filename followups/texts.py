"""Texts with variables in braces: what may stand in them, and what is said of them.

Nothing leaves with a hole in it: a variable that has no value and no fallback keeps the whole text back.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from followups.errors import BadRule, UnknownVariable
from models.clinics import Clinic
from models.followups import FollowupTemplate, Words

SUBJECT, MESSAGE = 100, 1_000
"""The most of each that is kept, in characters."""
_VARIABLE = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True)
class Said:
    subject: str
    message: str


class Missing(Exception):
    """A variable without a value; the message is its name."""


def checked(texts: Mapping[str, Words], known: Collection[str]) -> dict[str, Words]:
    """The texts, as they are kept. Raises `UnknownVariable`, and `BadRule` for one that says nothing or too much."""
    return {language: _checked(language, words, known) for language, words in texts.items()}


def _checked(language: str, words: Words, known: Collection[str]) -> Words:
    place = f"template.texts.{language}"
    if not words.get("message", "").strip():
        raise BadRule(f"{place}.message", "write what is said")
    subject, message = words.get("subject", ""), words["message"]
    for part, given, most in (("subject", subject, SUBJECT), ("message", message, MESSAGE)):
        if len(given) > most:
            raise BadRule(f"{place}.{part}", f"write at most {most} characters")
        for name in variables(given):
            if name not in known:
                raise UnknownVariable(name, ", ".join(f"{{{one}}}" for one in known))
        if "{" in _VARIABLE.sub("", given) or "}" in _VARIABLE.sub("", given):
            raise BadRule(f"{place}.{part}", "close each brace, such as {customerName}")
    return {"subject": subject.strip(), "message": message.strip()}


def variables(text: str) -> list[str]:
    return [name.strip() for name in _VARIABLE.findall(text)]


def filled(words: Words, values: Mapping[str, str], fallbacks: Mapping[str, str]) -> Said:
    """Raises `Missing`."""

    def value(found: re.Match[str]) -> str:
        name = found[1].strip()
        given = values.get(name) or fallbacks.get(name)
        if not given:
            raise Missing(name)
        return given

    return Said(_VARIABLE.sub(value, words.get("subject", "")), _VARIABLE.sub(value, words.get("message", "")))


def keep(
    session: Session,
    clinic: Clinic,
    name: str,
    type_: str,
    texts: dict[str, Words],
    fallbacks: dict[str, str],
    now: datetime,
) -> FollowupTemplate:
    """A new version of the text of this name; the version before it stays for what was said with it."""
    chosen = FollowupTemplate.clinic_id == clinic.id, FollowupTemplate.name == name
    last = session.scalar(select(func.max(FollowupTemplate.version)).where(*chosen)) or 0
    made = FollowupTemplate(
        clinic_id=clinic.id,
        name=name,
        version=last + 1,
        type=type_,
        texts=texts,
        fallbacks=fallbacks,
        created_at=now,
    )
    session.add(made)
    session.flush()
    return made
