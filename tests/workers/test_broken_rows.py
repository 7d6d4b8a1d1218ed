"""Each daily job with one row that the database refuses: the other row is done, that one is booked and made up."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from uuid import UUID

import pytest
import structlog
from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from customers.people import new_customer
from loyalty import points, reconcile
from models.calendar import CalendarFailure
from models.loyalty import LoyaltyProfile
from runtime.context import Runtime
from runtime.registry import Registry
from tests.fixtures.clinic import At, make_clinic
from tests.workers.due_rows import CASES, FIRST, OLD
from workers import calendar, daily
from workers.daily import Daily


@contextmanager
def broken(session: Session, breaks: str, row: UUID) -> Iterator[None]:
    """The database refuses this write of this row."""
    column, verb = breaks.split()
    table, _, name = column.partition(".")
    which = "OLD" if verb == "DELETE" else "NEW"
    session.execute(
        text(
            f"CREATE FUNCTION broken() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF {which}.{name} = '{row}' THEN"
            f" RAISE 'refused'; END IF; RETURN {which}; END $$"
        )
    )
    session.execute(text(f"CREATE TRIGGER broken BEFORE {verb} ON {table} FOR EACH ROW EXECUTE FUNCTION broken()"))
    session.commit()
    try:
        yield
    finally:
        session.rollback()
        session.execute(text("DROP FUNCTION broken CASCADE"))
        session.commit()


def test_every_daily_job_that_writes_is_tried() -> None:
    assert set(CASES) | {"reconcile_points"} == set(daily.jobs)


@pytest.mark.parametrize("name", CASES)
def test_one_row_that_is_refused_is_booked_and_made_up(
    name: str, session: Session, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = CASES[name]
    only: Registry[Daily] = Registry("daily job")
    only.add(name, daily.jobs[name])
    monkeypatch.setattr(daily, "jobs", only)
    clinic = make_clinic(session, tiers={"policy": "rolling_12_months"})
    people = [new_customer(session, clinic, FIRST - OLD) for _ in range(3)]
    session.flush()
    rows = [case.begin(session, one) for one in people]
    session.commit()
    house, ids = replace(runtime, clock=At(case.at)), [clinic.id]

    def done() -> list[bool]:
        session.rollback()
        session.expire_all()
        return [case.done(session, one) for one in people]

    with broken(session, case.breaks, rows[1]):
        assert calendar.run_due(house, ids, threading.Event()) == 1
        assert done() == [True, False, True]
        [failure] = session.scalars(select(CalendarFailure))
        assert (failure.job, failure.tries, failure.target is not None) == (name, 1, True)
        assert "refused" not in failure.error
    session.execute(update(CalendarFailure).values(next_try_at=func.now()))
    session.commit()
    assert calendar.run_due(house, ids, threading.Event()) == 1
    assert done() == [True, True, True]
    assert session.scalars(select(CalendarFailure)).all() == []


def test_one_profile_that_cannot_be_checked_hides_no_other(
    session: Session, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    only: Registry[Daily] = Registry("daily job")
    only.add("reconcile_points", daily.jobs["reconcile_points"])
    monkeypatch.setattr(daily, "jobs", only)
    clinic = make_clinic(session)
    people = [new_customer(session, clinic, FIRST - OLD) for _ in range(3)]
    session.flush()
    for one in people:
        points.award_points(session, one, 10, "since last night", now=FIRST)
    # No row can break the sums by itself, so the statement divides by nothing at one of them.
    breaks = f"CASE WHEN p.customer_id = ANY(:customers) THEN 1 / (p.customer_id <> '{people[0].id}')::int END = 1"
    statement = str(vars(reconcile)["_OF_SOME"]).replace("WHERE p.clinic_id", f"WHERE {breaks} AND p.clinic_id")
    monkeypatch.setattr(reconcile, "_OF_SOME", text(statement))
    session.get_one(LoyaltyProfile, (people[2].id, clinic.id)).available_points += 1
    session.commit()
    with structlog.testing.capture_logs() as logs:
        calendar.run_due(replace(runtime, clock=At(FIRST)), [clinic.id], threading.Event())
    drifted = [line["customer_id"] for line in logs if line["event"] == "points have drifted"]
    assert drifted == [str(people[2].id)]
    [failure] = session.scalars(select(CalendarFailure))
    assert failure.target == str(people[0].id)
