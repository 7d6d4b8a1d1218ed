"""A body's JSON, whatever somebody signs: what is nested deeper, or has more digits, than any source's is left out.

`json.loads` reads nearly everything, and is quick. Where it gives up on one value it would take all events of the
request along: then that value is cut out of the text first.
"""

import json
import re
from typing import Any

from webhooks.source import Malformed

DEEPEST = 64
"""Levels of an event that are kept. No source nests half as deep, and what reads JSON recurses."""
DIGITS = 100
"""Of a whole number that is kept. Beyond some thousands Python refuses to read or write one."""
CUT = "…"

_MARKS = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|["\[\]{}]', re.DOTALL)
"""A string with all that is in it, and the brackets outside of strings; a quotation mark alone is never closed."""


def read(body: bytes, levels_above: int) -> Any:
    """The body's value; its events lie under so many levels of lists and objects. Raises `Malformed`."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return _without_the_worst(body, levels_above + DEEPEST)


def pruned(value: Any, levels: int = DEEPEST) -> Any:
    """The value without what is nested deeper than any source does: it costs neither itself nor its neighbours."""
    if not isinstance(value, dict | list):
        return value
    if levels == 0:
        return CUT
    if isinstance(value, dict):
        return {name: pruned(each, levels - 1) for name, each in value.items()}
    return [pruned(each, levels - 1) for each in value]


def shallow(text: str, levels: int) -> str:
    """What `pruned` does, for JSON that is not read yet: in one pass, without recursion. Raises `ValueError`."""
    kept: list[str] = []
    depth, start = 0, 0
    for found in _MARKS.finditer(text):
        mark = found[0]
        if mark in "[{":
            depth += 1
            if depth == levels + 1:
                kept.append(text[start : found.start()])
        elif mark in "]}":
            depth -= 1
            if depth == levels:
                kept.append(json.dumps(CUT))
                start = found.end()
        elif mark == '"':
            raise ValueError("a string has no end")
    if depth > levels:
        raise ValueError("a list or an object has no end")
    return "".join([*kept, text[start:]])


def _without_the_worst(body: bytes, levels: int) -> Any:
    try:
        text = body.decode(json.detect_encoding(body), "surrogatepass")
        return json.loads(shallow(text, levels), parse_int=_whole_number)
    except ValueError as error:
        raise Malformed("the body is not JSON") from error


def _whole_number(digits: str) -> int | str:
    return int(digits) if len(digits) <= DIGITS else CUT
