"""Follow-up rules as they stand in a clinic's file, and what is wrong with them: each by its own kind."""

import re
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Annotated, Any, Literal, cast

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, ValidationError

import followups.kinds  # noqa: F401 - fills the registry of kinds
from clinics.reading import Path
from clinics.wording import words
from customers.voice import seen
from followups import links, sms_rules, texts
from followups.errors import BadRule
from followups.kind import Conditions, Kind, kinds
from models import clinic_channels
from models.clinic_words import Section, by_language
from models.followups import LinkWords, Reentry, Words
from runtime.settings import ClinicDefaults

Shown = StringConstraints(strip_whitespace=True, min_length=1)
"""YAML's blocks end with a line of their own."""
Subject = Annotated[str, Shown, Field(max_length=texts.SUBJECT)]
Message = Annotated[str, Shown, Field(max_length=texts.MESSAGE)]
Sms = Annotated[str, Shown, Field(max_length=texts.SMS)]
Line = Annotated[str, Field(min_length=1, max_length=500)]


def _web(given: str) -> str:
    try:
        return links.address("url", given)
    except BadRule as error:
        raise ValueError(error.detail) from None


class LinkItem(Section):
    """A button below what is said."""

    label: Annotated[str, Shown, Field(max_length=links.LABEL)]
    url: Annotated[str, AfterValidator(_web)]


class TemplateItem(Section):
    """What a rule says, in its own words."""

    subject: Annotated[dict[str, Subject], BeforeValidator(by_language)] = Field(default_factory=dict)
    message: Annotated[dict[str, Message], BeforeValidator(by_language), Field(min_length=1)]
    sms: Annotated[dict[str, Sms], BeforeValidator(by_language)] = Field(default_factory=dict)
    """The same in few words, for an SMS."""
    links: Annotated[dict[str, tuple[LinkItem, ...]], BeforeValidator(by_language)] = Field(default_factory=dict)
    fallbacks: dict[str, Annotated[dict[str, Line], BeforeValidator(by_language)]] = Field(default_factory=dict)
    """Variable → what stands in its place where there is no value for it."""


class RuleItem(Section):
    """When to speak to whom, and how."""

    code: str = Field(pattern="^[a-z0-9][a-z0-9_-]{0,39}$")
    name: str = Field(min_length=1, max_length=200)
    type: str
    """The kind."""
    conditions: dict[str, Any] = Field(default_factory=dict)
    """As the kind takes them; the API calls them `triggerConditions`."""
    channels: tuple[str, ...] = Field(min_length=1)
    """The preferred first."""
    delivery: Literal["first", "all"] = "first"
    reentry: str = Field("each_anchor", pattern="^(once|each_anchor|after [1-9][0-9]{0,3} days)$")
    """How often it speaks to the same customer."""
    priority: Literal["high", "normal", "low"] = "normal"
    active: bool = False
    """Whether it speaks; else it rests."""
    ai_personalization: bool = False
    workflow_id: Line | None = None
    template: TemplateItem | None = None
    """Left out: the kind's own words."""
    shared_text: str | None = Field(None, min_length=1, max_length=200)
    """The name of a text that several rules share, instead of one of its own."""


def wrong(items: Sequence[RuleItem] | None) -> Iterator[tuple[Path, str]]:
    """All that its kind does not take of a rule, and where it stands in the file."""
    for place, item in enumerate(items or ()):
        for path, says in _of_one(item):
            yield ("followup_rules", place, *path), f"followup_rules.{'.'.join((item.code, *map(str, path)))}: {says}"


def texted(
    items: Sequence[RuleItem] | None, sms: clinic_channels.Sms, defaults: ClinicDefaults
) -> Iterator[tuple[Path, str]]:
    """What no operator would carry of those that may go as an SMS, by what the same file says is registered."""
    for place, item in enumerate(items or ()):
        if item.type not in kinds or item.template is None:
            continue
        words = {language: in_language(item.template, language) for language in item.template.message}
        for language, says in sms_rules.wrong(kinds[item.type], item.channels, words, sms, defaults):
            path = ("followup_rules", place, "template", "message", language)
            yield path, f"followup_rules.{item.code}.template.{language}: {says}"


def triggers(item: RuleItem) -> dict[str, Any]:
    """Its conditions as the rule keeps them and the API calls them."""
    fields = kinds[item.type].conditions.model_fields
    return {fields[name].alias or name: value for name, value in item.conditions.items()}


def conditions_of(type_: str, kept: Mapping[str, Any]) -> dict[str, Any]:
    """A rule's conditions as the file calls them."""
    names = {field.alias or name: name for name, field in kinds[type_].conditions.model_fields.items()}
    return {names[alias]: value for alias, value in kept.items()}


def again(item: RuleItem) -> Reentry:
    """How often it speaks to the same customer, as the rule keeps it."""
    days = re.search("[0-9]+", item.reentry)
    return int(days[0]) if days else cast("Reentry", item.reentry)


def again_of(kept: Reentry) -> str:
    """The same as the file says it."""
    return f"after {kept} days" if isinstance(kept, int) else kept


def _of_one(item: RuleItem) -> Iterator[tuple[Path, str]]:
    if item.type not in kinds:
        yield ("type",), _there_is(item.type, list(kinds))
        return
    kind = kinds[item.type]
    yield from _conditions(item, kind)
    strange = [one for one in item.channels if one not in kind.channels]
    if strange or len(set(item.channels)) != len(item.channels):
        yield ("channels",), f"write each once, the preferred first, of {', '.join(kind.channels)}"
    if item.ai_personalization and not kind.ai:
        yield ("ai_personalization",), f"a follow-up of the kind {kind.name} is never worded by a model: leave it out"
    if item.template and item.shared_text:
        yield ("shared_text",), "write template or shared_text, not both"
    if item.template:
        yield from _template(item.template, kind)


def _conditions(item: RuleItem, kind: Kind[Conditions]) -> Iterator[tuple[Path, str]]:
    known = kind.conditions.model_fields
    if strange := [name for name in item.conditions if name not in known]:
        for name in strange:
            yield ("conditions", name), _there_is(name, list(known))
        return
    try:
        kind.conditions.model_validate(triggers(item))
    except ValidationError as error:
        named = {field.alias or name: name for name, field in known.items()}
        for one in error.errors(include_url=False):
            within = tuple(named.get(step, step) if isinstance(step, str) else step for step in one["loc"])
            yield ("conditions", *within), words(one)


def _template(written: TemplateItem, kind: Kind[Conditions]) -> Iterator[tuple[Path, str]]:
    for part, said in (("subject", written.subject), ("message", written.message), ("sms", written.sms)):
        for language, text in said.items():
            yield from ((("template", part, language), says) for says in _filled(text, kind.variables))
    for language, text in written.sms.items():
        if shown := texts.private_in(text, kind):
            yield ("template", "sms", language), texts.SHOWS.format(name=shown[0])
    for part, languages in (
        ("subject", list(written.subject)), ("links", list(written.links)), ("sms", list(written.sms))
    ):  # fmt: skip
        for language in (one for one in languages if one not in written.message):
            yield ("template", part, language), f"write the message in {language} too"
    for language in written.message:
        try:
            links.checked("", in_language(written, language), kind)
        except BadRule as error:
            yield ("template", "message", language), error.detail
    for name in (one for one in written.fallbacks if one not in kind.variables):
        yield ("template", "fallbacks", name), _there_is(name, list(kind.variables))


def _filled(text: str, known: Sequence[str]) -> Iterator[str]:
    if not seen(text):
        yield texts.NOTHING
    for name in texts.variables(text):
        if name not in known:
            yield f"{{{name}}} stands for nothing here: write one of {texts.braced(known)}"
    if not texts.closed(text):
        yield texts.CLOSE


def in_language(written: TemplateItem, language: str) -> Words:
    below: list[LinkWords] = [{"label": one.label, "url": one.url} for one in written.links.get(language, ())]
    said: Words = {"subject": written.subject.get(language, ""), "message": written.message[language], "links": below}
    if language in written.sms:
        said["sms"] = written.sms[language]
    return said


def _there_is(given: str, known: Sequence[str]) -> str:
    near = get_close_matches(given, known, 1)
    hint = f"is {near[0]} meant?" if near else f"write one of {', '.join(known)}" if known else "it takes none"
    return f"there is no {given} here: {hint}"
