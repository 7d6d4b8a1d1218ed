"""A new source is one file: how its requests are verified, what one event is, and what it means."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import Aura
from models.clinics import Clinic
from models.conversations import InboxEvent
from runtime.settings import Settings
from tests.fixtures.clinic import make_clinic
from tests.webhooks.pretend import Bell, Porter
from workers.jobs import drains
from workers.rounds import TURN


@pytest.fixture
def porter() -> Porter:
    return Porter()


@pytest.fixture
def aura(settings: Settings, session: Session, clinic: Clinic, make_aura: Callable[..., Aura], porter: Porter) -> Aura:
    session.commit()
    return make_aura(settings, sources={Bell(): porter})


def ring(aura: Aura, *rings: dict[str, Any], slug: str = "aura", word: str | None = None) -> int:
    headers = {"X-Bell": f"ding-{slug}" if word is None else word}
    body = json.dumps({"rings": rings})
    return aura.flask.test_client().post(f"/webhooks/bell/{slug}", data=body, headers=headers).status_code


def stored(session: Session) -> list[tuple[str, str, str | None]]:
    session.expire_all()
    rows = session.scalars(select(InboxEvent).order_by(InboxEvent.arrival))
    return [(row.source, row.state, row.reason) for row in rows]


def test_its_events_are_stored_once_and_handled_in_their_order(session: Session, aura: Aura, porter: Porter) -> None:
    later, first = {"id": "b", "by": "mali", "at": 2_000}, {"id": "a", "by": "mali", "at": 1_000}
    assert [ring(aura, later, first), ring(aura, first)] == [200, 200]
    assert drains["chat"](aura.context) == 2
    assert porter.heard == porter.then == ["a", "b"]
    assert stored(session) == [("bell", "done", "let_in")] * 2


def test_a_wrong_word_and_an_unknown_clinic_are_not_let_in(session: Session, aura: Aura) -> None:
    one = {"id": "a", "by": "mali", "at": 1_000}
    assert [ring(aura, one, word="dong"), ring(aura, one, word=""), ring(aura, one, slug="nobody")] == [401, 401, 401]
    assert aura.flask.test_client().post("/webhooks/bell/aura", data=b"{", headers={"X-Bell": "ding-aura"}).json == {
        "code": "malformed",
        "detail": "there are no rings",
    }
    assert stored(session) == []


def test_what_fails_is_tried_as_often_as_the_source_says_and_stops_nobody(
    session: Session, aura: Aura, porter: Porter
) -> None:
    porter.drops = 2
    ring(aura, {"id": "a", "by": "mali", "at": 1_000})
    drains["chat"](aura.context)
    ring(aura, {"id": "b", "by": "ken", "at": 500})
    drains["chat"](aura.context)
    assert porter.heard == ["b"]
    assert len(porter.dead) == 1
    assert [(source, state) for source, state, _ in stored(session)] == [("bell", "dead"), ("bell", "done")]


def test_an_event_of_no_source_here_is_kept_and_holds_up_nobody(session: Session, aura: Aura, porter: Porter) -> None:
    ring(aura, {"id": "a", "by": "mali", "at": 1_000}, {"id": "b", "by": "ken", "at": 2_000})
    session.scalars(select(InboxEvent).where(InboxEvent.event_key == "a")).one().source = "gong"
    session.commit()
    drains["chat"](aura.context)
    assert porter.heard == ["b"]
    assert ("gong", "dead") in [(source, state) for source, state, _ in stored(session)]


def test_a_flood_in_one_clinic_waits_behind_nobody(session: Session, aura: Aura, porter: Porter) -> None:
    make_clinic(session, slug="quiet")
    session.commit()
    ring(aura, *({"id": f"{n:03}", "by": f"guest-{n}", "at": n} for n in range(60)))
    ring(aura, {"id": "quiet", "by": "ken", "at": 5_000}, slug="quiet")
    drains["chat"](aura.context)
    assert len(porter.heard) == 61
    assert porter.heard.index("quiet") <= 20


def test_each_clinic_comes_to_its_turn_however_short_a_drain_is(
    settings: Settings, session: Session, clinic: Clinic, make_aura: Callable[..., Aura], porter: Porter
) -> None:
    """A drain that is over in the midst of one clinic's flood is gone on with behind that clinic."""
    make_clinic(session, slug="quiet")
    session.commit()
    aura = make_aura(settings, sources={Bell(): porter})
    hurried = replace(aura.runtime, timing=replace(aura.runtime.timing, drain=timedelta(0)))
    context = replace(aura.context, runtime=hurried)
    for slug in ("aura", "quiet"):
        ring(aura, *({"id": f"{slug}-{n}", "by": f"{slug}-{n}", "at": n} for n in range(60)), slug=slug)
    for _ in range(6):
        drains["chat"](context)
    assert [sum(key.startswith(slug) for key in porter.heard) for slug in ("aura", "quiet")] == [3 * TURN, 3 * TURN]


def test_an_event_that_somebody_holds_is_passed_over(session: Session, aura: Aura, porter: Porter) -> None:
    ring(aura, {"id": "held", "by": "mali", "at": 1_000}, {"id": "free", "by": "ken", "at": 2_000})
    with aura.runtime.sessions() as another:
        another.scalars(select(InboxEvent).where(InboxEvent.event_key == "held").with_for_update()).one()
        assert drains["chat"](aura.context) == 1
        assert porter.heard == ["free"]
    assert drains["chat"](aura.context) == 1
    assert porter.heard == ["free", "held"]
