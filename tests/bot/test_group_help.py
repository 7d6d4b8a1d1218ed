"""Help in the staff's group names all that is heard there, and nothing else."""

import json

import pytest
from sqlalchemy.orm import Session

from bot.cards import staff_help
from bot.routes import Table
from bot.words import wording
from channels.line.render import wire
from models.clinics import Clinic
from runtime.language import LANGUAGES, Language
from tests.bot.room import Room

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


def test_a_page_is_short_enough_for_a_phone(bound: Room) -> None:
    (card,) = wire(bound.write("help").reply)
    bubbles = card["contents"]["contents"]
    assert [len(one["body"]["contents"]) for one in bubbles] <= [9] * len(bubbles)
    assert all(len(one["body"]["contents"]) <= 8 for one in bubbles)
    assert len(json.dumps(card, ensure_ascii=False).encode()) < 30_000
