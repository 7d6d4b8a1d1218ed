"""A file as it was written: YAML without its surprises, and the line on which each thing stands.

Nothing is guessed: a date, a time and a phone that begins with 0 stay the text that they are, `no` is a word, and a key
that is written twice is told instead of silently being the second one. Tags and references are refused: a file of some
hundred characters could stand for gigabytes. Nothing here runs for longer than the file is long.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import yaml

LARGEST = 500_000
"""Bytes; some hundred services with all their words are 100,000."""
DEEPEST = 10
Path = tuple[str | int, ...]

_NOTHING = frozenset({"", "~", "null"})
_YES_OR_NO = {"true": True, "false": False}
_WHOLE = re.compile(r"-?(0|[1-9][0-9]{0,17})")
_DECIMAL = re.compile(r"-?[0-9]{1,12}\.[0-9]{1,6}")
_SAID = {
    "cannot start any token": "a tab or a sign such as @ begins something here: indent by spaces, put text in quotes",
    "mapping values are not allowed": "a colon where none can stand: put text with a colon in quotes, or look at the "
    "spaces before the line",
    "could not find expected ':'": "this line is no `key: value`",
    "<block end>": "the spaces before this line do not fit the lines above it",
    "unexpected end of stream": "a quotation mark or bracket is never closed",
    "',' or": "a bracket is never closed, or a comma is missing",
    "special characters are not allowed": "a character stands here that nobody can see: remove it",
}


@dataclass(frozen=True, order=True)
class Problem:
    line: int
    """From 1; 0: of the file as a whole."""
    says: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.says}" if self.line else self.says


class NotReadable(ValueError):
    """Nothing can be said of the contents; `problem` tells why."""

    def __init__(self, line: int, says: str) -> None:
        super().__init__(says)
        self.problem = Problem(line, says)


@dataclass
class Written:
    """`content`: dictionaries, lists, text, whole numbers, decimals, true, false and None."""

    content: dict[str, Any] = field(default_factory=dict)
    lines: dict[Path, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    """What is wrong, and leaves the rest readable."""

    def line(self, path: Path) -> int:
        """Of what stands at this path, else of what it would stand in."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 0)

    def add(self, path: Path, says: str) -> None:
        self.problems.append(Problem(self.line(path), says))


def read(raw: bytes) -> Written:
    """Raises `NotReadable`."""
    text = _text(raw)
    written = Written()
    try:
        content = _Builder(written, text).document()
    except yaml.reader.ReaderError as error:
        raise NotReadable(text.count("\n", 0, error.position) + 1, _in_words(str(error.reason))) from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise NotReadable(mark.line + 1 if mark else 0, _in_words(str(error.problem or error.context))) from None
    if not isinstance(content, dict):
        raise NotReadable(1, "write settings, each as `key: value`, as in docs/clinic-file.md")
    written.content = content
    return written


def _text(raw: bytes) -> str:
    if len(raw) > LARGEST:
        raise NotReadable(0, f"the file is larger than {LARGEST:,} bytes")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise NotReadable(line, "this is no UTF-8: save the file as UTF-8 text") from None


def _in_words(problem: str) -> str:
    return next((said for part, said in _SAID.items() if part in problem), f"this cannot be read as YAML ({problem})")


class _Builder:
    """Takes the parser's events one by one, so that whatever is too deep or too much ends where it is seen."""

    def __init__(self, written: Written, text: str) -> None:
        self._written = written
        self._events: Iterator[yaml.Event] = yaml.parse(text, Loader=yaml.BaseLoader)

    def document(self) -> Any:
        content, documents = None, 0
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise NotReadable(_line(event), "a second document begins here: leave `---` out")
            elif not isinstance(event, yaml.StreamStartEvent | yaml.StreamEndEvent | yaml.DocumentEndEvent):
                content = self._node(event, ())
        return content

    def _node(self, event: yaml.Event, path: Path) -> Any:
        self._written.lines.setdefault(path, _line(event))
        if len(path) > DEEPEST:
            raise NotReadable(_line(event), "this is nested deeper than anything of a clinic's file")
        self._refuse_surprises(event)
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(path)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(path)
        return self._scalar(event)

    def _mapping(self, path: Path) -> dict[str, Any]:
        found: dict[str, Any] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent):
                raise NotReadable(_line(event), "a key is a word, and what belongs to it stands behind its colon")
            self._refuse_surprises(event)
            key = event.value
            if key in found:
                at = self._written.lines[*path, key]
                self._written.problems.append(Problem(_line(event), f"{key} stands here again, after line {at}"))
                self._node(next(self._events), (*path, key))
                continue
            self._written.lines[*path, key] = _line(event)
            found[key] = self._node(next(self._events), (*path, key))
        return found

    def _sequence(self, path: Path) -> list[Any]:
        found: list[Any] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            found.append(self._node(event, (*path, len(found))))
        return found

    def _scalar(self, event: Any) -> Any:
        text: str = event.value
        if any(unicodedata.category(char) in ("Cc", "Cs") and char not in "\n\t" for char in text):
            self._written.problems.append(Problem(_line(event), "a character stands here that nobody can see"))
            return ""
        if event.style is not None:
            return text
        if text.lower() in _NOTHING:
            return None
        if text.lower() in _YES_OR_NO:
            return _YES_OR_NO[text.lower()]
        if _WHOLE.fullmatch(text):
            return int(text)
        return Decimal(text) if _DECIMAL.fullmatch(text) else text

    def _refuse_surprises(self, event: Any) -> None:
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise NotReadable(_line(event), "& and * stand for other parts in YAML: write it out, or put it in quotes")
        if getattr(event, "tag", None):
            raise NotReadable(_line(event), "! names a type in YAML: leave it out, or put the text in quotes")


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1
