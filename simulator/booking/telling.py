"""Telling the product what was done, in the way that was chosen; what was told last of a row stands in it, or waits."""

import json
from typing import Literal

from simulator.answers import Refused
from simulator.booking import post
from simulator.booking.source import Event, Source
from simulator.store import Row, Store
from simulator.world import World

Table = Literal["bookings", "sales"]


def tell(here: World, table: Table, number: int, source: Source, events: list[Event], way: str) -> None:
    """Swapped, those that go together change places, and one waits for the next of its row."""
    held = _told(_row(here.store, table, number), "held")
    if way == "swapped" and len(events) == 1 and not held:
        _note(here.store, table, number, last=events, held=events, status=None)
        return
    going = [*reversed(events)] if way == "swapped" else events
    status = post.send(here, source, [*going, *held], way)
    _note(here.store, table, number, last=events, held=[], status=status)


def again(here: World, table: Table, number: int, source: Source, way: str) -> None:
    """What was told last, once more."""
    events = _told(_row(here.store, table, number), "last")
    status = post.send(here, source, events, way)
    _note(here.store, table, number, last=events, held=[], status=status)


def view(row: Row) -> dict[str, object]:
    """What became of the telling."""
    return {"waits": row["held"] != "[]", "status": row["status"]}


def _row(store: Store, table: Table, number: int) -> Row:
    row = store.row(f"SELECT * FROM {table} WHERE number = ?", number)  # noqa: S608 - one of two
    if row is None:
        raise Refused(404, "no such row", code="gone")
    return row


def _told(row: Row, which: str) -> list[Event]:
    """`last`: what was sent last of it; `held`: what is to go after the next."""
    return [Event(one["id"], one["body"]) for one in json.loads(row[which])]


def _note(store: Store, table: Table, number: int, *, last: list[Event], held: list[Event], status: int | None) -> None:
    store.run(
        f"UPDATE {table} SET last = ?, held = ?, status = ? WHERE number = ?",  # noqa: S608 - one of two
        _kept(last), _kept(held), status, number,
    )  # fmt: skip


def _kept(events: list[Event]) -> str:
    return json.dumps([{"id": one.id, "body": one.body} for one in events])
