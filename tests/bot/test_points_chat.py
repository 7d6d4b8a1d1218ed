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
from loyalty import ledger, points
from loyalty.defaults import achievements
from loyalty.entries import Cause
from models.base import new_id
from models.customers import Customer
from models.rewards import Redemption
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
    shown = texts(talk, "history")
    assert shown.index("+100") < shown.index("+10") < shown.index("+20")


def test_the_history_names_achievements_and_rewards_in_both_languages(session: Session, talk: Talk) -> None:
    achievements.seed(session, talk.clinic)
    talk.tap("join")
    customer = session.scalars(select(Customer)).one()
    paid(
        session, customer, source="till", external_id="p", amount=Decimal(12_000), paid_at=NOW, service_code=None,
        now=NOW,
    )  # fmt: skip
    reward = make_reward(session, talk.clinic, "mask", price=50)
    talk.tap("redeem", reward=reward.id, points=50, nonce="0a")
    bought = session.scalars(select(Redemption)).one()
    talk.tap("cancel_redemption", redemption=bought.id, sure="yes")
    for language, lines in (
        ("th", ("คืนรางวัล: รางวัล mask", "แลกรางวัล: รางวัล mask", "ความสำเร็จ: สายเปย์")),
        ("en", ("Given back: A mask", "Reward: A mask", "Achievement reached: Big Spender")),
    ):
        customer.language, customer.language_chosen = language, True
        shown = texts(talk, "history")
        assert [line for line in lines if line not in shown] == []
    read = words(talk.tap("history"))
    assert read.startswith(
        "Points history. Given back: A mask: 50 points received. Reward: A mask: 50 points taken off."
    )


def test_a_line_whose_reward_is_gone_keeps_the_word_for_its_source(session: Session, talk: Talk) -> None:
    talk.tap("join")
    customer = session.scalars(select(Customer)).one()
    profile = ledger.open_profile(session, customer, NOW)
    ledger.spend(session, profile, 5, Cause("reward", key="k", reference=str(new_id())), NOW)
    assert "รางวัล" in texts(talk, "history")
