"""What people, LINE, a till and an engineer do while something fails, and how long they wait."""

import time
from typing import Any

import httpx

from models.base import new_id
from runtime.language import Language
from tests.fixtures.waiting import eventually
from tests.payloads import MALI, aim, load
from tests.stories.whole import Json, Phone, Whole, held, words

TH = Language("th")
WORKERS = ("worker-chat", "worker-send", "worker-slow")
LATER = 5.0
"""Seconds after the end of a fault: the next try of an event, or LINE's next delivery of what was refused."""


def ask(phone: Phone) -> None:
    phone.whole.sim("POST", f"people/{phone.user_id}/say", {"message": {"type": "text", "text": "แต้ม"}})


def answered(phones: list[Phone], within: float) -> None:
    """Each of them has exactly one answer, and none gets another."""
    waiting, got = list(phones), {phone.user_id: list[Any]() for phone in phones}

    def all_have() -> bool:
        for phone in list(waiting):
            got[phone.user_id] += phone.read()
            if got[phone.user_id]:
                waiting.remove(phone)
        return not waiting

    eventually(all_have, within=within)
    for phone in phones:
        assert words(got[phone.user_id]).count(held(TH, 100)) == 1


def webhook(whole: Whole, phone: Phone) -> tuple[int, float]:
    """One of LINE's own, by another id than the simulator's; its status, and the seconds it took."""
    body = aim(
        load("line/message-text.json"), destination=whole.destination, people={MALI: phone.user_id}, at=whole.now()
    )
    began = time.monotonic()
    status, _ = whole.post(body)
    return status, time.monotonic() - began


def web(whole: Whole) -> httpx.Client:
    return httpx.Client(base_url=whole.app.url, trust_env=False, timeout=20)


def pids(whole: Whole) -> list[int]:
    return [whole.processes.pid(name) for name in (*WORKERS, "web")]


def till(whole: Whole, path: str, told: Json) -> tuple[httpx.Response, float]:
    """What the clinic's till is answered, and the seconds it took."""
    headers = {"Authorization": f"Bearer {whole.app.plan.env['SIMULATOR_API_KEY']}", "Idempotency-Key": new_id().hex}
    began = time.monotonic()
    with web(whole) as client:
        answer = client.post(f"/api/loyalty/{path}", json=told, headers=headers)
    return answer, time.monotonic() - began


def pay(whole: Whole, customer: str, number: int) -> tuple[httpx.Response, float]:
    bill = {"customerId": customer, "id": f"{customer}-{number}", "amount": "100", "paidAt": whole.now().isoformat()}
    return till(whole, "payments", bill)


def tell(whole: Whole) -> tuple[httpx.Response, float]:
    """Of a customer whom nobody knows yet: something is written, and nobody is sent anything."""
    return till(whole, "customers", {"externalId": f"ext:till:{new_id().hex}"})
