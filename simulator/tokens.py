"""Everything of the Messaging API that is good once or for a while: reply, access and link tokens, retry keys."""

import json
from typing import Any

from simulator import ids
from simulator.answers import Refused
from simulator.store import Row
from simulator.world import World

REPLY_SECONDS = 60
REPLY_AFTER_EVENT_SECONDS = 20 * 60
RETRY_KEY_SECONDS = 24 * 3600
LINK_SECONDS = 10 * 60
STATELESS_SECONDS = 15 * 60
SHORT_LIVED_SECONDS = 30 * 24 * 3600
SHORT_LIVED_COUNT = 30


def issue_reply_token(world: World, channel_id: str, chat: str, token: str = "") -> str:
    token = token or ids.opaque()
    now = world.real()
    world.store.run(
        "INSERT OR IGNORE INTO reply_tokens (token, channel_id, chat, event_at, received_at) VALUES (?,?,?,?,?)",
        token, channel_id, chat, now, now,
    )  # fmt: skip
    return token


def restart_reply_token(world: World, token: str) -> None:
    """A webhook was posted (again): the minute begins now."""
    world.store.run("UPDATE reply_tokens SET received_at = ? WHERE token = ?", world.real(), token)


def use_reply_token(world: World, channel_id: str, token: str) -> str:
    """The chat that the token opens; it is spent. Raises Refused 400."""
    now = world.real()
    row = world.store.row("SELECT * FROM reply_tokens WHERE token = ?", token)
    if (
        row is None
        or row["used"]
        or row["channel_id"] != channel_id
        or now - row["received_at"] > REPLY_SECONDS
        or now - row["event_at"] > REPLY_AFTER_EVENT_SECONDS
    ):
        raise Refused(400, "Invalid reply token")
    world.store.run("UPDATE reply_tokens SET used = 1 WHERE token = ?", token)
    return str(row["chat"])


def issue_access_token(world: World, channel_id: str, kind: str) -> tuple[str, int]:
    """A new token and its life in seconds. A 31st short-lived token drops the oldest, as LINE does."""
    lives = STATELESS_SECONDS if kind == "stateless" else SHORT_LIVED_SECONDS
    token, now = f"{kind}.{ids.opaque()}{ids.opaque()}", world.real()
    with world.store.write():
        world.store.run("DELETE FROM access_tokens WHERE expires_at < ?", now - 86400)
        world.store.run("INSERT INTO access_tokens VALUES (?,?,?,?,?)", token, channel_id, kind, now, now + lives)
        if kind == "short":
            world.store.run(
                "DELETE FROM access_tokens WHERE channel_id = ? AND kind = 'short' AND token NOT IN (SELECT token FROM"
                " access_tokens WHERE channel_id = ? AND kind = 'short' ORDER BY issued_at DESC, rowid DESC LIMIT ?)",
                channel_id, channel_id, SHORT_LIVED_COUNT,
            )  # fmt: skip
    return token, lives


def access_token(world: World, token: str) -> tuple[str, float] | None:
    """The channel that a living token belongs to and the seconds it still lives; a fixed token never ends."""
    row = world.store.row("SELECT channel_id, expires_at FROM access_tokens WHERE token = ?", token)
    if row is not None:
        left = row["expires_at"] - world.real()
        return (row["channel_id"], left) if left > 0 else None
    fixed = world.store.row("SELECT id FROM channels WHERE token = ? AND token != ''", token)
    return (fixed["id"], 10.0**9) if fixed else None


def revoke_access_token(world: World, token: str) -> None:
    world.store.run("DELETE FROM access_tokens WHERE token = ? AND kind = 'short'", token)


def issue_link_token(world: World, channel_id: str, user_id: str) -> str:
    token = ids.opaque()
    world.store.run(
        "INSERT INTO link_tokens (token, channel_id, user_id, expires_at) VALUES (?,?,?,?)",
        token, channel_id, user_id, world.real() + LINK_SECONDS,
    )  # fmt: skip
    return token


def use_link_token(world: World, token: str) -> Row | None:
    """The row of a link token that is still good, now spent; None when it is not."""
    with world.store.write():
        row = world.store.row(
            "SELECT * FROM link_tokens WHERE token = ? AND NOT used AND expires_at > ?", token, world.real()
        )
        if row is not None:
            world.store.run("UPDATE link_tokens SET used = 1 WHERE token = ?", token)
        return row


def accepted_before(world: World, channel_id: str, retry_key: str) -> tuple[str, dict[str, Any]] | None:
    """The request id and the answer that this retry key received within the last 24 hours."""
    row = world.store.row(
        "SELECT * FROM retry_keys WHERE channel_id = ? AND retry_key = ? AND accepted_at > ?",
        channel_id, retry_key, world.real() - RETRY_KEY_SECONDS,
    )  # fmt: skip
    return (row["request_id"], json.loads(row["answer"])) if row else None


def remember_retry_key(world: World, channel_id: str, retry_key: str, request_id: str, answer: dict[str, Any]) -> None:
    world.store.run(
        "INSERT OR REPLACE INTO retry_keys VALUES (?,?,?,?,?)",
        channel_id, retry_key, world.real(), request_id, json.dumps(answer),
    )  # fmt: skip


def expire_all(world: World) -> None:
    """Every token and retry key that is now out grows too old, as if the time had passed."""
    with world.store.write():
        world.store.run("UPDATE reply_tokens SET received_at = received_at - ?", REPLY_SECONDS + 1)
        world.store.run("UPDATE access_tokens SET expires_at = 0")
        world.store.run("UPDATE link_tokens SET expires_at = 0")
        world.store.run("UPDATE retry_keys SET accepted_at = 0")
        for table in ("login_codes", "login_tokens", "id_tokens"):
            world.store.run(f"UPDATE {table} SET expires_at = 0")  # noqa: S608 - names are listed
