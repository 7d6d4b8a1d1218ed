"""The calendar as tests of it need it: one job, and a night at which it is due."""

import threading
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.clinics import Clinic
from runtime.context import Runtime
from runtime.registry import Registry
from runtime.work import Batch
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


def take(batch: Batch, due: Sequence[UUID]) -> list[UUID]:
    """What a batch takes of rows that are in no table, in their order."""
    behind = [one for one in due if (0, one) > (batch.after or ()) and one not in batch.skip]
    batch.places = [(0, one) for one in behind[: batch.limit]]
    return batch.ids


def tick(runtime: Runtime, clock: At | None = None) -> int:
    """What the slow worker does for every tick, at business time."""
    with runtime.sessions() as session:
        clinics = session.scalars(select(Clinic.id)).all()
    return calendar.run_due(replace(runtime, clock=clock) if clock else runtime, clinics, threading.Event())


@pytest.fixture
def at_night(session: Session, clinic: Clinic) -> At:
    session.commit()
    return At(NIGHT)
