"""Birthdays: fixed once, and their points once a year, in the birth month of the clinic's calendar."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from sqlalchemy import Engine, event, func, select
from sqlalchemy.orm import Session, sessionmaker

from customers.people import meet_on_line
from loyalty import birthdays, ledger, points
from models.clinics import Clinic
from models.customers import Customer, LineLink
from models.loyalty import Notification, PointTransaction
from runtime.work import Batch
from tests.fixtures.clinic import NOW, make_clinic
from tests.loyalty.earning import BANGKOK, Property, another, earned, refusal


def test_a_birthday_set_in_its_month_earns_at_once(session: Session, member: Customer) -> None:
    line = birthdays.set_birthday(session, member, 2, 28, NOW)
    assert line is not None
    assert (line.amount, member.birth_month_day) == (100, "02-28")
    assert birthdays.reward_due(session, member.clinic, date(2026, 2, 28)) == 0
    assert earned(session, member, "birthday") == [100]


def test_a_birthday_is_fixed_when_it_is_set(session: Session, member: Customer) -> None:
    assert birthdays.set_birthday(session, member, 7, 1, NOW) is None
    assert refusal(lambda: birthdays.set_birthday(session, member, 2, 3, NOW)) == "birthday_locked"
    assert member.birth_month_day == "07-01"
    assert earned(session, member, "birthday") == []


@pytest.mark.parametrize(("month", "day"), [(2, 30), (13, 1), (0, 1), (4, 31), (1, 0)])
def test_days_that_are_in_no_calendar(session: Session, member: Customer, month: int, day: int) -> None:
    assert refusal(lambda: birthdays.set_birthday(session, member, month, day, NOW)) == "bad_birthday"
    assert member.birth_month_day is None


def test_guests_have_no_birthday_here(session: Session, mali: LineLink) -> None:
    assert refusal(lambda: birthdays.set_birthday(session, mali.customer, 2, 3, NOW)) == "not_a_member"


@pytest.mark.parametrize("year", [2027, 2028])
def test_the_29th_of_february_is_in_every_february(session: Session, member: Customer, year: int) -> None:
    birthdays.set_birthday(session, member, 2, 29, datetime(2026, 6, 1, tzinfo=UTC))
    for day in (date(year, 1, 31), date(year, 3, 1)):
        assert birthdays.reward_due(session, member.clinic, day) == 0
    assert birthdays.reward_due(session, member.clinic, date(year, 2, 1)) == 1
    assert birthdays.reward_due(session, member.clinic, date(year, 2, 1)) == 0
    line = session.scalars(select(PointTransaction).where(PointTransaction.source == "birthday")).one()
    assert line.created_at == datetime(year, 2, 1, tzinfo=BANGKOK)
    assert line.idempotency_key == f"birthday:{member.id}:{year}"
    news = session.scalars(select(Notification).where(Notification.kind == "birthday_points")).one()
    assert news.data == {"points": 100}


def test_the_month_is_the_clinics(session: Session, member: Customer) -> None:
    """17:00 UTC on the 31st is February in Bangkok."""
    assert birthdays.set_birthday(session, member, 2, 3, datetime(2027, 1, 31, 17, tzinfo=UTC)) is not None
    ken = another(session, member.clinic)
    assert birthdays.set_birthday(session, ken, 2, 3, datetime(2027, 1, 31, 16, 59, tzinfo=UTC)) is None


def test_the_daily_job_finds_only_members_of_this_clinic_in_this_month(session: Session, member: Customer) -> None:
    clinic = member.clinic
    nobody = make_clinic(session, slug="nobody", name="Nobody")
    elsewhere, march = another(session, nobody, "d"), another(session, clinic, "e")
    guest = meet_on_line(session, clinic, "U" + "f" * 32, NOW).customer
    points.award_points(session, guest, 10, "test", now=NOW)  # a profile, and no membership
    erased = another(session, clinic, "9")
    for customer, day in (
        (member, "02-01"),
        (elsewhere, "02-01"),
        (march, "03-01"),
        (guest, "02-01"),
        (erased, "02-01"),
    ):
        customer.birth_month_day = day
    session.flush()
    erased.data_key = None
    assert birthdays.reward_due(session, clinic, date(2027, 2, 1)) == 1
    assert session.scalars(select(PointTransaction.customer_id).where(PointTransaction.source == "birthday")).all() == [
        member.id
    ]


def test_batches_end(session: Session, member: Customer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(birthdays, "BATCH", 2)
    for customer in (member, *(another(session, member.clinic, letter) for letter in "bcde")):
        customer.birth_month_day = "12-31"
    session.flush()
    batches = []
    while count := birthdays.reward_due(session, member.clinic, date(2026, 12, 1)):
        batches.append(count)
    assert batches == [2, 2, 1]
    assert session.scalar(select(func.count()).where(PointTransaction.source == "birthday")) == 5


def test_a_batch_goes_on_behind_the_one_before_whatever_that_could_lock(
    sessions: sessionmaker[Session], session: Session, member: Customer
) -> None:
    people = [member, *(another(session, member.clinic, letter) for letter in "bcde")]
    for number, customer in enumerate(people):
        customer.birth_month_day, customer.birthday_year = "12-31", number % 2 * 2025
    session.commit()
    taken: list[UUID] = []
    done, after = 0, None
    with sessions() as rival:
        ledger.lock(rival, rival.get_one(Customer, (people[2].id, member.clinic_id)))
        while True:
            batch = Batch(2, after=after)
            done += birthdays.reward_due(session, member.clinic, date(2026, 12, 1), batch)
            session.commit()
            if not batch.ids:
                break
            taken, after = taken + batch.ids, batch.last
    assert (taken, done) == ([people[n].id for n in (0, 2, 4, 1, 3)], 4)
    assert birthdays.reward_due(session, member.clinic, date(2026, 12, 1)) == 1


def test_a_batch_says_no_more_for_many_than_for_few(session: Session, member: Customer) -> None:
    for letter in "bcdefgh":
        another(session, member.clinic, letter).birth_month_day = "12-31"
    session.flush()
    clinic_id = member.clinic_id
    session.expunge_all()
    clinic, said = session.get_one(Clinic, clinic_id), list[str]()

    def hear(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        said.append(statement)

    counts = []
    event.listen(Engine, "before_cursor_execute", hear)
    try:
        for most in (2, 5):
            said.clear()
            counts.append((birthdays.reward_due(session, clinic, date(2026, 12, 1), Batch(most)), len(said)))
    finally:
        event.remove(Engine, "before_cursor_execute", hear)
    assert [done for done, _ in counts] == [2, 5]
    assert counts[0][1] == counts[1][1], said


@Property
@given(
    born=st.dates(date(2000, 1, 1), date(2000, 12, 31)),
    told=st.integers(0, 800),
    runs=st.lists(st.integers(0, 800), max_size=8),
)
@example(born=date(2000, 2, 29), told=0, runs=[0, 28, 365, 393])
def test_at_most_once_a_year_and_only_in_the_birth_month(
    session: Session, member: Customer, born: date, told: int, runs: list[int]
) -> None:
    first = date(2026, 2, 1)
    with session.begin_nested() as point:
        birthdays.set_birthday(
            session, member, born.month, born.day, datetime(2026, 2, 1, 12, tzinfo=BANGKOK) + timedelta(days=told)
        )
        for run in sorted(runs):
            while birthdays.reward_due(session, member.clinic, first + timedelta(days=max(run, told))):
                continue
        moments = session.scalars(
            select(PointTransaction.created_at).where(PointTransaction.source == "birthday")
        ).all()
        local = [moment.astimezone(BANGKOK) for moment in moments]
        assert all(moment.month == born.month for moment in local)
        assert len({moment.year for moment in local}) == len(local)
        looked = {first + timedelta(days=max(run, told)) for run in (*runs, told)}
        assert {moment.year for moment in local} == {day.year for day in looked if day.month == born.month}
        point.rollback()


# Wishes


def wished(session: Session) -> list[tuple[UUID, datetime]]:
    """Who, and when."""
    session.flush()
    news = session.scalars(select(Notification).where(Notification.kind == "congratulation"))
    return sorted((one.customer_id, one.due_at) for one in news)


def nine(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 9, tzinfo=BANGKOK)


def congratulate(session: Session, clinic: Clinic, day: date, now: datetime | None = None) -> int:
    return birthdays.congratulate_due(session, clinic, day, now or nine(day))


def test_wishes_come_on_the_day_at_nine_and_once_a_year(session: Session, member: Customer) -> None:
    birthdays.set_birthday(session, member, 7, 14, NOW)
    for year in (2026, 2027):
        day = date(year, 7, 14)
        assert congratulate(session, member.clinic, day - timedelta(days=1)) == 0
        assert congratulate(session, member.clinic, day) == 1
        assert congratulate(session, member.clinic, day, nine(day) + timedelta(hours=5)) == 1  # a doubled tick
    assert wished(session) == [(member.id, nine(date(year, 7, 14))) for year in (2026, 2027)]
    news = session.scalars(select(Notification).where(Notification.kind == "congratulation")).first()
    assert news is not None
    assert (news.purpose, news.data) == ("care", {})
    assert news.not_after == datetime(2026, 7, 15, tzinfo=BANGKOK)


@pytest.mark.parametrize(("year", "day"), [(2027, 28), (2028, 29), (2100, 28)])
def test_the_29th_of_february_is_kept_on_the_28th_of_other_years(
    session: Session, member: Customer, year: int, day: int
) -> None:
    """In a leap year that of the 28th is not kept twice, nor on the 1st of March."""
    birthdays.set_birthday(session, member, 2, 29, datetime(2026, 6, 1, tzinfo=UTC))
    for each in (date(year, 2, 28), date(year, 3, 1) - timedelta(days=1), date(year, 3, 1)):
        congratulate(session, member.clinic, each)
    assert wished(session) == [(member.id, nine(date(year, 2, day)))]


def test_nobody_is_congratulated_after_the_day(session: Session, member: Customer) -> None:
    birthdays.set_birthday(session, member, 7, 14, NOW)
    day = date(2026, 7, 14)
    midnight = datetime(2026, 7, 15, tzinfo=BANGKOK)
    assert congratulate(session, member.clinic, day, midnight) == 0
    assert wished(session) == []
    late = midnight - timedelta(hours=4)
    assert congratulate(session, member.clinic, day, late) == 1
    assert wished(session) == [(member.id, late)]


def test_who_says_it_on_the_day_is_congratulated_once(session: Session, member: Customer) -> None:
    """At half past eleven; the job that comes later has nothing to add."""
    birthdays.set_birthday(session, member, 2, 3, NOW)
    assert wished(session) == [(member.id, NOW)]
    congratulate(session, member.clinic, date(2026, 2, 3), NOW + timedelta(hours=1))
    assert wished(session) == [(member.id, NOW)]


def test_only_members_of_this_clinic_are_congratulated(session: Session, member: Customer) -> None:
    nobody = make_clinic(session, slug="nobody", name="Nobody")
    elsewhere = another(session, nobody, "d")
    guest = meet_on_line(session, member.clinic, "U" + "f" * 32, NOW).customer
    erased, other_day = another(session, member.clinic, "9"), another(session, member.clinic, "8")
    for one in (member, elsewhere, guest, erased):
        one.birth_month_day = "07-14"
    other_day.birth_month_day, erased.data_key = "07-15", None
    session.flush()
    assert congratulate(session, member.clinic, date(2026, 7, 14)) == 1
    assert [who for who, _ in wished(session)] == [member.id]
