"""LIFF: what opens for a LIFF URL, in the phone and outside it."""

from urllib.parse import parse_qsl, urlsplit

import pytest

from simulator.login import jwt

from .conftest import KEN, MALI, Product, Simulator
from .test_login import LOGIN, LOGIN_SECRET, verify

LIFF = f"{LOGIN}-aurademo"


def tap(simulator: Simulator, who: str, rest: str = "") -> tuple[str, dict[str, str]]:
    """The address that LINE's browser opens for the tap, and what stands behind its #."""
    done = simulator.act(who, {"type": "uri", "uri": f"{simulator.url}/liff/{LIFF}{rest}"})
    assert (done["does"], done["liff_id"]) == ("liff", LIFF)
    address, _, fragment = done["opens"].partition("#")
    return address, dict(parse_qsl(fragment))


@pytest.mark.parametrize(
    ("rest", "state"),
    [
        ("", ""), ("/", ""), ("/points", "?liff.state=%2Fpoints"),
        ("/points?of=1&x=ก#end", "?liff.state=%2Fpoints%3Fof%3D1%26x%3D%E0%B8%81%23end"),
        ("?of=1", "?liff.state=%3Fof%3D1"),
    ],
)  # fmt: skip
def test_the_endpoint_opens_with_where_it_leads(simulator: Simulator, product: Product, rest: str, state: str) -> None:
    address, handed = tap(simulator, MALI, rest)
    assert address == f"{product.url}/portal/aura/liff{state}"
    assert set(handed) == {"access_token", "context_token", "id_token", "client_id"}
    assert handed["client_id"] == LOGIN


def test_the_endpoint_may_have_a_query_of_its_own(simulator: Simulator) -> None:
    own = {
        "secret": "s",
        "liff_id": "77-abcdEFG1",
        "endpoint": "http://a.example/?k=v",
        "callback": "http://a.example/",
    }
    simulator.sim("PUT", "login/77", own)
    done = simulator.act(MALI, {"type": "uri", "uri": "https://liff.line.me/77-abcdEFG1/x"})
    assert done["opens"].startswith("http://a.example/?k=v&liff.state=%2Fx#access_token=")


def test_who_holds_the_phone_is_who_it_is(simulator: Simulator) -> None:
    for who, name, language in ((MALI, "Mali", "th"), (KEN, "Ken", "en")):
        _, handed = tap(simulator, who)
        told = verify(simulator, handed["id_token"], user_id=who).json()
        assert (told["sub"], told["name"], told["aud"]) == (who, name, LOGIN)
        assert "nonce" not in told
        assert jwt.signed_by(LOGIN_SECRET, handed["context_token"])
        context = jwt.claims(handed["context_token"])
        assert (context["liffId"], context["language"]) == (LIFF, language)


def test_the_same_id_token_for_the_hour(simulator: Simulator) -> None:
    first = tap(simulator, MALI)[1]["id_token"]
    simulator.clock.ahead = 3500
    assert tap(simulator, MALI, "/points")[1]["id_token"] == first
    assert tap(simulator, KEN)[1]["id_token"] != first
    simulator.clock.ahead = 3700
    later = tap(simulator, MALI)[1]["id_token"]
    assert later != first
    simulator.sim("POST", "expire")
    assert verify(simulator, later).json()["error_description"] == "IdToken expired."
    fresh = tap(simulator, MALI)[1]["id_token"]
    assert fresh != later
    assert verify(simulator, fresh).status_code == 200


@pytest.mark.parametrize(
    "uri", ["{at}/liff/9-aurademo", "{at}/liff/{liff}x", "{at}/portal/liff/{liff}", "https://line.me/{liff}"]
)
def test_other_addresses_open_as_ever(simulator: Simulator, uri: str) -> None:
    done = simulator.act(MALI, {"type": "uri", "uri": uri.format(at=simulator.url, liff=LIFF)})
    assert done["does"] == "open"


def test_at_a_computer_a_browser_opens(simulator: Simulator) -> None:
    at_pc = simulator.sim("POST", "people", {"name": "Fon", "language": "th", "device": "pc"})["user_id"]
    uri = f"{simulator.url}/liff/{LIFF}/points"
    assert simulator.act(at_pc, {"type": "uri", "uri": uri}) == {"does": "open", "uri": uri}


@pytest.mark.parametrize("rest", ["", "/", "/points", "/points?of=1&x=%E0%B8%81", "/a%20b"])
def test_a_plain_browser_is_led_to_the_endpoint_unknown(simulator: Simulator, product: Product, rest: str) -> None:
    answer = simulator.http.get(f"/liff/{LIFF}{rest}")
    assert answer.status_code == 302
    address = urlsplit(answer.headers["location"])
    assert f"{address.scheme}://{address.netloc}{address.path}" == f"{product.url}/portal/aura/liff"
    assert dict(parse_qsl(address.query)) == ({} if rest in {"", "/"} else {"liff.state": rest})
    assert address.fragment == ""


def test_no_such_app(simulator: Simulator) -> None:
    assert simulator.http.get("/liff/1-nosuchid").status_code == 404


@pytest.mark.parametrize("path", ["/liff/edge/2/sdk.js", "/liff/edge/versions/2.29.0/sdk.js"])
def test_the_script_may_be_loaded_from_another_site(simulator: Simulator, path: str) -> None:
    answer = simulator.http.get(path)
    assert answer.headers["content-type"].startswith("text/javascript")
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
    assert "window.liff" in answer.text


def test_opening_is_logged_without_tokens_and_can_fail(simulator: Simulator) -> None:
    _, handed = tap(simulator, MALI)
    simulator.http.get(f"/liff/{LIFF}/points")
    simulator.sim("POST", "faults", {"kind": "error_500", "on": "login"})
    assert simulator.http.get("/liff/edge/2/sdk.js").status_code == 500
    entries = simulator.sim("GET", "log")["entries"]
    assert [(entry["path"], entry["status"]) for entry in entries] == [
        (f"/liff/{LIFF}/points", 302), ("/liff/edge/2/sdk.js", 500),
    ]  # fmt: skip
    assert not any(handed[name] in str(entries) for name in ("id_token", "access_token", "context_token"))


def test_the_screen_may_frame_the_endpoint(simulator: Simulator) -> None:
    policy = simulator.http.get("/").headers["content-security-policy"]
    assert "frame-src 'self' https: http://127.0.0.1:*" in policy
    assert "frame-ancestors 'none'" in policy
