"""Eight at once on real PostgreSQL: one wins, and the others are told why not."""

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from customers.people import meet_on_line
from loyalty import redemptions, rewards
from loyalty.errors import CustomerMerged, RedemptionRefused, RewardRefused
from loyalty.merge import merge_customers
from models.clinics import Clinic
from models.customers import Customer
from models.loyalty import LoyaltyProfile, PointAllocation, PointLot, PointTransaction
from models.rewards import Redemption, Reward
from runtime.work import Batch
from tests.fixtures.clinic import NOW, make_clinic
from tests.fixtures.rewards import enrich, make_reward

THREADS = 8
Act = Callable[[Session, int], str]


def race(sessions: sessionmaker[Session], act: Act) -> Counter[str]:
    """What each of eight transactions says that begin at the same moment; a refusal says its code."""
    together = threading.Barrier(THREADS)

    def run(number: int) -> str:
        with sessions() as session:
            session.scalar(select(1))  # the connection is open before the start
            together.wait(timeout=10)
            try:
                said = act(session, number)
            except (RewardRefused, RedemptionRefused) as refused:
                said = refused.code
            except CustomerMerged:
                session.rollback()
                said = "merged meanwhile"
            session.commit()
        return said

    with ThreadPoolExecutor(THREADS) as pool:
        return Counter(pool.map(run, range(THREADS)))


class Stage:
    """A clinic, one reward, and so many customers with so many points, committed."""

    def __init__(self, sessions: sessionmaker[Session], people: int, points: int, **reward: Any) -> None:
        self.sessions = sessions
        with sessions.begin() as session:
            clinic = make_clinic(session)
            customers = [meet_on_line(session, clinic, f"U{number:032x}", NOW).customer for number in range(people)]
            for customer in customers:
                enrich(session, customer, points)
            self.clinic: UUID = clinic.id
            self.customers = [customer.id for customer in customers]
            self.reward: UUID = make_reward(session, clinic, price=500, **reward).id

    def customer(self, session: Session, number: int) -> Customer:
        return session.get_one(Customer, (self.customers[number % len(self.customers)], self.clinic))

    def redeem(self, session: Session, number: int) -> str:
        rewards.redeem(session, self.customer(session, number), self.reward, NOW, key=f"tap {number}")
        return "won"

    def one(self) -> tuple[UUID, str]:
        """A redemption that is there before the race."""
        with self.sessions.begin() as session:
            redemption = rewards.redeem(session, self.customer(session, 0), self.reward, NOW, key="before")
            return redemption.id, redemption.code

    def check(self) -> list[str]:
        """The states of all redemptions; what the ledger promises holds for everybody."""
        with self.sessions() as session:
            for id_ in self.customers:
                lots, lines = (
                    session.scalar(select(func.sum(column)).where(owner == id_))
                    for column, owner in (
                        (PointLot.remaining, PointLot.customer_id),
                        (PointTransaction.amount, PointTransaction.customer_id),
                    )
                )
                assert session.get_one(LoyaltyProfile, (id_, self.clinic)).available_points == lots == lines
            taken = session.scalar(select(func.sum(PointAllocation.amount)))
            spent = session.scalar(
                select(func.sum(PointTransaction.amount)).where(PointTransaction.type.in_(("redeemed", "reversed")))
            )
            assert (taken or 0) == -(spent or 0)
            return list(session.scalars(select(Redemption.state)))

    def stock(self) -> int | None:
        with self.sessions() as session:
            return session.get_one(Reward, (self.reward, self.clinic)).stock


def test_the_last_points_are_spent_once(sessions: sessionmaker[Session]) -> None:
    stage = Stage(sessions, people=1, points=900)
    assert race(sessions, stage.redeem) == {"won": 1, "reward_points": 7}
    assert stage.check() == ["issued"]


def test_the_last_of_the_stock_goes_to_one(sessions: sessionmaker[Session]) -> None:
    stage = Stage(sessions, people=THREADS, points=900, stock=1)
    assert race(sessions, stage.redeem) == {"won": 1, "reward_stock": 7}
    assert (stage.check(), stage.stock()) == (["issued"], 0)


def test_one_each_is_one_each(sessions: sessionmaker[Session]) -> None:
    stage = Stage(sessions, people=1, points=9_000, per_customer=1)
    assert race(sessions, stage.redeem) == {"won": 1, "reward_limit": 7}
    assert stage.check() == ["issued"]


def test_a_button_tapped_eight_times_redeems_once(sessions: sessionmaker[Session]) -> None:
    stage = Stage(sessions, people=1, points=9_000, stock=5)

    def tap(session: Session, number: int) -> str:
        return rewards.redeem(session, stage.customer(session, 0), stage.reward, NOW, key="one button").code

    assert list(race(sessions, tap).values()) == [THREADS]
    assert (stage.check(), stage.stock()) == (["issued"], 4)


def test_a_code_is_confirmed_by_one(sessions: sessionmaker[Session]) -> None:
    stage = Stage(sessions, people=1, points=900)
    _, code = stage.one()

    def confirm(session: Session, number: int) -> str:
        clinic = session.get_one(Clinic, stage.clinic)
        return redemptions.confirm(session, clinic, code, NOW, actor=f"staff:{number}").state and "won"

    assert race(sessions, confirm) == {"won": 1, "redemption_used": 7}
    assert stage.check() == ["used"]


def test_a_code_is_cancelled_once(sessions: sessionmaker[Session]) -> None:
    stage = Stage(sessions, people=1, points=900, stock=1)
    id_, _ = stage.one()

    def cancel(session: Session, number: int) -> str:
        redemptions.cancel(session, session.get_one(Redemption, (id_, stage.clinic)), NOW, actor="customer")
        return "won"

    assert race(sessions, cancel) == {"won": 1, "redemption_cancelled": 7}
    assert (stage.check(), stage.stock()) == (["cancelled"], 1)


def test_using_cancelling_and_lapsing_at_once_end_in_one_of_them(sessions: sessionmaker[Session]) -> None:
    """The night's work sees the code as due, while at the counter it is still its last second."""
    stage = Stage(sessions, people=1, points=900, stock=1)
    id_, code = stage.one()
    with sessions() as session:
        end = session.get_one(Redemption, (id_, stage.clinic)).expires_at

    def act(session: Session, number: int) -> str:
        clinic = session.get_one(Clinic, stage.clinic)
        if number % 3 == 0:
            return redemptions.confirm(session, clinic, code, NOW, actor="staff").state
        if number % 3 == 1:
            redemptions.cancel(session, session.get_one(Redemption, (id_, stage.clinic)), NOW, actor="customer")
            return "done: cancelled"
        return f"lapsed {redemptions.expire_due(session, clinic, end)}"

    said = race(sessions, act)
    [state] = stage.check()
    assert state in ("used", "cancelled", "expired")
    assert stage.stock() == (0 if state == "used" else 1)
    assert said["lapsed 1"] == (1 if state == "expired" else 0)
    assert said["done: cancelled"] == (1 if state == "cancelled" else 0)


def test_lapsing_in_batches_beside_redeeming_locks_nobody_out(sessions: sessionmaker[Session]) -> None:
    """Everybody buys, cancels and lapses at the same reward: no dead end, and the stock is right in the end."""
    stage = Stage(sessions, people=THREADS, points=9_000, stock=100)
    with sessions.begin() as session:
        for number in range(THREADS):
            rewards.redeem(session, stage.customer(session, number), stage.reward, NOW, key=f"old {number}")
        end = session.scalars(select(Redemption.expires_at)).first() or NOW

    def act(session: Session, number: int) -> str:
        if number % 2:
            return str(redemptions.expire_due(session, session.get_one(Clinic, stage.clinic), end, Batch(3)))
        rewards.redeem(session, stage.customer(session, number), stage.reward, end, key="new")
        return "won"

    assert race(sessions, act)["won"] == THREADS / 2
    states = Counter(stage.check())
    assert states["issued"] >= THREADS / 2
    assert stage.stock() == 100 - states["issued"]


def test_a_merge_beside_everything_loses_no_code(sessions: sessionmaker[Session]) -> None:
    """The code is used, cancelled or lapses while its owner becomes another; who comes in between may try again."""
    stage = Stage(sessions, people=2, points=900)
    id_, code = stage.one()
    with sessions() as session:
        end = session.get_one(Redemption, (id_, stage.clinic)).expires_at

    def act(session: Session, number: int) -> str:
        clinic = session.get_one(Clinic, stage.clinic)
        if number == 0:
            merge_customers(session, stage.customer(session, 0), stage.customer(session, 1), NOW, actor="staff")
            return "merged"
        if number % 3 == 0:
            return redemptions.confirm(session, clinic, code, NOW, actor="staff").state
        if number % 3 == 1:
            redemptions.cancel(session, session.get_one(Redemption, (id_, stage.clinic)), NOW, actor="customer")
            return "done"
        return f"lapsed {redemptions.expire_due(session, clinic, end)}"

    said = race(sessions, act)
    assert said["merged"] == 1
    assert "unknown" not in said
    with sessions() as session:
        held = [session.get_one(LoyaltyProfile, (id_, stage.clinic)).available_points for id_ in stage.customers]
        found = session.get_one(Redemption, (id_, stage.clinic))
        assert found.customer_id == stage.customers[1]
    assert held == [0, 1_300 if found.state in ("issued", "used") else 1_800]


@pytest.fixture(autouse=True)
def _enough_connections(sessions: sessionmaker[Session]) -> None:
    """All eight run at once: a smaller pool would queue them, and nothing would race."""
    assert sessions.kw["bind"].pool.size() >= THREADS
