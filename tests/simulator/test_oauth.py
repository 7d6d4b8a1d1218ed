"""Channel access tokens."""

import httpx
import pytest
from linebot.v3 import oauth

from .conftest import CHANNEL, SECRET, TOKEN, Simulator

GOOD = {"grant_type": "client_credentials", "client_id": CHANNEL, "client_secret": SECRET}


def info(simulator: Simulator, token: str) -> int:
    return simulator.http.get("/v2/bot/info", headers={"Authorization": f"Bearer {token}"}).status_code


def test_stateless_token_by_line_sdk(simulator: Simulator) -> None:
    with oauth.ApiClient(oauth.Configuration(host=simulator.url)) as client:
        api = oauth.ChannelAccessToken(client)
        issued = api.issue_stateless_channel_token_by_client_secret(CHANNEL, SECRET)
    assert issued.expires_in == 900
    assert info(simulator, issued.access_token) == 200
    simulator.clock.ahead = 899
    assert info(simulator, issued.access_token) == 200
    simulator.clock.ahead = 901
    assert info(simulator, issued.access_token) == 401
    assert info(simulator, TOKEN) == 200
    log = str(simulator.sim("GET", "log"))
    assert "client_id=" in log
    assert not any(secret in log for secret in (SECRET, TOKEN, issued.access_token))


@pytest.mark.parametrize(
    "wrong", [{"client_id": "1"}, {"client_secret": "x"}, {"grant_type": "x"}, {"client_id": "@aura"}]
)
def test_wrong_credentials(simulator: Simulator, wrong: dict[str, str]) -> None:
    answer = simulator.http.post("/oauth2/v3/token", data=GOOD | wrong)
    assert answer.status_code == 400
    assert set(answer.json()) == {"error", "error_description"}


def test_short_lived_token(simulator: Simulator) -> None:
    def issue() -> str:
        answer: httpx.Response = simulator.http.post("/v2/oauth/accessToken", data=GOOD)
        return str(answer.json()["access_token"])

    first = issue()
    told = simulator.http.post("/v2/oauth/verify", data={"access_token": first}).json()
    assert told["client_id"] == CHANNEL and 2_591_990 < told["expires_in"] <= 2_592_000
    tokens = [issue() for _ in range(30)]
    assert info(simulator, first) == 401
    assert info(simulator, tokens[0]) == 200
    assert simulator.http.post("/v2/oauth/revoke", data={"access_token": tokens[0]}).status_code == 200
    assert info(simulator, tokens[0]) == 401
    assert simulator.http.post("/v2/oauth/verify", data={"access_token": tokens[0]}).status_code == 400
