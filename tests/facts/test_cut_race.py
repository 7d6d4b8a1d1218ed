"""Managers who take two apart at the same moment, while payments are told: they are cut once, and nothing drifts."""

from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from facts.cut import CannotCut, cut, of
from facts.paid import paid
from loyalty import reconcile
from models.customers import Customer
from models.joined_records import JoinedRecord
from models.loyalty import LoyaltyProfile
from tests.facts.joined import LATER, Two
from tests.fixtures.clinic import make_clinic
from tests.loyalty.test_rewards_race import THREADS, race


def test_they_are_cut_once(sessions: sessionmaker[Session]) -> None:
    with sessions.begin() as session:
        two = Two(session, make_clinic(session))
        two.pay(two.record, "1", 3_000)
        two.link()
        record, friend = ((one.id, one.clinic_id) for one in (two.record, two.friend))

    def act(session: Session, number: int) -> str:
        person = session.get_one(Customer, friend)
        if number % 2:
            paid(
                session, person, source="staff", external_id=str(number), amount=Decimal(100), paid_at=LATER,
                service_code=None, now=LATER,
            )  # fmt: skip
            return "paid"
        try:
            cut(session, of(session, person, LATER), LATER, actor="staff:x")
        except CannotCut as refused:
            return refused.why
        return "cut"

    assert race(sessions, act) == {"paid": THREADS // 2, "cut": 1, "nothing": THREADS // 2 - 1}
    with sessions() as session:
        clinic = session.get_one(Customer, friend).clinic
        assert reconcile.check(session, clinic) == []
        assert session.get_one(LoyaltyProfile, record).total_spent == 3_000
        assert session.get_one(LoyaltyProfile, friend).total_spent == 100 * (THREADS // 2)
        assert session.scalar(select(func.count()).select_from(JoinedRecord)) == 1
