"""Where the clinic is and how it is reached; and what is not done in the chat is answered with the ways to do it."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from channels.line.render import wire
from models.branches import Branch
from models.clinics import Clinic
from tests.bot.test_conversation import words
from tests.fixtures.clinic import NOW, Talk

HOURS = {day: ["10:00-20:00"] for day in ("mon", "tue", "wed", "thu", "fri")} | {"sat": ["10:00-17:00"]}


@pytest.fixture
def branch(session: Session, clinic: Clinic) -> Branch:
    """Says everything of itself."""
    found = session.scalars(select(Branch)).one()
    found.names, found.phone = {"th": "สาขาสยาม", "en": "Siam"}, "02-123-4567"
    found.address, found.map_url = {"th": "1 ถ.พระราม 1", "en": "1 Rama I Road"}, "https://maps.example/siam"
    found.hours = HOURS
    clinic.own_settings = {"links": {"booking": "https://book.example/aura"}}
    session.flush()
    return found


def buttons(talk: Talk, name: str) -> list[str]:
    """The addresses that the answer's buttons open."""
    found: list[str] = []

    def look(part: object) -> None:
        if isinstance(part, dict):
            if part.get("type") == "uri":
                found.append(part["uri"])
            look(list(part.values()))
        elif isinstance(part, list):
            for one in part:
                look(one)

    look([message["contents"] for message in wire(talk.tap(name).reply)])
    return found


@pytest.mark.parametrize("asked", ["คลินิก", "เปิดกี่โมงคะ", "ขอแผนที่หน่อยค่ะ", "where are you?", "opening hours"])
def test_a_branch_says_when_it_is_open_and_where_it_is(branch: Branch, talk: Talk, asked: str) -> None:
    said = words(talk.say(asked))
    for part in ("สาขาสยาม", "เปิดอยู่ ถึง 20:00 น.", "จ.–ศ. 10:00-20:00", "อา. ปิด", "1 ถ.พระราม 1", "02-123-4567"):
        assert part in said
    map_, phone, booking = buttons(talk, "clinic")
    assert (map_, phone) == ("https://maps.example/siam", "tel:+6621234567")
    assert booking.startswith("https://book.example/aura?reference="), "who books by it is known"


def test_when_it_is_closed_it_says_when_it_opens(branch: Branch, talk: Talk) -> None:
    talk.tap("language", to="en")
    for later, said in (
        (timedelta(hours=-4), "Closed now, opens at 10:00"),
        (timedelta(hours=10), "Closed now, opens on Feb 4, 2026 at 10:00"),
    ):
        talk.now = NOW + later
        assert said in words(talk.tap("clinic"))
    branch.hours = {"mon": []}
    assert "Closed" in words(talk.tap("clinic"))


def test_several_branches_are_side_by_side(session: Session, clinic: Clinic, branch: Branch, talk: Talk) -> None:
    for at in range(14):
        session.add(Branch(clinic_id=clinic.id, code=f"b{at}", name=f"Branch {at}", position=at + 1, created_at=NOW))
    session.flush()
    talk.event("follow")
    (message,) = [one for one in wire(talk.tap("clinic").reply) if one["type"] == "flex"]
    assert len(message["contents"]["contents"]) == 12
    assert "สาขาสยาม" in message["altText"]


@pytest.mark.parametrize("subject", ["appointments", "courses"])
def test_what_is_not_done_here_is_answered_with_booking_and_phone(branch: Branch, talk: Talk, subject: str) -> None:
    talk.tap("join")
    assert "02-123-4567" in words(talk.tap(subject))
    booking, phone = buttons(talk, subject)
    assert (booking.partition("?")[0], phone) == ("https://book.example/aura", "tel:+6621234567")


@pytest.mark.parametrize("asked", ["จองคิวค่ะ", "ขอเลื่อนนัดค่ะ", "book an appointment", "คอร์สของฉัน"])
def test_where_nothing_is_known_the_chat_is_the_way(talk: Talk, asked: str) -> None:
    outcome = talk.say(asked)
    assert "พิมพ์ข้อความมาได้เลย ทีมงานอ่านแชตนี้อยู่ค่ะ" in words(outcome)
    assert '"uri"' not in json.dumps(wire(outcome.reply))


def test_a_branch_of_which_nothing_is_known_says_so(talk: Talk) -> None:
    talk.event("follow")
    assert words(talk.tap("clinic")) == "Aura Clinic. พิมพ์ข้อความมาได้เลย ทีมงานอ่านแชตนี้อยู่ค่ะ"


@pytest.mark.parametrize(
    ("choice", "language", "said", "not_said"),
    [
        (None, "th", "เปิดอยู่ ถึง 20:00 น.|วันนี้เป็นวันหยุดนักขัตฤกษ์ (วันสงกรานต์) เวลาทำการอาจเปลี่ยนแปลง", "ตอนนี้ปิด"),
        (None, "en", "Open now|Songkran Festival): the hours may differ", "Closed now"),
        ("open", "en", "Open now|Today is a public holiday (Songkran Festival).", "may differ"),
        ("closed", "en", "Closed now, opens on Apr 16, 2026|(Songkran Festival).", "may differ"),
        ("closed", "th", "วันนี้เป็นวันหยุดนักขัตฤกษ์ (วันสงกรานต์)", "เปิดอยู่"),
    ],
)
def test_on_a_public_holiday_it_says_which_and_what_the_clinic_has_said_of_it(
    clinic: Clinic, branch: Branch, talk: Talk, choice: str | None, language: str, said: str, not_said: str
) -> None:
    clinic.own_settings = {"hours": {"public_holidays": choice}}
    talk.tap("language", to=language)
    talk.now = datetime(2026, 4, 13, 5, tzinfo=UTC)
    answer = words(talk.tap("clinic"))
    assert all(part in answer for part in said.split("|")) and not_said not in answer
    talk.now = datetime(2026, 4, 16, 5, tzinfo=UTC)
    assert "Songkran" not in words(talk.tap("clinic"))
