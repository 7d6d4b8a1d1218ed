"""The clinic's own words: what people call things there, and answers that it has approved."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, get_args

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from runtime.language import FIRST, LANGUAGES


class Section(BaseModel):
    """What belongs together in a clinic's settings and in its file; null is as if it were left out."""

    model_config = ConfigDict(frozen=True, coerce_numbers_to_str=True)

    @model_validator(mode="before")
    @classmethod
    def _what_was_chosen(cls, given: Any) -> Any:
        if not isinstance(given, Mapping):
            return given
        unknown = [str(name) for name in given if name not in cls.model_fields]
        if unknown:
            raise ValueError(f"there is no {', '.join(unknown)} here: write some of {', '.join(cls.model_fields)}")
        return {name: value for name, value in given.items() if value is not None}


def by_language(given: Any) -> Any:
    """One text for all languages is written without naming any."""
    if not isinstance(given, Mapping):
        return {FIRST: given} if given is not None else {}
    if unknown := [code for code in given if code not in LANGUAGES]:
        comma = "; text with a comma goes into quotation marks" if None in given.values() else ""
        some = ", ".join(LANGUAGES)
        raise ValueError(f"there is no language {', '.join(unknown)} here: write some of {some}{comma}")
    return {code: given[code] for code in LANGUAGES if given.get(code) is not None}


def _said(given: dict[str, str]) -> dict[str, str]:
    if not given:
        raise ValueError("write a text")
    return given


def _in_letters(given: str) -> str:
    if sum(sign.isalpha() for sign in given) < LEAST_LETTERS:
        raise ValueError(f"write words of at least {LEAST_LETTERS} letters: shorter ones stand in too many others")
    return given


LEAST_LETTERS = 3
"""Of a phrase."""

SubjectName = Literal[
    "delete_data", "copy_data", "correct_data", "stop_all", "write_again", "want_offers", "settings", "stop_offers",
    "why_said", "privacy", "human", "language", "expiry", "redemptions", "rewards", "achievements", "tiers", "referral",
    "checkin", "review", "birthday", "member_card", "appointments", "booking", "courses", "price", "hours",
    "contact", "points", "history", "friend_code", "join", "thanks", "greeting",
]  # fmt: skip
"""What a sentence can be about; `bot/subjects.py` says how people speak of each."""

Phrase = Annotated[str, Field(min_length=2, max_length=60), AfterValidator(_in_letters)]
Phrases = Annotated[tuple[Phrase, ...], Field(min_length=1, max_length=100)]


def _in_order(given: dict[SubjectName, Phrases]) -> dict[SubjectName, Phrases]:
    """As they stand above: the database keeps no order."""
    return {subject: given[subject] for subject in get_args(SubjectName) if subject in given}


BySubject = Annotated[dict[SubjectName, Phrases], AfterValidator(_in_order)]
Text = Annotated[str, Field(min_length=1, max_length=1_000)]
Said = Annotated[dict[str, Text], BeforeValidator(by_language), AfterValidator(_said)]
Label = Annotated[str, Field(min_length=1, max_length=20)]
"""As long as LINE shows it on a button."""
Called = Annotated[dict[str, Label], BeforeValidator(by_language), AfterValidator(_said)]


FullName = Annotated[str, Field(min_length=1, max_length=60)]
NamesByLanguage = Annotated[dict[str, FullName], BeforeValidator(by_language)]


def _known(given: str) -> str:
    if given not in LANGUAGES:
        raise ValueError(f"there is no language {given} here: write some of {', '.join(LANGUAGES)}")
    return given


def _each_once(given: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(given)) != len(given):
        raise ValueError("write each language once")
    return given


Spoken = Annotated[tuple[Annotated[str, AfterValidator(_known)], ...], Field(min_length=1), AfterValidator(_each_once)]
"""Codes of languages, in their order."""


class Answer(Section):
    """A text that the clinic has approved, and what it answers."""

    code: str = Field(pattern="^[a-z0-9][a-z0-9_-]{0,39}$")
    name: Called
    """On a button, where it is asked what is meant."""
    phrases: Phrases | None = None
    """Sentences with these words are answered by it."""
    subject: SubjectName | None = None
    """So are sentences about this."""
    text: Said

    @model_validator(mode="after")
    def _heard(self) -> "Answer":
        if self.phrases is None and self.subject is None:
            raise ValueError("write phrases, a subject, or both: else nobody ever hears it")
        return self
