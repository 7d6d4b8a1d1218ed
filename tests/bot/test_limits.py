"""What LINE would refuse is never stored as something to send: the event is dead at once, and its sender is told."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from prometheus_client import REGISTRY
from pydantic import SecretStr
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import Aura
from bot import listen
from bot.listen import Outcome
from channels.line.limits import CAROUSEL_BUBBLES, TEXT, LimitExceeded, check_messages
from channels.line.messages import Card, Choice, Reply, Text, say
from channels.line.render import freeze, wire
from channels.message import Action
from models.conversations import InboxEvent, OutgoingReply
from runtime.clock import real
from runtime.errors import NeverAgain
from runtime.settings import Settings
from tests.fixtures.clinic import make_clinic

USER = "U" + "b" * 32


def bubble(*texts: str) -> dict[str, Any]:
    body = {"type": "box", "layout": "vertical", "contents": [{"type": "text", "text": text} for text in texts]}
    return {"type": "bubble", "body": body}


def followed(session: Session, token: str | None) -> InboxEvent:
    """Some time ago: no greeting waits any more for the language of the phone."""
    clinic, at = make_clinic(session), real() - timedelta(minutes=1)
    raw = {"type": "follow", "mode": "active", "source": {"type": "user", "userId": USER}, "replyToken": token}
    event = InboxEvent(
        clinic_id=clinic.id, clinic=clinic, source="line", event_key="one", type="follow",
        actor_index=session.info["vault"].index(clinic.id, "line", USER),
        occurred_at=at, received_at=at, due_at=at, raw=json.dumps(raw).encode(),
    )  # fmt: skip
    session.add(event)
    session.commit()
    return event


def six() -> Reply:
    return say(*"123456")


TOO_MUCH: dict[str, tuple[Callable[[], Reply], str]] = {
    "a long text": (lambda: say("ก" * (TEXT + 1)), "text at text: 5001, allowed 5000"),
    "an empty text": (lambda: say(""), "empty text at text: 0"),
    "six messages": (six, "messages at reply: 6, allowed 5"),
    "fourteen choices": (
        lambda: say("x", choices=[Choice("a", Action("help"))] * 14),
        "choices at reply: 14, allowed 13",
    ),
    "a long choice": (lambda: say("x", choices=[Choice("ก" * 21, Action("help"))]), "label at quickReply"),
    "a choice after a card": (
        lambda: say("x", Card("c", bubble("y")), choices=[Choice("x", Action("help"), said="ก" * 301)]),
        "displayText at quickReply",
    ),
    "a heavy bubble": (lambda: say(Card("c", bubble(*["ก" * 900] * 6))), "bubble bytes at contents"),
    "a long carousel": (
        lambda: say(Card("c", {"type": "carousel", "contents": [bubble("x") for _ in range(CAROUSEL_BUBBLES + 1)]})),
        "bubbles at contents: 13",
    ),
    "the last of five": (lambda: say("1", "2", "3", "4", "ก" * (TEXT + 1)), "text at text"),
    "a long button": (lambda: say(str(Action("x", y="z" * 300))), "longer than 300"),
}


@pytest.mark.parametrize("what", TOO_MUCH)
def test_too_much_for_line_is_dead_at_once_and_apologised_for(
    session: Session,
    settings: Settings,
    make_aura: Callable[..., Aura],
    monkeypatch: pytest.MonkeyPatch,
    what: str,
) -> None:
    make, limit = TOO_MUCH[what]
    event = followed(session, "t" * 32)
    nowhere = settings.model_copy(update={"line_api_base": "http://127.0.0.1:9", "line_bot_token": SecretStr("x")})
    context = make_aura(nowhere).context
    monkeypatch.setattr(listen, "answer", lambda *_: Outcome(make(), "t" * 32, USER))
    assert context.inbox.step(event.clinic_id)
    session.refresh(event)
    assert (event.state, event.attempts) == ("dead", 1)
    assert limit in (event.reason or "")
    reply = session.scalars(select(OutgoingReply)).one()
    said = json.loads(reply.body or b"")
    check_messages(said)
    assert event.id.hex[-8:].upper() in said[0]["text"]


def test_an_answer_without_a_way_to_give_it_says_so(
    session: Session, settings: Settings, make_aura: Callable[..., Aura]
) -> None:
    event = followed(session, None)
    counted = {"source": "line", "state": "done", "reason": "no_token"}
    before = REGISTRY.get_sample_value("aura_events_total", counted) or 0
    assert make_aura(settings).context.inbox.step(event.clinic_id)
    session.refresh(event)
    assert (event.state, event.reason) == ("done", "no_token")
    assert session.scalars(select(OutgoingReply)).all() == []
    assert REGISTRY.get_sample_value("aura_events_total", counted) == before + 1


def test_nothing_is_no_answer() -> None:
    with pytest.raises(LimitExceeded, match="no messages"):
        check_messages([])


@pytest.mark.parametrize("alt", ["คำ " * 1_000, "🌸" * 1_000, "x" * 1_501, "ย" * 1_500 + " จบ"])
def test_a_long_description_of_a_card_is_cut_and_not_refused(alt: str) -> None:
    (message,) = wire(say(Card(alt, bubble("x"))))
    check_messages([message])
    assert message["altText"].endswith("…")
    assert alt.startswith(message["altText"].removesuffix("…"))
    assert freeze(say(Card(alt, bubble("x"))))


def test_what_fits_is_left_as_it_is() -> None:
    (message,) = wire(say(Card("x" * 1_500, bubble("x"))))
    assert message["altText"] == "x" * 1_500


def test_a_limit_is_never_tried_again() -> None:
    with pytest.raises(NeverAgain):
        Reply((Text("x"),) * 6)
