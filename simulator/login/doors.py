"""LINE Login 2.1: the page where somebody says who they are, and the two calls that the product makes after it."""

import hmac
from collections.abc import Mapping
from urllib.parse import urlencode, urlsplit

from flask import Response, render_template, request

from simulator import accounts
from simulator.endpoints.base import answer, line, world
from simulator.login import channels, grants, identity
from simulator.store import Row

SCOPES = {"profile", "openid", "email"}
_EXCHANGED = ("code", "redirect_uri", "client_id", "client_secret")
_NEVER_KEPT = {"Cache-Control": "no-store"}


@line.route("/oauth2/v2.1/authorize", methods=["GET", "POST"])
def authorize() -> Response:
    """GET shows the page; its form posts `user_id`, or `no`, to the same address."""
    asked, here = request.args, world()
    login = channels.find(here.store, asked.get("client_id", ""))
    back = asked.get("redirect_uri", "")
    if login is None or not channels.may_return(login, back):
        # Whoever is not known may not be led to either.
        return _page(400, wrong="client_id" if login is None else "redirect_uri")
    if mistake := _mistake(asked):
        return _lead(back, error=mistake[0], error_description=mistake[1], state=asked.get("state", ""))
    if request.method == "GET":
        account = accounts.channel(here.store, login["channel_id"])["name"]
        people = here.store.rows("SELECT * FROM people ORDER BY rowid")
        return _page(200, back, account=account, people=people)
    if "no" in request.form:
        denied = "The resource owner denied the request."
        return _lead(back, error="access_denied", error_description=denied, state=asked["state"])
    who = accounts.person(here.store, request.form.get("user_id", ""))["user_id"]
    scope, nonce, challenge = (asked.get(name, "") for name in ("scope", "nonce", "code_challenge"))
    code = grants.issue_code(here, login, who, back, scope, nonce, challenge)
    return _lead(back, code=code, state=asked["state"])


def _mistake(asked: Mapping[str, str]) -> tuple[str, str] | None:
    """The error, and a sentence about it, that the product is told for a request it should not have made."""
    if asked.get("response_type") != "code":
        return "unsupported_response_type", "response_type must be code"
    if not asked.get("state"):
        return "invalid_request", "state is required"
    scopes = set(asked.get("scope", "").split())
    if not scopes & {"profile", "openid"} or scopes - SCOPES:
        return "invalid_scope", "the requested scope is invalid"
    if asked.get("code_challenge", "") and asked.get("code_challenge_method") != "S256":
        return "invalid_request", "code_challenge_method must be S256"
    return None


def _lead(back: str, **said: str) -> Response:
    joint = "&" if "?" in back else "?"
    told = urlencode({name: value for name, value in said.items() if value})
    return Response(status=302, headers={"Location": f"{back}{joint}{told}", **_NEVER_KEPT})


def _page(status: int, back: str = "", **facts: object) -> Response:
    """A page without script. Its form may lead to the callback's site, since browsers hold redirects to that too."""
    on = urlsplit(back)
    to = f" {on.scheme}://{on.netloc}" if back else ""
    policy = (
        "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'self';"
        f" form-action 'self'{to}"
    )
    headers = {"Content-Security-Policy": policy, "Referrer-Policy": "no-referrer", **_NEVER_KEPT}
    return Response(render_template("login.html", **facts), status, headers, content_type="text/html; charset=utf-8")


@line.post("/oauth2/v2.1/token")
def exchange() -> Response:
    """A code becomes tokens, once."""
    form, here = request.form, world()
    if form.get("grant_type") != "authorization_code":
        return _refused("unsupported_grant_type", "grant_type must be authorization_code")
    if not all(form.get(name) for name in _EXCHANGED):
        return _refused("invalid_request", "some parameters missed or invalid")
    login = channels.find(here.store, form["client_id"])
    if login is None:
        return _refused("invalid_client", "invalid client_id")
    if not hmac.compare_digest(login["secret"].encode(), form["client_secret"].encode()):
        return _refused("invalid_client", "invalid client_secret")
    code = grants.spend_code(here, login, form["code"])
    if code is None:
        return _refused("invalid_grant", "invalid authorization code")
    if code["redirect_uri"] != form["redirect_uri"]:
        return _refused("invalid_grant", "redirect_uri does not match")
    if not grants.proved(code, form.get("code_verifier", "")):
        return _refused("invalid_grant", "invalid code_verifier")
    return answer(_granted(login, code), headers=_NEVER_KEPT)


def _granted(login: Row, code: Row) -> dict[str, object]:
    scope = " ".join(each for each in code["scope"].split() if each != "email")  # LINE leaves it out
    token = grants.issue_token(world(), login, code["user_id"], scope)
    granted: dict[str, object] = {
        "access_token": token, "expires_in": grants.TOKEN_SECONDS, "scope": scope, "token_type": "Bearer",
    }  # fmt: skip
    id_token = identity.issue(world(), login, code["user_id"], code["scope"], code["nonce"])
    return granted | ({"id_token": id_token} if id_token else {})


@line.post("/oauth2/v2.1/verify")
def verify_identity() -> Response:
    """What an ID token says, where it is true and meant for who asks."""
    form = request.form
    token, client_id = form.get("id_token"), form.get("client_id")
    if not token or not client_id:
        return _refused("invalid_request", "some parameters missed or invalid")
    try:
        claims = identity.verified(world(), token, client_id, form.get("nonce"), form.get("user_id"))
    except identity.Untrue as untrue:
        return _refused("invalid_request", str(untrue))
    return answer(claims, headers=_NEVER_KEPT)


def _refused(error: str, description: str) -> Response:
    return answer({"error": error, "error_description": description}, 400)
