"""Whether a file can be a clinic's: everything that is wrong with it, by line, in words for the clinic's owner."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from itertools import pairwise
from typing import Any, get_args, get_origin

from pydantic import ValidationError

from clinics import rule_items
from clinics.contents import LISTS, ClinicFile
from clinics.reading import NotReadable, Path, Problem, Written, read
from clinics.wording import words
from models.clinic_settings import Tiers, completed
from models.clinic_words import Section
from runtime import codes
from runtime.language import LANGUAGES, hearing_words
from runtime.settings import ClinicDefaults

TIERS = tuple(step.name for step in Tiers().steps)
"""What tiers are called in every language, the lowest first."""


@dataclass(frozen=True)
class Checked:
    """`file` where nothing is wrong, completed by the installation's values."""

    problems: tuple[Problem, ...]
    file: ClinicFile | None = None
    written: Written = field(default_factory=Written)


def check(raw: bytes, defaults: ClinicDefaults) -> Checked:
    """All that can be said of a file by itself, whatever the clinic is now."""
    try:
        written = read(raw)
    except NotReadable as error:
        return Checked((error.problem,))
    known = _known(written, ClinicFile, written.content, ())
    file, bad = _validated(written, known)
    found = (
        *_twice(known),
        *_ladder(known),
        *_across(file, bad),
        *_heard(file, bad),
        *rule_items.wrong(file.followup_rules),
        *rule_items.texted(file.followup_rules, file.channels.sms, defaults),
    )
    for path, says in found:
        written.add(path, says)
    problems = tuple(sorted(set(written.problems)))
    return Checked(problems, None if problems else completed(file, defaults), written)


def _known(written: Written, model: type[Section], content: Mapping[str, Any], path: Path) -> dict[str, Any]:
    """The content without keys that mean nothing, each of which is a problem."""
    kept: dict[str, Any] = {}
    for key, value in content.items():
        found = model.model_fields.get(key)
        if found is None:
            near = get_close_matches(key, model.model_fields, 1)
            hint = f"is {near[0]} meant?" if near else f"there are {', '.join(model.model_fields)}"
            hint += " (text with a comma goes into quotation marks)" if value is None else ""
            written.add((*path, key), f"there is no {key} here: {hint}")
            continue
        inner, at = _section(found.annotation), (*path, key)
        if inner is not None and get_origin(found.annotation) is dict and isinstance(value, Mapping):
            kept[key] = {name: _inside(written, inner, one, (*at, name)) for name, one in value.items()}
        else:
            kept[key] = value if inner is None else _inside(written, inner, value, at)
    return kept


def _inside(written: Written, inner: type[Section], value: Any, at: Path) -> Any:
    """The same of a section, or of each of a list."""
    if isinstance(value, Mapping):
        return _known(written, inner, value, at)
    if isinstance(value, list):
        return [_inside(written, inner, one, (*at, place)) for place, one in enumerate(value)]
    return value


def _section(annotation: Any) -> type[Section] | None:
    """The section that stands in a field, alone or in a list."""
    if isinstance(annotation, type) and issubclass(annotation, Section):
        return annotation
    return next(filter(None, map(_section, get_args(annotation))), None)


def _validated(written: Written, content: dict[str, Any]) -> tuple[ClinicFile, frozenset[str]]:
    """What is right of it, and the sections that are not."""
    try:
        return ClinicFile.model_validate(content), frozenset()
    except ValidationError as error:
        found = error.errors(include_url=False)
        bad = frozenset(str(one["loc"][0]) for one in found if one["loc"])
        inside = {one["loc"][:end] for one in found for end in range(1, len(one["loc"]))}
        for one in found:
            if one["type"] == "too_short" and one["loc"] in inside:
                continue  # those that are wrong are not counted
            path = tuple(step for step in one["loc"] if step != "[key]")
            where = path[:-1] if one["type"] == "missing" else path
            written.add(path, f"{_place(content, where)}{words(one)}")
    rest = {key: value for key, value in content.items() if key not in bad}
    return ClinicFile.model_validate({"name": "?", **rest}), bad


def _place(content: Any, path: Path) -> str:
    """`rewards.discount_5.points: `: items of a list by their code or name; without a list there are none."""
    steps = []
    for step in path:
        if isinstance(step, int) and not isinstance(content, list):
            continue
        content = content[step] if _has(content, step) else None
        named = (
            content.get("code") or content.get("name") if isinstance(step, int) and isinstance(content, dict) else None
        )
        steps.append(str(named if isinstance(named, str) else step + 1 if isinstance(step, int) else step))
    return f"{'.'.join(steps)}: " if steps else ""


def _has(content: Any, step: str | int) -> bool:
    return (isinstance(content, dict) and step in content) or (
        isinstance(content, list) and isinstance(step, int) and step < len(content)
    )


def _across(file: ClinicFile, bad: Collection[str]) -> Iterator[tuple[Path, str]]:
    """What one part says of another, where both can be read."""
    if not {"tiers", "rewards"} & set(bad):
        names = [tier.name for tier in file.tiers.steps]
        for place, reward in enumerate(file.rewards or ()):
            if reward.least_tier is not None and reward.least_tier not in names:
                says = f"rewards.{reward.code}: there is no tier {reward.least_tier}: write one of {', '.join(names)}"
                yield ("rewards", place, "least_tier"), says
    codes = {one.code for one in file.services or ()}
    for place, service in enumerate(file.services or ()):
        for other in service.not_after:
            if other not in codes or other == service.code:
                says = f"services.{service.code}: not_after names {other}, which is no other service of this file"
                yield ("services", place, "not_after", other), says


def _heard(file: ClinicFile, bad: Collection[str]) -> Iterator[tuple[Path, str]]:
    """A phrase means one thing: neither twice in the file, nor in the product's own book, which goes before."""
    known = {
        _plain(word): f"{phrase}, by the product itself"
        for language in LANGUAGES
        for phrase, words in hearing_words(language).items()
        for word in words
    }
    own: list[tuple[Path, str, str]] = []
    for subject, phrases in file.phrases.items() if "phrases" not in bad else ():
        own += [(("phrases", subject, place), f"phrases.{subject}", one) for place, one in enumerate(phrases)]
    for at, answer in enumerate(file.answers if "answers" not in bad else ()):
        each = enumerate(answer.phrases or ())
        own += [(("answers", at, "phrases", place), f"answers.{answer.code}", one) for place, one in each]
    for path, where, phrase in own:
        if (meaning := known.setdefault(_plain(phrase), where)) is not where:
            yield path, f"{where}: {phrase} is heard as {meaning} already: leave it out here"
    subjects = [one.subject for one in file.answers]
    for at, answer in enumerate(file.answers if "answers" not in bad else ()):
        if answer.subject is not None and answer.subject in subjects[:at]:
            yield ("answers", at, "subject"), f"answers.{answer.code}: {answer.subject} is answered by another already"


def _plain(text: str) -> str:
    return "".join(codes.folded(text).casefold().split())


def _ladder(content: Mapping[str, Any]) -> Iterator[tuple[Path, str]]:
    """What tiers are called in every language says which is the higher one, in whatever order they are written."""
    tiers = content.get("tiers")
    steps = tiers.get("steps") if isinstance(tiers, Mapping) else None
    begins: dict[str, tuple[int, int]] = {}
    for place, row in enumerate(steps if isinstance(steps, list) else ()):
        name, threshold = (row.get("name"), row.get("threshold")) if isinstance(row, Mapping) else (None, None)
        if name in TIERS and isinstance(threshold, int):
            begins.setdefault(str(name), (place, threshold))
    for lower, higher in pairwise([name for name in TIERS if name in begins]):
        (place, low), (_, high) = begins[lower], begins[higher]
        if low > high:
            says = f"begins at {low} points, above {higher}, which begins at {high}: {lower} is the lower tier"
            yield ("tiers", "steps", place, "threshold"), f"tiers.steps.{lower}: {says}"


def _twice(content: Mapping[str, Any]) -> Iterator[tuple[Path, str]]:
    for name in (*LISTS, "answers"):
        items = content.get(name)
        codes = [
            one.get("code") if isinstance(one, dict) else None for one in (items if isinstance(items, list) else ())
        ]
        for place, code in enumerate(codes):
            if code is not None and code in codes[:place]:
                yield (name, place, "code"), f"{name}: the code {code} stands here again: give each its own"
