"""The pretend providers of SMS, and the phone that shows what they bring."""

import base64
import json
import time
from typing import Any
from urllib.parse import parse_qs

import pytest
from flask.testing import FlaskClient

from simulator.app import close_simulator, create_simulator
from simulator.config import Config
from simulator.sms import reports, texts
from tests.simulator.conftest import MALI

KEY, SENDER = "AC1:token", "AuraClinic"
BASIC = {"Authorization": "Basic " + base64.b64encode(KEY.encode()).decode()}
PHONE = "66812345678"


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, bytes, dict[str, str]]]:
    """What was reported, in place of the network."""
    said: list[tuple[str, bytes, dict[str, str]]] = []

    def keep(_here: Any, address: str, body: bytes, headers: dict[str, str]) -> int:
        said.append((address, body, headers))
        return 200

    monkeypatch.setattr(reports, "_post", keep)
    monkeypatch.setattr(reports, "SOON", 0.0)
    return said


@pytest.fixture
def desk(tmp_path: Any, told: Any) -> Any:
    app = create_simulator(
        Config(data=tmp_path, sms_key=KEY, sms_sender=SENDER, sms_reports="http://here/webhooks/receipts/aura/x/secret")
    )
    yield app.test_client()
    close_simulator(app)


def seen(desk: FlaskClient, path: str) -> Any:
    return desk.get(path).get_json()


def bulk(desk: FlaskClient, **more: str) -> Any:
    form = {"msisdn": PHONE, "message": "สวัสดีค่ะ", "sender": SENDER, **more}
    return desk.post("/thaibulksms/sms", data=form, headers=BASIC)


def reported(told: list[Any], many: int = 1) -> list[Any]:
    until = time.monotonic() + 5
    while len(told) < many and time.monotonic() < until:
        time.sleep(0.01)
    return told


def test_thaibulksms_takes_one_and_reports_it(desk: FlaskClient, told: list[Any]) -> None:
    answer = bulk(desk)
    (taken,) = answer.get_json()["phone_number_list"]
    assert (answer.status_code, taken["number"], taken["used_credit"]) == (201, PHONE, 1)
    ((address, body, _),) = reported(told)
    assert address.endswith("/secret")
    assert json.loads(body) == {"message_id": taken["message_id"], "msisdn": PHONE, "status": "Delivered"}


@pytest.mark.parametrize(
    ("more", "status", "part"),
    [
        ({"msisdn": "0212345678"}, 200, "bad_phone_number_list"),
        ({"sender": "Nobody"}, 400, "error"),
    ],
)
def test_thaibulksms_refuses(desk: FlaskClient, more: dict[str, str], status: int, part: str) -> None:
    answer = bulk(desk, **more)
    assert (answer.status_code, bool(answer.get_json()[part])) == (status, True)
    assert desk.post("/thaibulksms/sms", data={}).status_code == 401


def test_twilio_signs_its_report(desk: FlaskClient, told: list[Any]) -> None:
    form = {"To": "+66812345678", "From": SENDER, "Body": "Hi", "StatusCallback": "http://here/x?send=1"}
    answer = desk.post("/twilio/2010-04-01/Accounts/AC1/Messages.json", data=form, headers=BASIC)
    assert (answer.status_code, answer.get_json()["status"]) == (201, "queued")
    ((address, body, headers),) = reported(told)
    fields = {name: value for name, (value,) in parse_qs(body.decode()).items()}
    assert fields["MessageStatus"] == "delivered"
    assert headers["X-Twilio-Signature"] == reports.twilio_signature("token", address, fields)


def test_twilios_published_signature() -> None:
    fields = {
        "CallSid": "CA1234567890ABCDE", "Caller": "+14158675309", "Digits": "1234", "From": "+14158675309",
        "To": "+18005551212",
    }  # fmt: skip
    signed = reports.twilio_signature("12345", "https://mycompany.com/myapp.php?foo=1&bar=2", fields)
    assert signed == "RSOYDt4T1cUTdK1PDd93/VVr8B8="


@pytest.mark.parametrize(
    ("fault", "reports_", "status"),
    [
        ("report_never", [], "sent"),
        ("report_failed", ["Failed"], "failed"),
        ("report_first", ["Delivered"], "delivered"),
    ],
)
def test_reports_fail_on_demand(
    desk: FlaskClient, told: list[Any], fault: str, reports_: list[str], status: str
) -> None:
    desk.post("/sim/faults", json={"kind": fault, "on": "sms"})
    bulk(desk)
    if reports_:
        reported(told)
    assert [json.loads(body)["status"] for _, body, _ in told] == reports_
    until = time.monotonic() + 5
    while time.monotonic() < until and seen(desk, "/sim/texts")["items"][0]["status"] != status:
        time.sleep(0.01)
    assert seen(desk, "/sim/texts")["items"][0]["status"] == status


def test_a_person_sees_what_came_to_their_number(desk: FlaskClient) -> None:
    bulk(desk, msisdn=texts.number_of(MALI).removeprefix("+"), message="ก" * 71)
    bulk(desk)
    shown = seen(desk, f"/sim/people/{MALI}/texts")
    assert shown["number"] == texts.number_of(MALI)
    assert [(one["from"], one["parts"], one["text"]) for one in shown["items"]] == [(SENDER, 2, "ก" * 71)]
    assert len(seen(desk, "/sim/texts")["items"]) == 2
