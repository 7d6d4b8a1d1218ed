"""ID tokens: who somebody is, said to one Login channel for an hour of real time."""

from typing import Any

from simulator import accounts
from simulator.login import channels, jwt
from simulator.store import Row
from simulator.world import World

ISSUER = "https://access.line.me"
SECONDS = 3600
KEPT = 86400


class Untrue(Exception):
    """Why LINE does not vouch for a token, in its words."""


def issue(world: World, login: Row, user_id: str, scope: str, nonce: str = "", *, liff: bool = False) -> str:
    """A new token; empty unless `openid` was asked for."""
    scopes, now = scope.split(), int(world.real())
    if "openid" not in scopes:
        return ""
    claims: dict[str, Any] = {"iss": ISSUER, "sub": user_id, "aud": login["id"], "exp": now + SECONDS, "iat": now}
    if nonce:
        claims["nonce"] = nonce
    claims["amr"] = ["linesso"]
    if "profile" in scopes:
        claims["name"] = accounts.person(world.store, user_id)["name"]
    token = jwt.sign(login["secret"], claims)
    with world.store.write():
        world.store.run("DELETE FROM id_tokens WHERE expires_at < ?", now - KEPT)
        world.store.run(
            "INSERT INTO id_tokens VALUES (?,?,?,?,?)", token, login["id"], user_id, int(liff), now + SECONDS
        )
    return token


def of_liff(world: World, login: Row, user_id: str) -> str:
    """The token that this person's LIFF app was given last, while that lives: LINE makes no other in the meantime."""
    row = world.store.row(
        "SELECT token FROM id_tokens WHERE login_id = ? AND user_id = ? AND liff AND expires_at > ?",
        login["id"], user_id, world.real(),
    )  # fmt: skip
    if row is not None and jwt.signed_by(login["secret"], row["token"]):
        return str(row["token"])
    return issue(world, login, user_id, "openid profile", liff=True)


def verified(world: World, token: str, client_id: str, nonce: str | None, user_id: str | None) -> dict[str, Any]:
    """What the token says. Raises `Untrue`."""
    try:
        claims = jwt.claims(token)
    except (ValueError, RecursionError) as error:
        raise Untrue("Invalid IdToken.") from error
    login = channels.find(world.store, str(claims.get("aud")))
    if login is None or not jwt.signed_by(login["secret"], token):
        raise Untrue("Invalid IdToken.")
    if claims.get("iss") != ISSUER:
        raise Untrue("Invalid IdToken Issuer.")
    if _ends(world, token, claims) <= world.real():
        raise Untrue("IdToken expired.")
    if claims["aud"] != client_id:
        raise Untrue("Invalid IdToken Audience.")
    if nonce is not None and nonce != claims.get("nonce"):
        raise Untrue("Invalid IdToken Nonce.")
    if user_id is not None and user_id != claims.get("sub"):
        raise Untrue("Invalid IdToken Subject Identifier.")
    return claims


def _ends(world: World, token: str, claims: dict[str, Any]) -> float:
    """Of a token of our own it is kept, so that it can be made to grow too old; a test may sign another."""
    row = world.store.row("SELECT expires_at FROM id_tokens WHERE token = ?", token)
    return float(row["expires_at"] if row else claims.get("exp", 0))
