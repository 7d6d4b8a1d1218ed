"""What somebody holds for a minute is passed over, and costs whoever is not concerned next to nothing."""

import time
from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from app import Aura
from models.calendar import CalendarFailure, CalendarRun
from models.clinics import Clinic
from models.conversations import InboxEvent, OutgoingReply
from runtime import limits
from runtime.clock import real
from runtime.context import Runtime
from runtime.settings import Settings
from runtime.work import Batch
from tests.fixtures.clinic import At, make_clinic
from tests.fixtures.house import House, clinic_of
from tests.fixtures.waiting import landed
from tests.workers.conftest import only, take, tick
from workers import daily, inbox
from workers.calendar import HELD
from workers.daily import Daily
from workers.inbox import Patience

PEOPLE = 12


def written_by(session: Session, clinic: Clinic, people: int) -> None:
    for n in range(people):
        session.add(
            InboxEvent(
                clinic_id=clinic.id, clinic=clinic, source="line", event_key=f"one-{n}", type="message",
                actor_index=bytes([n]) * 32, occurred_at=real(), received_at=real(), due_at=real(), raw=b"{}",
            )
        )  # fmt: skip
    session.commit()


def hold(session: Session, clinic: Clinic) -> None:
    """Whatever is written points at the clinic, so this stops all of it."""
    session.execute(select(Clinic.id).where(Clinic.id == clinic.id).with_for_update())


def test_a_lock_is_waited_for_once_however_many_meet_it(
    session: Session,
    clinic: Clinic,
    settings: Settings,
    make_aura: Callable[..., Aura],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    written_by(session, clinic, PEOPLE)
    context = make_aura(settings).context

    def meet(session: Session, *_: object) -> None:
        session.execute(select(Clinic.id).with_for_update(read=True, key_share=True))
        raise AssertionError("nobody holds it")

    listener = context.inbox.handlers["line"]
    monkeypatch.setattr(inbox, "BUSY", timedelta(minutes=1))  # none of them is due again before the end
    monkeypatch.setattr(type(listener), "handle", lambda _self, session, *_: meet(session))
    hold(session, clinic)
    began = time.monotonic()
    while context.inbox.step(clinic.id):
        pass
    took = time.monotonic() - began
    session.rollback()
    # Two thirds: what a busy machine adds to each of them is no waiting, and all in full would be more than the whole.
    assert limits.QUICK.lock + PEOPLE * Patience.SHORT < took < PEOPLE * limits.QUICK.lock * 2 / 3
    events = session.scalars(select(InboxEvent)).all()
    assert len(events) == PEOPLE
    for event in events:
        assert (event.state, event.attempts, event.holds) == ("new", 0, True)
        assert (event.reason or "").startswith("OperationalError")
        assert event.due_at > event.received_at


def test_a_broken_clinic_whose_row_somebody_holds_stops_no_other(
    session: Session, clinic: Clinic, settings: Settings, make_aura: Callable[..., Aura]
) -> None:
    glow = make_clinic(session, slug="glow")
    session.commit()
    session.execute(text("""UPDATE clinics SET settings = '{"voice": {"zone": "Nowhere"}}' WHERE slug = 'glow'"""))
    session.commit()
    aside = make_aura(settings).context.aside
    with aside.runtime.sessions() as other:
        hold(other, glow)
        assert aside.at_work([glow.id, clinic.id]) == [clinic.id]
    assert session.scalar(select(Clinic.aside_reason).where(Clinic.id == glow.id)) is None
    assert aside.at_work([glow.id, clinic.id]) == [clinic.id]
    session.rollback()
    assert session.scalar(select(Clinic.aside_reason).where(Clinic.id == glow.id)) == "settings: voice.zone"


def test_a_job_whose_table_somebody_holds_gives_the_day_up_for_now(
    runtime: Runtime, session: Session, at_night: At, clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    written_by(session, clinic, PEOPLE)
    ids = sorted(session.scalars(select(InboxEvent.id)))
    session.commit()
    tried: list[int] = []

    def forget(session: Session, clinic: Clinic, day: date, now: datetime, batch: Batch) -> int:
        taken = take(batch, ids)
        tried.append(len(taken))
        session.execute(update(InboxEvent).where(InboxEvent.id.in_(taken)).values(reason="seen"))
        return len(taken)

    only(monkeypatch, Daily(daily.jobs["forget_inbox"].at, forget, each_day=True))
    with runtime.sessions() as other:
        other.execute(text("LOCK TABLE inbox"))
        assert tick(runtime, at_night) == 0
    assert tried == [12, 6, 3, 1, 1, 1], "halved to one row, and after so many of them the others are let be"
    failures = session.scalars(select(CalendarFailure)).all()
    assert [(one.tries, one.target is None) for one in failures] == [(0, False)] * HELD
    assert session.scalars(select(CalendarRun)).all() == []
    session.execute(update(CalendarFailure).values(next_try_at=func.now()))
    session.commit()
    assert tick(runtime, at_night) == 1
    session.expire_all()
    assert set(session.scalars(select(InboxEvent.reason))) == {"seen"}
    assert session.scalars(select(CalendarFailure)).all() == []


def test_an_answer_whose_row_somebody_holds_leaves_those_beside_it_recorded(house: House) -> None:
    """What is not recorded is sent again when its lease is over, and LINE knows its token."""
    session, replies = house.session, house.aura.context.replies
    mali, som = (house.person(clinic_of(house, "aura")) for _ in range(2))
    while house.aura.context.inbox.step(mali.clinic_id):
        pass
    held = select(OutgoingReply.id).where(OutgoingReply.customer_id == som.customer_id)
    with replies.sessions() as other:
        other.execute(held.with_for_update())
        landed(replies)
        assert (house.fate(mali)["answer"], house.fate(som)["answer"]) == ("sent", "open")
    session.rollback()
    house.later()
    house.work()
    assert (house.fate(som)["answer"], house.heard(som)) == ("sent", house.heard(mali))
