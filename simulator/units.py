"""What LINE counts of pushes and multicasts that went under one name (`customAggregationUnits`): how many people have
seen them and opened an address in them, and never who.

Facts: developers.line.biz/en/docs/messaging-api/unit-based-statistics-aggregation, as of August 2026.
"""

import json
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta, timezone
from typing import Any

from simulator.world import World

LEAST = 20
"""Of fewer people nothing is told."""
NAMES = 1_000
"""In a month; what is sent under more goes out, and is not counted."""
COUNTED_FOR = timedelta(days=14).total_seconds()
"""After its sending."""
ZONE = timezone(timedelta(hours=9))
"""By which LINE's days begin."""


def reached(world: World, channel_id: str, unit: str, request_id: str, people: Sequence[str], bubbles: int) -> None:
    """A push under this name has arrived with these people."""
    if _known(world, channel_id, unit):
        for user_id in people:
            world.store.run(
                "INSERT INTO units (channel_id, unit, request_id, user_id, bubbles, at) VALUES (?,?,?,?,?,?)",
                channel_id, unit, request_id, user_id, bubbles, world.now(),
            )  # fmt: skip


def _known(world: World, channel_id: str, unit: str) -> bool:
    """Whether this month has room for the name, or has it already."""
    month = datetime.fromtimestamp(world.now(), ZONE).date().replace(day=1)
    names = world.store.rows(
        "SELECT DISTINCT unit FROM units WHERE channel_id = ? AND at >= ?", channel_id, _begins(month)
    )
    return len(names) < NAMES or unit in {row["unit"] for row in names}


def seen(world: World, channel_id: str, user_id: str) -> None:
    """They look at their chat."""
    now = world.now()
    world.store.run(
        "UPDATE units SET seen_at = ? WHERE channel_id = ? AND user_id = ? AND seen_at IS NULL AND at >= ?",
        now, channel_id, user_id, now - COUNTED_FOR,
    )  # fmt: skip


def opened(world: World, channel_id: str, user_id: str, url: str) -> None:
    """They open this address: it is counted for whatever under a name has it, the newest."""
    rows = world.store.rows(
        "SELECT units.unit, units.request_id, items.message FROM units JOIN items"
        " ON items.channel_id = units.channel_id AND items.chat = units.user_id"
        " AND items.request_id = units.request_id"
        " WHERE units.channel_id = ? AND units.user_id = ? AND units.at >= ? ORDER BY items.seq DESC",
        channel_id, user_id, world.now() - COUNTED_FOR,
    )  # fmt: skip
    request_id = next((row["request_id"] for row in rows if url in _addresses(json.loads(row["message"]))), None)
    of_it = [row for row in reversed(rows) if row["request_id"] == request_id]
    for seq, row in enumerate(of_it, 1):
        if url in _addresses(json.loads(row["message"])):
            world.store.run(
                "INSERT INTO unit_clicks (channel_id, unit, request_id, user_id, seq, url) VALUES (?,?,?,?,?,?)",
                channel_id, row["unit"], request_id, user_id, seq, url,
            )  # fmt: skip


def counted(world: World, channel_id: str, unit: str, first: date, last: date) -> dict[str, Any]:
    """As LINE answers it, of what was sent from `first` to `last`; of a name that nobody has used nothing is known."""
    sent = (channel_id, unit, _begins(first), _begins(last + timedelta(days=1)))
    pushes = world.store.rows(
        "SELECT * FROM units WHERE channel_id = ? AND unit = ? AND at >= ? AND at < ? AND seen_at IS NOT NULL", *sent
    )
    clicks = world.store.rows(
        "SELECT unit_clicks.* FROM unit_clicks JOIN units USING (channel_id, unit, request_id, user_id)"
        " WHERE channel_id = ? AND unit = ? AND at >= ? AND at < ?",
        *sent,
    )
    by_address: dict[tuple[int, str], list[str]] = {}
    for row in clicks:
        by_address.setdefault((row["seq"], row["url"]), []).append(row["user_id"])
    nothing = dict.fromkeys(_PLAYED)
    return {
        "overview": {
            "uniqueImpression": _told([row["user_id"] for row in pushes]),
            "uniqueClick": _told([row["user_id"] for row in clicks]),
            "uniqueMediaPlayed": None,
            "uniqueMediaPlayed100Percent": None,
        },
        "messages": [
            {"seq": seq, "impression": _told(people, times=True), "uniqueImpression": _told(people), **nothing}
            for seq in range(1, max((row["bubbles"] for row in pushes), default=0) + 1)
            for people in [[row["user_id"] for row in pushes if row["bubbles"] >= seq]]
        ],
        "clicks": [
            {"seq": seq, "url": url, "click": _told(people, times=True), "uniqueClick": _told(people),
             "uniqueClickOfRequest": _told(people)}
            for (seq, url), people in sorted(by_address.items())
        ],
    }  # fmt: skip


_PLAYED = [
    f"{one}ediaPlayed{part}"
    for one in ("m", "uniqueM")
    for part in ("", "25Percent", "50Percent", "75Percent", "100Percent")
]


def _told(people: Sequence[str], *, times: bool = False) -> int | None:
    """How many people, or how often they did; nothing where they are too few to be nobody."""
    many = len(set(people))
    return None if many < LEAST else len(people) if times else many


def _begins(day: date) -> float:
    return datetime.combine(day, time(), ZONE).timestamp()


def _addresses(part: Any) -> Iterator[str]:
    """Of all that opens something in a message."""
    if isinstance(part, list):
        for each in part:
            yield from _addresses(each)
    elif isinstance(part, dict):
        if part.get("type") == "uri" and isinstance(part.get("uri"), str):
            yield part["uri"]
        for each in part.values():
            yield from _addresses(each)
