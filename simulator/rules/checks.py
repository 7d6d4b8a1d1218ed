"""The vocabulary of the rules: a field is a function that looks at one value and notes what LINE would object to."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

Path = tuple[str | int, ...]


@dataclass
class Findings:
    """What is wrong and where, in the order of the document."""

    found: list[tuple[Path, str]] = field(default_factory=list)

    def bad(self, path: Path, message: str) -> None:
        self.found.append((path, message))

    def dotted(self) -> list[dict[str, str]]:
        """`messages[0].text`, as LINE names places in a request."""
        return [{"message": message, "property": _dotted(path)} for path, message in self.found]

    def pointers(self) -> list[dict[str, str]]:
        """`/body/contents/0/text`, as LINE names places in a Flex container."""
        return [{"message": message, "property": "/" + "/".join(map(str, path))} for path, message in self.found]


Field = Callable[[Findings, Path, Any], None]


def _dotted(path: Path) -> str:
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else (f".{step}" if text else step)
    return text


def utf16(text: str) -> int:
    """Length in UTF-16 code units, by which LINE counts most texts."""
    return len(text) + sum(ord(letter) > 0xFFFF for letter in text)


def graphemes(text: str) -> int:
    """Length in user-perceived characters (UAX 29, without the rules for Indic conjuncts and prepended marks)."""
    count, joined, flags = 0, False, 0
    for letter in text:
        code = ord(letter)
        if 0x1F1E6 <= code <= 0x1F1FF:  # two regional indicators are one flag
            flags += 1
            count += flags % 2
            joined = False
            continue
        flags = 0
        if joined and code > 0x203B:
            joined = False
            continue
        joined = code == 0x200D
        if not (joined or _extends(letter, code)):
            count += 1
    return count


def _extends(letter: str, code: int) -> bool:
    # Thai and Lao "am" are letters by category and yet never begin a character.
    return (
        unicodedata.category(letter) in {"Mn", "Me", "Mc"}
        or code in {0x0E33, 0x0EB3, 0x200C}
        or 0x1F3FB <= code <= 0x1F3FF
        or 0x1160 <= code <= 0x11FF
        or 0xE0020 <= code <= 0xE007F
    )


def text(most: int, *, least: int = 1, count: Callable[[str], int] = utf16) -> Field:
    def look(findings: Findings, path: Path, value: Any) -> None:
        if not isinstance(value, str):
            findings.bad(path, "must be a string")
        elif least and not value:
            findings.bad(path, "May not be empty")
        elif count(value) > most:
            findings.bad(path, f"Length must be between {least} and {most}")

    return look


def pattern(regex: str, message: str) -> Field:
    compiled = re.compile(regex)

    def look(findings: Findings, path: Path, value: Any) -> None:
        if not isinstance(value, str) or not compiled.fullmatch(value):
            findings.bad(path, message)

    return look


def one_of(*values: str) -> Field:
    allowed = frozenset(values)

    def look(findings: Findings, path: Path, value: Any) -> None:
        if not isinstance(value, str) or value not in allowed:
            findings.bad(path, f"Must be one of the following values: [{', '.join(values)}]")

    return look


def integer(least: int, most: int) -> Field:
    def look(findings: Findings, path: Path, value: Any) -> None:
        if not isinstance(value, int) or isinstance(value, bool):
            findings.bad(path, "must be an integer")
        elif not least <= value <= most:
            findings.bad(path, f"must be between {least} and {most}")

    return look


def number(least: float, most: float) -> Field:
    def look(findings: Findings, path: Path, value: Any) -> None:
        if not isinstance(value, (int, float)) or isinstance(value, bool) or not least <= value <= most:
            findings.bad(path, f"must be between {least} and {most}")

    return look


def boolean(findings: Findings, path: Path, value: Any) -> None:
    if not isinstance(value, bool):
        findings.bad(path, "must be true or false")


_LOOPBACK = re.compile(r"http://(127(\.\d{1,3}){3}|localhost|\[::1\])(:\d+)?(/|\?|$)")


def https(findings: Findings, path: Path, value: Any) -> None:
    """An address that LINE fetches: HTTPS, at most 2,000 characters; plain HTTP only on this machine."""
    if not isinstance(value, str) or not value:
        findings.bad(path, "May not be empty")
    elif utf16(value) > 2000:
        findings.bad(path, "Length must be between 1 and 2000")
    elif not (re.match(r"https://[^/\s]+", value) or _LOOPBACK.match(value)) or re.search(r"\s", value):
        findings.bad(path, "invalid uri")


def array(item: Field, least: int, most: int) -> Field:
    def look(findings: Findings, path: Path, value: Any) -> None:
        if not isinstance(value, list):
            findings.bad(path, "must be an array")
        elif not least <= len(value) <= most:
            findings.bad(path, f"Size must be between {least} and {most}")
        else:
            for at, one in enumerate(value):
                item(findings, (*path, at), one)

    return look


def fields(
    findings: Findings, path: Path, value: Any, known: Mapping[str, Field], required: Iterable[str] = ()
) -> bool:
    """Checks an object's properties; unknown ones are refused. Whether it is an object at all."""
    if not isinstance(value, dict):
        findings.bad(path, "must be an object")
        return False
    for name in required:
        if value.get(name) is None:
            findings.bad((*path, name), "May not be empty")
    for name, one in value.items():
        look = known.get(name)
        if look is None:
            findings.bad((*path, name), "unknown field")
        elif one is not None:
            look(findings, (*path, name), one)
    return True


def shape(known: Mapping[str, Field], required: Iterable[str] = ()) -> Field:
    wanted = tuple(required)

    def look(findings: Findings, path: Path, value: Any) -> None:
        fields(findings, path, value, known, wanted)

    return look


def by_type(kinds: Mapping[str, Field]) -> Field:
    """An object whose `type` says which rules it follows."""

    def look(findings: Findings, path: Path, value: Any) -> None:
        if not isinstance(value, dict):
            findings.bad(path, "must be an object")
            return
        kind = value.get("type")
        follow = kinds.get(kind) if isinstance(kind, str) else None
        if follow is None:
            findings.bad((*path, "type"), f"Must be one of the following values: [{', '.join(kinds)}]")
        else:
            follow(findings, path, value)

    return look


def anything(_findings: Findings, _path: Path, _value: Any) -> None:
    """A property that another rule has looked at."""
