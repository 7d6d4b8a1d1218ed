"""From the request to checked values. Strict: what is not documented is refused."""

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, TypeVar

from flask import Request
from pydantic import ValidationError

from web.http.fields import invalid, repeated
from web.http.problems import Problem
from web.http.values import RequestModel

BODY_LIMIT = 64 * 1024

Model = TypeVar("Model", bound=RequestModel)


def json_of(request: Request, raw: bytes) -> Any:
    """The body, numbers as `int` or `Decimal`. Raises `Problem` (unsupported_media_type, malformed_json)."""
    if request.mimetype != "application/json":
        raise Problem("unsupported_media_type")
    try:
        return json.loads(raw, parse_float=Decimal, parse_constant=_no_constant, object_pairs_hook=_once_each)
    # ArithmeticError: an exponent that even Decimal does not take. RecursionError: nested without end.
    except (ValueError, ArithmeticError, RecursionError) as error:
        raise Problem("malformed_json") from error


def checked(model: type[Model], values: Any, place: str = "") -> Model:
    """Raises `Problem` (invalid) that lists the fields."""
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise invalid(error, model, place) from None


def query_of(request: Request) -> Mapping[str, str]:
    """Raises `Problem` (invalid) for a name that is given twice."""
    for name, given in request.args.lists():
        if len(given) > 1:
            raise repeated(name)
    return request.args.to_dict()


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice")
    return found
