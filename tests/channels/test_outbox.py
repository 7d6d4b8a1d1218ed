"""The outbox over LINE: each request arrives once, whatever LINE does."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session, sessionmaker

from channels.base import channels
from channels.calls import Calls, Lane
from channels.line.channel import LineChannel
from channels.line.client import Access, Line
from channels.outbox import Outbox
from models.clinics import Clinic
from models.conversations import Send
from models.customers import LineLink
from runtime.clock import real
from runtime.timing import Timing
from tests.fixtures.running import RunningSimulator
from tests.fixtures.waiting import carry

TIMING = replace(Timing(), breaker_rest=timedelta(0))
"""Whether a breaker lets things through is another test's question."""


@pytest.fixture
def outbox(simulator: RunningSimulator, clinic: Clinic, sessions: sessionmaker[Session]) -> Outbox:
    line = Line(simulator.url, {clinic.slug: Access(simulator.channel_id, simulator.channel_secret)})
    return Outbox(sessions, channels(LineChannel(line)), Calls(TIMING), TIMING, Lane(lambda: None))


@pytest.fixture
def person(simulator: RunningSimulator) -> str:
    user_id = str(simulator.call("POST", "people", {"name": "Mali", "language": "th"})["user_id"])
    simulator.follow(user_id)
    return user_id


@pytest.fixture
def send(session: Session, clinic: Clinic, mali: LineLink, person: str) -> Send:
    row = Send(
        clinic_id=clinic.id, clinic=clinic, customer_id=mali.customer_id, customer=mali.customer, channel="line",
        recipient=person, body=b'[{"type": "text", "text": "hello"}]', reason="reply_expired", state="queued",
        attempts=0, due_at=real(), created_at=real(),
    )  # fmt: skip
    session.add(row)
    session.commit()
    return row


def read(session: Session, send: Send) -> tuple[str, int]:
    session.refresh(send)
    return send.state, send.attempts


def arrived(simulator: RunningSimulator, person: str) -> int:
    items: list[Any] = simulator.call("GET", f"people/{person}/chat")["items"]
    return sum(item["message"].get("text") == "hello" for item in items)


def again(session: Session, send: Send) -> None:
    """Its back-off is over."""
    send.due_at = real()
    session.commit()


def test_a_request_is_sent_and_recorded(
    session: Session, outbox: Outbox, send: Send, simulator: RunningSimulator, person: str
) -> None:
    assert carry(outbox, send.clinic_id)
    assert not carry(outbox, send.clinic_id)
    assert read(session, send) == ("sent", 1)
    assert send.request_id
    assert arrived(simulator, person) == 1


@pytest.mark.parametrize(
    ("kind", "counted"), [("error_500", 1), ("timeout_after_accept", 1), ("rate_429", 0), ("refuse", 1)]
)
def test_a_passing_failure_is_tried_again_with_the_same_key_and_arrives_once(
    session: Session, outbox: Outbox, send: Send, simulator: RunningSimulator, person: str,
    kind: str, counted: int,
) -> None:  # fmt: skip
    """What LINE refuses of the whole account is no try of this one: its back-off does not grow."""
    simulator.call("POST", "faults", {"kind": kind, "on": "push", "times": 1})
    carry(outbox, send.clinic_id)
    assert read(session, send) == ("queued", counted)
    assert not carry(outbox, send.clinic_id)  # backs off
    again(session, send)
    carry(outbox, send.clinic_id)
    assert read(session, send) == ("sent", counted + 1)
    assert arrived(simulator, person) == 1


def test_the_monthly_quota_is_final(
    session: Session, outbox: Outbox, send: Send, simulator: RunningSimulator, person: str
) -> None:
    simulator.call("POST", "faults", {"kind": "quota_429", "on": "push", "times": 1})
    carry(outbox, send.clinic_id)
    assert read(session, send) == ("failed", 1)
    assert send.error
    assert send.error.startswith("quota")


def test_a_worker_killed_before_it_recorded_repeats_and_line_recognises_the_key(
    session: Session, outbox: Outbox, send: Send, simulator: RunningSimulator, person: str
) -> None:
    carry(outbox, send.clinic_id)
    session.refresh(send)
    send.state = "queued"  # what a death between LINE's answer and our record leaves behind
    again(session, send)
    carry(outbox, send.clinic_id)
    assert read(session, send) == ("sent", 2)
    assert arrived(simulator, person) == 1


def test_unsettled_after_23_hours_it_is_never_sent_again(
    session: Session, outbox: Outbox, send: Send, simulator: RunningSimulator, person: str
) -> None:
    send.first_tried_at = real() - timedelta(hours=23, minutes=1)
    session.commit()
    carry(outbox, send.clinic_id)
    assert read(session, send) == ("unknown", 0)
    assert arrived(simulator, person) == 0


@pytest.mark.parametrize("tried", [False, True])
def test_what_is_not_worth_saying_any_more_is_dropped(
    simulator: RunningSimulator, session: Session, outbox: Outbox, send: Send, person: str, tried: bool
) -> None:
    """LINE was away too long: whether it was tried before or not."""
    past = real() - timedelta(seconds=1)
    send.not_after, send.first_tried_at = past, past if tried else None
    session.commit()
    assert outbox.step(send.clinic_id) == 1
    assert read(session, send)[0] == "dropped"
    assert send.error == "too_late"
    assert arrived(simulator, person) == 0


def test_an_erased_person_is_sent_nothing(session: Session, outbox: Outbox, send: Send, mali: LineLink) -> None:
    mali.customer.data_key = None
    session.commit()
    carry(outbox, send.clinic_id)
    session.refresh(send)
    assert (send.state, send.error) == ("failed", "erased")
