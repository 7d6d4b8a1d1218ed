"""The values of loyalty's API: points, and what multiplies them."""

from decimal import Decimal
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, PlainSerializer

from web.http.values import decimal_schema

LARGEST_POINTS = 1_000_000


def _whole(value: Any) -> Any:
    """84.0 is a whole number in JSON; 84.5 stays what it is, and is refused."""
    if isinstance(value, Decimal) and abs(value) <= LARGEST_POINTS and value == int(value):
        return int(value)
    return value


Points = Annotated[int, Field(strict=True, ge=1, le=LARGEST_POINTS), BeforeValidator(_whole)]
SignedPoints = Annotated[
    int,
    Field(
        strict=True,
        ge=-LARGEST_POINTS,
        le=LARGEST_POINTS,
        description="Positive gives, negative takes",
        json_schema_extra={"not": {"const": 0}},
    ),
    BeforeValidator(_whole),
]
Factor = Annotated[Decimal, PlainSerializer(str, return_type=str), decimal_schema("1.5", "A decimal number")]
