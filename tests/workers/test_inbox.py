"""Draining the inbox: which answers are tried at once, and which never are."""

import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from pydantic import SecretStr
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app import Aura
from bot import listen
from channels.line.replies import DUE
from models.conversations import InboxEvent, OutgoingReply, Send
from runtime.clock import real
from runtime.settings import Settings
from runtime.timing import Timing
from tests.fixtures.clinic import make_clinic
from tests.fixtures.running import RunningSimulator
from tests.fixtures.waiting import carry, landed
from workers import inbox

USER = "U" + "b" * 32


def arrived(session: Session, age: timedelta) -> None:
    """A greeting that came in so long ago."""
    clinic = make_clinic(session)
    said = {"type": "text", "id": "1", "text": "hello"}
    source = {"type": "user", "userId": USER}
    raw = {"type": "message", "mode": "active", "source": source, "replyToken": "t" * 32, "message": said}
    session.add(
        InboxEvent(
            clinic_id=clinic.id,
            clinic=clinic,
            source="line",
            event_key="one",
            actor_index=session.info["vault"].index(clinic.id, "line", USER),
            type="message",
            occurred_at=real() - age,
            received_at=real() - age,
            due_at=real() - age,
            raw=json.dumps(raw).encode(),
        )
    )
    session.commit()


@pytest.mark.parametrize(("age", "tried"), [(timedelta(0), True), (Timing().token_life, False)])
def test_an_answer_is_tried_while_its_token_lives(
    session: Session,
    settings: Settings,
    make_aura: Callable[..., Aura],
    age: timedelta,
    tried: bool,
) -> None:
    arrived(session, age)
    # Nobody listens there: what was tried stays open, with the try taken back because it never left.
    nowhere = settings.model_copy(update={"line_api_base": "http://127.0.0.1:9", "line_bot_token": SecretStr("x")})
    context = make_aura(nowhere).context
    (clinic_id,) = session.scalars(inbox.OPEN)
    assert context.inbox.step(clinic_id)
    landed(context.replies)
    assert context.replies.calls.closed(clinic_id) != tried
    reply = session.scalars(select(OutgoingReply)).one()
    assert (reply.state, reply.attempts) == ("open", 0)

    if not tried:
        assert session.scalars(DUE).all() == [clinic_id]
        assert carry(context.replies, clinic_id)
        assert not carry(context.replies, clinic_id)
        session.refresh(reply)
        assert reply.state == "pushed"
        assert session.scalars(select(Send)).one().reason == "reply_expired"


def test_an_event_that_failed_for_good_can_still_be_read(
    session: Session, settings: Settings, make_aura: Callable[..., Aura], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Staff must see what it was, and erasing the customer must forget it."""
    arrived(session, timedelta(0))

    def broken(*_: object) -> None:
        raise RuntimeError("a handler that always fails")

    context = make_aura(settings).context
    monkeypatch.setattr(listen, "answer", broken)
    for _ in range(len(Timing().event_retries) + 1):
        session.execute(update(InboxEvent).values(due_at=real()))
        session.commit()
        (clinic_id,) = session.scalars(inbox.OPEN)
        assert context.inbox.step(clinic_id)
    event = session.scalars(select(InboxEvent).execution_options(populate_existing=True)).one()
    assert (event.state, event.customer_id is None) == ("dead", False)
    assert event.raw is not None
    assert json.loads(event.raw)["source"]["userId"] == USER


def test_an_event_of_which_nobody_can_be_told_stays_dead_and_stops_nobody(
    session: Session, settings: Settings, make_aura: Callable[..., Aura], monkeypatch: pytest.MonkeyPatch
) -> None:
    arrived(session, timedelta(0))

    def broken(*_: object) -> None:
        raise RecursionError("an event that cannot be read")

    context = make_aura(settings).context
    monkeypatch.setattr(listen, "answer", broken)
    monkeypatch.setattr(listen, "apology", broken)
    for _ in range(len(Timing().event_retries) + 1):
        session.execute(update(InboxEvent).values(due_at=real()))
        session.commit()
        (clinic_id,) = session.scalars(inbox.OPEN)
        assert context.inbox.step(clinic_id)
    event = session.scalars(select(InboxEvent).execution_options(populate_existing=True)).one()
    assert (event.state, (event.reason or "").partition(":")[0]) == (
        "dead",
        "RecursionError at tests/workers/test_inbox.py",
    )
    assert session.scalars(inbox.OPEN).all() == []


def test_a_dead_event_is_answered_after_all_when_somebody_says_so(
    session: Session, settings: Settings, make_aura: Callable[..., Aura]
) -> None:
    """The apology of then stands in nobody's way."""
    arrived(session, timedelta(0))
    aura = make_aura(settings)
    with pytest.MonkeyPatch.context() as broken:

        def fails(*_: object) -> None:
            raise RuntimeError("a handler that always fails")

        broken.setattr(listen, "answer", fails)
        for _ in range(len(Timing().event_retries) + 1):
            session.execute(update(InboxEvent).values(due_at=real()))
            session.commit()
            (clinic_id,) = session.scalars(inbox.OPEN)
            assert aura.context.inbox.step(clinic_id)
    (apology,) = session.scalars(select(OutgoingReply.id))
    event = session.scalars(select(InboxEvent).execution_options(populate_existing=True)).one()
    session.commit()
    said = aura.flask.test_cli_runner().invoke(args=["work", "retry", "inbox", event.id.hex[-8:].upper()])
    assert said.exit_code == 0, said.output
    assert aura.context.inbox.step(clinic_id)
    session.refresh(event)
    assert (event.state, event.reason) == ("done", None)
    (answer,) = session.scalars(select(OutgoingReply.id))
    assert answer != apology


def test_an_answer_whose_only_try_was_refused_for_its_token_goes_as_one_push(
    session: Session, settings: Settings, make_aura: Callable[..., Aura], simulator: RunningSimulator
) -> None:
    """LINE did not take it, so it cannot arrive twice."""
    arrived(session, timedelta(0))
    there = {
        "line_api_base": simulator.url,
        "line_channel_id": simulator.channel_id,
        "line_channel_secret": SecretStr(simulator.channel_secret),
    }
    context = make_aura(settings.model_copy(update=there)).context
    (clinic_id,) = session.scalars(inbox.OPEN)
    assert context.inbox.step(clinic_id)  # the simulator has never given this token
    landed(context.replies)
    reply = session.scalars(select(OutgoingReply)).one()
    assert (reply.state, reply.attempts) == ("pushed", 0)
    assert (reply.error or "").startswith("token")
    assert session.scalars(select(Send)).one().reason == "reply_expired"


def test_a_batch_is_no_larger_than_what_fitted_into_the_last_and_grows_again() -> None:
    pace = inbox.Pace()
    pace.learn(taken=16, handled=3)
    assert pace.most == 3
    pace.learn(taken=1, handled=1)
    assert pace.most == 3, "that no more was there says nothing of what would have fitted"
    pace.learn(taken=3, handled=3)
    assert pace.most == 6
    for _ in range(3):
        pace.learn(taken=pace.most, handled=pace.most)
    assert pace.most == inbox.BATCH
