"""Official Accounts, people, groups, and who is whose friend."""

import hashlib
from collections.abc import Mapping
from typing import Any

from simulator import ids
from simulator.answers import Refused
from simulator.store import Row, Store
from simulator.world import World


def named_user(name: str) -> str:
    """The user id of a seeded person: always the same, so that demo data can speak of them."""
    return "U" + hashlib.md5(name.encode(), usedforsecurity=False).hexdigest()


def seed(world: World) -> None:
    """The clinic's account, Mali (not yet a friend) and Ken (already one). The environment wins over the file."""
    config, store = world.config, world.store
    with store.write():
        store.run("UPDATE channels SET id = ? WHERE basic_id = '@aura'", config.channel_id)
        store.run(
            "INSERT INTO channels (id, secret, name, basic_id, bot_user_id, webhook_url, token) VALUES (?,?,?,?,?,?,?)"
            " ON CONFLICT (id) DO UPDATE SET secret = excluded.secret, token = excluded.token,"
            " webhook_url = excluded.webhook_url",
            config.channel_id, config.channel_secret, "Aura Clinic", "@aura",
            named_user("@aura"), f"{config.app_url}/webhooks/line/aura", config.bot_token,
        )  # fmt: skip
        for name, language in (("Mali", "th"), ("Ken", "en")):
            store.run("INSERT OR IGNORE INTO people VALUES (?,?,?)", named_user(name.lower()), name, language)
        first_time = store.run("INSERT OR IGNORE INTO facts VALUES ('seeded', '1')")
        if first_time:
            befriend_ken(world)


def befriend_ken(world: World) -> None:
    """Ken is a friend of the clinic from the beginning; Mali is the one who meets it."""
    befriend(world.store, world.config.channel_id, named_user("ken"))


def put_channel(store: Store, wanted: Mapping[str, Any]) -> None:
    """Adds or replaces an account. Raises KeyError for a missing field."""
    basic_id = str(wanted.get("basic_id") or f"@{wanted['id']}")
    store.run(
        "INSERT INTO channels (id, secret, name, basic_id, bot_user_id, webhook_url, token) VALUES (?,?,?,?,?,?,?)"
        " ON CONFLICT (id) DO UPDATE SET secret = excluded.secret, name = excluded.name,"
        " basic_id = excluded.basic_id, webhook_url = excluded.webhook_url, token = excluded.token",
        str(wanted["id"]), str(wanted["secret"]), str(wanted["name"]), basic_id,
        named_user(basic_id), str(wanted["webhook_url"]), str(wanted.get("token", "")),
    )  # fmt: skip


def channel(store: Store, channel_id: str | None = None) -> Row:
    """The account with this id, or the first one. Raises Refused 404."""
    if channel_id:
        found = store.row("SELECT * FROM channels WHERE id = ? OR basic_id = ?", channel_id, channel_id)
    else:
        found = store.row("SELECT * FROM channels ORDER BY rowid LIMIT 1")
    if found is None:
        raise Refused(404, f"no channel {channel_id}")
    return found


def person(store: Store, user_id: str) -> Row:
    found = store.row("SELECT * FROM people WHERE user_id = ?", user_id)
    if found is None:
        raise Refused(404, f"no person {user_id}", code="gone")
    return found


def friendship(store: Store, channel_id: str, user_id: str) -> str | None:
    """'friend', 'blocked', or None when they have never met."""
    row = store.row("SELECT state FROM friends WHERE channel_id = ? AND user_id = ?", channel_id, user_id)
    return row["state"] if row else None


def befriend(store: Store, channel_id: str, user_id: str, state: str = "friend") -> None:
    store.run("INSERT OR REPLACE INTO friends VALUES (?,?,?)", channel_id, user_id, state)


def reachable(world: World, channel_id: str, user_id: str) -> bool:
    """Whether a message to this user arrives: a friend, or someone who wrote within seven days and has not blocked."""
    state = friendship(world.store, channel_id, user_id)
    if state is not None:
        return state == "friend"
    week_ago = world.now() - 7 * 86400
    wrote = world.store.row(
        "SELECT 1 FROM items WHERE channel_id = ? AND chat = ? AND sender = 'user' AND at > ? LIMIT 1",
        channel_id, user_id, week_ago,
    )  # fmt: skip
    return wrote is not None


def add_person(store: Store, name: str, language: str, user_id: str | None, device: str = "phone") -> str:
    """`device`: phone, or pc for who has LINE on a computer."""
    user_id = user_id or ids.user_id()
    with store.write():
        store.run(
            "INSERT INTO people VALUES (?,?,?) ON CONFLICT (user_id) DO UPDATE SET name = excluded.name,"
            " language = excluded.language",
            user_id, name, language,
        )  # fmt: skip
        store.run("DELETE FROM computers WHERE user_id = ?", user_id)
        if device == "pc":
            store.run("INSERT INTO computers VALUES (?)", user_id)
    return user_id


def on_computer(store: Store, user_id: str) -> bool:
    return store.row("SELECT 1 FROM computers WHERE user_id = ?", user_id) is not None


def group(store: Store, group_id: str) -> Row:
    found = store.row("SELECT * FROM groups WHERE group_id = ?", group_id)
    if found is None:
        raise Refused(404, f"no group {group_id}", code="gone")
    return found


def group_of(store: Store, channel_id: str, group_id: str) -> Row:
    """A group that this account sits in. Raises Refused 404 as LINE does for any other."""
    found = store.row("SELECT * FROM groups WHERE group_id = ? AND channel_id = ? AND bot_inside", group_id, channel_id)
    if found is None:
        raise Refused(404, "Not found")
    return found


def members(store: Store, group_id: str) -> list[Row]:
    found = "SELECT people.* FROM members JOIN people USING (user_id) WHERE group_id = ? ORDER BY members.rowid"
    return list(store.rows(found, group_id))


def channel_view(row: Row) -> dict[str, Any]:
    """An account as the screen sees it: no secret, no token."""
    return {
        "id": row["id"],
        "name": row["name"],
        "basic_id": row["basic_id"],
        "bot_user_id": row["bot_user_id"],
        "webhook_url": row["webhook_url"],
        "webhook_active": bool(row["webhook_active"]),
        "mode": row["mode"],
        "quota": row["quota"],
        "quota_used": row["quota_used"],
    }
