"""What providers tell later: let in only by their signature or their secret, held against what was sent, once."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app import Aura
from channels.sms.twilio import signature
from models.clinics import Clinic
from models.conversations import InboxEvent, Send
from models.customers import LineLink
from runtime.addresses import Addresses
from runtime.clock import database_now
from runtime.settings import Settings
from workers.jobs import drains

TOKEN = "a-token-of-twilios"
PHONE = "+66812345678"
HOUR = timedelta(hours=1)


@pytest.fixture
def aura(settings: Settings, session: Session, mali: LineLink, make_aura: Callable[..., Aura]) -> Aura:
    session.commit()
    given = {
        "sms_provider": "twilio", "sms_provider_api_key": f"AC1:{TOKEN}", "sms_sender": "AuraClinic",
        "public_url": "https://aura.example",
    }  # fmt: skip
    return make_aura(Settings.model_validate({**_plain(settings), **given}))


def _plain(settings: Settings) -> dict[str, Any]:
    return settings.model_dump() | {
        name: value.get_secret_value() for name, value in settings if hasattr(value, "get_secret_value")
    }


def sent(session: Session, mali: LineLink, **columns: Any) -> Send:
    """An SMS as it stands once its provider has answered."""
    send = Send(
        clinic_id=mali.clinic_id, clinic=mali.customer.clinic, customer_id=mali.customer_id, customer=mali.customer,
        channel="sms", recipient=PHONE, body=b"Hello", reason="appointment_reminder",
        **{"state": "sent", "request_id": "M1", "attempts": 1, "due_at": database_now(session),
           "created_at": database_now(session), **columns},
    )  # fmt: skip
    session.add(send)
    session.commit()
    return send


def tell(aura: Aura, said: Any, *, token: str | None = None, provider: str = "thaibulksms", slug: str = "aura") -> int:
    address = Addresses(aura.runtime.settings).of(slug, provider, signs=False).removeprefix("https://aura.example")
    path = address if token is None else address.rpartition("/")[0] + f"/{token}"
    body = said if isinstance(said, bytes) else json.dumps(said).encode()
    return aura.flask.test_client().post(path, data=body, content_type="application/json").status_code


def told(session: Session, send: Send) -> tuple[str, str | None, bool]:
    session.refresh(send)
    return send.state, send.error, send.delivered_at is not None


def events(session: Session) -> list[tuple[str, str | None]]:
    session.expire_all()
    return [(one.state, one.reason) for one in session.scalars(select(InboxEvent).order_by(InboxEvent.arrival))]


DELIVERED = {"message_id": "M1", "msisdn": "66812345678", "status": "Delivered"}
FAILED = {"message_id": "M1", "msisdn": "66812345678", "status": "Rejected"}


def test_it_has_arrived(session: Session, aura: Aura, mali: LineLink) -> None:
    send = sent(session, mali)
    assert tell(aura, DELIVERED) == 200
    drains["chat"](aura.context)
    assert told(session, send) == ("sent", None, True)
    assert events(session) == [("done", None)]


def test_twice_and_out_of_order_changes_nothing_more(session: Session, aura: Aura, mali: LineLink) -> None:
    send = sent(session, mali)
    for said in (DELIVERED, DELIVERED, FAILED, {**DELIVERED, "status": "Sent"}):
        assert tell(aura, said) == 200
        drains["chat"](aura.context)
    assert told(session, send) == ("sent", None, True)
    assert events(session) == [("done", None), ("ignored", "known_already"), ("ignored", "known_already")]


def test_it_will_not_arrive_and_then_has(session: Session, aura: Aura, mali: LineLink) -> None:
    send = sent(session, mali)
    tell(aura, FAILED)
    drains["chat"](aura.context)
    assert told(session, send) == ("failed", "reported rejected", False)
    tell(aura, DELIVERED)
    drains["chat"](aura.context)
    assert told(session, send) == ("sent", None, True)


def test_of_an_unknown_outcome_the_report_settles_it(session: Session, aura: Aura, mali: LineLink) -> None:
    send = sent(session, mali, state="unknown", request_id=None, error="unknown TimeoutError")
    tell(aura, DELIVERED)
    drains["chat"](aura.context)
    assert told(session, send) == ("sent", None, True)
    assert send.request_id == "M1"


def test_what_may_be_of_one_that_is_under_way_is_not_taken_for_another(
    session: Session, aura: Aura, mali: LineLink
) -> None:
    lost = sent(session, mali, state="unknown", request_id=None)
    under_way = sent(session, mali, state="queued", request_id=None, lease_until=database_now(session) + HOUR,
                     due_at=database_now(session) + HOUR)  # fmt: skip
    tell(aura, DELIVERED)
    drains["chat"](aura.context)
    assert [told(session, one)[0] for one in (lost, under_way)] == ["unknown", "queued"]


def test_of_two_unknown_to_one_phone_neither_is_taken_for_it(session: Session, aura: Aura, mali: LineLink) -> None:
    both = [sent(session, mali, state="unknown", request_id=None) for _ in range(2)]
    tell(aura, DELIVERED)
    drains["chat"](aura.context)
    assert [told(session, one)[0] for one in both] == ["unknown"] * 2


def test_before_the_answer_it_waits_for_it(session: Session, aura: Aura, mali: LineLink) -> None:
    send = sent(session, mali, state="queued", request_id=None, lease_until=database_now(session) + HOUR,
                due_at=database_now(session) + HOUR)  # fmt: skip
    tell(aura, DELIVERED)
    drains["chat"](aura.context)
    assert events(session) == [("new", "unknown_message")]
    send.state, send.request_id, send.lease_until = "sent", "M1", None
    session.execute(update(InboxEvent).values(due_at=database_now(session)))
    session.commit()
    drains["chat"](aura.context)
    assert told(session, send) == ("sent", None, True)


def test_of_nothing_of_ours_it_is_kept_as_that(session: Session, aura: Aura) -> None:
    tell(aura, DELIVERED)
    session.execute(update(InboxEvent).values(received_at=database_now(session) - timedelta(minutes=3)))
    session.commit()
    drains["chat"](aura.context)
    assert events(session) == [("ignored", "unknown_message")]


def test_without_the_secret_nothing_is_let_in(session: Session, aura: Aura, clinic: Clinic) -> None:
    assert [tell(aura, DELIVERED, token=wrong) for wrong in ("x", "0" * 40, "é")] == [401] * 3
    assert tell(aura, DELIVERED, slug="nobody") == 401
    # The secret of one provider, or of one clinic, is no other's.
    other = Addresses(aura.runtime.settings).secrets("aura", "http")[0]
    assert tell(aura, DELIVERED, token=other) == 401
    assert events(session) == []


@pytest.mark.parametrize("body", [b"{", b"", b"[1]", b'"x"'])
def test_what_says_nothing_is_refused(aura: Aura, body: bytes) -> None:
    assert tell(aura, body) == 400


def test_it_may_stand_in_an_address_that_is_fetched(session: Session, aura: Aura, mali: LineLink) -> None:
    send = sent(session, mali)
    address = Addresses(aura.runtime.settings).of("aura", "thaibulksms", signs=False)
    path = f"{address.removeprefix('https://aura.example')}?{urlencode(DELIVERED)}"
    assert aura.flask.test_client().get(path).status_code == 200
    drains["chat"](aura.context)
    assert told(session, send) == ("sent", None, True)


def by_twilio(aura: Aura, query: str, fields: dict[str, str], secret: str = TOKEN) -> int:
    path, body = f"/webhooks/receipts/aura/twilio?{query}", urlencode(fields).encode()
    signed = signature(secret, f"https://aura.example{path}", body)
    return (
        aura.flask.test_client()
        .post(path, data=body, content_type="application/x-www-form-urlencoded",
              headers={"X-Twilio-Signature": signed})
        .status_code
    )  # fmt: skip


def test_twilio_signs_our_own_id_with_the_rest(session: Session, aura: Aura, mali: LineLink) -> None:
    send = sent(session, mali, state="unknown", request_id=None)
    said = {"MessageSid": "SM1", "MessageStatus": "delivered", "To": PHONE}
    assert by_twilio(aura, f"send={send.id.hex}", said, "another") == 401
    assert by_twilio(aura, f"send={send.id.hex}", said) == 200
    drains["chat"](aura.context)
    assert told(session, send) == ("sent", None, True)


def test_a_clinic_without_twilio_lets_nobody_in_as_twilio(
    session: Session, settings: Settings, make_aura: Callable[..., Aura], mali: LineLink
) -> None:
    session.commit()
    aura = make_aura(Settings.model_validate({**_plain(settings), "public_url": "https://aura.example"}))
    assert by_twilio(aura, "", {"MessageSid": "SM1", "MessageStatus": "delivered"}, "") == 401


def test_who_wants_nothing_more_is_not_written_to_again(session: Session, aura: Aura, mali: LineLink) -> None:
    from privacy import suppressions

    send = sent(session, mali)
    said = {"MessageSid": "M1", "MessageStatus": "undelivered", "ErrorCode": "21610", "To": PHONE}
    assert by_twilio(aura, f"send={send.id.hex}", said) == 200
    drains["chat"](aura.context)
    assert told(session, send)[0] == "failed"
    assert suppressions.holds(session, mali.customer.clinic, "sms", PHONE)


def test_what_a_report_says_of_a_person_is_theirs(session: Session, aura: Aura, mali: LineLink) -> None:
    sent(session, mali)
    tell(aura, DELIVERED)
    drains["chat"](aura.context)
    (event,) = session.scalars(select(InboxEvent))
    assert event.customer_id == mali.customer_id
    assert json.loads(event.raw or b"") == DELIVERED
