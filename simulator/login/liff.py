"""LIFF: what opens in the phone for a LIFF URL, what a plain browser gets for it, and the script that pages load."""

from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from flask import Response, request

from simulator import accounts
from simulator.answers import not_found
from simulator.endpoints.base import line, world
from simulator.login import channels, grants, identity, jwt
from simulator.store import Row
from simulator.world import World

SCOPE = "profile openid"
_SDK = Path(__file__).parents[1] / "static" / "liff_sdk.js"


def opened(world: World, user_id: str, uri: str) -> dict[str, Any] | None:
    """What LINE opens for this person at a LIFF URL: the endpoint with what the app needs. None for other addresses.

    A computer's LINE opens a browser instead, as it does for any address.
    """
    found = channels.behind(world.store, uri)
    if found is None or accounts.on_computer(world.store, user_id):
        return None
    login, rest = found
    opens = _primary(login, rest) + _tokens(world, login, user_id)
    return {"does": "liff", "uri": uri, "liff_id": login["liff_id"], "opens": opens}


def _primary(login: Row, rest: str) -> str:
    """LINE's primary redirect: always the endpoint; what the LIFF URL says besides stands in `liff.state`."""
    endpoint = str(login["endpoint"])
    joint = "&" if "?" in endpoint else "?"
    return endpoint if rest in {"", "/"} else f"{endpoint}{joint}liff.state={quote(rest, safe='')}"


def _tokens(world: World, login: Row, user_id: str) -> str:
    person = accounts.person(world.store, user_id)
    context = {"liffId": login["liff_id"], "endpoint": login["endpoint"], "language": person["language"]}
    return "#" + urlencode({
        "access_token": grants.issue_token(world, login, user_id, SCOPE, grants.LIFF_SECONDS),
        "context_token": jwt.sign(login["secret"], context),
        "id_token": identity.of_liff(world, login, user_id),
        "client_id": login["id"],
    })  # fmt: skip


@line.get("/liff/<liff_id>")
@line.get("/liff/<liff_id>/")
@line.get("/liff/<liff_id>/<path:_rest>")
def plain_browser(liff_id: str, _rest: str = "") -> Response:
    """Outside the phone LINE leads to the endpoint too, and knows nobody."""
    login = channels.by_liff(world().store, liff_id)
    if login is None:
        raise not_found()
    rest = quote(request.path.removeprefix(f"/liff/{liff_id}"), safe="/:@!$&'()*+,;=~")
    query = request.query_string.decode()
    return Response(status=302, headers={"Location": _primary(login, rest + (f"?{query}" if query else ""))})


@line.get("/liff/edge/2/sdk.js")
@line.get("/liff/edge/versions/<_version>/sdk.js")
def sdk(_version: str = "") -> Response:
    """The product's pages load it, as they load LINE's own from another site."""
    headers = {
        "Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin",
        "X-Content-Type-Options": "nosniff", "Cache-Control": "no-cache",
    }  # fmt: skip
    return Response(_SDK.read_bytes(), headers=headers, content_type="text/javascript; charset=utf-8")
