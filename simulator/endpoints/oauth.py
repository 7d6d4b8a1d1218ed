"""LINE's endpoints for channel access tokens."""

import hmac

from flask import Response, request

from simulator import accounts, tokens
from simulator.answers import Refused
from simulator.endpoints.base import answer, line, world
from simulator.login import grants


def _refused(error: str, description: str) -> Response:
    return answer({"error": error, "error_description": description}, 400)


def _issue(kind: str) -> Response:
    form = request.form
    if form.get("grant_type") != "client_credentials":
        return _refused("unsupported_grant_type", "grant_type must be client_credentials")
    if "client_assertion" in form:
        return _refused("invalid_client", "JWT assertions are not simulated")
    if not form.get("client_id") or not form.get("client_secret"):
        return _refused("invalid_request", "some parameters missed or invalid")
    try:
        account = accounts.channel(world().store, form["client_id"])
    except Refused:
        return _refused("invalid_client", "invalid client_id")
    if account["id"] != form["client_id"]:
        return _refused("invalid_client", "invalid client_id")
    if not hmac.compare_digest(account["secret"].encode(), form["client_secret"].encode()):
        return _refused("invalid_client", "invalid client_secret")
    if not world().buckets.take(account["id"], "issueChannelToken" if kind == "short" else "stateless"):
        return answer({"message": "The API rate limit has been exceeded. Try again later."}, 429)
    token, lives = tokens.issue_access_token(world(), account["id"], kind)
    return answer({"token_type": "Bearer", "access_token": token, "expires_in": lives})


@line.post("/oauth2/v3/token")
def stateless_token() -> Response:
    return _issue("stateless")


@line.post("/v2/oauth/accessToken")
def short_lived_token() -> Response:
    return _issue("short")


@line.post("/v2/oauth/verify")
def verify() -> Response:
    return _verified(request.form.get("access_token", ""), "P CM")


@line.get("/oauth2/v2.1/verify")
def verify_by_query() -> Response:
    if (row := grants.access_token(world(), request.args.get("access_token", ""))) is not None:
        left = int(row["expires_at"] - world().real())
        return answer({"scope": row["scope"], "client_id": row["login_id"], "expires_in": left})
    return _verified(request.args.get("access_token", ""), "profile chat_message.write")


@line.post("/v2/oauth/revoke")
def revoke() -> Response:
    tokens.revoke_access_token(world(), request.form.get("access_token", ""))
    return Response(status=200)


def _verified(token: str, scope: str) -> Response:
    found = tokens.access_token(world(), token) if token else None
    if found is None:
        return _refused("invalid_request", "access token expired" if token else "some parameters missed or invalid")
    return answer({"client_id": found[0], "expires_in": int(found[1]), "scope": scope})
