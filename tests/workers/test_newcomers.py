"""A new friend is greeted in the language of their phone, if the clinic speaks it."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from app import Aura
from models.conversations import InboxEvent, OutgoingReply
from models.customers import Customer, LineLink
from runtime.settings import Settings
from runtime.timing import Timing
from tests.fixtures.clinic import make_clinic

USER = "U" + "b" * 32


@pytest.fixture
def aura(settings: Settings, make_aura: Callable[..., Aura]) -> Aura:
    return make_aura(settings)


def follows(session: Session, aura: Aura, *, age: timedelta = timedelta(0), **said: Any) -> InboxEvent:
    clinic = make_clinic(session)
    source = {"type": "user", "userId": USER}
    raw = {"type": "follow", "mode": "active", "source": source, "replyToken": "t" * 32, **said}
    now = session.scalars(select(text("now()"))).one()
    event = InboxEvent(
        clinic_id=clinic.id, clinic=clinic, source="line", event_key="one", type="follow", raw=json.dumps(raw).encode(),
        actor_index=session.info["vault"].index(clinic.id, "line", USER), occurred_at=now - age, received_at=now - age,
        due_at=now - age,
    )  # fmt: skip
    session.add(event)
    session.commit()
    return event


def step(session: Session, aura: Aura, event: InboxEvent) -> str:
    """One more look; what was said."""
    session.execute(update(InboxEvent).values(due_at=InboxEvent.received_at))
    session.commit()
    assert aura.context.inbox.step(event.clinic_id)
    session.expire_all()
    reply = session.scalars(select(OutgoingReply)).one_or_none()
    return "" if reply is None else json.dumps(json.loads(reply.body or b""), ensure_ascii=False)


@pytest.mark.parametrize(("language", "greeting"), [("en-US", "Welcome to"), ("th", "ยินดีต้อนรับ"), ("de", "ยินดีต้อนรับ")])
def test_the_greeting_waits_for_the_language_of_the_phone(
    session: Session, aura: Aura, language: str, greeting: str
) -> None:
    event = follows(session, aura)
    assert step(session, aura, event) == ""
    link = session.scalars(select(LineLink)).one()
    assert link.profile_due_at is not None
    assert step(session, aura, event) == "", "LINE has not answered yet"
    # What the asker writes down when LINE has answered.
    link.profile_due_at, link.profile_asked_at = None, event.received_at
    link.customer.language = "en" if language == "en-US" else "th" if language == "th" else None
    session.commit()
    assert greeting in step(session, aura, event)


def test_it_waits_some_seconds_at_most(session: Session, aura: Aura) -> None:
    event = follows(session, aura)
    assert step(session, aura, event) == ""
    session.execute(update(InboxEvent).values(received_at=InboxEvent.received_at - Timing().greeting))
    assert "ยินดีต้อนรับ" in step(session, aura, event)


def test_who_is_known_and_what_came_long_ago_wait_for_nothing(session: Session, aura: Aura) -> None:
    event = follows(session, aura, age=Timing().greeting)
    assert "ยินดีต้อนรับ" in step(session, aura, event)
    assert session.scalars(select(Customer)).one().language is None


def test_nobody_is_met_of_whom_another_module_of_the_account_has_the_word(session: Session, aura: Aura) -> None:
    event = follows(session, aura, mode="standby")
    assert step(session, aura, event) == ""
    session.expire_all()
    assert session.scalars(select(InboxEvent)).one().state == "ignored"
