"""Eight hands at the same points, on a real database: one line, one winner, no deadlock, and the sums hold."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from threading import Barrier
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from customers.people import new_customer
from facts.paid import paid
from facts.refunded import refunded
from loyalty import expiry, ledger, points, reconcile
from loyalty.entries import Cause
from loyalty.errors import CustomerMerged, LoyaltyError, NotEnoughPoints
from loyalty.merge import merge_customers
from models.base import new_id
from models.clinics import Clinic
from models.customers import Customer
from models.facts import Payment, Refund
from models.loyalty import LoyaltyProfile, PointTransaction
from runtime.errors import Refused
from runtime.work import Batch
from tests.fixtures.clinic import NOW

HANDS = 8
LATER = NOW + timedelta(days=500)


class Field:
    """Two customers, as ids, and what many transactions at once do to them."""

    def __init__(self, sessions: sessionmaker[Session], clinic: UUID, customers: list[UUID]) -> None:
        self.sessions, self.clinic, self.customers = sessions, clinic, customers

    def race(self, *rules: Callable[[Session, int], Any]) -> list[Any]:
        """Eight transactions begin together; each runs its rule. What they returned, or how they were refused."""
        ready = Barrier(HANDS)

        def run(hand: int) -> Any:
            with self.sessions() as session:
                session.connection()
                ready.wait(timeout=30)
                try:
                    answer = rules[hand % len(rules)](session, hand)
                    session.commit()
                except Refused as refusal:
                    return refusal
                return answer

        with ThreadPoolExecutor(HANDS) as pool:
            answers = list(pool.map(run, range(HANDS), timeout=60))
        with self.sessions() as session:
            assert reconcile.check(session, session.get_one(Clinic, self.clinic)) == []
        return answers

    def profile(self, which: int = 0) -> LoyaltyProfile:
        with self.sessions() as session:
            return session.get_one(LoyaltyProfile, (self.customers[which], self.clinic))

    def customer(self, session: Session, which: int = 0) -> Customer:
        return session.get_one(Customer, (self.customers[which], self.clinic))

    def count(self, table: Any, **values: Any) -> int:
        with self.sessions() as session:
            return session.scalar(select(func.count()).select_from(table).filter_by(**values)) or 0

    def give(self, amount: int, which: int = 0) -> None:
        with self.sessions.begin() as session:
            points.award_points(session, self.customer(session, which), amount, "x", now=NOW)


@pytest.fixture
def field(sessions: sessionmaker[Session], session: Session, clinic: Clinic) -> Field:
    customers = sorted(new_customer(session, clinic, NOW).id for _ in range(2))
    session.commit()
    return Field(sessions, clinic.id, customers)


def pay(field: Field, session: Session) -> UUID:
    return paid(
        session, field.customer(session), source="till", external_id="1", amount=Decimal(1_000), paid_at=NOW,
        service_code=None, now=NOW,
    ).payment.id  # fmt: skip


def test_the_same_key_is_one_line(field: Field) -> None:
    """Also for the very first award, which makes the profile."""

    def award(session: Session, hand: int) -> UUID:
        return points.award_points(session, field.customer(session), 100 + hand, "x", now=NOW, key="treatment:1").id

    assert len(set(field.race(award))) == 1
    assert field.count(PointTransaction) == 1
    assert 100 <= field.profile().available_points < 100 + HANDS


def test_the_last_points_are_spent_once(field: Field) -> None:
    field.give(100)

    def spend(session: Session, hand: int) -> UUID:
        profile = ledger.open_profile(session, field.customer(session), NOW)
        return ledger.spend(session, profile, 60, Cause("reward"), NOW).id

    answers = field.race(spend)
    assert sorted(answer.missing for answer in answers if isinstance(answer, NotEnoughPoints)) == [20] * (HANDS - 1)
    assert field.profile().available_points == 40


def test_a_payment_told_at_once_is_one(field: Field) -> None:
    assert len(set(field.race(lambda session, _: pay(field, session)))) == 1
    assert (field.count(Payment), field.profile().available_points, field.profile().total_spent) == (
        1,
        100,
        Decimal(1_000),
    )


def test_a_refund_told_at_once_is_one(field: Field) -> None:
    with field.sessions.begin() as session:
        payment = pay(field, session)

    def refund(session: Session, _: int) -> UUID:
        return refunded(
            session,
            session.get_one(Payment, (payment, field.clinic)),
            external_id="r",
            amount=Decimal(500),
            refunded_at=NOW,
            now=NOW,
        ).refund.id

    assert len(set(field.race(refund))) == 1
    assert (field.count(Refund), field.profile().available_points, field.profile().total_spent) == (1, 50, Decimal(500))


def test_more_than_was_paid_is_not_refunded_by_several_at_once(field: Field) -> None:
    with field.sessions.begin() as session:
        payment = pay(field, session)

    def refund(session: Session, hand: int) -> UUID:
        return refunded(
            session, session.get_one(Payment, (payment, field.clinic)), external_id=str(hand), amount=Decimal(300),
            refunded_at=NOW, now=NOW,
        ).refund.id  # fmt: skip

    answers = field.race(refund)
    assert sum(isinstance(answer, Refused) for answer in answers) == HANDS - 3
    assert field.profile().available_points == 10


def test_an_award_and_two_ways_of_expiry_meet(field: Field) -> None:
    field.give(100, 0)
    field.give(70, 1)
    answers = field.race(
        lambda session, hand: points.award_points(session, field.customer(session), 5, "x", now=LATER, key=str(hand)),
        lambda session, _: expiry.post_due(session, session.get_one(Clinic, field.clinic), LATER),
        lambda session, _: ledger.open_profile(session, field.customer(session, 1), LATER),
        lambda session, _: expiry.post_due(session, session.get_one(Clinic, field.clinic), LATER, Batch(1)),
    )
    assert not [answer for answer in answers if isinstance(answer, Refused)]
    assert (field.profile(0).available_points, field.profile(1).available_points) == (10, 0)
    assert field.count(PointTransaction, type="expired") == 2


def test_a_merge_meets_awards_and_spending(field: Field) -> None:
    """Whoever comes too late is told where to go on; nothing is written to the record that is gone."""
    field.give(100, 0)
    field.give(100, 1)

    def merge(session: Session, hand: int) -> None:
        gone, stays = (0, 1) if hand % 4 else (1, 0)
        merge_customers(session, field.customer(session, gone), field.customer(session, stays), NOW, actor="staff")

    def award(session: Session, hand: int) -> None:
        points.award_points(session, field.customer(session, hand // 2 % 2), 10, "x", now=NOW)

    def spend(session: Session, hand: int) -> None:
        profile = ledger.open_profile(session, field.customer(session, hand // 2 % 2), NOW)
        ledger.spend(session, profile, 10, Cause("reward"), NOW)

    answers = field.race(merge, award, merge, spend)
    refused = [answer for answer in answers if isinstance(answer, LoyaltyError)]
    assert all(isinstance(answer, CustomerMerged) for answer in refused)
    assert answers[0::2].count(None) == 1, "one of four merges wins"
    done = [answers[hand] is None for hand in range(HANDS)]
    expected = 200 + 10 * sum(done[1::4]) - 10 * sum(done[3::4])
    held = {field.profile(which).available_points for which in (0, 1)}
    assert held == {0, expected}


def test_two_pairs_merge_crosswise_without_a_deadlock(field: Field) -> None:
    """Locks are taken in the order of ids, whichever of the two goes."""
    for _ in range(5):
        with field.sessions.begin() as session:
            clinic = session.get_one(Clinic, field.clinic)
            field.customers = [new_customer(session, clinic, NOW).id for _ in range(2)]
        field.give(10, 0)
        field.give(10, 1)

        def merge(session: Session, hand: int) -> None:
            gone = field.customer(session, hand % 2)
            merge_customers(session, gone, field.customer(session, 1 - hand % 2), NOW, actor="staff")

        answers = field.race(merge)
        assert [answer for answer in answers if answer is None] == [None]
        assert {field.profile(0).available_points, field.profile(1).available_points} == {0, 20}


def test_one_code_for_two_customers_does_not_stop_the_second(field: Field, monkeypatch: pytest.MonkeyPatch) -> None:
    codes = iter(["SAME22", "SAME22", *(new_id().hex[-6:].upper() for _ in range(20))])
    monkeypatch.setattr(ledger, "new_code", lambda: next(codes))
    field.race(lambda session, hand: ledger.open_profile(session, field.customer(session, hand % 2), NOW) and None)
    assert field.profile(0).referral_code != field.profile(1).referral_code
