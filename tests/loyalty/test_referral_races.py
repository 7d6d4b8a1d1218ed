"""Referrals while others are at work: batches, refunds and merges need the same rows in different roles."""

import threading
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import select, text
from sqlalchemy.orm import Session, sessionmaker

from loyalty import merge, referral_pay, referrals
from models.clinics import Clinic
from models.customers import Customer
from models.facts import Payment, Referral
from models.loyalty import PointTransaction
from runtime.work import Batch
from tests.fixtures.clinic import NOW
from tests.fixtures.waiting import eventually
from tests.loyalty.bringing import DUE, LATER, Meet, brought, code_of, earned, pay, refund


def test_paying_and_refunding_at_once_ends_and_pays_one_or_none(
    sessions: sessionmaker[Session], session: Session, meet: Meet, member: Customer
) -> None:
    """A ring of people who each brought the next: payers and refunders need the same rows in different roles."""
    ring = [meet(member=True) for _ in range(4)]
    made = []
    for referrer, friend in zip(ring, ring[1:] + ring[:1], strict=True):
        friend.joined_at = None  # they were bound before they joined
        made.append(referrals.bind(session, friend, code_of(session, referrer), NOW))
        friend.joined_at = NOW
    paid = [pay(session, friend) for friend in ring[1:] + ring[:1]]
    clinic_id, payment_ids, referral_ids = ring[0].clinic_id, [one.id for one in paid], [one.id for one in made]
    session.commit()
    start = threading.Barrier(6)

    def settle() -> None:
        with sessions() as mine:
            start.wait()
            while referral_pay.pay_due(mine, mine.get_one(Clinic, clinic_id), DUE, Batch(3)):
                mine.commit()
            mine.commit()

    def give_back(payment_id: object) -> None:
        with sessions() as mine:
            start.wait()
            refund(mine, mine.get_one(Payment, (payment_id, clinic_id)), 1_000, DUE)
            mine.commit()

    pool = ThreadPoolExecutor(6)
    works = [pool.submit(settle), pool.submit(settle), *(pool.submit(give_back, one) for one in payment_ids)]
    pool.shutdown(wait=False)
    for work in works:
        work.result(timeout=30)
    with sessions() as after:
        for id_ in referral_ids:
            referral = after.get_one(Referral, (id_, clinic_id))
            lines = after.scalars(
                select(PointTransaction).where(PointTransaction.idempotency_key == f"referral:{id_}")
            ).all()
            assert (referral.state, len(lines)) in (("paid", 1), ("void", 0))


def test_a_referrer_merged_while_the_batch_waits_is_paid_by_the_next(
    sessions: sessionmaker[Session], session: Session, meet: Meet, member: Customer
) -> None:
    older = meet()
    ken, referral = brought(session, meet, member)
    pay(session, ken)
    clinic_id, member_id, older_id, referral_id = member.clinic_id, member.id, older.id, referral.id
    session.commit()
    merge.merge_customers(session, member, older, LATER, actor="test")  # not committed: holds both profiles
    counts: list[int] = []

    def settle() -> None:
        with sessions() as mine:
            counts.append(referral_pay.pay_due(mine, mine.get_one(Clinic, clinic_id), DUE))
            mine.commit()

    thread = threading.Thread(target=settle)
    thread.start()
    waiting = text(
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    )
    with sessions() as watcher:
        eventually(lambda: watcher.scalar(waiting))
    session.commit()
    thread.join(30)
    settle()
    assert counts == [0, 1]
    with sessions() as after:
        assert after.get_one(Referral, (referral_id, clinic_id)).referrer_id == older_id
        assert earned(after, after.get_one(Customer, (older_id, clinic_id))) == 200
        assert earned(after, after.get_one(Customer, (member_id, clinic_id))) == 0
