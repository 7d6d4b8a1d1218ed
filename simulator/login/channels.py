"""LINE Login channels: whose account each belongs to, the one LIFF app it has, and where it may lead."""

import re
from collections.abc import Mapping
from typing import Any

from simulator import accounts
from simulator.answers import Refused
from simulator.config import LIFF_ID
from simulator.store import Row, Store
from simulator.world import World

_WORDS = ("secret", "liff_id", "endpoint", "callback")
_ADDRESS = re.compile(r"https?://[^\s;,'\"<>#]+")
_LIFF_URL = re.compile(
    r"(?:https?://[^/?#]+/liff|https://(?:liff|miniapp)\.line\.me)/([0-9]+-\w{8})(?=[/?#]|$)", re.ASCII
)


def seed(world: World) -> None:
    """The demo clinic's channel. The environment wins over the file."""
    config = world.config
    callbacks = [f"{address}/portal/aura/signed-in" for address in dict.fromkeys((config.app_url, config.public_url))]
    put(world.store, config.login_id, {
        "secret": config.login_secret, "channel": config.channel_id, "liff_id": config.liff_id,
        "endpoint": f"{config.app_url}/portal/aura/liff", "callback": "\n".join(filter(_ADDRESS.fullmatch, callbacks)),
    })  # fmt: skip


def put(store: Store, login_id: str, wanted: Mapping[str, Any]) -> None:
    """Adds or replaces a channel. Raises Refused 400."""
    words = {name: str(wanted.get(name) or "") for name in _WORDS}
    if missing := [name for name in _WORDS if not words[name]]:
        raise Refused(400, f"missing: {', '.join(missing)}")
    if not login_id.isdecimal() or not LIFF_ID.fullmatch(words["liff_id"]) or _owner(words["liff_id"]) != login_id:
        raise Refused(400, "an id is a number, and liff_id that number, a hyphen and 8 letters or digits")
    if not all(_ADDRESS.fullmatch(one) for one in (words["endpoint"], *words["callback"].split("\n"))):
        raise Refused(400, "endpoint and callback are addresses of http or https; each callback has a line of its own")
    account = accounts.channel(store, str(wanted.get("channel") or "") or None)["id"]
    with store.write():
        store.run("DELETE FROM login_channels WHERE liff_id = ? AND id != ?", words["liff_id"], login_id)
        store.run(
            "INSERT INTO login_channels (id, channel_id, secret, liff_id, endpoint, callback) VALUES (?,?,?,?,?,?)"
            " ON CONFLICT (id) DO UPDATE SET channel_id = excluded.channel_id, secret = excluded.secret,"
            " liff_id = excluded.liff_id, endpoint = excluded.endpoint, callback = excluded.callback",
            login_id, account, *words.values(),
        )  # fmt: skip


def find(store: Store, login_id: str) -> Row | None:
    return store.row("SELECT * FROM login_channels WHERE id = ?", login_id)


def by_liff(store: Store, liff_id: str) -> Row | None:
    return store.row("SELECT * FROM login_channels WHERE liff_id = ?", liff_id)


def may_return(login: Row, address: str) -> bool:
    """Whether this is one of the registered callbacks, to the letter."""
    return address in login["callback"].split("\n")


def behind(store: Store, uri: str) -> tuple[Row, str] | None:
    """The channel whose LIFF app a LIFF URL opens, and what follows the app's id in it; None for any other address."""
    found = _LIFF_URL.match(uri)
    login = by_liff(store, found[1]) if found else None
    return (login, uri[found.end() :]) if found and login else None


def account(store: Store, client_id: str) -> str | None:
    """The account of the channel that a call names by its id or by its LIFF app's."""
    login = find(store, client_id) or by_liff(store, client_id)
    return login["channel_id"] if login else None


def view(login: Row) -> dict[str, Any]:
    """Without its secret."""
    return {
        "id": login["id"], "channel": login["channel_id"], "liff_id": login["liff_id"],
        "endpoint": login["endpoint"], "callback": login["callback"],
    }  # fmt: skip


def views(store: Store) -> list[dict[str, Any]]:
    return [view(login) for login in store.rows("SELECT * FROM login_channels ORDER BY rowid")]


def _owner(liff_id: str) -> str:
    return liff_id.partition("-")[0]
