"""What an achievement may ask for: everything else is refused when it is saved, with what to write instead."""

from dataclasses import asdict
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from loyalty import achievements
from loyalty.defaults.achievements import DEFAULTS
from loyalty.errors import BadConditions, BadPoints
from loyalty.metrics import METRICS
from models.clinics import Clinic
from models.rewards import Achievement
from tests.fixtures.clinic import NOW
from tests.fixtures.facts import Facts
from tests.loyalty.goals import add, check, progress

GOOD: list[dict[str, Any]] = [
    {"metric": "total_spent", "at_least": 10_000},
    {"metric": "visits", "at_least": 5},
    {"metric": "visits", "at_least": 90, "within_days": 90},
    {"metric": "consecutive_months", "at_least": 6},
]


@pytest.mark.parametrize("conditions", GOOD + [default.conditions for default in DEFAULTS])
def test_good_conditions_are_taken(conditions: dict[str, Any]) -> None:
    achievements.validate(conditions)


@pytest.mark.parametrize(
    ("conditions", "said"),
    [
        (None, "an object such as"),
        ([], "an object such as"),
        ("visits", "an object such as"),
        ({}, "use one of achievements, check_ins"),
        ({"metric": "spent", "at_least": 1}, "'spent' is no metric: use one of"),
        ({"metric": ["visits"], "at_least": 1}, "is no metric"),
        ({"metric": None, "at_least": 1}, "is no metric"),
        ({"at_least": 1}, "is no metric"),
        ({"metric": "visits"}, "at_least is None: give a whole number from 1 to 10,000"),
        ({"metric": "visits", "at_least": 0}, "whole number from 1"),
        ({"metric": "visits", "at_least": -5}, "whole number from 1"),
        ({"metric": "visits", "at_least": 5.0}, "at_least is 5.0: give a whole number"),
        ({"metric": "visits", "at_least": "5"}, "whole number"),
        ({"metric": "visits", "at_least": True}, "whole number"),
        ({"metric": "visits", "at_least": 10**9}, "to 10,000"),
        ({"metric": "visits", "at_least": 5, "within_days": 0}, "within_days is 0"),
        ({"metric": "visits", "at_least": 5, "within_days": None}, "within_days is None"),
        ({"metric": "visits", "at_least": 5, "within_days": 10_000}, "to 3,660"),
        ({"metric": "visits", "at_least": 6, "within_days": 5}, "cannot be reached"),
        ({"metric": "visits", "at_least": 5, "within_day": 90}, "visits does not take within_day"),
        ({"metric": "total_spent", "at_least": 5, "within_days": 90}, "does not take within_days: leave it out"),
        ({"metric": "visits", "at_least": 5, 7: 1}, "does not take 7"),
    ],
)
def test_bad_conditions_are_refused_with_what_to_do(conditions: object, said: str) -> None:
    with pytest.raises(BadConditions, match=said):
        achievements.validate(conditions)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@given(
    JSON
    | st.dictionaries(
        st.sampled_from(["metric", "at_least", "within_days", "all"]),
        st.sampled_from([*METRICS, "Visits"]) | st.integers(-2, 400) | JSON,
    )
)
def test_whatever_is_taken_can_be_measured(conditions: Any) -> None:
    try:
        goal = achievements.goal_of(conditions)
    except BadConditions:
        return
    assert {key: value for key, value in asdict(goal).items() if value is not None} == conditions
    assert 1 <= goal.at_least <= METRICS[goal.metric].most
    assert goal.within_days is None or goal.at_least <= goal.within_days


@pytest.mark.parametrize("points", [-1, 1_000_001, True, 1.5])
def test_an_absurd_reward_is_refused(session: Session, clinic: Clinic, points: Any) -> None:
    with pytest.raises(BadPoints):
        add(session, clinic, "bad", {"metric": "visits", "at_least": 1}, points_reward=points)
    assert session.scalar(select(func.count()).select_from(Achievement)) == 0


def test_a_row_written_past_the_door_stops_nobody(session: Session, seeded: Clinic, facts: Facts) -> None:
    bad = add(session, seeded, "bad", {"metric": "visits", "at_least": 1})
    bad.conditions = {"metric": "gone", "at_least": 1}
    facts.pay(1)
    facts.visit(NOW)
    assert check(session, facts.customer) == ["first_purchase"]
    assert not [each for each in progress(session, facts.customer) if each.startswith("bad")]
