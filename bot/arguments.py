"""What buttons carry as text, read as the arguments of a handler."""

import re
from collections.abc import Callable
from typing import Any, Literal, get_args, get_origin
from uuid import UUID

from bot.phrasebook import BadRoute

_NUMBER = re.compile(r"-?[0-9]{1,9}")


def converter(hint: Any, place: str, name: str) -> Callable[[str], object]:
    """How a button's text becomes an argument of this type. Raises `BadRoute` for types that no button carries.

    `place`: of the handler whose argument it is.
    """
    options = [option for option in get_args(hint) if option is not type(None)]
    if get_origin(hint) is Literal:
        return _one_of(options)
    if options and type(None) in get_args(hint) and len(options) == 1:
        return converter(options[0], place, name)
    reads: dict[Any, Callable[[str], object]] = {int: _number, str: _word, UUID: UUID}
    if hint in reads:
        return reads[hint]
    raise BadRoute(f"{place}: a button cannot carry {name}: {hint}")


def _number(value: str) -> int:
    """As `Action` writes one. Not all that `int` would read: a forged one would overflow a column or a date."""
    if not _NUMBER.fullmatch(value):
        raise ValueError("no number that a button of ours carries")
    return int(value)


def _word(value: str) -> str:
    if "\0" in value:
        raise ValueError("PostgreSQL takes no NUL, so no button of ours carries one")
    return value


def _one_of(options: list[str]) -> Callable[[str], object]:
    def choose(value: str) -> str:
        if value not in options:
            raise ValueError(f"{value!r} is none of {options}")
        return value

    return choose
