"""An earning is one statement: all of it is there or nothing, also where its key is known or a savepoint is undone."""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Row, event, func, select, text
from sqlalchemy.orm import Session, sessionmaker

from loyalty import entries, ledger, limits, reconcile
from loyalty.booking import News
from loyalty.earning import Earning, earn_all
from loyalty.entries import Cause
from loyalty.errors import LimitReached
from models.clinics import Clinic
from models.customers import Customer
from models.loyalty import LoyaltyProfile, Notification, PointAllocation, PointLot, PointTransaction
from tests.fixtures.clinic import NOW, make_clinic
from tests.fixtures.facts import Facts
from tests.loyalty.agreement import EVERYTHING

ONCE = Cause("award", key="once")
TOLD = News("points_earned", {"points": 10, "source": "award"})


def counts(session: Session) -> list[int]:
    tables = (PointTransaction, PointLot, Notification)
    return [session.scalars(select(func.count()).select_from(table)).one() for table in tables]


def test_a_known_key_writes_nothing_and_returns_the_first_entry(session: Session, clinic: Clinic, facts: Facts) -> None:
    profile = ledger.open_profile(session, facts.customer, NOW)
    first = ledger.earn(session, profile, 10, ONCE, NOW, news=TOLD)
    before, held = counts(session), profile.available_points
    assert ledger.earn(session, profile, 99, ONCE, NOW, news=TOLD) is first
    other = ledger.open_profile(session, Facts.newcomer(session, clinic), NOW)
    assert ledger.earn(session, other, 99, ONCE, NOW, news=TOLD) is first
    assert (counts(session), profile.available_points, other.available_points) == (before, held, 0)
    assert not reconcile.check(session, clinic)


def test_what_a_full_customer_was_given_before_is_told_and_nothing_more(session: Session, facts: Facts) -> None:
    profile = ledger.open_profile(session, facts.customer, NOW)
    first = ledger.earn(session, profile, 10, ONCE, NOW)
    profile.total_points = limits.LARGEST_TOTAL
    assert ledger.earn(session, profile, 10, ONCE, NOW) is first
    with pytest.raises(LimitReached):
        ledger.earn(session, profile, 10, Cause("award", key="another"), NOW)


def test_what_the_entry_says_is_what_is_stored(session: Session, facts: Facts) -> None:
    profile = ledger.open_profile(session, facts.customer, NOW)
    cause = Cause("treatment", "k", "r", "HydraFacial", "till", {"amount": "10"})
    told_late = NOW - timedelta(days=3)
    entry = ledger.earn(session, profile, 10, cause, NOW, at=told_late, news=TOLD)
    columns = [column.key for column in PointTransaction.__table__.columns]
    said = {name: getattr(entry, name) for name in columns}
    session.expire(entry)
    assert {name: getattr(entry, name) for name in columns} == said
    assert (entry.description, entry.occurred_at, entry.created_at) == ("HydraFacial", told_late, NOW)
    assert session.scalars(select(Notification.data)).one() == TOLD.data


def test_a_savepoint_that_is_undone_leaves_the_sums_as_they_were(session: Session, facts: Facts) -> None:
    profile = ledger.open_profile(session, facts.customer, NOW)
    ledger.earn(session, profile, 10, ONCE, NOW)
    session.flush()
    with session.begin_nested() as undone:
        ledger.earn(session, profile, 5_000, Cause("award"), NOW)
        assert (profile.available_points, profile.current_tier) == (5_010, "gold")
        undone.rollback()
    assert (profile.available_points, profile.total_points, profile.current_tier) == (10, 10, "bronze")
    assert not reconcile.check(session, facts.customer.clinic)


@pytest.mark.parametrize("policy", ["lifetime", "rolling_12_months"])
def test_many_at_once_are_booked_as_each_alone(session: Session, policy: str) -> None:
    clinic = make_clinic(session, tiers={"policy": policy})
    rises, owes, had, twice = (ledger.open_profile(session, Facts.newcomer(session, clinic), NOW) for _ in range(4))
    gift = ledger.earn(session, owes, 100, Cause("award"), NOW)
    ledger.spend(session, owes, 90, Cause("redemption"), NOW)
    ledger.claw_back(session, owes, gift, 100, Cause("refund"), NOW)
    ledger.earn(session, had, 10, ONCE, NOW)
    session.flush()
    given = [(rises, 2_000, "rise"), (twice, 900, "1"), (owes, 50, "pay"), (twice, 100, "2"), (had, 10, "once")]
    earnings = [Earning(who, points, Cause("award", key=key), NOW, TOLD) for who, points, key in given]
    said = text("SELECT customer_id, kind, data, due_at FROM notifications ORDER BY 1, 2, 3")

    def after() -> list[Sequence[Row[Any]]]:
        session.flush()
        return [session.execute(one, {"clinic": clinic.id}).all() for one in (EVERYTHING, said)]

    alone = session.begin_nested()
    each = [ledger.earn(session, one.profile, one.points, one.cause, NOW, news=TOLD) for one in earnings]
    expected, keys = after(), [entry.idempotency_key for entry in each]
    alone.rollback()
    made = earn_all(session, clinic, earnings)
    assert after() == expected
    assert [entry.idempotency_key for entry in made] == keys
    assert (rises.current_tier, twice.current_tier, owes.debt) == ("silver", "silver", 40)


def test_two_customers_with_one_key_at_once_earn_once(sessions: sessionmaker[Session]) -> None:
    with sessions.begin() as session:
        clinic = make_clinic(session)
        people = [Facts.newcomer(session, clinic) for _ in range(2)]
        for one in people:
            ledger.open_profile(session, one, NOW)
        clinic_id, ids = clinic.id, [one.id for one in people]
    start = threading.Barrier(2, timeout=10)

    def once(id_: UUID) -> UUID:
        with sessions.begin() as session:
            profile = ledger.open_profile(session, session.get_one(Customer, (id_, clinic_id)), NOW)
            start.wait()
            return ledger.earn(session, profile, 10, ONCE, NOW).id

    with ThreadPoolExecutor(2) as pool:
        assert len(set(pool.map(once, ids))) == 1
    with sessions() as session:
        assert session.scalar(select(func.sum(LoyaltyProfile.available_points))) == 10
        assert not reconcile.check(session, session.get_one(Clinic, clinic_id))


@pytest.mark.parametrize("points", [1, 5, entries.LOTS, entries.LOTS + 1, 3 * entries.LOTS + 2])
def test_spending_looks_at_the_lots_it_takes_and_few_more(session: Session, facts: Facts, points: int) -> None:
    profile = ledger.open_profile(session, facts.customer, NOW)
    for number in range(4 * entries.LOTS):
        ledger.earn(session, profile, 1, Cause("award"), NOW + timedelta(seconds=number))
    session.flush()
    session.expunge_all()
    profile = ledger.open_profile(session, session.get_one(Customer, (profile.customer_id, profile.clinic_id)), NOW)
    seen: list[PointLot] = []

    def look(lot: PointLot, _context: object) -> None:
        seen.append(lot)

    event.listen(PointLot, "load", look)
    try:
        ledger.spend(session, profile, points, Cause("redemption"), NOW)
    finally:
        event.remove(PointLot, "load", look)
    assert points <= len(seen) < points + entries.LOTS
    session.flush()
    taken = select(func.count(), func.sum(PointAllocation.amount)).select_from(PointAllocation)
    assert session.execute(taken).one() == (points, points)
    oldest = select(PointLot.remaining).order_by(PointLot.created_at, PointLot.id)
    assert session.scalars(oldest).all() == [0] * points + [1] * (4 * entries.LOTS - points)
    assert not reconcile.check(session, profile.customer.clinic)
