"""What somebody has allowed a Login channel: codes that are exchanged once, and access tokens."""

import base64
import hashlib
import hmac

from simulator import ids
from simulator.store import Row
from simulator.world import World

CODE_SECONDS = 10 * 60
TOKEN_SECONDS = 30 * 24 * 3600
LIFF_SECONDS = 12 * 3600


def issue_code(world: World, login: Row, user_id: str, back: str, scope: str, nonce: str, challenge: str) -> str:
    """`back`: where it is sent, which has to be named again when it is exchanged; `challenge`: of PKCE, or empty."""
    code, now = ids.opaque(), world.real()
    with world.store.write():
        world.store.run("DELETE FROM login_codes WHERE expires_at < ?", now - 86400)
        world.store.run(
            "INSERT INTO login_codes (code, login_id, user_id, redirect_uri, scope, nonce, challenge, expires_at)"
            " VALUES (?,?,?,?,?,?,?,?)",
            code, login["id"], user_id, back, scope, nonce, challenge, now + CODE_SECONDS,
        )  # fmt: skip
    return code


def spend_code(world: World, login: Row, code: str) -> Row | None:
    """The row of a code that is still good, now spent; None when it is not."""
    with world.store.write():
        row = world.store.row(
            "SELECT * FROM login_codes WHERE code = ? AND login_id = ? AND NOT used AND expires_at > ?",
            code, login["id"], world.real(),
        )  # fmt: skip
        if row is not None:
            world.store.run("UPDATE login_codes SET used = 1 WHERE code = ?", code)
        return row


def proved(code: Row, verifier: str) -> bool:
    """Whether the verifier is the one whose challenge came with the authorization request; without one, anybody may."""
    made = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=")
    return not code["challenge"] or hmac.compare_digest(made, code["challenge"].encode())


def issue_token(world: World, login: Row, user_id: str, scope: str, seconds: int = TOKEN_SECONDS) -> str:
    token, now = f"user.{ids.opaque()}{ids.opaque()}", world.real()
    with world.store.write():
        world.store.run("DELETE FROM login_tokens WHERE expires_at < ?", now - 86400)
        world.store.run(
            "INSERT INTO login_tokens VALUES (?,?,?,?,?)", token, login["id"], user_id, scope, now + seconds
        )
    return token


def access_token(world: World, token: str) -> Row | None:
    """The row of a person's living token."""
    return world.store.row("SELECT * FROM login_tokens WHERE token = ? AND expires_at > ?", token, world.real())
