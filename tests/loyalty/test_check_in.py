"""Checking in: once a day, by the day's text, by the clinic's calendar."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from loyalty import check_in
from loyalty.errors import EarningRefused
from models.clinics import Clinic
from models.customers import Customer, JourneyEvent, LineLink
from models.loyalty import PointTransaction
from tests.fixtures.clinic import NOW, make_clinic
from tests.loyalty.earning import BANGKOK, MIDNIGHT, TODAY, Property, earned, facts, refusal, text


def test_a_day_ends_at_midnight_where_the_clinic_is(clinic: Clinic) -> None:
    midnight = datetime(2026, 2, 4, tzinfo=BANGKOK)
    for before in (timedelta(days=1), timedelta(hours=1), timedelta(microseconds=1)):
        assert check_in.ends(clinic, (midnight - before).astimezone(UTC)) == midnight
    assert check_in.ends(clinic, midnight) == midnight + timedelta(days=1)


def test_the_days_text_is_of_one_clinic_and_one_day(session: Session, clinic: Clinic) -> None:
    nobody = make_clinic(session, slug="nobody", name="Nobody")
    days = [TODAY + timedelta(days=n) for n in range(100)]
    texts = [check_in.day_text(where, session, day) for where in (clinic, nobody) for day in days]
    assert len(set(texts)) == 200
    assert all(len(one) == 20 and one.startswith("CHECKIN-") and one.isascii() for one in texts)
    assert check_in.day_text(clinic, session, TODAY) == texts[0]


@pytest.mark.parametrize("as_sent", [str, str.lower, lambda said: f" {said.removeprefix('CHECKIN-')} "])
def test_checking_in_earns_once_a_day(session: Session, member: Customer, as_sent: Callable[[str], str]) -> None:
    said = as_sent(text(session, member))
    assert check_in.by_text(session, member, said, NOW) == 10
    assert refusal(lambda: check_in.by_text(session, member, said, NOW)) == "already_checked_in"
    assert earned(session, member, "check_in") == [10]
    assert facts(session, member, "checked_in") == 1
    next_day = NOW + timedelta(days=1)
    assert check_in.by_text(session, member, text(session, member, TODAY + timedelta(days=1)), next_day) == 10


def test_staff_check_somebody_in_and_the_day_is_used(session: Session, member: Customer) -> None:
    assert check_in.on_day(session, member, TODAY, NOW, actor="Ploy") == 10
    assert refusal(lambda: check_in.by_text(session, member, text(session, member), NOW)) == "already_checked_in"
    assert session.scalars(select(PointTransaction.actor).where(PointTransaction.source == "check_in")).all() == [
        "Ploy"
    ]


@pytest.mark.parametrize(
    ("after_midnight", "answer"),
    [(-1, "today"), (0, "yesterday"), (599, "yesterday"), (600, "old_code"), (86_400 * 3, "old_code")],
)
def test_midnight_in_bangkok_with_a_few_minutes_of_grace(
    session: Session, member: Customer, after_midnight: int, answer: str
) -> None:
    """The text of the 3rd around the end of the 3rd. In the grace it still counts for the 3rd, so once."""
    said, now = text(session, member), (MIDNIGHT + timedelta(seconds=after_midnight)).astimezone(UTC)
    if answer == "old_code":
        assert refusal(lambda: check_in.by_text(session, member, said, now)) == "old_code"
        assert facts(session, member, "checked_in") == 0
        return
    check_in.by_text(session, member, said, now)
    assert (
        session.scalars(select(JourneyEvent.data).where(JourneyEvent.type == "checked_in")).one()["day"] == "2026-02-03"
    )
    assert refusal(lambda: check_in.by_text(session, member, said, now)) == "already_checked_in"
    if answer == "yesterday":
        assert check_in.by_text(session, member, text(session, member, date(2026, 2, 4)), now) == 10


def test_texts_that_are_not_todays(session: Session, member: Customer) -> None:
    nobody = make_clinic(session, slug="nobody", name="Nobody")
    wrong = ["", "CHECKIN-", "CHECKIN-000000000000", "ฟฟฟ", text(session, member, TODAY + timedelta(days=1))]
    wrong.append(check_in.day_text(nobody, session, TODAY))
    for said in wrong:
        assert refusal(lambda said=said: check_in.by_text(session, member, said, NOW)) == "unknown_code"  # type: ignore[misc]
    assert earned(session, member, "check_in") == []


def test_guests_do_not_check_in(session: Session, mali: LineLink) -> None:
    guest = mali.customer
    assert refusal(lambda: check_in.by_text(session, guest, text(session, guest), NOW)) == "not_a_member"


@Property
@given(minutes=st.lists(st.integers(0, 60 * 72), max_size=15))
@example(minutes=[0, 1_439, 1_440, 1_445, 1_449, 1_450])
def test_never_more_check_ins_than_days(session: Session, member: Customer, minutes: list[int]) -> None:
    """Whenever people show the picture of that minute's day or of the day before."""
    start = datetime(2026, 2, 3, tzinfo=BANGKOK)
    with session.begin_nested() as point:
        done, answers = 0, set[str]()
        for minute in sorted(minutes):
            now = start + timedelta(minutes=minute)
            for day in (now.date(), now.date() - timedelta(days=1)):
                try:
                    done += check_in.by_text(session, member, text(session, member, day), now) // 10
                except EarningRefused as refused:
                    answers.add(refused.code)
        days = {(start + timedelta(minutes=minute)).date() for minute in minutes}
        graced = {(start + timedelta(minutes=minute - 10)).date() for minute in minutes if minute % 1_440 < 10}
        assert answers <= {"already_checked_in", "old_code"}
        assert done == len(days | graced) == len(earned(session, member, "check_in"))
        point.rollback()
