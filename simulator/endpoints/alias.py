"""LINE's endpoints for rich menu aliases: names that a menu's tabs switch to."""

import re
from typing import Any

from flask import Response

from simulator import menus
from simulator.answers import Refused, bad_property, not_found
from simulator.endpoints.base import answer, channel, endpoint, json_body, line, world
from simulator.store import Row

_ALIAS = re.compile(r"[a-z0-9_-]{1,32}")
ALIASES_KEPT = 1000


@line.post("/v2/bot/richmenu/alias")
@endpoint("createAlias")
def create_alias() -> Response:
    body, here, account = json_body(), world(), channel()["id"]
    alias = body.get("richMenuAliasId")
    if not isinstance(alias, str) or not _ALIAS.fullmatch(alias):
        raise bad_property("richMenuAliasId")
    with here.store.write():
        menu_id = _menu(body)
        if here.store.row("SELECT 1 FROM aliases WHERE channel_id = ? AND alias_id = ?", account, alias):
            raise Refused(400, "conflict richmenu alias id")
        count = here.store.row("SELECT count(*) AS n FROM aliases WHERE channel_id = ?", account)
        if count is not None and count["n"] >= ALIASES_KEPT:
            raise Refused(400, "The number of rich menu aliases exceeds the limit")
        here.store.run("INSERT INTO aliases VALUES (?,?,?)", account, alias, menu_id)
    return answer({})


@line.get("/v2/bot/richmenu/alias/list")
@endpoint("listAliases")
def list_aliases() -> Response:
    rows = world().store.rows("SELECT * FROM aliases WHERE channel_id = ? ORDER BY rowid", channel()["id"])
    return answer({"aliases": [_view(row) for row in rows]})


@line.get("/v2/bot/richmenu/alias/<alias>")
@endpoint("getAlias")
def get_alias(alias: str) -> Response:
    return answer(_view(_find(alias)))


@line.post("/v2/bot/richmenu/alias/<alias>")
@endpoint("updateAlias")
def update_alias(alias: str) -> Response:
    body = json_body()
    with world().store.write():
        _find(alias)
        menu_id = _menu(body)
        world().store.run(
            "UPDATE aliases SET menu_id = ? WHERE channel_id = ? AND alias_id = ?", menu_id, channel()["id"], alias
        )
    return answer({})


@line.delete("/v2/bot/richmenu/alias/<alias>")
@endpoint("deleteRichMenuAlias")
def delete_alias(alias: str) -> Response:
    _find(alias)
    world().store.run("DELETE FROM aliases WHERE channel_id = ? AND alias_id = ?", channel()["id"], alias)
    return answer({})


def _find(alias: str) -> Row:
    row = world().store.row("SELECT * FROM aliases WHERE channel_id = ? AND alias_id = ?", channel()["id"], alias)
    if row is None:
        raise not_found("richmenu alias not found")
    return row


def _menu(body: dict[str, Any]) -> str:
    """The menu that the body names. LINE answers 400, not 404, when an alias points nowhere or to a bare menu."""
    menu_id = body.get("richMenuId")
    if not isinstance(menu_id, str):
        raise bad_property("richMenuId")
    try:
        menus.linkable(world(), channel()["id"], menu_id)
    except Refused as error:
        raise Refused(400, str(error)) from error
    return menu_id


def _view(row: Row) -> dict[str, str]:
    return {"richMenuAliasId": row["alias_id"], "richMenuId": row["menu_id"]}
