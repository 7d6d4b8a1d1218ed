"""The calendar as tests of it need it: one job, and a night at which it is due."""

import threading
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.clinics import Clinic
from runtime.context import Runtime
from runtime.registry import Registry
from tests.fixtures.clinic import At
from workers import calendar, daily
from workers.daily import Daily

NIGHT = datetime(2026, 2, 3, 20, 0, tzinfo=UTC)
"""03:00 of the fourth in Bangkok."""


def only(monkeypatch: pytest.MonkeyPatch, job: Daily) -> None:
    """A calendar of one job, `test`."""
    jobs: Registry[Daily] = Registry("daily job")
    jobs.add("test", job)
    monkeypatch.setattr(daily, "jobs", jobs)


def tick(runtime: Runtime, clock: At | None = None) -> int:
    """What the slow worker does for every tick, at business time."""
    with runtime.sessions() as session:
        clinics = session.scalars(select(Clinic.id)).all()
    return calendar.run_due(replace(runtime, clock=clock) if clock else runtime, clinics, threading.Event())


@pytest.fixture
def at_night(session: Session, clinic: Clinic) -> At:
    session.commit()
    return At(NIGHT)
