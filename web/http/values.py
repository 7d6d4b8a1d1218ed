"""The values of the API, as strict as its document: what is not meant is refused, never guessed."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, StringConstraints, WithJsonSchema
from pydantic.alias_generators import to_camel

from web.http.fields import Unfit

LARGEST_BAHT = 10_000_000
EARLIEST, LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)

_SOURCE = r"[a-z0-9][a-z0-9_.-]{0,39}"
_EXTERNAL = r"[^\x00-\x20\x7f](?:[^\x00-\x1f\x7f]{0,118}[^\x00-\x20\x7f])?"
_UUID = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
_BAHT = r"^(?:(?!0+(?:\.0{1,2})?$)[0-9]{1,7}(?:\.[0-9]{1,2})?|10000000(?:\.0{1,2})?)$"
_PLAIN = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$"
"""Text of more than one line may be; other control characters are somebody's mistake, and PostgreSQL takes no NUL."""


class RequestModel(BaseModel):
    """What a caller sends: names in camelCase, nothing unknown."""

    model_config = ConfigDict(alias_generator=to_camel, extra="forbid", frozen=True)


class ResponseModel(BaseModel):
    """What a caller is told: names in camelCase."""

    model_config = ConfigDict(alias_generator=to_camel, validate_by_name=True, validate_by_alias=False)


def _instant(value: Any) -> datetime:
    try:
        at = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise Unfit("give a time such as 2026-02-03T11:30:00+07:00") from None
    if at.tzinfo is None:
        raise Unfit("a time needs its zone, such as 2026-02-03T11:30:00+07:00")
    if not EARLIEST <= at < LATEST:
        raise Unfit("this is no time of a clinic's visit")
    return at.astimezone(UTC)


def _day(value: Any) -> date:
    try:
        day = date.fromisoformat(value)
    except (TypeError, ValueError):
        raise Unfit("give a day such as 2026-02-10") from None
    if not EARLIEST.date() <= day < LATEST.date():
        raise Unfit("this is no day of a clinic's")
    return day


def _baht(value: Any) -> Decimal:
    """Exact: JSON numbers come as `int` or `Decimal`."""
    refusal = Unfit('give baht above 0 up to 10,000,000, with at most two decimals, such as 1200 or "1200.50"')
    if isinstance(value, str):
        if not re.fullmatch(_BAHT, value):
            raise refusal
        value = Decimal(value)
    if isinstance(value, bool) or not isinstance(value, int | Decimal) or not 0 < value <= LARGEST_BAHT:
        raise refusal
    amount = Decimal(value)
    if amount != amount.quantize(Decimal("0.01")):
        raise refusal
    return amount.quantize(Decimal("0.01"))


def decimal_schema(example: str, description: str) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "examples": [example], "description": description})


def whole(value: Any) -> Any:
    """84.0 is a whole number in JSON; 84.5 stays what it is, and is refused, as is what no column takes."""
    if isinstance(value, Decimal) and abs(value) < 2**63 and value == int(value):
        return int(value)
    return value


CustomerId = Annotated[
    str,
    Field(
        strict=True,
        pattern=f"^(?:{_UUID}|ext:{_SOURCE}:{_EXTERNAL})$",
        max_length=200,
        description="Our id of the customer, or `ext:<source>:<id>` with the id of another system; "
        "`ext:line:<user id>` is who the clinic's LINE account knows by it",
        examples=["ext:till:HN-1001"],
    ),
]
ExternalCustomerId = Annotated[
    str,
    Field(
        strict=True,
        pattern=f"^ext:{_SOURCE}:{_EXTERNAL}$",
        max_length=200,
        description="`ext:<source>:<id>`: the id that another system, such as the till, has for the customer",
        examples=["ext:till:HN-1001"],
    ),
]
FactId = Annotated[
    str,
    Field(
        strict=True,
        pattern=f"^(?:{_UUID}|ext:{_SOURCE}:{_EXTERNAL})$",
        max_length=200,
        description="Our id, or `ext:<source>:<id>` with the source and id it was sent with",
    ),
]
OfInvoice = Annotated[
    str,
    Field(
        strict=True,
        pattern=f"^ext:{_SOURCE}:{_EXTERNAL}$",
        max_length=200,
        description="The bill that it pays: `ext:<source>:<id>`, with the source and id of the bill. Two sources that "
        "name the same bill and amount tell of one purchase",
        examples=["ext:standard:INV-2026-0042"],
    ),
]
Id = Annotated[
    str, Field(strict=True, pattern=f"^{_UUID}$", json_schema_extra={"format": "uuid"}, description="Our id")
]
Source = Annotated[
    str, Field(strict=True, pattern=f"^{_SOURCE}$", description="Which system tells it", examples=["till"])
]
ExternalId = Annotated[
    str,
    Field(
        strict=True,
        pattern=f"^{_EXTERNAL}$",
        max_length=120,
        description="That system's own id: the same source and id are the same fact",
        examples=["bill-2026-0042"],
    ),
]
Code = Annotated[
    str, Field(strict=True, pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,59}$", description="The clinic's code of a service")
]
ShortText = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=500, pattern=_PLAIN)]
Name = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=200, pattern=_PLAIN)]
BranchCode = Annotated[
    Name, Field(description="The clinic's code of a branch; one that it does not have is as none", examples=["siam"])
]
WorkflowId = Annotated[ShortText, Field(description="An opaque id of your own workflow, handed on with what follows")]
Phone = Annotated[
    str,
    Field(
        strict=True,
        # A number with +66 is a Thai one, zero or not; any other country's has 8 to 15 digits with its own.
        pattern=r"^(?:(?:0|\+660?)[2-9][0-9]{7,8}|\+(?:[1-57-9][0-9]|6[0-57-9])[0-9]{6,13})$",
        description="A Thai number such as 0812345678, or any with its country, such as +66812345678; digits only. "
        "A zero after +66 is read as if it were not there",
        examples=["0812345678"],
    ),
]
Email = Annotated[
    str,
    Field(strict=True, pattern=r"^[^@\s\x00-\x1f\x7f]{1,64}@[A-Za-z0-9.-]{1,180}\.[A-Za-z]{2,20}$", max_length=254),
]
Baht = Annotated[
    Decimal,
    BeforeValidator(_baht),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "number", "exclusiveMinimum": 0, "maximum": LARGEST_BAHT, "multipleOf": 0.01},
                {"type": "string", "pattern": _BAHT},
            ],
            "description": "Baht, with at most two decimals",
            "examples": ["1200.50"],
        }
    ),
]
Day = Annotated[
    date,
    BeforeValidator(_day),
    WithJsonSchema({"type": "string", "format": "date", "description": "A local day", "examples": ["2026-02-10"]}),
]
Version = Annotated[
    int | None,
    Field(ge=0, lt=2**62, strict=True, description="Grows with each change; without it `at` decides which is newer"),
    BeforeValidator(whole),
]
Instant = Annotated[
    datetime,
    BeforeValidator(_instant),
    WithJsonSchema(
        {
            "type": "string",
            "format": "date-time",
            "description": "ISO 8601 with a zone",
            "examples": ["2026-02-03T11:30:00+07:00"],
        }
    ),
]
"""In UTC once it is read."""


Money = Annotated[
    Decimal,
    PlainSerializer(lambda amount: f"{amount:.2f}", return_type=str),
    decimal_schema("1200.50", "Baht"),
]
