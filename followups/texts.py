"""Texts with variables in braces: what may stand in them, and what is said of them.

Nothing leaves with a hole in it: a variable that has no value and no fallback keeps the whole text back.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from customers.voice import seen
from followups import links
from followups.errors import BadRule, UnknownVariable
from followups.kind import Conditions, Kind
from models.clinics import Clinic
from models.followups import Fallback, FollowupTemplate, Words
from runtime.language import FIRST, LANGUAGES

SUBJECT, MESSAGE, SMS = 100, 1_000, 600
"""The most of each that is kept, in characters."""
CLOSE = "close each brace, such as {customerName}"
NOTHING = "write what is said"
SHOWS = "{{{name}}} would stand on the screen of a locked phone: leave it out of an SMS"
_VARIABLE = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True)
class Template:
    """What is said, as it was written. `everywhere`: in no language in particular, so in the clinic's first."""

    texts: Mapping[str, Words] = field(default_factory=dict)
    everywhere: Words | None = None
    variables: Sequence[str] = ()
    fallbacks: Mapping[str, Fallback] = field(default_factory=dict)


@dataclass(frozen=True)
class Said:
    subject: str
    message: str


class Missing(Exception):
    """A variable without a value; the message is its name."""


def checked(texts: Mapping[str, Words], kind: Kind[Conditions]) -> dict[str, Words]:
    """The texts, as they are kept. Raises `UnknownVariable`, and `BadRule` for one that says nothing or too much."""
    return {language: _checked(language, words, kind) for language, words in texts.items()}


def _checked(language: str, words: Words, kind: Kind[Conditions]) -> Words:
    place = f"template.texts.{language}"
    if not seen(words.get("message", "")):
        raise BadRule(f"{place}.message", NOTHING)
    subject, message, sms = words.get("subject", ""), words["message"], words.get("sms", "")
    for part, given, most in (("subject", subject, SUBJECT), ("message", message, MESSAGE), ("sms", sms, SMS)):
        if len(given) > most:
            raise BadRule(f"{place}.{part}", f"write at most {most} characters")
        for name in variables(given):
            if name not in kind.variables:
                raise UnknownVariable(name, braced(kind.variables))
        if not closed(given):
            raise BadRule(f"{place}.{part}", CLOSE)
    if shown := private_in(sms, kind):
        raise BadRule(f"{place}.sms", SHOWS.format(name=shown[0]))
    kept = links.checked(place, words, kind)
    subject = subject if seen(subject) else ""
    made: Words = {"subject": subject.strip(), "message": message.strip()}
    if seen(sms):
        made["sms"] = sms.strip()
    if kept:
        made["links"] = kept
    return made


def private_in(text: str, kind: Kind[Conditions]) -> list[str]:
    """The variables in it that nobody else is to read."""
    return [name for name in variables(text) if name in kind.private]


def briefly(words: Words, kind: Kind[Conditions]) -> str | None:
    """What of a text is said by SMS; None: nothing that a stranger may read, so the kind's own words are."""
    if "sms" in words:
        return words["sms"]
    whole = "\n".join(filter(None, (words.get("subject", ""), words["message"])))
    return None if private_in(whole, kind) else whole


def closed(text: str) -> bool:
    return not set("{}") & set(_VARIABLE.sub("", text))


def braced(names: Collection[str]) -> str:
    return ", ".join(f"{{{one}}}" for one in names)


def variables(text: str) -> list[str]:
    return [name.strip() for name in _VARIABLE.findall(text)]


def fallbacks_in(language: str, fallbacks: Mapping[str, Fallback]) -> dict[str, str]:
    """Those that there are in this language."""
    said = {
        name: one if isinstance(one, str) else one.get(language) or one.get(FIRST, "")
        for name, one in fallbacks.items()
    }
    return {name: one for name, one in said.items() if one}


def filled(words: Words, values: Mapping[str, str], fallbacks: Mapping[str, str]) -> Said:
    """Raises `Missing`."""

    def value(found: re.Match[str]) -> str:
        name = found[1].strip()
        given = values.get(name) or fallbacks.get(name)
        if not given:
            raise Missing(name)
        return given

    return Said(_VARIABLE.sub(value, words.get("subject", "")), _VARIABLE.sub(value, words.get("message", "")))


def written(clinic: Clinic, kind: Kind[Conditions], given: Template) -> dict[str, Words]:
    """By language, checked; in one that the clinic does not speak now it is kept for when it does. Raises
    `FollowupError`."""
    said = {**({clinic.settings.voice.languages[0]: given.everywhere} if given.everywhere else {}), **given.texts}
    if not said:
        raise BadRule("template", "write `message`, or `texts` by language")
    _languages("texts", said)
    for one in given.fallbacks.values():
        _languages("fallbacks", one if isinstance(one, Mapping) else ())
    for name in (*given.variables, *given.fallbacks):
        if name not in kind.variables:
            raise UnknownVariable(name, braced(kind.variables))
    return checked(said, kind)


def _languages(place: str, given: Collection[str]) -> None:
    if strange := [one for one in given if one not in LANGUAGES]:
        some = ", ".join(LANGUAGES)
        raise BadRule(f"template.{place}", f"there is no language {', '.join(strange)}; write some of {some}")


def called(version: FollowupTemplate) -> UUID:
    """The id of its first version."""
    return version.first_id or version.id


def keep(
    session: Session,
    clinic: Clinic,
    kind: Kind[Conditions],
    given: Template,
    now: datetime,
    *,
    before: FollowupTemplate | None = None,
    name: str | None = None,
) -> FollowupTemplate:
    """A new text, or another version of the one `before`, which stays for what was said with it. Raises
    `FollowupError`."""
    texts = written(clinic, kind, given)
    if before is not None and (before.texts, before.fallbacks) == (texts, dict(given.fallbacks)):
        return before
    made = FollowupTemplate(
        clinic_id=clinic.id,
        first_id=called(before) if before else None,
        name=before.name if before else name,
        version=before.version + 1 if before else 1,
        type=kind.name,
        texts=texts,
        fallbacks=dict(given.fallbacks),
        created_at=now,
    )
    session.add(made)
    session.flush()
    return made
