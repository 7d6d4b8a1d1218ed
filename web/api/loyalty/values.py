"""The values of loyalty's API: points, and what multiplies them."""

from decimal import Decimal
from typing import Annotated

from pydantic import BeforeValidator, Field, PlainSerializer

from web.http.values import decimal_schema, whole

LARGEST_POINTS = 1_000_000

Points = Annotated[int, Field(strict=True, ge=1, le=LARGEST_POINTS), BeforeValidator(whole)]
SignedPoints = Annotated[
    int,
    Field(
        strict=True,
        ge=-LARGEST_POINTS,
        le=LARGEST_POINTS,
        description="Positive gives, negative takes",
        json_schema_extra={"not": {"const": 0}},
    ),
    BeforeValidator(whole),
]
Factor = Annotated[Decimal, PlainSerializer(str, return_type=str), decimal_schema("1.5", "A decimal number")]
