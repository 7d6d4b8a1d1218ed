"""Who takes his time over SMS or mail delays nobody in LINE: each channel's calls have a pool of their own."""

import threading
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy.orm import Session

from app import Aura
from channels import outbox
from channels.message import Message
from customers.people import new_customer
from customers.voice import in_language
from models.customers import LineLink
from runtime.settings import Settings
from tests.fixtures.clinic import NOW
from tests.fixtures.running import RunningSimulator
from tests.fixtures.waiting import eventually
from workers.jobs import drains

SLOW_SECONDS = 3
SLOW = {
    "sms": ("faults", {"kind": "delay", "on": "sms", "ms": SLOW_SECONDS * 1_000, "times": 1_000}),
    "email": ("mail/faults", {"kind": "slow", "seconds": SLOW_SECONDS, "times": 1_000}),
}
ADDRESSES = {"sms": "+668000000{:02}", "email": "nok{:02}@mail.example"}
PEOPLE, PUSHES = 40, 20


@pytest.fixture
def aura(settings: Settings, make_aura: Callable[..., Aura], simulator: RunningSimulator) -> Aura:
    plain = {
        name: value.get_secret_value() if hasattr(value, "get_secret_value") else value for name, value in settings
    }
    return make_aura(Settings.model_validate({
        **plain, "line_api_base": simulator.url, "line_channel_id": simulator.channel_id,
        "line_channel_secret": simulator.channel_secret, "sms_provider": "thaibulksms",
        "sms_sender": simulator.sms_sender, "sms_provider_api_key": simulator.sms_key,
        "sms_api_base": f"{simulator.url}/thaibulksms", "smtp_host": "127.0.0.1",
        "smtp_port": simulator.call("GET", "mail")["port"], "email_from": "hello@aura.example",
    }))  # fmt: skip


@pytest.mark.parametrize("slow", SLOW)
def test_it_delays_no_push_in_line(
    session: Session, aura: Aura, simulator: RunningSimulator, mali: LineLink, slow: str
) -> None:
    """Forty people's messages, each of which takes three seconds; what goes to LINE meanwhile goes at once."""
    clinic, channels = mali.customer.clinic, aura.context.outbox.channels
    simulator.call("POST", *SLOW[slow])
    friend = str(simulator.call("POST", "people", {"name": "Ann"})["user_id"])
    simulator.follow(friend)
    line, body = channels["line"], b'[{"type":"text","text":"hello"}]'
    outbox.write(session, line, clinic, None, friend, body, "test")
    session.commit()

    def ready() -> bool:
        """LINE's library and a token are there."""
        drains["send"](aura.context)
        return len(pushes(simulator)) == 1

    eventually(ready, within=60)
    waiting = channels[slow].render(Message("พรุ่งนี้เจอกันนะคะ"), clinic, in_language(clinic, "th"))
    people = [new_customer(session, clinic, NOW) for _ in range(PEOPLE)]
    session.flush()
    for number, one in enumerate(people):
        outbox.write(session, channels[slow], clinic, one, ADDRESSES[slow].format(number), waiting, "test")
    session.commit()
    done = threading.Event()

    def sends() -> None:
        while not done.is_set():
            drains["send"](aura.context)

    sending = threading.Thread(target=sends)
    sending.start()
    eventually(lambda: carried(simulator, slow) > 0, within=30)
    began = time.time()
    for _ in range(PUSHES):
        outbox.write(session, line, clinic, None, friend, body, "test")
    session.commit()
    eventually(lambda: len(pushes(simulator)) == 1 + PUSHES, within=30)
    still = PEOPLE - carried(simulator, slow)
    done.set()
    sending.join()
    waited = [datetime.fromisoformat(one["at"]).timestamp() - began for one in pushes(simulator)[1:]]
    assert still > 0, "what is slow was still going on"
    assert max(waited) < SLOW_SECONDS - 0.5, sorted(waited)


def pushes(simulator: RunningSimulator) -> list[dict[str, Any]]:
    entries = simulator.call("GET", "log")["entries"]
    return [one for one in entries if str(one.get("path", "")).startswith("/v2/bot/message/push")]


def carried(simulator: RunningSimulator, slow: str) -> int:
    """How many have come to a phone or a mailbox by now."""
    return len(simulator.call("GET", "texts")["items"] if slow == "sms" else simulator.call("GET", "mail?of=")["mails"])
