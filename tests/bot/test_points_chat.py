"""Points in the chat: a balance below nothing, and a history in the order in which things happened."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from channels.line.messages import Card
from facts.paid import paid
from facts.refunded import refunded
from loyalty import points
from models.customers import Customer
from tests.bot.test_conversation import words
from tests.fixtures.clinic import NOW, Talk
from tests.fixtures.rewards import make_reward


def shown(found: Any) -> list[str]:
    """All texts of a card."""
    if isinstance(found, dict):
        return [found["text"]] if isinstance(found.get("text"), str) else shown(list(found.values()))
    return [text for inside in found for text in shown(inside)] if isinstance(found, list) else []


def texts(talk: Talk, name: str) -> list[str]:
    (card,) = [message for message in talk.tap(name).reply if isinstance(message, Card)]
    return shown(card.contents)


@pytest.fixture
def owing(session: Session, talk: Talk) -> Talk:
    """A member who has spent what a refund took: 40 points are owed."""
    talk.tap("join")
    customer = session.scalars(select(Customer)).one()
    payment = paid(
        session, customer, source="till", external_id="p", amount=Decimal(1_000), paid_at=NOW, service_code=None,
        now=NOW,
    ).payment  # fmt: skip
    points.adjust_points(session, customer, -170, "used at the desk", now=NOW, actor="staff")
    refunded(session, payment, external_id="r", amount=Decimal(700), refunded_at=NOW, now=NOW)
    return talk


def test_a_balance_below_nothing_is_nothing_and_what_is_owed_is_said(session: Session, owing: Talk) -> None:
    said = words(owing.tap("points"))
    assert "0 แต้ม" in said
    assert "จะหัก 40 แต้มจากแต้มที่คุณได้รับครั้งถัดไป เนื่องจากมีการคืนเงิน" in said
    seen = texts(owing, "points")
    assert "0" in seen
    assert not any(text.startswith(("-", "−")) for text in seen)
    session.scalars(select(Customer)).one().language = "en"
    session.flush()
    assert "40 points will be taken from the next ones you earn, because of a refund." in words(owing.tap("points"))


def test_a_reward_counts_what_is_owed_as_missing(session: Session, owing: Talk) -> None:
    make_reward(session, owing.clinic, "mask", 800)
    said = words(owing.tap("rewards"))
    assert "840" in said
    assert "−" not in said


def test_nothing_owed_is_not_mentioned(talk: Talk) -> None:
    talk.tap("join")
    assert "จะหัก" not in words(talk.tap("points"))


def test_the_history_shows_the_day_on_which_it_happened(session: Session, talk: Talk) -> None:
    talk.tap("join")
    customer = session.scalars(select(Customer)).one()
    for name, days in (("b", 2), ("c", 1)):
        at = NOW - timedelta(days=days)
        paid(
            session, customer, source="till", external_id=name, amount=Decimal(100 * days), paid_at=at,
            service_code=None, now=NOW,
        )  # fmt: skip
    said = words(talk.tap("history"))
    assert said.index("+100") < said.index("+10;") < said.index("+20")
