"""Achievements: unlocked once ever, paid by the ledger, and secrets that nobody sees before."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, cast
from uuid import UUID

import pytest
from sqlalchemy import event, func, select
from sqlalchemy.orm import Session, sessionmaker

from loyalty import achievements, ledger
from loyalty.defaults.achievements import DEFAULTS, seed
from loyalty.points import award_points
from models.clinics import Clinic
from models.customers import Customer
from models.loyalty import LoyaltyProfile, Notification, PointTransaction
from models.rewards import Achievement, AchievementUnlock, Conditions
from tests.fixtures.clinic import NOW, make_clinic
from tests.fixtures.facts import Facts
from tests.loyalty.goals import add, check, progress

SECRETS = tuple(default for default in DEFAULTS if default.secret)


def codes(session: Session, customer: Customer) -> set[str]:
    return set(
        session.scalars(
            select(Achievement.code).join(AchievementUnlock).where(AchievementUnlock.customer_id == customer.id)
        )
    )


@contextmanager
def counted(session: Session) -> Iterator[list[str]]:
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        statements.append(statement)

    engine = session.get_bind()
    event.listen(engine, "before_cursor_execute", note)
    yield statements
    event.remove(engine, "before_cursor_execute", note)


def test_the_defaults_are_the_nine_and_some_secrets() -> None:
    rewards = {default.code: default.points for default in DEFAULTS if not default.secret}
    assert rewards == {
        "first_purchase": 100, "big_spender": 300, "vip_member": 500,
        "regular_customer": 200, "loyal_customer": 400, "vip_regular": 600,
        "friend_bringer": 150, "ambassador": 500, "influencer": 1_000,
    }  # fmt: skip
    assert len(SECRETS) >= 3


def test_seeding_again_leaves_what_the_clinic_has_changed(session: Session, seeded: Clinic) -> None:
    changed = achievements.achievement_of(session, seeded, "big_spender")
    assert changed is not None
    changed.active, changed.points_reward = False, 7
    seed(session, seeded)
    session.refresh(changed)
    assert (changed.active, changed.points_reward) == (False, 7)
    assert session.scalar(select(func.count()).select_from(Achievement)) == len(DEFAULTS)


def test_an_unlock_pays_its_points_and_is_told(session: Session, seeded: Clinic, facts: Facts) -> None:
    facts.pay(10_000)
    assert check(session, facts.customer) == ["first_purchase", "big_spender"]
    lines = session.scalars(select(PointTransaction).order_by(PointTransaction.id)).all()
    assert [(line.amount, line.source, line.type, line.reference) for line in lines] == [
        (100, "achievement", "earned", "first_purchase"),
        (300, "achievement", "earned", "big_spender"),
    ]
    unlocks = session.scalars(select(AchievementUnlock).order_by(AchievementUnlock.id)).all()
    assert [unlock.transaction_id for unlock in unlocks] == [line.id for line in lines]
    assert {unlock.unlocked_at for unlock in unlocks} == {NOW}
    told = session.scalars(select(Notification.data).where(Notification.kind == "achievement_unlocked")).all()
    assert sorted(data["achievement"] for data in told) == ["big_spender", "first_purchase"]
    held = session.get_one(LoyaltyProfile, (facts.customer.id, facts.customer.clinic_id))
    assert (held.total_points, held.available_points) == (400, 400)


def test_a_refund_locks_nothing_again_and_pays_nothing_twice(session: Session, seeded: Clinic, facts: Facts) -> None:
    payment = facts.pay(10_000)
    check(session, facts.customer)
    payment.refunded = payment.amount
    assert check(session, facts.customer) == []
    facts.pay(10_000)
    assert check(session, facts.customer) == []
    assert codes(session, facts.customer) == {"first_purchase", "big_spender"}
    assert session.scalar(select(func.count()).select_from(PointTransaction)) == 2
    assert not [each for each in progress(session, facts.customer) if each.startswith("big_spender")]


def test_an_unlock_may_complete_another_goal(session: Session, clinic: Clinic, facts: Facts) -> None:
    add(session, clinic, "both", {"metric": "achievements", "at_least": 2})
    add(session, clinic, "paid", {"metric": "purchases", "at_least": 1})
    add(session, clinic, "rich", {"metric": "total_spent", "at_least": 50}, points_reward=0)
    facts.pay(50)
    assert check(session, facts.customer) == ["paid", "rich", "both"]
    assert session.scalar(select(func.sum(PointTransaction.amount))) == 20


def test_what_is_switched_off_unlocks_nothing_and_stays_with_who_has_it(
    session: Session, clinic: Clinic, facts: Facts
) -> None:
    had = add(session, clinic, "had", {"metric": "purchases", "at_least": 1})
    facts.pay(1)
    check(session, facts.customer)
    had.active = False
    add(session, clinic, "off", {"metric": "purchases", "at_least": 1}, active=False)
    add(session, clinic, "off_secret", {"metric": "purchases", "at_least": 1}, active=False, secret=True)
    assert check(session, facts.customer) == []
    held = achievements.progress(session, facts.customer, NOW)
    assert ([each.achievement.code for each in held.unlocked], held.in_progress, held.secrets_left) == (["had"], (), 0)


def test_the_newest_unlock_and_the_nearest_goal_come_first(session: Session, seeded: Clinic, facts: Facts) -> None:
    facts.pay(1)
    check(session, facts.customer, NOW)
    facts.refer("paid")
    check(session, facts.customer, NOW + timedelta(days=1))
    facts.visit(*(NOW - timedelta(days=2 * number) for number in range(4)))
    facts.pay(30_000)
    held = achievements.progress(session, facts.customer, NOW + timedelta(days=1))
    assert [each.achievement.code for each in held.unlocked] == ["friend_bringer", "first_purchase"]
    assert [f"{each.achievement.code} {each.current}/{each.target}" for each in held.in_progress] == [
        "big_spender 10000/10000",  # not looked at yet, and never more than its goal
        "regular_customer 4/5", "vip_member 30001/50000", "loyal_customer 4/12", "vip_regular 2/6",
        "ambassador 1/5", "influencer 1/10",
    ]  # fmt: skip


def test_secrets_are_only_counted_until_they_unlock(session: Session, seeded: Clinic, facts: Facts) -> None:
    facts.visit(NOW)
    held = achievements.progress(session, facts.customer, NOW)
    assert held.secrets_left == len(SECRETS)
    assert not [secret for secret in SECRETS if secret.code in shown(held)]
    facts.customer.birth_month_day = "02-03"
    assert check(session, facts.customer) == ["birthday_visit"]
    held = achievements.progress(session, facts.customer, NOW)
    assert held.secrets_left == len(SECRETS) - 1
    assert [secret.code for secret in SECRETS if secret.code in shown(held)] == ["birthday_visit"]


def shown(held: achievements.Gallery) -> set[str]:
    return {each.achievement.code for each in held.unlocked} | {each.achievement.code for each in held.in_progress}


def test_another_clinic_and_another_customer_are_not_looked_at(session: Session, seeded: Clinic, facts: Facts) -> None:
    elsewhere = make_clinic(session, slug="nobody", name="Nobody")
    seed(session, elsewhere)
    nobody = Facts(session, Facts.newcomer(session, elsewhere))
    nobody.pay(60_000)
    ken = Facts(session, Facts.newcomer(session, seeded))
    ken.pay(60_000)
    assert check(session, facts.customer) == []
    assert "first_purchase 0/1" in progress(session, facts.customer)
    assert check(session, ken.customer) == ["first_purchase", "big_spender", "vip_member"]
    assert "big_spender 0/10000" in progress(session, facts.customer)  # what Ken has is not hers
    facts.pay(10_000)
    assert check(session, facts.customer) == ["first_purchase", "big_spender"]
    assert achievements.achievement_of(session, elsewhere, "big_spender") != achievements.achievement_of(
        session, seeded, "big_spender"
    )


def test_looking_costs_one_statement_or_none(session: Session, seeded: Clinic, facts: Facts) -> None:
    profile = ledger.open_profile(session, facts.customer, NOW)
    session.flush()
    with counted(session) as statements:
        achievements.check(session, profile, NOW)
        assert len(statements) == 1
        achievements.check(session, profile, NOW, changed={"payments"})
        assert len(statements) == 2
        achievements.check(session, profile, NOW, changed=())
        assert len(statements) == 2
        achievements.look(session, profile, NOW)
        assert len(statements) == 2
        achievements.progress(session, facts.customer, NOW)
        assert len(statements) == 4


def test_points_alone_look_at_no_goal(session: Session, seeded: Clinic, facts: Facts) -> None:
    award_points(session, facts.customer, 10, "", now=NOW)
    with counted(session) as statements:
        award_points(session, facts.customer, 10, "", now=NOW)
    assert len(statements) == 2  # the lock, and all that is written
    assert not [one for one in statements if "achievements" in one]


def test_a_new_goal_is_found_at_the_next_earning_and_told_to_nobody_before(
    session: Session, seeded: Clinic, facts: Facts
) -> None:
    for _ in range(2):
        facts.pay(100)
    assert check(session, facts.customer) == ["first_purchase"]
    told = select(func.count()).select_from(Notification).where(Notification.kind == "achievement_unlocked")
    before = session.scalar(told)
    add(session, seeded, "twice", {"metric": "purchases", "at_least": 2})
    assert session.scalar(told) == before
    assert codes(session, facts.customer) == {"first_purchase"}
    award_points(session, facts.customer, 10, "", now=NOW)
    assert codes(session, facts.customer) == {"first_purchase", "twice"}
    assert session.scalar(told) == (before or 0) + 1
    with counted(session) as statements:
        award_points(session, facts.customer, 10, "", now=NOW)
    assert len(statements) == 2  # and now it is known


def test_a_new_goal_is_found_when_goals_are_looked_at(session: Session, seeded: Clinic, facts: Facts) -> None:
    facts.pay(100)
    assert check(session, facts.customer) == ["first_purchase"]
    add(session, seeded, "one", {"metric": "purchases", "at_least": 1})
    profile = session.get_one(LoyaltyProfile, (facts.customer.id, seeded.id))
    achievements.look(session, profile, NOW)
    assert codes(session, facts.customer) == {"first_purchase", "one"}


@pytest.mark.parametrize(
    "conditions",
    [
        {},
        {"metric": "nothing", "at_least": 1},
        {"metric": "purchases"},
        {"metric": "purchases", "at_least": "1"},
        {"metric": "purchases", "at_least": 0},
        {"metric": "purchases", "at_least": 0.5},
        {"metric": "purchases", "at_least": 1, "within_days": 3},
        {"metric": "visits", "at_least": 1, "within_days": "7"},
        {"metric": "visits", "at_least": 1, "within_days": 10**12},
        {"metric": "visits", "at_least": 1, "within_days": None},
        {"metric": ["visits"], "at_least": 1},
    ],
)
def test_a_goal_written_past_the_checks_is_never_reached_and_breaks_nothing(
    session: Session, seeded: Clinic, facts: Facts, conditions: dict[str, Any]
) -> None:
    add(session, seeded, "broken", {"metric": "visits", "at_least": 9}).conditions = cast("Conditions", conditions)
    session.flush()
    facts.pay(100)
    facts.visit(NOW)
    assert "broken" not in check(session, facts.customer)
    assert "first_purchase" in codes(session, facts.customer)


def test_a_hint_leaves_the_others_for_later(session: Session, seeded: Clinic, facts: Facts) -> None:
    facts.pay(1)
    assert check(session, facts.customer, changed={"visits"}) == []
    assert check(session, facts.customer, changed={"payments"}) == ["first_purchase"]


@pytest.mark.parametrize("under_lock", [True, False])
def test_two_at_once_unlock_once(sessions: sessionmaker[Session], under_lock: bool) -> None:
    with sessions.begin() as session:
        clinic = make_clinic(session)
        seed(session, clinic)
        facts = Facts(session, Facts.newcomer(session, clinic))
        facts.pay(60_000)
        ledger.open_profile(session, facts.customer, NOW)
        clinic_id, customer_id = clinic.id, facts.customer.id
    start = threading.Barrier(2, timeout=10)

    def once() -> list[UUID]:
        with sessions.begin() as session:
            customer = session.get_one(Customer, (customer_id, clinic_id))
            start.wait()
            # Without the lock only the unique row stands between the two.
            profile = (
                ledger.open_profile(session, customer, NOW)
                if under_lock
                else session.get_one(LoyaltyProfile, (customer_id, clinic_id))
            )
            return [unlock.achievement_id for unlock in achievements.check(session, profile, NOW)]

    with ThreadPoolExecutor(2) as pool:
        results = [future.result(timeout=20) for future in [pool.submit(once), pool.submit(once)]]
    assert sorted(map(len, results)) == [0, 3]
    with sessions() as session:
        assert session.scalar(select(func.count()).select_from(AchievementUnlock)) == 3
        assert session.scalar(select(func.sum(PointTransaction.amount))) == 900
        assert session.get_one(LoyaltyProfile, (customer_id, clinic_id)).available_points == 900
