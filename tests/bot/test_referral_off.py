"""A clinic without referral never speaks of it, whoever asks and however."""

import json
import re
from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.listen import Outcome
from channels.line.messages import Card
from loyalty import achievements
from loyalty.defaults.achievements import seed
from models.clinics import Clinic
from models.facts import Referral
from models.loyalty import LoyaltyProfile
from tests.fixtures.clinic import Talk

SPOKEN_OF = re.compile("friend|invite|refer|เพื่อน|แนะนำ|ชวน", re.IGNORECASE)


@pytest.fixture
def mali(session: Session, clinic: Clinic, talks: Callable[[str], Talk]) -> Talk:
    """A member of a clinic that has it off."""
    seed(session, clinic)
    clinic.choose(referral={"enabled": False})
    talk = talks("U" + "a" * 32)
    talk.tap("join")
    return talk


def everything(outcome: Outcome) -> str:
    reply = outcome.reply
    messages = [one.contents if isinstance(one, Card) else str(one) for one in reply.messages]
    choices = [f"{choice.label} {choice.action.data}" for choice in reply.choices]
    return json.dumps([messages, choices], ensure_ascii=False, default=str)


@pytest.mark.parametrize("language", ["th", "en"])
@pytest.mark.parametrize("tap", ["help", "points", "achievements", "rewards", "history", "tiers", "cancel", "join"])
def test_no_answer_speaks_of_it(mali: Talk, tap: str, language: str) -> None:
    mali.tap("language", to=language)
    assert SPOKEN_OF.findall(everything(mali.tap(tap))) == []


def test_where_it_is_on_it_is_spoken_of(session: Session, mali: Talk) -> None:
    mali.clinic.choose(referral={"enabled": True})
    for tap in ("help", "points", "achievements"):
        assert SPOKEN_OF.findall(everything(mali.tap(tap)))


def test_a_guest_is_offered_no_code(mali: Talk, talks: Callable[[str], Talk]) -> None:
    ken = talks("U" + "b" * 32)
    for outcome in (ken.event("follow"), ken.tap("help"), ken.tap("points")):
        assert "friend_code" not in everything(outcome)


@pytest.mark.parametrize(
    "said", ["แนะนำเพื่อน", "invite a friend", "referred by {code}", "{code}", "my friend gave me {code}"]
)
def test_its_words_are_words_that_nobody_hears(
    session: Session, mali: Talk, talks: Callable[[str], Talk], said: str
) -> None:
    code = session.scalars(select(LoyaltyProfile.referral_code)).one()
    ken = talks("U" + "b" * 32)
    ken.event("follow")
    assert "ขอบคุณสำหรับข้อความ" in everything(ken.say(said.format(code=code)))
    assert session.scalars(select(Referral)).all() == []


@pytest.mark.parametrize("tap", ["referrals", "friends", "friend_code"])
def test_an_old_button_of_it_has_grown_old(mali: Talk, tap: str) -> None:
    outcome = mali.tap(tap)
    assert mali.row.reason == f"stale_button:{tap}"
    assert "friend_code" not in everything(outcome)
    assert '"referrals"' not in everything(outcome)


def test_goals_over_friends_are_not_shown_and_what_was_reached_is_kept(session: Session, mali: Talk) -> None:
    profile = session.scalars(select(LoyaltyProfile)).one()
    shown = achievements.progress(session, profile.customer, mali.now)
    metrics = {one.achievement.conditions["metric"] for one in shown.in_progress}
    assert "referrals" not in metrics
    mali.clinic.choose(referral={"enabled": True})
    shown = achievements.progress(session, profile.customer, mali.now)
    assert "referrals" in {one.achievement.conditions["metric"] for one in shown.in_progress}
