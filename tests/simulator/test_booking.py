"""The booking desk: what each source says of a booking, how it is signed, and how a sending may go wrong."""

import base64
import hashlib
import hmac
import json
import queue
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from simulator.app import close_simulator, create_simulator
from simulator.booking.source import LOCATION, PLACE, SERVICES
from simulator.config import Config
from simulator.till import SERVICES as AT_THE_TILL
from tests.webhooks.booking import payloads

from .conftest import Heard, Product, Simulator

RAW = b"thirty-two bytes are a good key."
KEYS = {
    "standard": f"whsec_{base64.b64encode(RAW).decode()}", "calcom": "of-calcom", "calendly": "of-calendly",
    "square": "of-square",
}  # fmt: skip
PUBLIC = "https://clinic.example"
DEEDS = {
    "standard": ["confirm", "move", "come", "complete"],
    "calcom": ["move", "no_show"],
    "calendly": ["move", "no_show"],
    "square": ["move", "cancel"],
}
AT = "2026-02-05T14:00:00+07:00"
MOVED = "2026-02-06T16:30:00+07:00"


@pytest.fixture
def config(config: Config) -> Config:
    return replace(config, booking=KEYS, public_url=PUBLIC)


def book(simulator: Simulator, source: str, **more: Any) -> Any:
    wanted = {
        "source": source, "name": "Mali Suk", "phone": "081-234-5678", "email": "mali@example.com",
        "service": "HydraFacial", "at": AT, **more,
    }  # fmt: skip
    return simulator.sim("POST", "booking", wanted)


def do(simulator: Simulator, booking: Any, deed: str, **more: Any) -> Any:
    if deed == "move":
        more.setdefault("at", MOVED)
    return simulator.sim("POST", f"booking/{booking['number']}/{deed}", more)


def told(heard: Heard) -> dict[str, Any]:
    return dict(json.loads(heard.body))


def kinds(product: Product) -> list[str]:
    """What was heard, in order, by the sources' own names."""
    found = []
    while not product.heard.empty():
        body = told(product.next())
        found.append(str(body.get("type") or body.get("triggerEvent") or body.get("event")))
    return found


def rightly_signed(source: str, heard: Heard) -> bool:
    """As each source describes it."""
    headers, body = heard.headers, heard.body
    match source:
        case "standard":
            signed = f"{headers['webhook_id']}.{headers['webhook_timestamp']}.".encode() + body
            made = base64.b64encode(hmac.new(RAW, signed, hashlib.sha256).digest()).decode()
            return headers["webhook_signature"] == f"v1,{made}"
        case "calcom":
            return headers["x_cal_signature_256"] == hmac.new(b"of-calcom", body, hashlib.sha256).hexdigest()
        case "calendly":
            at = headers["calendly_webhook_signature"].split(",")[0].removeprefix("t=")
            made = hmac.new(b"of-calendly", f"{at}.".encode() + body, hashlib.sha256).hexdigest()
            return headers["calendly_webhook_signature"] == f"t={at},v1={made}"
        case _:
            signed = f"{PUBLIC}/webhooks/booking/aura/square".encode() + body
            made = base64.b64encode(hmac.new(b"of-square", signed, hashlib.sha256).digest()).decode()
            return headers["x_square_hmacsha256_signature"] == made


def shape(value: Any) -> Any:
    """The names in a body, without what stands there."""
    return {name: shape(inner) for name, inner in value.items()} if isinstance(value, dict) else None


def within(part: Any, whole: Any) -> bool:
    """Whether every name of `part` that is an object there is one in `whole` too, and no name is missing."""
    if not isinstance(part, dict):
        return True
    return isinstance(whole, dict) and all(name in whole and within(inner, whole[name]) for name, inner in part.items())


@pytest.mark.parametrize(
    ("source", "event"),
    [("standard", "booked"), ("calcom", "created"), ("calendly", "created"), ("square", "created")],
)
def test_a_booking_has_what_the_source_documents(
    simulator: Simulator, product: Product, source: str, event: str
) -> None:
    view = book(simulator, source)
    assert (view["state"], view["status"], view["waits"]) == ("booked", 200, False)
    heard = product.next()
    assert rightly_signed(source, heard)
    documented = shape(payloads(source)[event])
    assert within(documented, told(heard)), told(heard)


@pytest.mark.parametrize("source", list(KEYS))
def test_deeds_are_told_signed_and_in_order(simulator: Simulator, product: Product, source: str) -> None:
    booking = book(simulator, source)
    for deed in DEEDS[source]:
        assert deed in booking["may"]
        booking = do(simulator, booking, deed)
    assert booking["may"] == []
    heard = []
    while not product.heard.empty():
        heard.append(product.next())
    assert len(heard) == len(DEEDS[source]) + (2 if source == "calendly" else 1)  # who moves there is told of as two
    assert all(rightly_signed(source, one) for one in heard)
    refused = simulator.http.post(f"/sim/booking/{booking['number']}/cancel", json={})
    assert (refused.status_code, refused.json()["code"]) == (409, "booking_over")


def test_our_own_form_keeps_its_id_and_counts_its_versions(simulator: Simulator, product: Product) -> None:
    booking = book(simulator, "standard", token="a-token")
    for deed in ("confirm", "move", "cancel"):
        booking = do(simulator, booking, deed)
    bodies = [told(product.next()) for _ in range(4)]
    assert [one["type"] for one in bodies] == [
        f"appointment.{it}" for it in ("booked", "confirmed", "moved", "cancelled")
    ]
    assert [one["data"]["version"] for one in bodies] == [1, 2, 3, 4]
    assert len({one["data"]["id"] for one in bodies}) == 1
    assert {one["data"]["reference"] for one in bodies} == {"a-token"}
    assert [one["data"]["startsAt"] for one in bodies] == [AT, AT, MOVED, MOVED]


def test_who_is_moved_has_another_id_at_cal_com_and_calendly(simulator: Simulator, product: Product) -> None:
    do(simulator, book(simulator, "calcom", token="a-token"), "move")
    first, second = (told(product.next())["payload"] for _ in range(2))
    assert (first["metadata"], "metadata" in second) == ({"aura": "a-token"}, False)
    assert second["rescheduleUid"] == first["uid"] != second["uid"]
    assert second["startTime"] == "2026-02-06T09:30:00Z"
    do(simulator, book(simulator, "calendly", token="a-token"), "move")
    first, gone, here = (told(product.next())["payload"] for _ in range(3))
    assert (first["tracking"]["utm_content"], here["tracking"]["utm_content"]) == ("a-token", None)
    assert (gone["uri"], gone["rescheduled"], gone["new_invitee"]) == (first["uri"], True, here["uri"])
    assert (here["old_invitee"], here["scheduled_event"]["start_time"]) == (first["uri"], "2026-02-06T09:30:00.000000Z")


def test_the_same_name_and_contact_is_one_person(simulator: Simulator, product: Product) -> None:
    for name in ("Mali Suk", "Mali Suk", "Nong Fah"):
        book(simulator, "square", name=name)
    people = [told(product.next())["data"]["object"]["booking"]["customer_id"] for _ in range(3)]
    assert people[0] == people[1] != people[2]


def test_twice_is_the_same_again(simulator: Simulator, product: Product) -> None:
    book(simulator, "standard", way="twice")
    one, other = product.next(), product.next()
    assert one.body == other.body and one.headers["webhook_id"] == other.headers["webhook_id"]


@pytest.mark.parametrize("source", ["standard", "calendly"])
def test_late_is_rightly_signed_an_hour_ago(simulator: Simulator, product: Product, source: str) -> None:
    book(simulator, source, way="late")
    heard = product.next()
    assert rightly_signed(source, heard)
    signature = heard.headers.get("calendly_webhook_signature", "").split(",")[0].removeprefix("t=")
    at = int(heard.headers.get("webhook_timestamp") or signature)
    assert 3_500 < time.time() - at < 3_700


def test_who_signs_no_time_is_never_late(simulator: Simulator) -> None:
    ways = {one["name"]: one["ways"] for one in simulator.sim("GET", "booking")["sources"]}
    assert "late" in ways["standard"] and "late" not in ways["square"]
    booking = {"source": "square", "name": "Mali", "service": "HydraFacial", "at": AT, "way": "late"}
    assert simulator.http.post("/sim/booking", json=booking).status_code == 400
    assert simulator.sim("GET", "booking")["bookings"] == []


@pytest.mark.parametrize("source", list(KEYS))
def test_a_wrong_signature_is_sent_again_rightly(simulator: Simulator, product: Product, source: str) -> None:
    product.answers.append(401)
    booking = book(simulator, source, way="wrong_signature")
    assert booking["status"] == 401
    wrong = product.next()
    assert not rightly_signed(source, wrong)
    assert do(simulator, booking, "again")["status"] == 200
    right = product.next()
    assert rightly_signed(source, right) and right.body == wrong.body


@pytest.mark.parametrize("source", list(KEYS))
def test_a_missing_field_is_the_bookings_id(simulator: Simulator, product: Product, source: str) -> None:
    booking = book(simulator, source, way="missing_field")
    broken = product.next()
    do(simulator, booking, "again")
    whole = product.next()
    assert rightly_signed(source, broken)
    # A receiver that knows an event by its id must not take the whole one for the broken one.
    assert source != "square" or told(broken)["event_id"] != told(whole)["event_id"]
    assert broken.headers.get("webhook_id") is None or broken.headers["webhook_id"] != whole.headers["webhook_id"]
    place = {"standard": ("data",), "calcom": ("payload",), "calendly": ("payload",)}
    inside = [told(broken), told(whole)]
    for name in place.get(source, ("data", "object", "booking")):
        inside = [one[name] for one in inside]
    name = {"standard": "id", "calcom": "uid", "calendly": "uri", "square": "id"}[source]
    assert name not in inside[0] and inside[1][name]


def test_out_of_order_is_the_last_two_swapped(simulator: Simulator, product: Product) -> None:
    booking = book(simulator, "standard", way="swapped")
    assert (booking["status"], booking["waits"]) == (None, True)
    with pytest.raises(queue.Empty):
        product.heard.get_nowait()
    booking = do(simulator, booking, "confirm")
    assert (booking["status"], booking["waits"]) == (200, False)
    assert kinds(product) == ["appointment.confirmed", "appointment.booked"]
    do(simulator, book(simulator, "calendly"), "move", way="swapped")
    assert kinds(product) == ["invitee.created", "invitee.created", "invitee.canceled"]


def test_what_went_over_the_wire_has_no_secret(simulator: Simulator) -> None:
    for source in KEYS:
        book(simulator, source)
    entries = [one for one in simulator.sim("GET", "log")["entries"] if one["kind"] == "booking"]
    assert [one["path"] for one in entries] == [f"/webhooks/booking/aura/{source}" for source in KEYS]
    assert [one["status"] for one in entries] == [200] * 4
    assert not any(key in json.dumps(entries) for key in KEYS.values())


def test_a_product_that_does_not_answer_is_seen(config: Config, product: Product, simulator: Simulator) -> None:
    booking = book(simulator, "standard")
    product.next()
    with simulated(replace(config, app_url="http://127.0.0.1:1")) as http:
        assert http.post(f"/sim/booking/{booking['number']}/again", json={}).json["status"] == 0


@contextmanager
def simulated(config: Config) -> Iterator[Any]:
    app = create_simulator(config)
    with app.test_client() as http:
        yield http
    close_simulator(app)


def test_without_a_secret_nothing_is_booked(config: Config) -> None:
    with simulated(replace(config, booking={})) as http:
        told = http.get("/sim/booking").json
        assert [one["ready"] for one in told["sources"]] == [False] * 4
        wanted = {"source": "standard", "name": "Mali", "service": "HydraFacial", "at": AT}
        refused = http.post("/sim/booking", json=wanted)
        assert (refused.status_code, refused.json["code"]) == (409, "booking_no_secret")
        assert http.get("/sim/booking").json["bookings"] == []


@pytest.mark.parametrize(
    ("changed", "status", "code"),
    [
        ({"source": "other"}, 404, None),
        ({"service": "other"}, 400, None),
        ({"name": " "}, 422, "booking_name"),
        ({"name": "x" * 101}, 422, "booking_text"),
        ({"phone": "\x00"}, 422, "booking_text"),
        ({"at": "tomorrow"}, 422, "booking_time"),
        ({"at": "2026-02-05T14:00:00"}, 422, "booking_time"),
        ({"at": "9999-12-31T23:59:59+00:00"}, 422, "booking_time"),
        ({"source": "calcom", "email": ""}, 422, "booking_email"),
        ({"way": "sideways"}, 400, None),
    ],
)
def test_what_cannot_be_booked_is_refused(
    simulator: Simulator, product: Product, changed: dict[str, Any], status: int, code: str | None
) -> None:
    wanted = {"source": "standard", "name": "Mali", "service": "HydraFacial", "at": AT, **changed}
    refused = simulator.http.post("/sim/booking", json=wanted)
    assert (refused.status_code, refused.json().get("code")) == (status, code)
    assert product.heard.empty() and simulator.sim("GET", "booking")["bookings"] == []


def test_the_product_is_asked_what_it_knows(simulator: Simulator, product: Product) -> None:
    booking = book(simulator, "standard")
    sent = told(product.next())["data"]
    mine, other = {"externalId": sent["id"], "state": "booked"}, {"externalId": "A-0", "state": "booked"}
    product.says += [(200, {"appointments": [other, mine]}), (200, {"appointments": []}), (404, {}), (429, {})]

    def known() -> Any:
        return simulator.http.get(f"/sim/booking/{booking['number']}/known")

    assert known().json() == {"asked": True, "appointment": mine}
    method, address, *_ = product.asked.get(timeout=5)
    assert (method, address) == ("GET", f"/api/facts/appointments?customerId=ext%3Astandard%3A{sent['customer']['id']}")
    assert known().json() == {"asked": True, "appointment": None}
    assert known().json() == {"asked": False, "appointment": None}
    assert known().status_code == 429
    by_id_only = book(simulator, "square")
    assert simulator.sim("GET", f"booking/{by_id_only['number']}/known") == {"asked": False, "appointment": None}


def test_the_demo_clinics_file_knows_every_service_by_the_same_names() -> None:
    file = yaml.safe_load((Path(__file__).parents[2] / "local" / "demo_clinic.yaml").read_text(encoding="utf-8"))
    named = {one["code"]: one for one in file["services"]}
    (branch,) = file["branches"]
    assert branch["booked_as"] == {"calcom": [PLACE], "calendly": [PLACE], "square": [LOCATION]}
    assert list(named) == list(SERVICES) == list(AT_THE_TILL)
    for code, one in SERVICES.items():
        said = named[code]["name"]
        assert (one.names, one.minutes) == (
            said if isinstance(said, dict) else {"th": said, "en": said}, named[code]["minutes"],
        )  # fmt: skip
        assert named[code]["booked_as"] == {
            "calcom": [str(one.number)], "calendly": [one.event_type], "square": [one.variation],
        }  # fmt: skip


def test_our_own_form_tells_of_the_treatment_at_an_appointment(simulator: Simulator, product: Product) -> None:
    booking = book(simulator, "standard")
    product.next()
    done = do(simulator, booking, "treat")
    body = told(product.next())
    assert (body["type"], body["data"]["service"]) == ("treatment.performed", "HydraFacial")
    assert body["data"]["id"] == f"T-{body['data']['appointment']}"
    assert body["data"]["customer"]["name"] == "Mali Suk"
    assert (done["state"], done["may"]) == ("completed", [])


def test_our_own_form_tells_of_a_consent_on_paper_and_of_its_end(simulator: Simulator, product: Product) -> None:
    booking = book(simulator, "standard")
    product.next()
    for deed, granted in (("agree", True), ("withdraw", False)):
        done = do(simulator, booking, deed)
        body = told(product.next())
        (consent,) = body["data"]["consents"]
        assert (body["type"], body["data"]["customer"]["name"]) == ("customer.updated", "Mali Suk")
        assert (consent["purpose"], consent["channel"], consent["granted"]) == ("marketing", "line", granted)
        assert ("evidence" in consent, done["state"]) == (granted, "booked")
