"""What stands in the chats."""

import json
from collections.abc import Mapping
from typing import Any

from simulator import ids
from simulator.answers import Refused
from simulator.store import Row
from simulator.world import World, iso


def add_item(
    world: World,
    channel_id: str,
    chat: str,
    sender: str,
    message: Mapping[str, Any],
    *,
    item_id: str = "",
    user_id: str | None = None,
    request_id: str | None = None,
    read_token: str | None = None,
) -> dict[str, Any]:
    """Writes one line into a chat and tells the screens. `sender`: user, bot or system."""
    item_id = item_id or ids.message_id()
    at = world.now()
    with world.store.write():
        seq = world.store.add(
            "INSERT INTO items (item_id, channel_id, chat, sender, user_id, at, message, request_id, read_token)"
            " VALUES (?,?,?,?,?,?,?,?,?)",
            item_id, channel_id, chat, sender, user_id, at, json.dumps(message), request_id, read_token,
        )  # fmt: skip
        if sender == "bot":
            world.store.run("UPDATE chats SET loading_until = 0 WHERE channel_id = ? AND chat = ?", channel_id, chat)
    world.feed.tell("item", user_id=chat, channel=channel_id, seq=seq)
    item = {"seq": seq, "item_id": item_id, "from": sender, "at": iso(at), "message": dict(message)}
    return item | ({"request_id": request_id} if request_id else {}) | ({"user_id": user_id} if user_id else {})


def item(world: World, item_id: str) -> Row:
    found = world.store.row("SELECT * FROM items WHERE item_id = ?", item_id)
    if found is None:
        raise Refused(404, f"no item {item_id}", code="gone")
    return found


def item_view(row: Row) -> dict[str, Any]:
    view: dict[str, Any] = {
        "seq": row["seq"],
        "item_id": row["item_id"],
        "from": row["sender"],
        "at": iso(row["at"]),
        "message": {"type": "unsent"} if row["unsent"] else json.loads(row["message"]),
    }
    if row["request_id"]:
        view["request_id"] = row["request_id"]
    if row["user_id"]:
        view["user_id"] = row["user_id"]
    return view


def items_after(world: World, channel_id: str, chat: str, seq: int) -> list[dict[str, Any]]:
    """The lines after `seq`, oldest first."""
    rows = world.store.rows(
        "SELECT * FROM items WHERE channel_id = ? AND chat = ? AND seq > ? ORDER BY seq", channel_id, chat, seq
    )
    return [item_view(row) for row in rows]


def unsent(world: World, channel_id: str, chat: str) -> list[str]:
    rows = world.store.rows("SELECT item_id FROM items WHERE channel_id = ? AND chat = ? AND unsent", channel_id, chat)
    return [row["item_id"] for row in rows]


def standing(world: World, channel_id: str, chat: str) -> dict[str, Any]:
    """How far the account has read (a seq), and the seconds its loading animation still runs."""
    row = world.store.row("SELECT * FROM chats WHERE channel_id = ? AND chat = ?", channel_id, chat)
    if row is None:
        return {"read": 0, "loading": 0}
    return {"read": row["read_seq"], "loading": round(max(0.0, row["loading_until"] - world.real()), 1)}


def mark_read(world: World, channel_id: str, chat: str, seq: int) -> None:
    world.store.run(
        "INSERT INTO chats (channel_id, chat, read_seq) VALUES (?,?,?) ON CONFLICT (channel_id, chat)"
        " DO UPDATE SET read_seq = max(read_seq, excluded.read_seq)",
        channel_id, chat, seq,
    )  # fmt: skip
    world.feed.tell("item", user_id=chat, channel=channel_id, seq=seq)


def show_loading(world: World, channel_id: str, chat: str, seconds: int) -> None:
    world.store.run(
        "INSERT INTO chats (channel_id, chat, loading_until) VALUES (?,?,?) ON CONFLICT (channel_id, chat)"
        " DO UPDATE SET loading_until = excluded.loading_until",
        channel_id, chat, world.real() + seconds,
    )  # fmt: skip
    world.feed.tell("item", user_id=chat, channel=channel_id, seq=0)
