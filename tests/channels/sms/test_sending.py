"""SMS over pretend providers that answer as the real ones: sent once, whatever goes wrong on the way."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from app import Aura
from channels import outbox
from channels.base import NoWay
from channels.message import Message
from channels.sms.channel import NotRegistered, SmsChannel
from customers import contacts
from customers.people import identify, new_customer
from customers.voice import language_of
from models.clinics import Clinic
from models.conversations import Send
from models.customers import LineLink
from runtime.clock import database_now
from runtime.settings import Settings
from tests.fixtures.clinic import NOW
from tests.fixtures.running import RunningSimulator
from tests.fixtures.waiting import eventually
from workers.jobs import drains

PHONE = "+66812345678"
BASES = {"thaibulksms": "/thaibulksms", "twilio": "/twilio", "http": "/gateway"}


@pytest.fixture
def aura(
    request: pytest.FixtureRequest, settings: Settings, session: Session, mali: LineLink,
    make_aura: Callable[..., Aura], simulator: RunningSimulator,
) -> Aura:  # fmt: skip
    provider = getattr(request, "param", "thaibulksms")
    contacts.tell(session, mali.customer, "phone", PHONE, source="till", now=NOW)
    session.commit()
    plain = {
        name: value.get_secret_value() if hasattr(value, "get_secret_value") else value for name, value in settings
    }
    return make_aura(Settings.model_validate({
        **plain, "sms_provider": "http" if provider == "nobody" else provider, "sms_sender": simulator.sms_sender,
        "sms_provider_api_key": simulator.sms_key, "line_api_base": simulator.url,
        "sms_api_base": f"{simulator.url}{BASES[provider]}" if provider in BASES else "http://127.0.0.1:1",
        "line_channel_id": simulator.channel_id, "line_channel_secret": simulator.channel_secret,
    }))  # fmt: skip


def channel(aura: Aura) -> SmsChannel:
    found = aura.context.outbox.channels["sms"]
    assert isinstance(found, SmsChannel)
    return found


def written(session: Session, aura: Aura, mali: LineLink, text: str = "พรุ่งนี้เจอกันนะคะ") -> Send:
    clinic, over = mali.customer.clinic, channel(aura)
    address = over.address(session, mali.customer)
    assert isinstance(address, str)
    body = over.render(Message(text), clinic, language_of(clinic, mali.customer))
    send = outbox.write(session, over, clinic, mali.customer, address, body, "test")
    session.commit()
    return send


def carried(session: Session, aura: Aura, send: Send) -> tuple[str, str | None]:
    drains["send"](aura.context)
    session.expire_all()
    session.refresh(send)
    return send.state, send.error


def due(session: Session) -> None:
    session.execute(update(Send).values(due_at=database_now(session) - timedelta(seconds=1)))
    session.commit()


def texts(simulator: RunningSimulator) -> list[dict[str, Any]]:
    return list(simulator.call("GET", "texts")["items"])


@pytest.mark.parametrize("aura", BASES, indirect=True)
def test_it_arrives_with_the_clinics_name(
    session: Session, aura: Aura, simulator: RunningSimulator, mali: LineLink
) -> None:
    send = written(session, aura, mali)
    assert carried(session, aura, send) == ("sent", None)
    (text,) = texts(simulator)
    assert (text["number"], text["from"]) == (PHONE, simulator.sms_sender)
    assert text["text"] == f"{mali.customer.clinic.called('th')}: พรุ่งนี้เจอกันนะคะ"
    assert send.request_id == text["message_id"]


@pytest.mark.parametrize("aura", BASES, indirect=True)
@pytest.mark.parametrize(
    ("fault", "state", "error"),
    [
        ("bad_number", "failed", "bad_number"),
        ("no_credit", "failed", "no_credit"),
        ("refused_400", "failed", "refused"),
    ],
)
def test_a_refusal_for_good_is_one(
    session: Session, aura: Aura, simulator: RunningSimulator, mali: LineLink, fault: str, state: str, error: str
) -> None:
    simulator.call("POST", "faults", {"kind": fault, "on": "sms"})
    found, why = carried(session, aura, written(session, aura, mali))
    assert found == state
    assert (why or "").split()[0] in {error, "refused"}
    assert texts(simulator) == []


def test_what_goes_too_fast_is_tried_again(
    session: Session, aura: Aura, simulator: RunningSimulator, mali: LineLink
) -> None:
    simulator.call("POST", "faults", {"kind": "rate_429", "on": "sms", "ms": 0})
    send = written(session, aura, mali)
    assert carried(session, aura, send) == ("queued", "rate 429")
    due(session)
    eventually(lambda: carried(session, aura, send) == ("sent", None), every=0.3)  # the clinic's breaker rests a second
    assert len(texts(simulator)) == 1


@pytest.mark.parametrize("aura", ["nobody"], indirect=True)
def test_what_never_left_waits(session: Session, aura: Aura, mali: LineLink) -> None:
    send = written(session, aura, mali)
    assert carried(session, aura, send) == ("queued", "away ConnectionRefusedError")


@pytest.mark.parametrize("fault", ["error_500", "refuse", "timeout_after_accept"])
def test_what_may_have_been_taken_is_never_sent_again(
    session: Session, aura: Aura, simulator: RunningSimulator, mali: LineLink, fault: str
) -> None:
    simulator.call("POST", "faults", {"kind": fault, "on": "sms", "ms": 100})
    send = written(session, aura, mali)
    assert carried(session, aura, send)[0] == "unknown"
    due(session)
    for _ in range(3):
        drains["send"](aura.context)
    session.refresh(send)
    assert send.state == "unknown"
    assert len(texts(simulator)) == (1 if fault == "timeout_after_accept" else 0)


def test_a_clinics_own_account_is_its_own(
    session: Session, settings: Settings, mali: LineLink, make_aura: Callable[..., Aura], simulator: RunningSimulator
) -> None:
    clinic = mali.customer.clinic
    identify(session, mali.customer, "phone", PHONE, NOW)
    session.commit()
    aura = make_aura(settings)
    assert channel(aura).address(session, mali.customer) == NoWay("no_sms")
    clinic.choose(
        channels={"sms": {"provider": "http", "sender": simulator.sms_sender, "base": f"{simulator.url}/gateway"}}
    )
    session.flush()
    assert channel(aura).address(session, mali.customer) == NoWay("no_sms")  # its key is missing
    clinic.sms_key = simulator.sms_key
    session.commit()
    assert carried(session, aura, written(session, aura, mali)) == ("sent", None)
    assert len(texts(simulator)) == 1


def test_without_a_phone_nobody_is_reached(session: Session, aura: Aura, clinic: Clinic) -> None:
    nobody = new_customer(session, clinic, NOW)
    session.flush()
    assert channel(aura).address(session, nobody) == NoWay("no_phone")
    nobody.data_key = None
    assert channel(aura).address(session, nobody) == NoWay("erased")


def test_an_address_that_is_not_registered_is_never_sent(session: Session, aura: Aura, mali: LineLink) -> None:
    clinic, over = mali.customer.clinic, channel(aura)
    t = language_of(clinic, mali.customer)
    with pytest.raises(NotRegistered):
        over.render(Message("ดู https://elsewhere.example/x"), clinic, t)
    clinic.choose(channels={"sms": {"registered_links": ["https://aura.example/in/"]}})
    session.flush()
    assert over.render(Message("ดู https://aura.example/in/x"), clinic, t)
    for near in ("https://aura.example/inside", "https://aura.example.evil.example/in/", "http://aura.example/in/x"):
        with pytest.raises(NotRegistered):
            over.render(Message(f"ดู {near}"), clinic, t)
