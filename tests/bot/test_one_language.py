"""A clinic that speaks one language answers in it whatever is written, and offers no other."""

import json
import re
from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session

from bot.listen import Outcome
from channels.line.messages import Card
from loyalty.defaults.achievements import seed
from models.clinics import Clinic
from tests.bot.room import Room
from tests.fixtures.clinic import Talk

THAI = re.compile("[\u0e01-\u0e5b]")
OFFERED = re.compile("language|English|Switch|ภาษา")


@pytest.fixture
def ken(session: Session, clinic: Clinic, talks: Callable[[str], Talk]) -> Talk:
    """A member who chose English when there was a choice."""
    seed(session, clinic)
    talk = talks("U" + "a" * 32)
    talk.tap("join")
    talk.tap("language", to="en")
    return talk


def everything(outcome: Outcome) -> str:
    reply = outcome.reply
    messages = [one.contents if isinstance(one, Card) else str(one) for one in reply.messages]
    choices = [f"{choice.label} {choice.action.data}" for choice in reply.choices]
    return json.dumps([messages, choices], ensure_ascii=False, default=str)


@pytest.mark.parametrize("tap", ["help", "points", "tiers", "notice", "clinic", "cancel", "join"])
def test_no_answer_offers_another(clinic: Clinic, ken: Talk, talks: Callable[[str], Talk], tap: str) -> None:
    nid = talks("U" + "b" * 32)
    assert OFFERED.search(everything(nid.event("follow")) + everything(nid.tap("help")))
    clinic.choose(voice={"languages": ["th"]})
    for one in (ken, nid):
        assert OFFERED.findall(everything(one.tap(tap))) == []
    assert OFFERED.findall(everything(nid.event("follow"))) == []


def test_who_chose_another_is_answered_in_the_first_until_theirs_comes_back(clinic: Clinic, ken: Talk) -> None:
    assert not THAI.search(everything(ken.tap("points")))
    clinic.choose(voice={"languages": ["th"]})
    assert "แต้ม" in everything(ken.tap("points"))
    assert "แต้ม" in everything(ken.say("my points"))
    clinic.choose(voice={"languages": ["th", "en"]})
    assert not THAI.search(everything(ken.tap("points")))


@pytest.mark.parametrize("said", ["English", "ภาษาไทย", "language", "I want to switch the language"])
def test_its_words_are_words_that_nobody_hears(clinic: Clinic, ken: Talk, session: Session, said: str) -> None:
    clinic.choose(voice={"languages": ["th"]})
    assert "ขอบคุณสำหรับข้อความ" in everything(ken.say(said))
    assert chosen(session, ken) == "en"


@pytest.mark.parametrize("button", [("languages", {}), ("language", {"to": "en"}), ("language", {"to": "th"})])
def test_an_old_button_of_it_has_grown_old(clinic: Clinic, ken: Talk, button: tuple[str, dict[str, str]]) -> None:
    clinic.choose(voice={"languages": ["th"]})
    name, given = button
    assert OFFERED.findall(everything(ken.tap(name, **given))) == []
    assert ken.row.reason == f"stale_button:{name}"


def chosen(session: Session, talk: Talk) -> str | None:
    session.flush()
    customer = talk.row.customer
    return customer.language if customer is not None else None


def test_the_staff_are_spoken_to_in_the_first(clinic: Clinic, bound: Room) -> None:
    clinic.choose(voice={"languages": ["en", "th"]})
    said = bound.hears("help")
    assert "What you can write here:" in said
