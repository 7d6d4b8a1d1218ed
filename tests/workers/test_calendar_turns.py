"""The calendar is a round: no clinic waits for another one's year."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest
from sqlalchemy.orm import Session

from models.base import new_id
from models.clinics import Clinic
from runtime.context import Runtime
from runtime.work import Batch
from tests.fixtures.clinic import At, make_clinic
from tests.workers.conftest import NIGHT, only, take, tick
from workers.daily import Daily


def test_a_clinic_with_much_to_make_up_gives_way_to_the_next(
    session: Session, runtime: Runtime, clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = make_clinic(session, slug="quiet")
    session.commit()
    turns: list[str] = []
    left = {clinic.id: 6, other.id: 2}

    def batch(session: Session, clinic: Clinic, day: date, now: datetime, batch: Batch) -> int:
        if left[clinic.id]:
            left[clinic.id] -= 1
            turns.append(clinic.slug)
            take(batch, [new_id()])
        return len(batch.ids)

    only(monkeypatch, Daily(time(3, 0), batch))
    hurried = replace(runtime, timing=replace(runtime.timing, calendar_turn=timedelta(0)))
    assert tick(hurried, At(NIGHT)) == 2
    assert sorted(turns[:2]) == sorted(turns[2:4]) == ["aura", "quiet"]
    assert turns[4:] == ["aura"] * 4
