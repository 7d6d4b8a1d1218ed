"""Checking in and reviewing, as the customer does it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.listen import Outcome
from channels.line.messages import Card
from channels.message import Action
from customers import staff
from facts.visited import visited
from loyalty import check_in
from loyalty.limits import LARGEST_TOTAL
from models.clinics import Clinic
from models.customers import Customer
from models.facts import Review, Visit
from models.loyalty import LoyaltyProfile
from tests.bot.test_conversation import only, words
from tests.fixtures.clinic import NOW, Talk


@pytest.fixture
def mali(talk: Talk) -> Talk:
    """A member with her welcome points."""
    talk.tap("join")
    return talk


def todays(session: Session, clinic: Clinic) -> str:
    return check_in.day_text(clinic, session, NOW.date())


def available(session: Session) -> int:
    return int(only(session, LoyaltyProfile).available_points)


def visit_of(session: Session, name: str = "v", customer: Customer | None = None) -> Visit:
    who = customer or only(session, Customer)
    return visited(session, who, source="till", external_id=name, visited_at=NOW, service_code=None, now=NOW)


def card(outcome: Outcome) -> Any:
    words(outcome)  # within LINE's limits
    message = outcome.reply.messages[0]
    assert isinstance(message, Card)
    return message.contents


# Checking in


def test_the_pictures_text_checks_in_once_a_day(session: Session, clinic: Clinic, mali: Talk) -> None:
    said = todays(session, clinic)
    assert "เช็กอินแล้ว\nได้รับ 10 แต้ม" in words(mali.say(said))
    assert "วันนี้คุณเช็กอินแล้ว" in words(mali.say(said.lower()))
    assert available(session) == 110


def test_other_texts_are_refused_politely(session: Session, clinic: Clinic, mali: Talk) -> None:
    yesterday = check_in.day_text(clinic, session, NOW.date() - timedelta(days=1))
    assert "ของวันก่อน" in words(mali.say(yesterday))
    assert "ไม่พบโค้ดเช็กอินนี้" in words(mali.say("CHECKIN-ABCDEF123456"))
    assert available(session) == 100


@pytest.mark.parametrize("said", ["เช็คอิน", "check in", "CHECKIN", "checkin now pls!!", "checkin-today"])
def test_checking_in_is_explained(mali: Talk, said: str) -> None:
    assert "สแกน QR ที่เคาน์เตอร์" in words(mali.say(said))


def test_a_guest_is_offered_membership_and_scans_again(session: Session, clinic: Clinic, talk: Talk) -> None:
    said = words(talk.say(todays(session, clinic)))
    assert "การเช็กอินเป็นของสมาชิก" in said
    assert "ยินดีต้อนรับสู่ Aura Clinic" in said
    talk.tap("join")
    assert "ได้รับ 10 แต้ม" in words(talk.say(todays(session, clinic)))


# Reviews


def test_a_visit_is_reviewed_with_stars_and_words(session: Session, mali: Talk) -> None:
    visit = visit_of(session)
    lines = [part["action"] for part in card(mali.say("รีวิว"))["body"]["contents"] if "action" in part]
    assert [line["label"] for line in lines] == [
        "★★★★★ ดีมาก",
        "★★★★☆ ดี",
        "★★★☆☆ ปานกลาง",
        "★★☆☆☆ ไม่ค่อยดี",
        "★☆☆☆☆ ไม่ดีเลย",
    ]
    assert Action.parse(lines[0]["data"]) == Action("rate", visit=visit.id, stars=5)
    said = words(mali.event("postback", postback={"data": lines[0]["data"]}))
    assert "ขอบคุณสำหรับรีวิว\nได้รับ 50 แต้ม\nดีใจที่คุณได้รับการดูแล" in said
    assert "เก็บความเห็นของคุณไว้แล้ว" in words(mali.say("หมอใจดีมาก แนะนำโดยเพื่อน"))
    review = only(session, Review)
    assert (review.rating, review.comment) == (5, "หมอใจดีมาก แนะนำโดยเพื่อน")
    assert "ยังไม่มีรายการให้รีวิว" in words(mali.say("รีวิว"))


@pytest.mark.parametrize("stars", [1, 2, 3])
def test_a_low_rating_is_met_with_an_apology_and_earns_the_same(session: Session, mali: Talk, stars: int) -> None:
    said = words(mali.tap("rate", visit=visit_of(session).id, stars=stars))
    assert "ขออภัยที่ยังไม่ดี" in said
    assert "ดีใจ" not in said
    assert available(session) == 150


@pytest.mark.parametrize(("mode", "bound", "told"), [(None, True, True), (None, False, False), ("off", True, False)])
def test_that_the_team_looks_into_it_is_said_where_it_is_told(
    session: Session, clinic: Clinic, mali: Talk, mode: str | None, bound: bool, told: bool
) -> None:
    clinic.own_settings = {"staff_notices": {"low_rating": mode}} if mode else {}
    if bound:
        staff.bind(session, clinic, staff.make_code(session, clinic, NOW), "C" + "1" * 32, NOW)
    said = words(mali.tap("rate", visit=visit_of(session).id, stars=2))
    assert ("ทีมงานจะ" in said) is told
    assert "ขออภัยที่ยังไม่ดี" in said
    assert ("ทีมงาน" in words(mali.say("รอนานมาก"))) is told


def test_of_kind_words_no_more_is_said_than_that_they_are_kept(session: Session, clinic: Clinic, mali: Talk) -> None:
    staff.bind(session, clinic, staff.make_code(session, clinic, NOW), "C" + "1" * 32, NOW)
    mali.tap("rate", visit=visit_of(session).id, stars=5)
    assert "ทีมงาน" not in words(mali.say("หมอใจดีมาก"))


@pytest.mark.parametrize("skip", [lambda talk: talk.tap("skip"), lambda talk: talk.say("ข้าม")])
def test_the_words_may_be_skipped(session: Session, mali: Talk, skip: Callable[[Talk], Outcome]) -> None:
    mali.tap("rate", visit=visit_of(session).id, stars=5)
    assert "ได้เลยค่ะ ขอบคุณค่ะ" in words(skip(mali))
    mali.say("ไม่ใช่ความเห็น")
    assert only(session, Review).comment is None
    assert "ไม่มีคำถามให้ข้าม" in words(mali.tap("skip"))


def test_a_double_tap_reviews_once(session: Session, mali: Talk) -> None:
    visit = visit_of(session)
    mali.tap("rate", visit=visit.id, stars=5)
    assert "คุณรีวิวครั้งนี้แล้ว" in words(mali.tap("rate", visit=visit.id, stars=1))
    assert (only(session, Review).rating, available(session)) == (5, 150)


def test_an_old_visit_is_told_so(session: Session, mali: Talk) -> None:
    visit = visit_of(session)
    mali.now += timedelta(days=90)
    assert "นานกว่าสามเดือน" in words(mali.tap("rate", visit=visit.id, stars=5))


def test_somebody_elses_visit_is_a_button_grown_old(session: Session, mali: Talk, talks: Callable[[str], Talk]) -> None:
    theirs = visit_of(session)
    ken = talks("U" + "c" * 32)
    ken.tap("join")
    for outcome in (
        ken.tap("rate", visit=theirs.id, stars=5),
        ken.tap("review", visit=theirs.id),
        mali.tap("rate", visit=theirs.id, stars=6),
    ):
        assert "ปุ่มนี้เก่าแล้ว" in words(outcome)
    assert session.scalars(select(Review)).all() == []
    assert card(mali.tap("review", visit=theirs.id))["body"]["contents"][0]["text"].startswith("การมาครั้งนี้")


@pytest.mark.parametrize("stars", [1, 3, 5])
def test_everybody_who_answers_may_tell_others_too(session: Session, clinic: Clinic, mali: Talk, stars: int) -> None:
    """Whatever they gave, by the same words, and for nothing: half of the people see it in no other way."""
    clinic.own_settings = {"links": {"public_review": "https://maps.example/aura"}}
    outcome = mali.tap("rate", visit=visit_of(session).id, stars=stars)
    first, public = outcome.reply.messages
    assert isinstance(public, Card)
    assert "ไม่มีแต้มสำหรับส่วนนี้" in public.alt
    (button,) = public.contents["footer"]["contents"]
    assert (button["action"]["type"], button["action"]["uri"]) == ("uri", "https://maps.example/aura")
    assert isinstance(first, Card)
    assert "maps.example" not in str(first.contents)


def test_without_an_address_nobody_is_sent_anywhere(session: Session, mali: Talk) -> None:
    assert len(mali.tap("rate", visit=visit_of(session).id, stars=5).reply.messages) == 1


def test_stars_of_a_visit_that_was_taken_back_have_grown_old(session: Session, mali: Talk) -> None:
    visit = visit_of(session)
    visit.uncounted = "void"
    session.flush()
    assert "ปุ่มนี้เก่าแล้ว" in words(mali.tap("rate", visit=visit.id, stars=5))


# At the limit


def test_who_has_the_most_points_is_told_so_and_nothing_of_it_is_written(
    session: Session, clinic: Clinic, mali: Talk
) -> None:
    visit = visit_of(session)
    profile = only(session, LoyaltyProfile)
    before = profile.total_points, profile.available_points
    profile.total_points = profile.available_points = LARGEST_TOTAL
    session.flush()
    for outcome in (
        mali.say(todays(session, clinic)),
        mali.tap("rate", visit=visit.id, stars=5),
        mali.tap("birthday_set", month=NOW.month, day=1),
    ):
        assert "จำนวนสูงสุด" in words(outcome)
        assert outcome.reply.choices
    assert (only(session, Customer).birth_month_day, session.scalars(select(Review)).all()) == (None, [])
    assert available(session) == LARGEST_TOTAL
    only(session, Customer).language = "en"
    assert "the most points that one customer can have" in words(mali.say(todays(session, clinic)))
    profile.total_points, profile.available_points = before
    assert "You are checked in" in words(mali.say(todays(session, clinic)))
