"""Offers to a customer rest: by what happens, and by a manager of the staff, who ends it too."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from customers import pauses
from facts.visited import visited
from loyalty import points, reviews
from models.customers import Customer, LineLink
from models.facts import Visit
from models.preferences import Pause
from tests.bot.room import NID, Room
from tests.bot.test_conversation import only
from tests.bot.test_group_till import allowed
from tests.fixtures.clinic import NOW, Talk

DAY = timedelta(days=1)


@pytest.fixture
def mali_(session: Session, mali: LineLink) -> Customer:
    mali.customer.display_name = "Mali Srisuk"
    points.create_loyalty_profile(session, mali.customer, NOW)
    return mali.customer


def standing(session: Session, now: object = NOW) -> list[tuple[str, object]]:
    session.expire_all()
    return [(one.reason, one.until) for one in session.scalars(select(Pause).where(Pause.ended_at.is_(None)))]


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("pause offers {number} complaint", "complaint"),
        ("พักข้อเสนอ {number} มีอาการแพ้", "adverse_reaction"),
        ("pause offers {number}", "by_staff"),
        ("พักข้อเสนอ {number}", "by_staff"),
    ],
)
def test_a_manager_lets_offers_rest_and_go_on(
    session: Session, bound: Room, mali_: Customer, said: str, reason: str
) -> None:
    number = mali_.member_number
    assert "Mali" in bound.hears(said.format(number=number))
    assert standing(session) == [(reason, None)]
    (row,) = pauses.of(session, mali_, NOW)
    assert row.set_by.startswith("staff:")
    assert "Srisuk" not in bound.hears("paused offers")
    assert "Mali" in bound.hears(f"เลิกพักข้อเสนอ {pauses.short_of(row)}")
    assert standing(session) == []
    assert row.ended_by is not None
    assert "Mali" not in bound.hears("รายการพักข้อเสนอ")


def test_by_the_person_all_of_theirs_end(session: Session, bound: Room, mali_: Customer) -> None:
    for why in ("complaint", "side effect"):
        bound.write(f"pause offers {mali_.member_number} {why}")
    assert len(standing(session)) == 2
    bound.write(f"end pause {mali_.member_number}")
    assert standing(session) == []
    assert "A7K2" in bound.hears("end pause A7K2")


def test_who_is_no_manager_ends_none(session: Session, bound: Room, mali_: Customer) -> None:
    allowed(session, bound, NID)
    nid = bound.of(NID)
    nid.write(f"pause offers {mali_.member_number}")
    assert standing(session) == []
    bound.write(f"pause offers {mali_.member_number}")
    (row,) = pauses.of(session, mali_, NOW)
    nid.write(f"end pause {pauses.short_of(row)}")
    assert len(standing(session)) == 1
    assert "Mali" in nid.hears("paused offers")


def test_it_is_said_how(bound: Room, mali_: Customer) -> None:
    assert "A7K2" in bound.hears("pause offers somebody")


@pytest.mark.parametrize(("stars", "rests"), [(3, True), (4, False)])
def test_a_low_rating_lets_them_rest_for_thirty_days(
    session: Session, mali_: Customer, stars: int, rests: bool
) -> None:
    visited(session, mali_, source="till", external_id="V", visited_at=NOW, service_code=None, now=NOW)
    reviews.review(session, mali_, session.scalars(select(Visit.id)).one(), stars, None, NOW)
    assert standing(session) == ([("low_rating", NOW + 30 * DAY)] if rests else [])
    assert pauses.of(session, mali_, NOW + 31 * DAY) == []


def test_words_that_may_be_urgent_let_them_rest_until_a_manager_ends_it(session: Session, talk: Talk) -> None:
    talk.say("หายใจไม่ออก")
    assert standing(session) == [("adverse_reaction", None)]
    who = only(session, Customer)
    assert len(pauses.of(session, who, NOW + 400 * DAY)) == 1


def test_what_is_told_twice_is_one_and_lasts_as_long_as_the_longer(session: Session, mali_: Customer) -> None:
    first = pauses.pause(session, mali_, "low_rating", NOW, by="system", lasts=DAY)
    again = pauses.pause(session, mali_, "low_rating", NOW, by="system", lasts=2 * DAY)
    assert (again, first.until) == (first, NOW + 2 * DAY)
    pauses.pause(session, mali_, "low_rating", NOW, by="system")
    assert first.until is None
    assert pauses.end(session, first, NOW, by="staff") and not pauses.end(session, first, NOW, by="staff")


def test_what_has_rested_for_a_week_stands_in_the_day(session: Session, bound: Room, mali_: Customer) -> None:
    bound.write(f"pause offers {mali_.member_number} complaint")
    for days, shown in ((6, False), (7, True), (40, True)):
        bound.talk.now = NOW + days * DAY
        said = bound.hears("วันนี้")
        assert ("พักข้อเสนอตั้งแต่ 3 ก.พ. 2569" in said) is shown, days
        assert ("พักข้อเสนอมานาน" in said) is shown and "Srisuk" not in said
    assert "รายการพักข้อเสนอ" in bound.buttons("today")
    bound.write(f"end pause {mali_.member_number}")
    assert "พักข้อเสนอตั้งแต่" not in bound.hears("today")


def test_a_low_rating_is_shown_until_it_ends_by_itself(session: Session, bound: Room, mali_: Customer) -> None:
    pauses.pause(session, mali_, "low_rating", NOW, by="system", lasts=pauses.LOW_RATING)
    for days, shown in ((8, True), (30, False)):
        bound.talk.now = NOW + days * DAY
        assert ("พักข้อเสนอตั้งแต่" in bound.hears("วันนี้")) is shown
