"""What is said of fields that are not as documented: our own sentences, never a value, nor a name that nobody chose.

The messages of others quote: Python's of a time holds the text that is none, pydantic's of a pattern the pattern.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from pydantic import BaseModel, ValidationError

from web.http.problems import Problem

UNKNOWN = "an unknown field"
_NAME = re.compile(r"[a-z]{1,20}(?:[A-Z][a-z]{1,20}){0,4}")
"""As the names of the API are written; anything else could be what somebody meant to send as a value."""
_SAID: Mapping[str, str] = {
    "missing": "it is missing",
    "extra_forbidden": "it is not known here",
    "string_type": "give a text",
    "string_unicode": "give a text of whole characters",
    "string_too_short": "give at least {min_length} characters",
    "string_too_long": "give at most {max_length} characters",
    "string_pattern_mismatch": "give it in the form that is documented",
    "int_type": "give a whole number",
    "int_from_float": "give a whole number",
    "int_parsing": "give a whole number",
    "int_parsing_size": "give a whole number that is not so long",
    "greater_than_equal": "give {ge} or more",
    "less_than_equal": "give {le} or less",
    "bool_type": "give true or false",
    "bool_parsing": "give true or false",
    "literal_error": "give {expected}",
    "model_type": "give an object",
    "dict_type": "give an object",
    "list_type": "give a list",
    "too_short": "give at least {min_length}",
    "too_long": "give at most {max_length}",
}
"""By pydantic's type; what is filled in comes from the model."""


class Unfit(ValueError):
    """A validator of ours refuses: the message is a sentence for the caller, which quotes nothing."""


def invalid(error: ValidationError, model: type[BaseModel], place: str = "") -> Problem:
    """The fields that pydantic refused, without what was sent in them."""
    found = [
        {"field": _field(one["loc"], place), "detail": _detail(one, model), "code": one["type"]}
        for one in error.errors(include_url=False, include_input=False)
    ]
    return Problem("invalid", "; ".join(f"{one['field']}: {one['detail']}" for one in found) + ".", errors=found)


def repeated(name: str) -> Problem:
    """Of the query's names one is given twice."""
    one = {"field": _field((name,), "query"), "detail": "it is given more than once", "code": "repeated"}
    return Problem("invalid", f"{one['field']}: {one['detail']}.", errors=[one])


def _field(loc: tuple[int | str, ...], place: str) -> str:
    if not all(isinstance(step, int) or _NAME.fullmatch(step) for step in loc):
        return UNKNOWN
    return ".".join(step for step in (place, *map(str, loc)) if step) or "body"


def _detail(one: Mapping[str, Any], model: type[BaseModel]) -> str:
    context = one.get("ctx", {})
    if isinstance(unfit := context.get("error"), Unfit):
        return str(unfit)
    said = _SAID.get(one["type"], "give it as it is documented").format(**context)
    example = _examples(model).get(str(one["loc"][0])) if one["type"] == "string_pattern_mismatch" else None
    return f"{said}, such as {example}" if example else said


@cache
def _examples(model: type[BaseModel]) -> Mapping[str, str]:
    """By the name of a field."""
    fields = model.model_json_schema().get("properties", {})
    found = {name: next(_examples_in(schema), None) for name, schema in fields.items()}
    return {name: example for name, example in found.items() if example}


def _examples_in(schema: Mapping[str, Any]) -> Iterator[str]:
    yield from schema.get("examples", ())
    for choice in schema.get("anyOf", ()):
        yield from _examples_in(choice)
