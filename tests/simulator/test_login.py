"""LINE Login: the page, the code, the tokens, and what LINE says of an ID token."""

import base64
import hashlib
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import httpx
import pytest

from simulator.config import Config, Wrong, from_environment
from simulator.login import jwt

from .conftest import CHANNEL, KEN, MALI, Product, Simulator

LOGIN, LOGIN_SECRET = "1650000002", "simulated-login-secret"
VERIFIER = "a-verifier-of-at-least-forty-three-characters-0"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
AUTHORIZE, TOKEN_AT, VERIFY = "/oauth2/v2.1/authorize", "/oauth2/v2.1/token", "/oauth2/v2.1/verify"


def back(product: Product) -> str:
    return f"{product.url}/portal/aura/signed-in"


def asked(product: Product, **changed: str) -> dict[str, str]:
    whole = {
        "response_type": "code", "client_id": LOGIN, "redirect_uri": back(product), "state": "a-state",
        "nonce": "n0nce", "scope": "profile openid", "code_challenge": CHALLENGE, "code_challenge_method": "S256",
        "bot_prompt": "normal",
    }  # fmt: skip
    return {name: value for name, value in (whole | changed).items() if value}


def returned(answer: httpx.Response, product: Product) -> dict[str, str]:
    """What the product is told in the address that the browser is led back to."""
    assert answer.status_code == 302
    address, _, query = answer.headers["location"].partition("?")
    assert address == back(product)
    return dict(parse_qsl(query))


def choose(simulator: Simulator, product: Product, who: str = MALI, **changed: str) -> str:
    answer = simulator.http.post(AUTHORIZE, params=asked(product, **changed), data={"user_id": who})
    told = returned(answer, product)
    assert told["state"] == "a-state"
    return told["code"]


def exchange(simulator: Simulator, product: Product, code: str, **changed: str) -> httpx.Response:
    form = {
        "grant_type": "authorization_code", "code": code, "redirect_uri": back(product), "client_id": LOGIN,
        "client_secret": LOGIN_SECRET, "code_verifier": VERIFIER,
    }  # fmt: skip
    return simulator.http.post(TOKEN_AT, data=form | changed)


def verify(simulator: Simulator, token: str, **more: str) -> httpx.Response:
    return simulator.http.post(VERIFY, data={"id_token": token, "client_id": LOGIN} | more)


def refusal(answer: httpx.Response) -> tuple[str, str]:
    assert answer.status_code == 400
    said = answer.json()
    return said["error"], said["error_description"]


def signed_in(simulator: Simulator, product: Product, **changed: str) -> dict[str, Any]:
    answer = exchange(simulator, product, choose(simulator, product, **changed))
    assert answer.status_code == 200
    return dict(answer.json())


def test_page_names_the_account_and_everybody(simulator: Simulator, product: Product) -> None:
    page = simulator.http.get(AUTHORIZE, params=asked(product))
    assert page.status_code == 200
    assert page.headers["content-type"].startswith("text/html")
    assert all(word in page.text for word in ("Aura Clinic", MALI, KEN, "Mali", "คุณคือใคร", "Who are you?"))
    assert f"form-action 'self' {product.url}" in page.headers["content-security-policy"]
    assert page.headers["x-line-request-id"]


def test_from_the_page_to_who_it_is(simulator: Simulator, product: Product) -> None:
    granted = signed_in(simulator, product)
    assert granted["token_type"] == "Bearer"
    assert granted["expires_in"] == 2_592_000
    assert granted["scope"] == "profile openid"
    now = int(simulator.clock())
    told = verify(simulator, granted["id_token"], nonce="n0nce", user_id=MALI).json()
    assert told == {
        "iss": "https://access.line.me", "sub": MALI, "aud": LOGIN, "exp": now + 3600, "iat": now, "nonce": "n0nce",
        "amr": ["linesso"], "name": "Mali",
    }  # fmt: skip
    assert verify(simulator, granted["id_token"]).json() == told
    mine = simulator.http.get(VERIFY, params={"access_token": granted["access_token"]}).json()
    assert mine == {"scope": "profile openid", "client_id": LOGIN, "expires_in": 2_592_000}


def test_only_what_was_asked_for_is_told(simulator: Simulator, product: Product) -> None:
    token = signed_in(simulator, product, scope="openid", nonce="")["id_token"]
    assert not {"name", "nonce"} & set(verify(simulator, token).json())
    assert "id_token" not in signed_in(simulator, product, scope="profile")


def test_no(simulator: Simulator, product: Product) -> None:
    answer = simulator.http.post(AUTHORIZE, params=asked(product), data={"no": "1"})
    told = returned(answer, product)
    assert (told["error"], told["state"]) == ("access_denied", "a-state")
    assert "code" not in told


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(
    "wrong", [{"client_id": "1"}, {"client_id": ""}, {"redirect_uri": "http://evil.example/"}, {"redirect_uri": ""}]
)
def test_a_stranger_is_led_nowhere(simulator: Simulator, product: Product, method: str, wrong: dict[str, str]) -> None:
    answer = simulator.http.request(method, AUTHORIZE, params=asked(product, **wrong))
    assert answer.status_code == 400
    assert "location" not in answer.headers
    assert "text/html" in answer.headers["content-type"]


@pytest.mark.parametrize("more", ["/", "?x=1", "#x"])
def test_callback_is_compared_to_the_letter(simulator: Simulator, product: Product, more: str) -> None:
    assert simulator.http.get(AUTHORIZE, params=asked(product, redirect_uri=back(product) + more)).status_code == 400


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"), ({"state": ""}, "invalid_request"),
        ({"scope": ""}, "invalid_scope"), ({"scope": "openid everything"}, "invalid_scope"),
        ({"code_challenge_method": "plain"}, "invalid_request"), ({"code_challenge_method": ""}, "invalid_request"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_to_the_product(
    simulator: Simulator, product: Product, wrong: dict[str, str], error: str
) -> None:
    assert returned(simulator.http.get(AUTHORIZE, params=asked(product, **wrong)), product)["error"] == error


def test_a_code_is_exchanged_once(simulator: Simulator, product: Product) -> None:
    code = choose(simulator, product)
    assert exchange(simulator, product, code).status_code == 200
    assert refusal(exchange(simulator, product, code)) == ("invalid_grant", "invalid authorization code")


@pytest.mark.parametrize(("seconds", "status"), [(599, 200), (601, 400)])
def test_a_code_lives_ten_minutes(simulator: Simulator, product: Product, seconds: float, status: int) -> None:
    code = choose(simulator, product)
    simulator.clock.ahead = seconds
    assert exchange(simulator, product, code).status_code == status


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"grant_type": "password"}, "unsupported_grant_type"), ({"code": ""}, "invalid_request"),
        ({"client_id": "1"}, "invalid_client"), ({"client_secret": "x"}, "invalid_client"),
        ({"code": "x"}, "invalid_grant"),
        ({"redirect_uri": "http://evil.example/"}, "invalid_grant"), ({"code_verifier": "x"}, "invalid_grant"),
        ({"code_verifier": ""}, "invalid_grant"),
    ],
)  # fmt: skip
def test_no_tokens_for_who_shows_the_wrong_thing(
    simulator: Simulator, product: Product, wrong: dict[str, str], error: str
) -> None:
    code = choose(simulator, product)
    assert (
        refusal(
            exchange(
                simulator,
                product,
                wrong.get("code", code),
                **{name: value for name, value in wrong.items() if name != "code"},
            )
        )[0]
        == error
    )


def test_without_a_challenge_no_verifier_is_needed(simulator: Simulator, product: Product) -> None:
    code = choose(simulator, product, code_challenge="", code_challenge_method="")
    assert exchange(simulator, product, code, code_verifier="").status_code == 200


def test_another_channel_may_not_exchange_the_code(simulator: Simulator, product: Product) -> None:
    theirs = {"secret": "s", "liff_id": "77-abcdEFG1", "endpoint": product.url, "callback": back(product)}
    assert len(simulator.sim("PUT", "login/77", theirs)["channels"]) == 2
    wrong = exchange(simulator, product, choose(simulator, product), client_id="77", client_secret="s")
    assert refusal(wrong) == ("invalid_grant", "invalid authorization code")
    code = choose(simulator, product, client_id="77")
    granted = exchange(simulator, product, code, client_id="77", client_secret="s").json()
    assert refusal(verify(simulator, granted["id_token"]))[1] == "Invalid IdToken Audience."
    assert verify(simulator, granted["id_token"], client_id="77").json()["sub"] == MALI


def token_with(simulator: Simulator, secret: str = LOGIN_SECRET, **changed: Any) -> str:
    now = int(simulator.clock())
    claims = {"iss": "https://access.line.me", "sub": MALI, "aud": LOGIN, "exp": now + 3600, "iat": now}
    return jwt.sign(secret, claims | changed)


def test_what_line_says_of_a_token(simulator: Simulator) -> None:
    good = token_with(simulator, nonce="n0nce")
    assert verify(simulator, good).status_code == 200
    told: dict[str, list[tuple[str, dict[str, str]]]] = {
        "Invalid IdToken.": [
            ("x", {}), ("a.b.c", {}), (good[:-4] + "AAAA", {}), (token_with(simulator, "another"), {}),
            (token_with(simulator, aud="1"), {}), ("é.é.é", {}),
        ],
        "Invalid IdToken Issuer.": [(token_with(simulator, iss="https://evil.example"), {})],
        "IdToken expired.": [(token_with(simulator, exp=int(simulator.clock()) - 1), {})],
        "Invalid IdToken Audience.": [(good, {"client_id": "1"})],
        "Invalid IdToken Nonce.": [(good, {"nonce": "x"}), (token_with(simulator), {"nonce": "n0nce"})],
        "Invalid IdToken Subject Identifier.": [(good, {"user_id": KEN})],
    }  # fmt: skip
    for description, tried in told.items():
        for token, more in tried:
            assert refusal(verify(simulator, token, **more)) == ("invalid_request", description)
    assert refusal(verify(simulator, ""))[0] == "invalid_request"


def test_an_id_token_lives_an_hour_of_real_time(simulator: Simulator, product: Product) -> None:
    token = signed_in(simulator, product)["id_token"]
    simulator.clock.ahead = 3598
    assert verify(simulator, token).status_code == 200
    simulator.clock.ahead = 3601
    assert refusal(verify(simulator, token))[1] == "IdToken expired."


def test_all_grows_too_old_on_demand(simulator: Simulator, product: Product) -> None:
    granted, code = signed_in(simulator, product), choose(simulator, product)
    simulator.sim("POST", "expire")
    assert refusal(verify(simulator, granted["id_token"]))[1] == "IdToken expired."
    assert refusal(exchange(simulator, product, code))[0] == "invalid_grant"
    assert simulator.http.get(VERIFY, params={"access_token": granted["access_token"]}).status_code == 400


def test_the_log_shows_every_call_and_no_secret(simulator: Simulator, product: Product) -> None:
    simulator.http.get(AUTHORIZE, params=asked(product))
    code = choose(simulator, product)
    granted = exchange(simulator, product, code).json()
    verify(simulator, granted["id_token"])
    simulator.http.get(VERIFY, params={"access_token": granted["access_token"]})
    entries = simulator.sim("GET", "log")["entries"]
    paths = [entry["path"] for entry in entries if entry["kind"] == "api"]
    assert paths == [AUTHORIZE, AUTHORIZE, TOKEN_AT, VERIFY, VERIFY]
    assert {entry["channel"] for entry in entries[:4]} == {CHANNEL}
    log = str(entries)
    assert "a-state" in log and "n0nce" in log
    assert not any(
        secret in log for secret in (code, VERIFIER, LOGIN_SECRET, granted["id_token"], granted["access_token"])
    )


@pytest.mark.parametrize(("kind", "status"), [("error_500", 500), ("rate_429", 429)])
def test_faults(simulator: Simulator, product: Product, kind: str, status: int) -> None:
    code = choose(simulator, product)
    simulator.sim("POST", "faults", {"kind": kind, "on": "login", "channel": CHANNEL})
    assert exchange(simulator, product, code).status_code == status
    assert exchange(simulator, product, code).status_code == 200


def test_an_exchange_that_hangs_spends_nothing_and_one_whose_answer_is_lost_does(
    simulator: Simulator, product: Product
) -> None:
    code = choose(simulator, product)
    for kind in ("hang", "timeout_after_accept"):
        simulator.sim("POST", "faults", {"kind": kind, "on": TOKEN_AT, "ms": 20})
        with pytest.raises(httpx.RemoteProtocolError):
            exchange(simulator, product, code)
    granted = simulator.sim("GET", "log")["entries"][-1]
    assert (granted["status"], granted["fault"]) == (200, "timeout_after_accept")
    assert refusal(exchange(simulator, product, code)) == ("invalid_grant", "invalid authorization code")


@pytest.mark.parametrize(
    "wrong",
    [
        {"secret": ""}, {"liff_id": "88-abcdEFG1"}, {"liff_id": "77-short"}, {"endpoint": "ftp://x"},
        {"callback": "/x"}, {"callback": "http://a.example/\nx"},
    ],
)  # fmt: skip
def test_a_channel_is_refused_that_could_not_be(simulator: Simulator, wrong: dict[str, str]) -> None:
    good = {
        "secret": "s",
        "liff_id": "77-abcdEFG1",
        "endpoint": "http://a.example/liff",
        "callback": "http://a.example/",
    }
    assert simulator.http.put("/sim/login/77", json=good | wrong).status_code == 400
    answer = simulator.http.put("/sim/login/77", json=good)
    assert answer.status_code == 200
    assert "secret" not in answer.text


def test_the_environment_names_the_channel() -> None:
    env = {"SIMULATOR_LOGIN_CHANNEL_ID": "55", "SIMULATOR_LOGIN_SECRET": "s"}
    config = from_environment(env)
    assert (config.login_id, config.login_secret, config.liff_id) == ("55", "s", "55-aurademo")
    assert "'s'" not in repr(config)
    assert from_environment(env | {"SIMULATOR_LIFF_ID": "55-Abcdef12"}).liff_id == "55-Abcdef12"
    with pytest.raises(Wrong, match="SIMULATOR_LIFF_ID"):
        from_environment(env | {"SIMULATOR_LIFF_ID": "56-Abcdef12"})


def test_several_callbacks(simulator: Simulator, product: Product) -> None:
    """As at LINE, one in each line; the demo clinic's are there for both of the product's addresses."""
    both = {
        "secret": "s",
        "liff_id": "77-abcdEFG1",
        "endpoint": product.url,
        "callback": "http://a.example/\nhttp://b.example/",
    }
    simulator.sim("PUT", "login/77", both)
    for callback in ("http://a.example/", "http://b.example/"):
        answer = simulator.http.post(
            AUTHORIZE, params=asked(product, client_id="77", redirect_uri=callback), data={"user_id": KEN}
        )
        assert parse_qs(urlsplit(answer.headers["location"]).query)["state"] == ["a-state"]


def test_seeded_callbacks(config: Config, simulator: Simulator, product: Product) -> None:
    (seeded,) = simulator.sim("GET", "login")["channels"]
    assert seeded == {
        "id": LOGIN, "channel": CHANNEL, "liff_id": f"{LOGIN}-aurademo", "endpoint": f"{product.url}/portal/aura/liff",
        "callback": back(product),
    }  # fmt: skip
