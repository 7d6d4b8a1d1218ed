"""Undo is not a refund: what a mistake of the staff had brought is gone as if it had not been, within ten minutes."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from customers import staff, staff_acts, staff_members
from customers.people import new_customer
from facts import group_till, undone
from facts.paid import paid
from facts.undone import NotUndone
from facts.visited import visited
from loyalty import achievements, points, reconcile, redemptions, referrals, rewards
from models.clinics import Clinic
from models.customers import Customer, JourneyEvent, LineLink
from models.facts import Payment, Referral, Visit
from models.loyalty import LoyaltyProfile, Notification, PointTransaction
from models.rewards import AchievementUnlock
from models.staff import StaffAct, StaffMember
from models.visits import Telling
from tests.fixtures.clinic import NOW
from tests.fixtures.rewards import make_reward
from tests.loyalty.goals import add

Member = Callable[..., StaffMember]


@pytest.fixture
def member(session: Session, clinic: Clinic) -> Member:
    """Somebody of the staff, by a letter of their LINE id."""
    group = staff.bind(session, clinic, staff.make_code(session, clinic, NOW), "C" + "1" * 32, NOW)
    assert group is not None

    def make(letter: str, role: Any = "staff") -> StaffMember:
        made = staff_members.meet(session, group, "U" + letter * 32, NOW)
        staff_members.allow(session, made, role, NOW, by="staff")
        return made

    return make


@pytest.fixture
def customer(session: Session, mali: LineLink) -> Customer:
    points.create_loyalty_profile(session, mali.customer, NOW - timedelta(days=30))
    return mali.customer


def profile_of(session: Session, customer: Customer) -> LoyaltyProfile:
    return session.get_one(LoyaltyProfile, (customer.id, customer.clinic_id), populate_existing=True)


def take(session: Session, who: StaffMember, customer: Customer, baht: int, at: Any = NOW) -> StaffAct:
    act = group_till.ask(session, who, customer, Decimal(baht), at)
    assert (act.state, act.reason) in [("asked", None), ("asked", "again")]
    return group_till.confirm(session, act, who, at).act


def state(session: Session, customer: Customer) -> list[Any]:
    """All that a payment may change."""
    profile = profile_of(session, customer)
    unlocks = session.scalars(select(AchievementUnlock).where(AchievementUnlock.customer_id == customer.id)).all()
    return [
        profile.total_points, profile.available_points, profile.current_tier, profile.total_spent,
        profile.total_visits, len(unlocks),
    ]  # fmt: skip


def test_a_payment_undone_leaves_everything_as_it_was(
    session: Session, clinic: Clinic, customer: Customer, member: Member
) -> None:
    add(session, clinic, "first", {"metric": "purchases", "at_least": 1}, points_reward=400)
    add(session, clinic, "here", {"metric": "visits", "at_least": 1}, points_reward=50)
    before, ploy = state(session, customer), member("d")
    act = take(session, ploy, customer, 12_000)
    assert state(session, customer) == [1_750, 1_750, "silver", 12_000, 1, 2]
    undone.undo(session, act, ploy, NOW + timedelta(minutes=10))
    assert state(session, customer) == before
    assert (act.state, act.undone_by) == ("undone", staff_members.actor(ploy))
    assert session.scalars(select(Payment.uncounted)).all() == ["void"]
    assert session.scalars(select(Visit.uncounted)).all() == ["void"]
    reversed_ = session.scalars(select(PointTransaction).where(PointTransaction.type == "reversed")).all()
    assert sorted(one.amount for one in reversed_) == [-1_200, -400, -50]
    assert {one.actor for one in reversed_} == {staff_members.actor(ploy)}
    events = {one.type: one.data["by"] for one in session.scalars(select(JourneyEvent)) if one.type.endswith("_undone")}
    assert events == dict.fromkeys(("payment_undone", "visit_undone"), staff_members.actor(ploy))
    assert reconcile.check(session, clinic) == []


def test_what_is_recorded_anew_brings_everything_again(
    session: Session, clinic: Clinic, customer: Customer, member: Member
) -> None:
    add(session, clinic, "first", {"metric": "purchases", "at_least": 1}, points_reward=400)
    ploy, later = member("d"), NOW + timedelta(minutes=1)
    undone.undo(session, take(session, ploy, customer, 3_500), ploy, later)
    take(session, ploy, customer, 3_800, later)
    assert state(session, customer) == [880, 880, "bronze", 3_800, 1, 1]
    news = session.execute(select(Notification.kind, Notification.state)).all()
    assert sorted((kind, state) for kind, state in news if state == "open") == [
        ("achievement_unlocked", "open"), ("points_earned", "open"),
    ]  # fmt: skip
    assert reconcile.check(session, clinic) == []


def test_what_nobody_was_told_is_never_told_and_who_was_hears_one_line(
    session: Session, customer: Customer, member: Member
) -> None:
    ploy = member("d")
    undone.undo(session, take(session, ploy, customer, 3_500), ploy, NOW)
    assert session.scalars(select(Notification.state)).all() == ["skipped"]
    act = take(session, ploy, customer, 900, NOW + timedelta(minutes=1))
    session.execute(update(Notification).where(Notification.state == "open").values(state="sent"))
    undone.undo(session, act, ploy, NOW + timedelta(minutes=2))
    assert session.scalars(select(Notification.kind).where(Notification.state == "open")).all() == ["payment_undone"]


def test_who_had_been_told_what_a_visit_brought_hears_one_line(
    session: Session, clinic: Clinic, customer: Customer, member: Member
) -> None:
    add(session, clinic, "first", {"metric": "visits", "at_least": 1}, points_reward=40)
    ploy = member("d")
    for number, line in enumerate(("visit_undone", "payment_undone")):
        at = NOW + timedelta(hours=number)
        act = take(session, ploy, customer, 900, at) if number else group_till.visit(session, ploy, customer, at)
        assert act is not None
        session.execute(update(Notification).where(Notification.state == "open").values(state="sent"))
        undone.undo(session, act, ploy, at + timedelta(minutes=1))
        assert session.scalars(select(Notification.kind).where(Notification.state == "open")).all() == [line]


def test_after_ten_minutes_it_is_a_refund(session: Session, customer: Customer, member: Member) -> None:
    ploy = member("d", "manager")
    act = take(session, ploy, customer, 3_500)
    with pytest.raises(NotUndone, match="too_late"):
        undone.undo(session, act, ploy, NOW + timedelta(minutes=10, seconds=1))
    assert profile_of(session, customer).total_points == 450


def test_only_who_recorded_it_or_a_manager_undoes_it_and_once(
    session: Session, customer: Customer, member: Member
) -> None:
    ploy, nid, boss = member("d"), member("e"), member("f", "manager")
    act = take(session, ploy, customer, 3_500)
    with pytest.raises(NotUndone, match="not_yours"):
        undone.undo(session, act, nid, NOW)
    undone.undo(session, act, boss, NOW)
    with pytest.raises(NotUndone, match="undone"):
        undone.undo(session, act, ploy, NOW)
    assert profile_of(session, customer).total_points == 100


def test_points_of_it_that_were_spent_are_a_managers_to_decide(
    session: Session, clinic: Clinic, customer: Customer, member: Member
) -> None:
    """Pay and undo: what the points bought in between is not kept for nothing."""
    ploy, boss = member("d"), member("f", "manager")
    act = take(session, ploy, customer, 10_000)
    bought = rewards.redeem(session, customer, make_reward(session, clinic).id, NOW)
    before = state(session, customer)
    with pytest.raises(NotUndone, match="spent") as refused:
        undone.undo(session, act, ploy, NOW)
    assert [one.id for one in refused.value.bought] == [bought.id]
    assert (state(session, customer), act.state) == (before, "done")
    undone.undo(session, act, boss, NOW)
    profile = profile_of(session, customer)
    assert [profile.available_points, profile.debt, profile.total_points] == [-700, 700, 100]
    assert reconcile.check(session, clinic) == []


def test_points_that_only_were_promised_are_promised_no_more(
    session: Session, clinic: Clinic, customer: Customer, member: Member
) -> None:
    clinic.own_settings = {"points": {"treatment_pending_days": 7}}
    ploy = member("d")
    undone.undo(session, take(session, ploy, customer, 3_500), ploy, NOW)
    assert points.create_loyalty_profile(session, customer, NOW + timedelta(days=8)).total_points == 100


def test_a_friend_whom_it_brought_is_brought_by_the_next_payment(
    session: Session, clinic: Clinic, customer: Customer, member: Member
) -> None:
    friend, ploy = new_customer(session, clinic, NOW), member("d")
    referrals.bind(session, friend, profile_of(session, customer).referral_code, NOW)
    act = take(session, ploy, friend, 3_500)
    referral = session.scalars(select(Referral)).one()
    assert (referral.state, referral.payment_id) == ("qualified", act.payment_id)
    undone.undo(session, act, ploy, NOW)
    assert (referral.state, referral.payment_id, referral.pays_at) == ("bound", None, None)
    take(session, ploy, friend, 3_800)
    assert referral.state == "qualified"


def test_the_till_tells_what_was_undone_and_it_earns(session: Session, customer: Customer, member: Member) -> None:
    ploy = member("d")
    undone.undo(session, take(session, ploy, customer, 3_500), ploy, NOW)
    told = paid(
        session, customer, source="till", external_id="1", amount=Decimal(3_500), paid_at=NOW, service_code=None,
        now=NOW,
    )  # fmt: skip
    assert (told.earned, told.payment.uncounted) == (350, None)


def test_a_visit_is_undone_and_the_payment_of_the_day_brings_one_again(
    session: Session, customer: Customer, member: Member
) -> None:
    ploy = member("d")
    act = group_till.visit(session, ploy, customer, NOW)
    assert act is not None
    assert group_till.visit(session, ploy, customer, NOW) is None
    undone.undo(session, act, ploy, NOW)
    assert profile_of(session, customer).total_visits == 0
    take(session, ploy, customer, 500)
    assert profile_of(session, customer).total_visits == 1


def test_a_visit_that_others_have_told_of_too_stays(session: Session, customer: Customer, member: Member) -> None:
    ploy = member("d")
    act = take(session, ploy, customer, 500)
    visited(session, customer, source="till", external_id="V", visited_at=NOW, service_code=None, now=NOW)
    undone.undo(session, act, ploy, NOW)
    assert profile_of(session, customer).total_visits == 1
    [visit] = session.scalars(select(Visit))
    assert visit.uncounted is None
    told = select(Telling.kind).where(Telling.withdrawn_at.is_(None), Telling.visit_id == visit.id)
    assert session.scalars(told).all() == ["visit"]


def test_a_code_used_by_mistake_is_good_again(
    session: Session, clinic: Clinic, customer: Customer, member: Member
) -> None:
    points.award_points(session, customer, 1_000, "for the test", now=NOW)
    redemption = rewards.redeem(session, customer, make_reward(session, clinic).id, NOW)
    ploy = member("d")
    for minute in (1, 2):
        at = NOW + timedelta(minutes=minute)
        redemptions.confirm(session, clinic, redemption.code, at, actor=staff_members.actor(ploy))
        act = staff_acts.note(session, ploy, "use", "done", at, customer=customer)
        act.redemption_id, act.done_by, act.done_at = redemption.id, act.asked_by, at
        undone.undo(session, act, ploy, at)
        assert (redemption.state, redemption.settled_at) == ("issued", None)
    used = select(Notification.state).where(Notification.kind == "redemption_used")
    assert session.scalars(used).all() == ["skipped", "skipped"]


def test_an_unlock_that_others_have_brought_too_stays(
    session: Session, clinic: Clinic, customer: Customer, member: Member
) -> None:
    add(session, clinic, "first", {"metric": "purchases", "at_least": 1}, points_reward=400)
    ploy = member("d")
    act = take(session, ploy, customer, 3_500)
    paid(session, customer, source="till", external_id="1", amount=Decimal(1), paid_at=NOW, service_code=None, now=NOW)
    undone.undo(session, act, ploy, NOW)
    assert state(session, customer)[0] == 500
    assert len(achievements.progress(session, customer, NOW).unlocked) == 1
