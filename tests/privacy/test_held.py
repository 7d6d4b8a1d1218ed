"""Consents that the clinic holds already: by when they were given, in any order, once."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.consents import Consent
from models.customers import Customer, JourneyEvent, LineLink
from privacy import consent, held
from privacy.held import CHANNELS, PURPOSES, HeldConsent, NotHeld
from tests.fixtures.clinic import NOW

DAY = timedelta(days=1)
ONE = HeldConsent("marketing", "line", granted=True, given_at=NOW - 9 * DAY, evidence="form 118", version="2025-01")


def told(session: Session, customer: Customer, one: HeldConsent) -> str:
    return held.told(session, customer, one, NOW, source="standard", actor="standard")


def chosen(session: Session, customer: Customer, granted: bool, at: datetime) -> None:
    consent.decide(session, customer, purpose="marketing", channel="line", granted=granted, text="May we?", now=at)
    session.flush()


def stands(session: Session, customer: Customer) -> bool | None:
    return consent.decision(session, customer, "marketing", "line")


def test_it_is_kept_once_with_its_evidence_under_the_persons_key(session: Session, mali: LineLink) -> None:
    assert [told(session, mali.customer, ONE) for _ in range(2)] == ["kept", "known"]
    kept = session.scalars(select(Consent)).one()
    assert (kept.created_at, kept.evidence, kept.policy_version, kept.source) == (
        ONE.given_at, "form 118", "2025-01", "standard"
    )  # fmt: skip
    assert stands(session, mali.customer) is True
    assert b"form 118" not in (kept.evidence_sealed or b"")


@pytest.mark.parametrize("lacks", ["purpose", "channel", "given_at", "evidence"])
def test_what_lacks_something_is_a_note_and_gives_nothing(session: Session, mali: LineLink, lacks: str) -> None:
    lacking: dict[str, Any] = {lacks: None}
    assert [told(session, mali.customer, replace(ONE, **lacking)) for _ in range(2)] == ["noted", "noted"]
    assert session.scalars(select(Consent)).all() == []
    assert [one.type for one in session.scalars(select(JourneyEvent))] == ["consent_noted"]
    assert stands(session, mali.customer) is None


def test_a_purpose_of_another_world_is_a_note(session: Session, mali: LineLink) -> None:
    assert told(session, mali.customer, replace(ONE, purpose="everything")) == "noted"


def test_a_no_needs_no_evidence(session: Session, mali: LineLink) -> None:
    told(session, mali.customer, ONE)
    assert told(session, mali.customer, HeldConsent("marketing", "line", granted=False, given_at=NOW - DAY)) == "kept"
    assert stands(session, mali.customer) is False


def test_a_later_word_of_the_persons_is_not_overridden(session: Session, mali: LineLink) -> None:
    chosen(session, mali.customer, False, NOW - DAY)
    told(session, mali.customer, ONE)
    assert stands(session, mali.customer) is False
    chosen(session, mali.customer, True, NOW)
    told(session, mali.customer, replace(ONE, granted=False, given_at=NOW - DAY / 2))
    assert stands(session, mali.customer) is True


def test_a_repeated_yes_outlives_an_old_no_that_comes_late(session: Session, mali: LineLink) -> None:
    chosen(session, mali.customer, True, NOW - 3 * DAY)
    chosen(session, mali.customer, True, NOW - DAY)
    told(session, mali.customer, replace(ONE, granted=False, given_at=NOW - 2 * DAY))
    assert stands(session, mali.customer) is True


def test_the_future_is_refused(session: Session, mali: LineLink) -> None:
    with pytest.raises(NotHeld):
        told(session, mali.customer, replace(ONE, given_at=NOW + 2 * DAY))


@pytest.mark.parametrize("ago", [timedelta(0), timedelta(minutes=5), timedelta(hours=12)])
def test_a_yes_by_a_clock_that_goes_fast_is_from_before_the_persons_own_no(
    session: Session, mali: LineLink, ago: timedelta
) -> None:
    chosen(session, mali.customer, False, NOW - ago)
    told(session, mali.customer, replace(ONE, given_at=NOW + timedelta(hours=3)))
    assert stands(session, mali.customer) is False
    chosen(session, mali.customer, False, NOW - 2 * DAY)
    told(session, mali.customer, replace(ONE, given_at=NOW + timedelta(hours=4)))
    assert stands(session, mali.customer) is False


def test_a_no_by_a_clock_that_goes_fast_is_from_now(session: Session, mali: LineLink) -> None:
    chosen(session, mali.customer, True, NOW - timedelta(minutes=5))
    told(session, mali.customer, replace(ONE, granted=False, given_at=NOW + timedelta(hours=3)))
    assert stands(session, mali.customer) is False


def test_of_the_forgotten_nothing_is_kept(session: Session, mali: LineLink) -> None:
    mali.customer.data_key = None
    session.flush()
    assert told(session, mali.customer, ONE) == "known"
    assert session.scalars(select(Consent)).all() == []


TELLS = st.builds(
    lambda granted, hours, evidence: HeldConsent(
        "marketing", "line", granted, NOW - timedelta(hours=hours), evidence=evidence
    ),
    st.booleans(), st.integers(-6, 6), st.sampled_from([None, "form"]),
)  # fmt: skip
CHOOSES = st.tuples(st.booleans(), st.integers(0, 6))


def ends(session: Session, mali: LineLink, acts: Sequence[HeldConsent | tuple[bool, int]]) -> bool | None:
    before = session.begin_nested()
    for one in acts:
        if isinstance(one, HeldConsent):
            told(session, mali.customer, one)
        else:
            chosen(session, mali.customer, one[0], NOW - timedelta(hours=one[1], minutes=30))
    found = stands(session, mali.customer)
    before.rollback()
    session.expire_all()
    return found


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    tells=st.lists(TELLS, max_size=4),
    chooses=st.lists(CHOOSES, max_size=3, unique_by=lambda one: one[1]),
    data=st.data(),
)
def test_any_order_and_repetition_ends_the_same(
    session: Session,
    mali: LineLink,
    tells: list[HeldConsent],
    chooses: list[tuple[bool, int]],
    data: st.DataObject,
) -> None:
    """What is told comes whenever it likes; what the person says in the chat comes when they say it."""
    chooses = sorted(chooses, key=lambda one: -one[1])
    places = data.draw(st.permutations([*["told"] * len(tells) * 2, *["chosen"] * len(chooses)]))
    again, said = iter(data.draw(st.permutations([*tells, *tells]))), iter(chooses)
    mixed = [next(again) if place == "told" else next(said) for place in places]
    assert ends(session, mali, mixed) == ends(session, mali, [*chooses, *tells])


def test_purposes_and_channels_are_those_that_are_asked() -> None:
    assert {"marketing", "survey"} <= set(PURPOSES)
    assert {"line", "sms", "email"} == set(CHANNELS)
