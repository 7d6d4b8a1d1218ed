"""Help in the staff's group names all that is heard there, and nothing else."""

import json
import re
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from bot.cards import staff_help
from bot.routes import Table
from bot.words import wording
from channels.line.render import wire
from models.clinics import Clinic
from runtime.language import LANGUAGES, Language
from tests.bot.room import Room
from tests.fixtures.clinic import NOW

BINDS = {"bind"}
"""Heard of a group that has no help yet."""


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_names_what_the_table_hears_in_a_group_and_nothing_else(table: Table, language: str) -> None:
    heard = {
        route.name
        for route in table
        if route.event_type in ("group_text", "group_prefix", "group_opening") and route.name
    }
    assert set(staff_help.phrases(Language(language))) == heard - BINDS


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_line_says_its_words_in_the_groups_language_and_in_the_others(
    clinic: Clinic, bound: Room, language: str
) -> None:
    clinic.own_settings = {"voice": {"languages": [language, *(one for one in LANGUAGES if one != language)]}}
    said, t = bound.hears("help"), Language(language)
    for page in staff_help.pages(t):
        for phrase in (one for line in page.lines for one in line.phrases):
            assert wording(t, phrase) in said
            for other in LANGUAGES:
                assert wording(Language(other), phrase) in said


def test_what_a_clinic_has_off_is_not_told_of(session: Session, clinic: Clinic, bound: Room) -> None:
    assert "รายการแนะนำ" in bound.hears("คำสั่ง")
    clinic.own_settings = {"referral": {"enabled": False}}
    assert "แนะนำ" not in bound.hears("คำสั่ง")


@pytest.mark.parametrize("language", LANGUAGES)
def test_read_aloud_it_is_one_short_sentence(clinic: Clinic, bound: Room, language: str) -> None:
    clinic.own_settings = {"voice": {"languages": [language]}}
    (card,) = wire(bound.write("help").reply)
    assert len(card["altText"]) < 200
    assert all(page.about in card["altText"] for page in staff_help.pages(Language(language)))


SIX = {
    "another_purchase", "same_purchase", "approve_referral", "refuse_referral", "request_done", "request_refused",
    "link_yes", "link_no", "same_person", "family", "decide_later", "end_grant",
}  # fmt: skip
"""Of what waits in a list, and has six signs."""


def test_the_examples_have_as_many_signs_as_the_codes() -> None:
    for line in (line for page in staff_help.pages(Language("en")) for line in page.lines):
        first = line.behind.split(" ")[0]
        if SIX & set(line.phrases) and not first.startswith("M"):
            assert (len(first), bool(re.fullmatch("[0-9A-F]{6}", first))) == (6, True), line
        else:
            assert re.fullmatch("[0-9A-F]{6}", first) is None, line


def test_a_page_is_short_enough_for_a_phone(bound: Room) -> None:
    (card,) = wire(bound.write("help").reply)
    bubbles = card["contents"]["contents"]
    assert [len(one["body"]["contents"]) for one in bubbles] <= [9] * len(bubbles)
    assert all(len(one["body"]["contents"]) <= 8 for one in bubbles)
    assert len(json.dumps(card, ensure_ascii=False).encode()) < 30_000


def test_help_is_answered_before_the_group_is_bound_and_not_each_time(session: Session, room: Room) -> None:
    """What was handled is settled by the engine, which this room has none of."""
    answers = []
    for minutes, said in ((0, "help"), (1, "คำสั่ง"), (2, "help"), (11, "help")):
        room.talk.now = NOW + timedelta(minutes=minutes)
        answers.append(room.hears(said))
        room.talk.row.state = "done"
        session.flush()
    assert "ผูกกลุ่ม" in answers[0]
    assert answers[1:3] == ["group_not_bound"] * 2
    assert answers[3] == answers[0]


@pytest.mark.parametrize("said", ["ผูกกลุ่ม ABCD EFGH", "bind ABCDEFGH", "ผูกกลุ่ม 1234"])
def test_a_binding_code_with_a_slip_is_answered(room: Room, said: str) -> None:
    assert "โค้ดนี้ใช้ไม่ได้" in room.hears(said)
