"""One appointment as a calendar file (RFC 5545), which phones and computers put into their own calendars."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime

_OCTETS = 75
"""Of a line; a longer one goes on in the next, behind a space."""
_UNSAID = re.compile(r"[\x00-\x09\x0b-\x1f\x7f]")


@dataclass(frozen=True)
class Event:
    id: str
    """The same for the same appointment, so that a calendar that has it already changes it."""
    title: str
    where: str
    starts_at: datetime
    ends_at: datetime | None
    sure: bool
    url: str
    written_at: datetime


def written(event: Event) -> bytes:
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//BN-Aura//Portal//EN",
        "METHOD:PUBLISH",
        "BEGIN:VEVENT",
        f"UID:{_text(event.id)}",
        f"DTSTAMP:{_moment(event.written_at)}",
        f"DTSTART:{_moment(event.starts_at)}",
        *([f"DTEND:{_moment(event.ends_at)}"] if event.ends_at and event.ends_at > event.starts_at else []),
        f"SUMMARY:{_text(event.title)}",
        f"LOCATION:{_text(event.where)}",
        f"STATUS:{'CONFIRMED' if event.sure else 'TENTATIVE'}",
        f"URL:{event.url}",
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    return b"".join(_folded(line) for line in lines)


def _text(said: str) -> str:
    """What has a meaning of its own there is written so that it has none."""
    for sign in ("\\", ";", ","):
        said = said.replace(sign, f"\\{sign}")
    return _UNSAID.sub("", said.replace("\r\n", "\n").replace("\n", "\\n"))


def _moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _folded(line: str) -> bytes:
    """In pieces that a line can hold, none of which ends within a letter."""
    pieces, piece = [], b""
    for letter in line:
        octets = letter.encode()
        if len(piece) + len(octets) > _OCTETS:
            pieces.append(piece)
            piece = b" "
        piece += octets
    return b"\r\n".join([*pieces, piece]) + b"\r\n"
