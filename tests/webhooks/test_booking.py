"""Booking systems: whose requests get in, and what becomes of what they tell, in whatever order."""

import itertools
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app import Aura
from customers import booking_links
from models.appointments import Appointment
from models.branches import Service
from models.clinics import Clinic
from models.contacts import CustomerContact
from models.conversations import InboxEvent
from models.customers import Customer, JourneyEvent, LineLink
from models.secrets import ClinicSecret
from runtime.clock import DATABASE_NOW
from runtime.settings import Settings
from tests.fixtures.clinic import make_clinic
from tests.webhooks.booking import KEYS, PUBLIC, Sender, payloads
from webhooks.booking.square import Square
from webhooks.source import Delivery
from workers.jobs import drains

MOVED_TO = datetime(2026, 2, 6, 9, 30, tzinfo=UTC)


@pytest.fixture
def aura(settings: Settings, session: Session, clinic: Clinic, make_aura: Callable[..., Aura]) -> Aura:
    for name, key in KEYS.items():
        session.add(ClinicSecret(clinic_id=clinic.id, name=f"booking.{name}", clinic=clinic, value=key))
    booked_as = {
        "calcom": ["7"],
        "calendly": ["https://api.calendly.com/event_types/T1"],
        "square": ["T3WUWYFJOVW2EU6XGRU5YG4A"],
    }
    session.add(Service(clinic_id=clinic.id, code="HYDRA", names={"th": "ไฮดราเฟเชียล"}, booked_as=booked_as))
    session.commit()
    return make_aura(settings.model_copy(update={"public_url": PUBLIC}))


@pytest.fixture
def sender(aura: Aura) -> Sender:
    return Sender(aura.flask.test_client())


def work(session: Session, aura: Aura) -> None:
    """All that is stored, also what waits for its next try."""
    for _ in range(9):
        session.execute(update(InboxEvent).where(InboxEvent.state == "new").values(due_at=DATABASE_NOW))
        session.commit()
        if not drains["chat"](aura.context):
            break
    session.expire_all()


def became(session: Session) -> list[tuple[str, str | None]]:
    return [(one.state, one.reason) for one in session.scalars(select(InboxEvent).order_by(InboxEvent.arrival))]


def kept(session: Session) -> list[tuple[Any, ...]]:
    """Everything of the appointments that does not depend on when we heard of it."""
    session.expire_all()
    rows = session.scalars(select(Appointment).order_by(Appointment.external_id))
    return [
        (one.external_id, one.state, one.starts_at, one.ends_at, one.service_code, one.service, one.replaces)
        for one in rows
    ]


# The vectors of the sources' own descriptions.


def test_squares_own_vector_fits(settings: Settings) -> None:
    body = (
        b'{"merchant_id":"MLEFBHHSJGVHD","type":"webhooks.test_notification","event_id":'
        b'"ac3ac95b-f97d-458c-a6e6-18981597e05f","created_at":"2022-07-13T20:30:59.037339943Z","data":'
        b'{"type":"webhooks","id":"bc368e64-01aa-407e-b46e-3231809b1129"}}'
    )
    given = {"x-square-hmacsha256-signature": "GF4YkrJgGBDZ9NIYbNXBnMzqb2HoL4RW/S6vkZ9/2N4="}
    square = Square("https://webhook.site")
    key = b"Ibxx_5AKakO-3qeNVR61Dw"
    assert square.verified(key, Delivery("/679a4f3a-dcfa-49ee-bac5-9d0edad886b9", given, body))
    assert not square.verified(key, Delivery("/another", given, body))
    assert not square.verified(key, Delivery("/679a4f3a-dcfa-49ee-bac5-9d0edad886b9", given, body + b" "))


def test_the_vector_of_standard_webhooks_fits(aura: Aura, session: Session) -> None:
    """Of the libraries' own tests: any of several signatures is enough."""
    body = b'{"test": 2432232314}'
    given = {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }
    client = aura.flask.test_client()
    assert client.post("/webhooks/booking/aura/standard", data=body, headers=given).status_code == 200
    for changed in (
        {"webhook-id": "another"},
        {"webhook-timestamp": "1614265331"},
        {"webhook-timestamp": "soon"},
        {"webhook-signature": "v2,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="},
        {"webhook-signature": ""},
    ):
        assert client.post("/webhooks/booking/aura/standard", data=body, headers=given | changed).status_code == 401
    work(session, aura)
    assert became(session) == [("ignored", "signed_long_ago")]


def test_who_has_no_right_signature_is_not_let_in(session: Session, aura: Aura, sender: Sender) -> None:
    make_clinic(session, slug="glow")
    session.commit()
    client = aura.flask.test_client()
    for source in KEYS:
        body = next(iter(payloads(source).values()))
        assert sender.send(source, body, key="whsec_AAAA" if source == "standard" else "another") == 401
        assert sender.send(source, body, slug="glow") == 401, "a clinic that has not configured it"
        assert sender.send(source, body, slug="nobody") == 401
        assert client.post(f"/webhooks/booking/aura/{source}", json=body).status_code == 401
    unsigned = {"X-Cal-Signature-256": "no-secret-provided"}
    assert client.post("/webhooks/booking/aura/calcom", json={}, headers=unsigned).status_code == 401
    assert client.post("/webhooks/booking/aura/unheard", json={}).status_code == 404
    assert became(session) == []


@pytest.mark.parametrize("source", KEYS)
def test_what_is_no_object_is_refused_and_nothing_is_a_server_error(source: str, sender: Sender) -> None:
    no_objects: list[Any] = [[], "x", 1, None]
    for body in no_objects:
        assert sender.send(source, body) == 400
    for odd in ({}, {"type": 1, "data": []}, {"payload": {"attendees": [None, 3]}}, {"event": {"a": "\ud800\0"}}):
        assert sender.send(source, odd) == 200


# What becomes of it.


STORIES: dict[str, tuple[tuple[str, ...], dict[str, str]]] = {
    "standard": (("booked", "moved", "confirmed"), {"A-1": "confirmed"}),
    "calcom": (
        ("requested", "created", "rescheduled"),
        {"bFJeNb2uX8ANpT3JL5EfXw": "moved", "newUidAfterMoving": "booked"},
    ),
    "calendly": (
        ("created", "moved_away", "moved_here"),
        {
            "https://api.calendly.com/scheduled_events/E1/invitees/I1": "moved",
            "https://api.calendly.com/scheduled_events/E2/invitees/I2": "booked",
        },
    ),
    "square": (("created", "accepted"), {"i2id2g3enyspi7": "booked"}),
}


@pytest.mark.parametrize("source", STORIES)
def test_any_order_and_repetition_ends_in_the_same(session: Session, aura: Aura, sender: Sender, source: str) -> None:
    told, (names, states) = payloads(source), STORIES[source]
    ends: list[Any] = []
    for order in itertools.permutations(names):
        for name in order:
            assert sender.send(source, told[name]) == 200
            work(session, aura)
        for name in order:
            assert sender.send(source, told[name]) == 200
        work(session, aura)
        ends.append(kept(session))
        for table in (JourneyEvent, Appointment, InboxEvent):
            for row in session.scalars(select(table)):
                session.delete(row)
        session.commit()
    assert {one[0]: one[1] for one in ends[0]} == states
    assert all(end == ends[0] for end in ends)
    stands = [one for one in ends[0] if one[1] != "moved"]
    assert [(one[2], one[4]) for one in stands] == [(MOVED_TO, "HYDRA")]


@pytest.mark.parametrize(("source", "last"), [("calcom", "no_show"), ("calendly", "no_show"), ("standard", "no_show")])
def test_a_state_that_comes_before_its_appointment_waits_for_it(
    session: Session, aura: Aura, sender: Sender, source: str, last: str
) -> None:
    told, (names, _) = payloads(source), STORIES[source]
    sender.send(source, told[last])
    drains["chat"](aura.context)
    session.expire_all()
    assert became(session)[0][0] == "new", "it is tried again"
    for name in names:
        sender.send(source, told[name])
    work(session, aura)
    assert [one[1] for one in kept(session) if one[1] != "moved"] == ["no_show"]
    assert {state for state, _ in became(session)} == {"done"}


def test_a_guest_who_does_not_come_is_not_the_customer(session: Session, aura: Aura, sender: Sender) -> None:
    told = payloads("calcom")
    payload, missing = told["created"]["payload"], told["no_show"]["payload"]
    email, guest = payload["attendees"][0]["email"], {"email": "guest@example.com", "name": "Ken"}
    both = [payload["attendees"][0], guest]
    sender.send("calcom", told["created"] | {"payload": payload | {"attendees": both}})
    for who in ([guest | {"noShow": True}], [{"email": email, "noShow": False}, guest | {"noShow": True}]):
        sender.send("calcom", told["no_show"] | {"payload": missing | {"bookingUid": payload["uid"], "attendees": who}})
        work(session, aura)
        assert [one[1] for one in kept(session)] == ["booked"]
    assert became(session)[1] == ("ignored", "of_a_guest")
    who = [guest | {"noShow": False}, {"email": email.upper(), "noShow": True}]
    body = told["no_show"] | {"payload": missing | {"bookingUid": payload["uid"], "attendees": who}}
    sender.send("calcom", body | {"createdAt": "2026-02-06T12:00:00.000Z"})
    work(session, aura)
    assert [one[1] for one in kept(session)] == ["no_show"]


def test_what_is_never_told_of_is_kept_with_its_reason(session: Session, aura: Aura, sender: Sender) -> None:
    sender.send("standard", payloads("standard")["no_show"])
    work(session, aura)
    assert became(session) == [("dead", "standard has not told of this appointment yet")]


def test_a_meeting_that_is_over_is_nobodys_visit(session: Session, aura: Aura, sender: Sender) -> None:
    sender.send("calcom", payloads("calcom")["rescheduled"])
    sender.send("calcom", payloads("calcom")["ended"])
    work(session, aura)
    assert became(session) == [("done", None), ("ignored", "scheduled_time_only")]
    assert [one[1] for one in kept(session)] == ["booked"]


def test_a_field_that_is_wrong_is_named_and_the_event_can_be_done_again(
    session: Session, aura: Aura, sender: Sender
) -> None:
    body = payloads("standard")["booked"]
    sender.send("standard", body | {"data": body["data"] | {"startsAt": "tomorrow"}})
    sender.send(
        "standard", body | {"data": {"id": "A-2", "startsAt": "2026-02-05T14:00:00", "customer": {"name": "Ken"}}}
    )
    sender.send("standard", body)
    work(session, aura)
    assert became(session) == [
        ("dead", "data.startsAt: write a date and time, such as 2026-02-03T14:30:00+07:00"),
        ("dead", "customer: write an id, a phone or an e-mail address, so that we know who it is"),
        ("done", None),
    ]


def test_a_late_signature_is_marked_and_its_fact_is_as_true(session: Session, aura: Aura, sender: Sender) -> None:
    told = payloads("standard")
    sender.send("standard", told["booked"], ago=6 * 24 * 3_600)
    sender.send("standard", told["moved"], ago=8 * 24 * 3_600)
    sender.send("calendly", payloads("calendly")["created"], ago=200)
    work(session, aura)
    assert became(session) == [("done", "late"), ("ignored", "signed_long_ago"), ("done", "late")]


def test_the_same_delivery_is_one_event(session: Session, aura: Aura, sender: Sender) -> None:
    for source in KEYS:
        body = next(iter(payloads(source).values()))
        for _ in range(2):
            sender.send(source, body, id_="msg_1")
    work(session, aura)
    assert len(became(session)) == len(KEYS)


# Who it is about.


def test_a_person_of_the_source_is_met_once_and_found_again(session: Session, aura: Aura, sender: Sender) -> None:
    told = payloads("standard")
    sender.send("standard", told["booked"])
    sender.send("standard", told["booked"] | {"data": told["booked"]["data"] | {"id": "A-2"}})
    work(session, aura)
    [customer] = {one.customer for one in session.scalars(select(Appointment))}
    assert customer.display_name == "มะลิ สุขใจ"
    contacts = session.scalars(select(CustomerContact).order_by(CustomerContact.kind))
    assert [(one.kind, one.value) for one in contacts] == [("email", "mali@example.com"), ("phone", "+66812345678")]


def test_a_phone_in_common_makes_nobody_one_person(session: Session, aura: Aura, sender: Sender) -> None:
    """A mother books for herself and for her child, with her phone."""
    body = payloads("standard")["booked"]
    child = {"id": "C-89", "name": "น้องพลอย", "phone": "081-234-5678"}
    sender.send("standard", body)
    sender.send("standard", body | {"data": body["data"] | {"id": "A-2", "customer": child}})
    work(session, aura)
    assert len({one.customer_id for one in session.scalars(select(Appointment))}) == 2


def test_without_ids_a_person_is_the_same_contact_and_the_same_name(
    session: Session, aura: Aura, sender: Sender
) -> None:
    body = payloads("calcom")["created"]
    for uid, name in (("1", "Mali Suk"), ("2", "khun mali SUK"), ("3", "Ploy Suk")):
        who = [{"email": "MALI@example.com", "name": name}]
        sender.send("calcom", body | {"payload": body["payload"] | {"uid": uid, "attendees": who}})
    work(session, aura)
    first, second, third = session.scalars(select(Appointment).order_by(Appointment.external_id))
    assert first.customer_id == second.customer_id != third.customer_id


def test_a_booking_by_the_link_of_the_chat_is_the_friends(
    session: Session, aura: Aura, sender: Sender, mali: LineLink
) -> None:
    token = booking_links.token(session, mali.customer, datetime.now(UTC))
    expired = booking_links.token(session, mali.customer, datetime.now(UTC) - timedelta(days=32))
    session.commit()
    booked = payloads("calcom")["created"] | {"createdAt": datetime.now(UTC).isoformat()}
    for uid, metadata in (("1", token), ("2", expired), ("3", token[:-2] + "AA")):
        sender.send("calcom", booked | {"payload": booked["payload"] | {"uid": uid, "metadata": {"aura": metadata}}})
    work(session, aura)
    first, second, third = session.scalars(select(Appointment).order_by(Appointment.external_id))
    assert (first.customer_id, first.about) == (mali.customer_id, "Mali Suk")
    assert mali.customer_id not in (second.customer_id, third.customer_id)
    assert session.get_one(Customer, (mali.customer_id, mali.clinic_id)).display_name != "Mali Suk", "nobody is renamed"
    own, theirs = payloads("standard")["booked"], payloads("calendly")["created"]
    sender.send("standard", own | {"data": own["data"] | {"id": "4", "reference": token}})
    sender.send("calendly", theirs | {"payload": theirs["payload"] | {"uri": "5", "tracking": {"utm_content": token}}})
    work(session, aura)
    found = session.scalars(select(Appointment).where(Appointment.external_id.in_(["4", "5"])))
    assert {one.customer_id for one in found} == {mali.customer_id}


def test_the_link_says_nothing_and_keeps_what_the_address_has(session: Session, mali: LineLink) -> None:
    now = datetime(2026, 2, 3, tzinfo=UTC)
    token = booking_links.token(session, mali.customer, now)
    for address, place in (
        ("https://cal.com/aura/60min?month=2026-02", "month=2026-02&metadata%5Baura%5D="),
        ("https://calendly.com/aura/60min", "?utm_content="),
        ("https://book.aura-clinic.example/", "/?reference="),
    ):
        link = booking_links.link(session, mali.customer, address, now)
        assert place in link
        assert token in link
    for at in (0, 20, 30):  # the customer's id, the day, the hash
        forged = token[:at] + ("A" if token[at] != "A" else "B") + token[at + 1 :]
        assert booking_links.holder(session, mali.clinic, forged, now) is None
    another = make_clinic(session, slug="glow")
    assert booking_links.holder(session, another, token, now) is None
    assert booking_links.holder(session, mali.clinic, token, now) is mali.customer
    assert booking_links.holder(session, mali.clinic, token, now + timedelta(days=32)) is None
    assert booking_links.holder(session, mali.clinic, "x", now) is None
