"""Cached sums that are not the sums: found, told, repaired where only the cache is wrong, else left alone."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import text, update
from sqlalchemy.orm import Session, sessionmaker

from customers.people import new_customer
from loyalty import ledger, points, reconcile
from loyalty.commands import reconcile_clinic
from loyalty.entries import Cause
from models.clinics import Clinic
from models.customers import Customer
from models.loyalty import NIGHTS, LoyaltyProfile, PointLot
from runtime.clock import Clock
from runtime.settings import Settings
from runtime.work import Batch
from tests.fixtures.clinic import NOW, make_clinic


@pytest.fixture
def customer(session: Session, clinic: Clinic) -> Customer:
    """With 1,200 points earned, 100 given that do not count, 300 spent."""
    customer = new_customer(session, clinic, NOW)
    points.award_points(session, customer, 1_200, "x", now=NOW)
    points.adjust_points(session, customer, 100, "why", now=NOW, actor="staff")
    ledger.spend(session, ledger.open_profile(session, customer, NOW), 300, Cause("reward"), NOW)
    session.flush()
    return customer


def drift(session: Session, customer: Customer, **values: int) -> None:
    session.execute(update(LoyaltyProfile).where(LoyaltyProfile.customer_id == customer.id).values(**values))


@pytest.mark.parametrize("wrong", [{"available_points": 999}, {"total_points": 1_199}, {"debt": 1}])
def test_a_drift_is_found_and_repaired(
    session: Session, clinic: Clinic, customer: Customer, wrong: dict[str, int]
) -> None:
    assert reconcile.check(session, clinic) == []
    drift(session, customer, **wrong)
    [found] = reconcile.check(session, clinic)
    assert (found.customer_id, found.entries, found.lots, found.counted, found.owed) == (
        customer.id,
        1_000,
        1_000,
        1_200,
        0,
    )
    assert found.repairable
    assert reconcile.repair(session, clinic, found, NOW)
    session.flush()
    assert reconcile.check(session, clinic) == []


def test_a_repaired_total_sets_the_tier(session: Session, clinic: Clinic, customer: Customer) -> None:
    drift(session, customer, total_points=0)
    session.execute(update(LoyaltyProfile).values(current_tier="bronze"))
    [found] = reconcile.check(session, clinic)
    assert reconcile.repair(session, clinic, found, NOW)
    profile = session.get_one(LoyaltyProfile, (customer.id, customer.clinic_id))
    assert (profile.total_points, profile.current_tier, str(profile.tier_progress)) == (1_200, "silver", "10.00")


def test_lines_against_lots_are_left_alone(session: Session, clinic: Clinic, customer: Customer) -> None:
    session.execute(update(PointLot).where(PointLot.remaining == 100).values(remaining=150))
    [found] = reconcile.check(session, clinic)
    assert (found.available, found.entries, found.lots, found.repairable) == (1_000, 1_000, 1_050, False)
    assert not reconcile.repair(session, clinic, found, NOW)
    assert reconcile.check(session, clinic) == [found]


def test_what_was_right_again_meanwhile_is_not_touched(session: Session, clinic: Clinic, customer: Customer) -> None:
    drift(session, customer, available_points=1)
    [found] = reconcile.check(session, clinic)
    drift(session, customer, available_points=1_000)
    assert reconcile.repair(session, clinic, found, NOW)
    assert session.get_one(LoyaltyProfile, (customer.id, customer.clinic_id)).available_points == 1_000


def test_a_clinic_checks_and_repairs_its_own(session: Session, clinic: Clinic, customer: Customer) -> None:
    other = make_clinic(session, "other", "Nobody's Clinic")
    drift(session, customer, available_points=1)
    [found] = reconcile.check(session, clinic)
    assert reconcile.check(session, other) == []
    assert not reconcile.repair(session, other, found, NOW)


def test_a_night_checks_who_was_touched_and_whose_night_it_is(
    session: Session, clinic: Clinic, customer: Customer
) -> None:
    drift(session, customer, debt=1)
    own = session.get_one(LoyaltyProfile, (customer.id, clinic.id)).night
    touched, one = NOW.date(), timedelta(days=1)

    def found(last: date, day: date) -> bool:
        return bool(reconcile.check_night(session, clinic, last, day, Batch(10)))

    assert found(touched - one, touched)
    month = [touched + one * n for n in range(2, 2 + NIGHTS)]
    assert [day for day in month if found(day - one, day)] == [day for day in month if day.toordinal() % NIGHTS == own]
    assert found(touched + one, month[-1]), "a month that was missed is made up"


def test_the_classic_recalculation_never_changes_anything(session: Session, customer: Customer) -> None:
    """The statement by which other systems mend their points."""
    changed = session.execute(
        text(
            "UPDATE loyalty_profiles SET available_points = s.amount FROM (SELECT customer_id, sum(amount) AS amount "
            "FROM point_transactions GROUP BY customer_id) s WHERE s.customer_id = loyalty_profiles.customer_id "
            "AND available_points <> s.amount RETURNING 1"
        )
    )
    assert changed.all() == []


def test_an_operator_sees_and_repairs(
    sessions: sessionmaker[Session], session: Session, clinic: Clinic, customer: Customer,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    clock = Clock(movable=False)
    broken = new_customer(session, clinic, NOW)
    points.award_points(session, broken, 10, "x", now=NOW)
    session.flush()
    session.execute(update(PointLot).where(PointLot.customer_id == broken.id).values(remaining=11))
    drift(session, customer, available_points=7)
    session.commit()
    assert not reconcile_clinic(sessions, clock, "aura")
    told = capsys.readouterr().out
    assert f"{customer.id} available 7 (entries 1000, lots 1000)" in told
    assert "--repair sets it" in told
    assert not reconcile_clinic(sessions, clock, "aura", repair=True)
    told = capsys.readouterr().out
    assert ": repaired" in told
    assert f"{broken.id} available 10 (entries 10, lots 11)" in told
    assert "left alone" in told
    with sessions.begin() as again:
        again.execute(update(PointLot).where(PointLot.customer_id == broken.id).values(remaining=10))
    assert reconcile_clinic(sessions, clock, "aura")
    assert "every profile agrees" in capsys.readouterr().out
    assert not reconcile_clinic(sessions, clock, "nowhere")
    assert "no clinic 'nowhere'" in capsys.readouterr().err


def test_the_command_fails_while_anything_disagrees(
    make_app: Callable[[Settings], Flask], settings: Settings, session: Session, customer: Customer
) -> None:
    run = make_app(settings).test_cli_runner().invoke
    drift(session, customer, debt=5)
    session.commit()
    assert run(args=["points", "reconcile", "aura"]).exit_code == 1
    assert run(args=["points", "reconcile", "aura", "--repair"]).exit_code == 0
    assert run(args=["points", "reconcile", "aura"]).exit_code == 0
