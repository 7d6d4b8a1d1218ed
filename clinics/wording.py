"""What pydantic finds wrong, in words for the clinic's owner."""

from collections.abc import Mapping
from typing import Any

LONGEST_QUOTE = 40
_PLEASE = {
    "missing": "{last} is missing",
    "int_type": "write a whole number, such as 100: no comma, no quotation marks",
    "decimal_type": "write a number, such as 0.1",
    "decimal_parsing": "write a number, such as 0.1",
    "finite_number": "write a number, such as 0.1",
    "bool_type": "write true or false",
    "bool_parsing": "write true or false",
    "string_type": "write text; what YAML takes for something else goes into quotation marks",
    "greater_than_equal": "write a number from {ge}",
    "less_than_equal": "write a number up to {le}",
    "string_too_short": "write something here",
    "string_too_long": "write at most {max_length} characters",
    "literal_error": "write {expected}",
    "date_type": "write a day as 2026-12-31",
    "date_parsing": "write a day as 2026-12-31",
    "date_from_datetime_parsing": "write a day as 2026-12-31",
    "date_from_datetime_inexact": "write a day as 2026-12-31, without a time",
    "tuple_type": "write a list: each on a line of its own behind a dash",
    "list_type": "write a list: each on a line of its own behind a dash",
    "dict_type": "write what belongs here below it, each as `key: value`",
    "model_type": "write what belongs here below it, each as `key: value`",
    "too_short": "write at least one",
    "too_long": "write at most {max_length} of them",
}
_SHAPES = {
    "^@": "write the account's basic id with its @, such as @aura",
    "^[0-9]": "write the channel's number, digits only",
    "^[a-z0-9]": "write a short name of small letters, digits, - and _, such as siam or discount_5",
    "^([01]": "write a time as 21:00",
    "^(once": "write once, each_anchor, or such as after 90 days",
    "^\\S": "write a code without spaces around it",
}
"""How a pattern begins → what it wants."""


def words(error: Any) -> str:
    """Of one of pydantic's errors: what to do, and what was written instead."""
    context = error.get("ctx", {})
    if error["type"] == "value_error":
        said = str(context["error"])
    elif error["type"] == "string_pattern_mismatch":
        said = next(says for begins, says in _SHAPES.items() if context["pattern"].startswith(begins))
    elif error["type"] in _PLEASE:
        said = _PLEASE[error["type"]].format(last=error["loc"][-1], **context)
    else:
        said = error["msg"][:1].lower() + error["msg"][1:]
    given = error["input"]
    if isinstance(given, Mapping | list | tuple) or given is None:
        return said
    text = str(given)
    return f"{said} (not {text[:LONGEST_QUOTE] + '…' if len(text) > LONGEST_QUOTE else text!r})"
