"""The same words are said once a day, but for what was to be said twice."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from models.clinics import Clinic
from models.customers import LineLink
from models.followups import FollowupRule
from runtime.context import Runtime
from tests.fixtures.clinic import NOW
from tests.followups.gate import CARE, DAY, Gate

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
SENT = ("sent", None)


@pytest.fixture
def gate(session: Session, runtime: Runtime, clinic: Clinic, mali: LineLink) -> Gate:
    return Gate(session, runtime, clinic, mali.customer)


@pytest.fixture
def care(gate: Gate) -> FollowupRule:
    return gate.rule(CARE)


def test_the_same_words_are_said_once_a_day(gate: Gate, care: FollowupRule) -> None:
    assert gate.said(care, NOW) == SENT
    assert gate.said(gate.rule(CARE), NOW + 23 * HOUR) == ("skipped", "said_before")
    assert gate.said(care, NOW + DAY + MINUTE) == SENT


def test_two_steps_of_one_appointment_may_say_the_same(gate: Gate, care: FollowupRule) -> None:
    """A day and two hours before: the words are the same, and both are wanted. The same step twice is not."""
    first, second, again = (gate.due(care, NOW + hours * HOUR) for hours in (0, 22, 23))
    for id_, step in ((first, 0), (second, 1), (again, 1)):
        gate.one(id_).step = step
    gate.pass_to(NOW + 22 * HOUR)
    assert (gate.fate(first), gate.fate(second)) == (SENT, SENT)
    gate.pass_to(NOW + 23 * HOUR)
    assert gate.fate(again) == ("skipped", "said_before")
