"""How often a rule speaks to the same customer, as it is written and shown."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, ValidationError, ValidatorFunctionWrapHandler, WrapValidator

from followups.reentry import MOST_DAYS
from models import followups as tables
from web.http.fields import Unfit
from web.http.values import RequestModel, ResponseModel, whole

Named = Literal["once", "each_anchor"]


class AfterDays(RequestModel):
    after_days: Annotated[
        int, Field(strict=True, ge=1, le=MOST_DAYS, description="Of the clinic's calendar"), BeforeValidator(whole)
    ]


class Days(ResponseModel):
    after_days: int


def _as_documented(value: Any, read: ValidatorFunctionWrapHandler) -> Any:
    """Of several forms pydantic would name each, and what each of them lacks."""
    try:
        return read(value)
    except ValidationError:
        raise Unfit(f'give once, each_anchor, or {{"afterDays": 90}} of 1 to {MOST_DAYS} days') from None


Reentry = Annotated[
    Named | AfterDays,
    WrapValidator(_as_documented),
    Field(
        description="How often it speaks to the same customer: `once`, once an anchor (`each_anchor`), or at another "
        "anchor after so many days: `{afterDays: 90}`. What was sent counts, by any version"
    ),
]


def written(given: Named | AfterDays | None) -> tables.Reentry | None:
    return given.after_days if isinstance(given, AfterDays) else given


def shown(kept: tables.Reentry) -> Named | Days:
    return Days(after_days=kept) if isinstance(kept, int) else kept
