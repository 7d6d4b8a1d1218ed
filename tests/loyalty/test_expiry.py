"""Points end with their month, whoever looks first; and their owners hear of it before, once for each distance."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from customers.people import new_customer
from loyalty import expiry, ledger, pending, points, reconcile
from loyalty.entries import Cause
from models.clinics import Clinic
from models.customers import Customer
from models.loyalty import LoyaltyProfile, Notification, PointLot, PointTransaction
from runtime.work import Batch
from tests.fixtures.clinic import NOW, make_clinic

BANGKOK = ZoneInfo("Asia/Bangkok")
GONE = datetime(2027, 3, 1, tzinfo=BANGKOK)
"""When what is earned in February 2026 is gone."""


@pytest.fixture
def crowd(session: Session, clinic: Clinic) -> list[Customer]:
    """Five members with 10, 20 … 50 points each from February and one each from March."""
    customers = [new_customer(session, clinic, NOW) for _ in range(5)]
    for number, customer in enumerate(customers, 1):
        customer.joined_at = NOW
        points.award_points(session, customer, 10 * number, "x", now=NOW)
        points.award_points(session, customer, 1, "x", now=NOW + timedelta(days=30))
    session.flush()
    return customers


def available(session: Session) -> list[int]:
    session.expire_all()
    return sorted(session.scalars(select(LoyaltyProfile.available_points)).all())


def test_points_live_to_the_last_instant_of_their_month(
    session: Session, clinic: Clinic, crowd: list[Customer]
) -> None:
    assert expiry.post_due(session, clinic, GONE - timedelta(microseconds=1)) == 0
    assert available(session) == [11, 21, 31, 41, 51]
    assert expiry.post_due(session, clinic, GONE) == 5
    assert available(session) == [1, 1, 1, 1, 1]
    assert reconcile.check(session, clinic) == []
    assert expiry.post_due(session, clinic, GONE) == 0


def test_batches_end_and_keep_to_their_clinic(session: Session, clinic: Clinic, crowd: list[Customer]) -> None:
    other = make_clinic(session, "other", "Nobody's Clinic")
    points.award_points(session, new_customer(session, other, NOW), 7, "x", now=NOW)
    session.flush()
    done = list(_until_nothing(session, clinic, limit=2))
    assert done == [2, 2, 1]
    assert available(session) == [1, 1, 1, 1, 1, 7]
    assert session.scalar(select(func.count()).where(PointTransaction.type == "expired")) == 5


def _until_nothing(session: Session, clinic: Clinic, limit: int) -> Iterator[int]:
    while done := expiry.post_due(session, clinic, GONE, Batch(limit)):
        yield done


def test_what_matures_into_an_expired_month_comes_and_goes(session: Session, clinic: Clinic) -> None:
    customer = new_customer(session, clinic, NOW)
    profile = ledger.open_profile(session, customer, NOW)
    pending.promise(session, profile, 50, Cause("survey", key="k"), NOW + timedelta(days=1), NOW)
    session.flush()
    assert expiry.post_due(session, clinic, GONE) == 1
    lines = session.scalars(select(PointTransaction).order_by(PointTransaction.created_at)).all()
    assert [(line.amount, line.type) for line in lines] == [(50, "earned"), (-50, "expired")]
    assert (profile.available_points, profile.total_points, profile.due_at) == (0, 50, None)


def test_few_maturities_at_a_time_and_every_expiry_between_them(
    session: Session, clinic: Clinic, crowd: list[Customer], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(expiry, "MATURING", 1)
    for customer in (crowd[0], crowd[2], crowd[4]):
        profile = ledger.open_profile(session, customer, NOW)
        cause = Cause("survey", key=f"k{customer.id}")
        pending.promise(session, profile, 50, cause, GONE, NOW)
    session.flush()
    assert list(_until_nothing(session, clinic, limit=10)) == [2, 2, 1]
    assert available(session) == [1, 1, 51, 51, 51]
    assert reconcile.check(session, clinic) == []


def test_a_void_promise_only_costs_a_look(session: Session, clinic: Clinic) -> None:
    profile = ledger.open_profile(session, new_customer(session, clinic, NOW), NOW)
    promised = pending.promise(session, profile, 50, Cause("survey", key="k"), NOW + timedelta(days=1), NOW)
    pending.void(session, promised, "mistake")
    assert expiry.post_due(session, clinic, GONE) == 1
    assert expiry.post_due(session, clinic, GONE) == 0
    assert available(session) == [0]


def test_set_based_and_one_by_one_write_the_same(session: Session, clinic: Clinic, crowd: list[Customer]) -> None:
    def written() -> list[tuple[object, ...]]:
        line = PointTransaction
        rows = select(line.customer_id, line.type, line.source, line.amount, line.idempotency_key, line.actor,
                      line.created_at, line.expires_at, line.breakdown)  # fmt: skip
        lots = select(PointLot.id, PointLot.remaining, PointLot.expires_at)
        profiles = select(LoyaltyProfile.customer_id, LoyaltyProfile.available_points, LoyaltyProfile.due_at)
        return sorted((tuple(row) for query in (rows, lots, profiles) for row in session.execute(query)), key=str)

    with session.begin_nested() as attempt:
        for customer in crowd:
            ledger.open_profile(session, customer, GONE)
        session.flush()
        one_by_one = written()
        attempt.rollback()
    expiry.post_due(session, clinic, GONE)
    assert written() == one_by_one


def test_what_comes_back_after_the_end_lives_thirty_days_and_ends_again(session: Session, clinic: Clinic) -> None:
    customer = new_customer(session, clinic, NOW)
    points.award_points(session, customer, 100, "x", now=NOW)
    spent = ledger.spend(session, ledger.open_profile(session, customer, NOW), 60, Cause("reward"), NOW)
    back = GONE + timedelta(days=2)
    profile = ledger.open_profile(session, customer, back)
    ledger.reverse(session, profile, spent, "reward_cancelled", back, actor="staff")
    ledger.reverse(session, profile, spent, "reward_cancelled", back, actor="staff")
    assert (profile.available_points, profile.due_at) == (60, back + timedelta(days=30))
    session.flush()
    assert expiry.post_due(session, clinic, back + timedelta(days=30)) == 1
    assert available(session) == [0]
    expired = session.scalars(select(PointTransaction).where(PointTransaction.type == "expired"))
    assert sorted(line.amount for line in expired) == [-60, -40]


@pytest.mark.parametrize("days", [30, 7, 1])
def test_owners_hear_of_it_before(session: Session, clinic: Clinic, crowd: list[Customer], days: int) -> None:
    day = GONE.date() - timedelta(days=days)
    for _ in range(2):
        expiry.warn(session, clinic, day)
    told = session.scalars(select(Notification).where(Notification.kind == "points_expiring")).all()
    assert sorted(notice.data["points"] for notice in told) == [10, 20, 30, 40, 50]
    assert {notice.data["on"] for notice in told} == {"2027-03-01T00:00:00+07:00"}
    ten = datetime(day.year, day.month, day.day, 10, tzinfo=BANGKOK)
    assert {(notice.due_at, notice.not_after, notice.state) for notice in told} == {
        (ten, GONE, "open")  # as long as the points live
    }


def test_on_other_days_nobody_is_told(session: Session, clinic: Clinic, crowd: list[Customer]) -> None:
    for days in (31, 29, 8, 6, 2, 0):
        expiry.warn(session, clinic, GONE.date() - timedelta(days=days))
    assert session.scalars(select(Notification).where(Notification.kind == "points_expiring")).all() == []


def test_three_times_at_most_and_only_who_has_something_left(
    session: Session, clinic: Clinic, crowd: list[Customer]
) -> None:
    spender, stranger, erased, *_ = crowd
    ledger.spend(session, ledger.open_profile(session, spender, NOW), 10, Cause("reward"), NOW)
    stranger.joined_at, erased.data_key = None, None
    session.flush()
    for number in range(60):
        expiry.warn(session, clinic, date(2027, 1, 1) + timedelta(days=number))
    told = session.execute(
        select(Notification.customer_id, func.count())
        .where(Notification.kind == "points_expiring", Notification.data["on"].astext.startswith("2027-03-01"))
        .group_by(Notification.customer_id)
    ).all()
    assert {row[0]: row[1] for row in told} == {customer.id: 3 for customer in crowd[3:]}
