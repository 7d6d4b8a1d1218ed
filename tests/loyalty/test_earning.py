"""What holds for all that customers earn by themselves."""

import threading
from collections.abc import Callable
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from loyalty import birthdays, check_in, reviews
from loyalty.errors import EarningRefused
from models.customers import Customer
from models.loyalty import PointTransaction
from tests.fixtures.clinic import NOW
from tests.loyalty.earning import earned, refusal, text, visit


def test_a_clinic_may_give_nothing_for_it(session: Session, member: Customer) -> None:
    member.clinic.own_settings = {"points": {"check_in": 0, "review": 0, "birthday": 0}}
    assert check_in.by_text(session, member, text(session, member), NOW) == 0
    assert refusal(lambda: check_in.by_text(session, member, text(session, member), NOW)) == "already_checked_in"
    reviews.review(session, member, visit(session, member).id, 5, None, NOW)
    assert birthdays.set_birthday(session, member, 2, 3, NOW) is None
    assert birthdays.reward_due(session, member.clinic, date(2026, 2, 1)) == 0
    assert session.scalars(select(PointTransaction.source)).all() == ["welcome"]


def test_two_phones_at_once_earn_once(sessions: sessionmaker[Session], session: Session, member: Customer) -> None:
    mine, said, id_ = visit(session, member), text(session, member), member.id
    clinic_id = member.clinic_id
    session.commit()
    start, outcomes = threading.Barrier(4), list[str]()

    def act(work: Callable[[Session, Customer], object]) -> None:
        with sessions() as own:
            customer = own.get_one(Customer, (id_, clinic_id))
            start.wait()
            try:
                work(own, customer)
                own.commit()
                outcomes.append("done")
            except EarningRefused as refused:
                outcomes.append(refused.code)

    for work, refused in (
        (lambda own, who: check_in.by_text(own, who, said, NOW), "already_checked_in"),
        (lambda own, who: reviews.review(own, who, mine.id, 5, None, NOW), "already_reviewed"),
        (lambda own, who: birthdays.set_birthday(own, who, 2, 3, NOW), "birthday_locked"),
    ):
        threads = [threading.Thread(target=act, args=(work,)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        assert sorted(outcomes) == [refused] * 3 + ["done"]
        outcomes.clear()
    with sessions() as after:
        customer = after.get_one(Customer, (id_, clinic_id))
        assert [earned(after, customer, one) for one in ("check_in", "review", "birthday")] == [[10], [50], [100]]
