"""What people type stays out of the output of every process, also when everything goes wrong.

The installation is asked once more when all stories are told (`tests/fixtures/installation.py`).
"""

import json
from collections.abc import Iterator

import httpx
import psycopg
import pytest

from tests.fixtures.servers import libpq
from tests.fixtures.waiting import eventually
from tests.payloads import MALI, aim, load
from tests.stories.whole import Phone, Whole

TYPED = "ploypailin.s@example.com 081-555-0147 hydrafacial for my rosacea"
DEEP = '{"a":' * 700 + "1" + "}" * 700


def said(whole: Whole, text: str, phone: Phone, event_id: str) -> tuple[int, str]:
    people = {MALI: phone.user_id}
    body = aim(load("line/message-text.json"), destination=whole.destination, people=people, at=whole.now())
    body["events"][0]["message"]["text"] = text
    body["events"][0]["webhookEventId"] = event_id
    return whole.post(body)


@pytest.fixture
def broken(whole: Whole) -> Iterator[None]:
    """A table is away, as after half an update: whatever is handled fails with its parameters in hand."""
    with psycopg.connect(libpq(whole.app.database_url), autocommit=True) as database:
        database.execute("ALTER TABLE conversation_states RENAME TO conversation_states_away")
        yield
        database.execute("ALTER TABLE conversation_states_away RENAME TO conversation_states")


def test_an_event_that_fails_is_told_without_its_words(whole: Whole, member: Phone, broken: None) -> None:
    whole.app.typed |= {*TYPED.split()[:2], TYPED}
    assert said(whole, TYPED, member, "SILENT0")[0] == 200
    dead = "SELECT reason FROM inbox WHERE event_key = 'SILENT0' AND state = 'dead'"
    eventually(lambda: whole.rows(dead), within=30)
    assert whole.rows(dead)[0]["reason"].startswith("ProgrammingError at ")
    assert "sqlstate=42P01" in whole.processes.log("worker-chat")
    assert whole.app.quoted() == []


def test_what_is_asked_wrongly_is_refused_without_a_word_of_it(whole: Whole, member: Phone) -> None:
    whole.app.typed |= {*TYPED.split()[:2], TYPED}
    key = {"Authorization": f"Bearer {whole.app.plan.env['SIMULATOR_API_KEY']}"}
    with httpx.Client(base_url=whole.app.url, headers=key, trust_env=False, timeout=20) as till:
        wrong = {"externalId": "ext:till:HN-0815", "name": TYPED, "phone": TYPED, "email": "ploypailin.s@example.com"}
        assert till.post("/api/loyalty/customers", json=wrong).status_code == 422
        assert till.get(f"/api/loyalty/customers/{TYPED}").status_code < 500
        assert till.post("/webhooks/line/a%00b", content=TYPED.encode()).status_code == 401
    assert whole.sim("POST", "events", {"raw": f'{{"events": [{DEEP}]}}'})["status"] == 200
    assert whole.sim("POST", "events", {"raw": json.dumps({"events": TYPED})})["status"] == 400
    whole.settled()
    assert whole.app.quoted() == []


def test_the_search_finds_what_is_there(whole: Whole) -> None:
    whole.app.typed.add("worker ready")
    found = whole.app.quoted()
    whole.app.typed.remove("worker ready")
    assert "worker-chat.log: 'worker ready'" in found
