"""Rich menus: which exist, which picture they have, who sees which."""

import hashlib
import json
from typing import Any

from simulator import accounts, ids
from simulator.answers import Refused, not_found
from simulator.store import Row
from simulator.world import World

MENUS_KEPT = 1000


def create(world: World, channel_id: str, body: dict[str, Any]) -> str:
    """Raises Refused 400 when the account has its thousand menus."""
    with world.store.write():
        count = world.store.row("SELECT count(*) AS n FROM menus WHERE channel_id = ?", channel_id)
        if count is not None and count["n"] >= MENUS_KEPT:
            raise Refused(400, "The number of rich menus exceeds the limit")
        menu_id = ids.menu_id()
        world.store.run(
            "INSERT INTO menus (menu_id, channel_id, body) VALUES (?,?,?)", menu_id, channel_id, json.dumps(body)
        )
    return menu_id


def find(world: World, channel_id: str, menu_id: str) -> Row:
    row = world.store.row("SELECT * FROM menus WHERE menu_id = ? AND channel_id = ?", menu_id, channel_id)
    if row is None:
        raise not_found("richmenu not found")
    return row


def view(row: Row) -> dict[str, Any]:
    return {"richMenuId": row["menu_id"], **json.loads(row["body"])}


def linkable(world: World, channel_id: str, menu_id: str) -> Row:
    """A menu that can be shown. Raises Refused 404 (no such menu) or 400 (no picture yet)."""
    row = find(world, channel_id, menu_id)
    if row["mime"] is None:
        raise Refused(400, "must upload richmenu image before applying it to user")
    return row


def put_image(world: World, channel_id: str, menu_id: str, mime: str, image: bytes) -> None:
    with world.store.write():
        if find(world, channel_id, menu_id)["mime"] is not None:
            raise Refused(400, "An image has already been uploaded to the richmenu")
        world.store.run("UPDATE menus SET mime = ?, image = ? WHERE menu_id = ?", mime, image, menu_id)


def delete(world: World, channel_id: str, menu_id: str) -> None:
    """The menu goes, and with it its links, its aliases and its place as the default."""
    with world.store.write():
        find(world, channel_id, menu_id)
        world.store.run("DELETE FROM menus WHERE menu_id = ?", menu_id)
        world.store.run("DELETE FROM menu_links WHERE menu_id = ?", menu_id)
        world.store.run("DELETE FROM aliases WHERE menu_id = ?", menu_id)
        world.store.run("UPDATE channels SET default_menu = NULL WHERE default_menu = ?", menu_id)
    world.feed.tell("menu", user_id=None, channel=channel_id)


def link(world: World, channel_id: str, user_id: str, menu_id: str) -> None:
    """Links for a friend; anyone else is passed over in silence, as LINE does."""
    if accounts.friendship(world.store, channel_id, user_id) != "friend":
        return
    world.store.run("INSERT OR REPLACE INTO menu_links VALUES (?,?,?)", channel_id, user_id, menu_id)
    world.feed.tell("menu", user_id=user_id, channel=channel_id)


def unlink(world: World, channel_id: str, user_id: str) -> None:
    world.store.run("DELETE FROM menu_links WHERE channel_id = ? AND user_id = ?", channel_id, user_id)
    world.feed.tell("menu", user_id=user_id, channel=channel_id)


def linked(world: World, channel_id: str, user_id: str) -> str | None:
    row = world.store.row("SELECT menu_id FROM menu_links WHERE channel_id = ? AND user_id = ?", channel_id, user_id)
    return row["menu_id"] if row else None


def set_default(world: World, channel_id: str, menu_id: str | None) -> None:
    world.store.run("UPDATE channels SET default_menu = ? WHERE id = ?", menu_id, channel_id)
    world.feed.tell("menu", user_id=None, channel=channel_id)


def switch_target(world: World, channel_id: str, alias: str) -> tuple[str, str | None]:
    """What LINE says in the postback of a menu switch, and the menu it leads to."""
    row = world.store.row("SELECT menu_id FROM aliases WHERE channel_id = ? AND alias_id = ?", channel_id, alias)
    if row is None:
        return "RICHMENU_ALIAS_ID_NOTFOUND", None
    try:
        linkable(world, channel_id, row["menu_id"])
    except Refused:
        return "RICHMENU_NOTFOUND", None
    return "SUCCESS", row["menu_id"]


def shown(world: World, channel_id: str, user_id: str) -> dict[str, Any] | None:
    """The menu on this person's phone: their own before the default; none for someone who is not a friend."""
    if accounts.friendship(world.store, channel_id, user_id) != "friend":
        return None
    menu_id = linked(world, channel_id, user_id) or accounts.channel(world.store, channel_id)["default_menu"]
    if menu_id is None:
        return None
    row = find(world, channel_id, menu_id)
    body = json.loads(row["body"])
    version = hashlib.sha256(row["image"] or b"").hexdigest()[:12]
    return {
        "id": menu_id,
        "name": body["name"],
        "size": body["size"],
        "areas": body["areas"],
        "chatBarText": body["chatBarText"],
        "selected": body["selected"],
        "image_url": f"/sim/richmenus/{menu_id}/image?v={version}" if row["mime"] else None,
    }
