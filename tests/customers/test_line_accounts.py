"""A person with two LINE accounts: where a push goes, and whose menu is looked at."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from channels.line.accounts import reachable
from customers.line_accounts import clinics_due, longest_due, menu_due, menus_due
from customers.people import meet_on_line
from models.clinics import Clinic
from models.customers import LineLink
from tests.fixtures.clinic import NOW, make_clinic

HOUR = timedelta(hours=1)


@pytest.fixture
def second(session: Session, mali: LineLink) -> LineLink:
    """Mali's other phone."""
    user_id = "U" + "c" * 32
    link = meet_on_line(session, mali.customer.clinic, user_id, NOW)
    link.customer, link.user_id = mali.customer, user_id
    session.flush()
    return link


def test_a_push_goes_to_the_account_heard_from_last(session: Session, mali: LineLink, second: LineLink) -> None:
    mali.heard_at = NOW
    assert reachable(session, mali.customer) is mali, "never heard from is longest ago"
    second.heard_at = NOW + HOUR
    assert reachable(session, mali.customer) is second
    second.unfollowed_at = NOW + HOUR
    assert reachable(session, mali.customer) is mali
    mali.unfollowed_at = NOW
    assert reachable(session, mali.customer) is None
    second.followed_at = NOW + 2 * HOUR
    assert reachable(session, mali.customer) is second


def test_somebody_elses_account_is_not_theirs(session: Session, mali: LineLink) -> None:
    stranger = meet_on_line(session, mali.customer.clinic, "U" + "d" * 32, NOW)
    mali.unfollowed_at = NOW
    session.flush()
    assert reachable(session, mali.customer) is None
    menus_due(session, stranger.customer)
    session.refresh(mali)
    assert mali.menu_due_at is None


def test_each_menu_of_a_person_is_looked_at_or_only_one(session: Session, mali: LineLink, second: LineLink) -> None:
    second.menu_attempts, second.menu_error = 3, "away"
    menus_due(session, mali.customer)
    for link in (mali, second):
        session.refresh(link)
        assert (link.menu_due_at is not None, link.menu_attempts, link.menu_error) == (True, 0, None)
        link.menu_due_at = None
    menu_due(session, second)
    session.flush()
    assert (mali.menu_due_at, second.menu_due_at is not None) == (None, True)


def test_the_longest_due_of_each_clinic_comes_first(session: Session, mali: LineLink, second: LineLink) -> None:
    due = clinics_due(LineLink.menu_due_at)
    clinic = mali.customer.clinic
    other: Clinic = make_clinic(session, "glow")
    theirs = meet_on_line(session, other, "U" + "a" * 32, NOW)
    session.commit()
    assert session.scalars(due).all() == []
    menu_due(session, second)
    session.flush()
    menu_due(session, mali)
    menu_due(session, theirs)
    session.commit()
    assert set(session.scalars(due)) == {clinic.id, other.id}
    found = longest_due(session, clinic.id, LineLink.menu_due_at)
    assert found is not None
    assert found[0] is second
    second.menu_due_at = found[1] + timedelta(seconds=30)
    assert (longest_due(session, clinic.id, LineLink.menu_due_at) or (None,))[0] is mali
    mali.menu_due_at = None
    assert longest_due(session, clinic.id, LineLink.menu_due_at) is None, "a lease is not over"
