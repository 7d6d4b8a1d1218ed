"""Reading a source's fields, whatever stands in them: what is wrong is named, with what to write instead."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal
from typing import Any

from runtime.errors import NeverAgain

_AMOUNT = re.compile(r"[0-9]{1,12}(?:\.[0-9]{1,2})?(?:\.0)?")
LONGEST = 200
"""Characters of a name or an id that are kept."""
_EARLIEST, _LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)


class Wrong(NeverAgain):
    """A field is missing or no source's; the message names it and quotes nothing."""


class Fields:
    """An object of the source's JSON, and where it stands."""

    def __init__(self, value: Any, place: str = "") -> None:
        self._value: Mapping[str, Any] = value if isinstance(value, Mapping) else {}
        self.place = place

    def __bool__(self) -> bool:
        return bool(self._value)

    def under(self, name: str) -> "Fields":
        """The object under a name; an empty one where there is none."""
        return Fields(self._value.get(name), self._called(name))

    def each(self, name: str) -> list["Fields"]:
        """The objects of a list; none where there is no list."""
        found = self._value.get(name)
        items = found if isinstance(found, list) else []
        return [Fields(item, f"{self._called(name)}[{at}]") for at, item in enumerate(items)]

    def text(self, name: str) -> str | None:
        """A text, or a whole number as text: some write ids as numbers. None where there is none."""
        found = self._value.get(name)
        if isinstance(found, int) and not isinstance(found, bool) and abs(found) < 10**20:
            return str(found)
        if not isinstance(found, str):
            return None
        seen = "".join(char for char in found if char.isprintable()).strip()[:LONGEST]
        return seen or None

    def needed(self, name: str, what: str) -> str:
        """Raises `Wrong`."""
        found = self.text(name)
        if found is None:
            raise Wrong(f"{self._called(name)}: write {what}")
        return found

    def number(self, name: str) -> int | None:
        """A whole number that is no less than 0 and that the database takes."""
        found = self._value.get(name)
        if not isinstance(found, int) or isinstance(found, bool) or not 0 <= found < 2**62:
            return None
        return found

    def version(self) -> int | None:
        """The source's count of what it tells of one thing; None where it keeps none.

        Raises `Wrong` for what is no such number: taken for none, it would stand after all versions that are.
        """
        found = self.number("version")
        if found is None and self.has("version"):
            raise Wrong(f"{self._called('version')}: write a whole number, 0 or more, or leave it out always")
        return found

    def has(self, name: str) -> bool:
        return self._value.get(name) is not None

    def baht(self, name: str) -> Decimal:
        """Raises `Wrong` where it is no amount; how much may be paid is for the fact to say."""
        found = self._value.get(name)
        amount = str(found) if isinstance(found, str | int | float) and not isinstance(found, bool) else ""
        if not _AMOUNT.fullmatch(amount):
            raise Wrong(f"{self._called(name)}: write baht, such as 1500 or 1500.50")
        return Decimal(amount)

    def yes(self, name: str) -> bool:
        return self._value.get(name) is True

    def moment(self, name: str, zone: tzinfo) -> datetime | None:
        """None where there is none; a time without a zone is the clinic's. Raises `Wrong` where it is no time."""
        found = self._value.get(name)
        if found is None or found == "":
            return None
        try:
            moment = datetime.fromisoformat(found.strip())  # more digits than a microsecond has are cut off
            moment = (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
        except (AttributeError, ValueError, OverflowError):
            moment = None
        if moment is None or not _EARLIEST <= moment < _LATEST:
            raise Wrong(f"{self._called(name)}: write a date and time, such as 2026-02-03T14:30:00+07:00")
        return moment

    def needed_moment(self, name: str, zone: tzinfo) -> datetime:
        """Raises `Wrong`."""
        found = self.moment(name, zone)
        if found is None:
            raise Wrong(f"{self._called(name)}: write a date and time, such as 2026-02-03T14:30:00+07:00")
        return found

    def day(self, name: str) -> date | None:
        """None where there is none. Raises `Wrong` where it is no day."""
        found = self._value.get(name)
        if found is None or found == "":
            return None
        try:
            day = date.fromisoformat(found.strip())
        except (AttributeError, ValueError):
            day = None
        if day is None or not _EARLIEST.date() <= day < _LATEST.date():
            raise Wrong(f"{self._called(name)}: write a day, such as 2026-02-03")
        return day

    def needed_day(self, name: str) -> date:
        """Raises `Wrong`."""
        found = self.day(name)
        if found is None:
            raise Wrong(f"{self._called(name)}: write a day, such as 2026-02-03")
        return found

    def _called(self, name: str) -> str:
        return f"{self.place}.{name}" if self.place else name
