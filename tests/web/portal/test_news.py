"""News on the first page: what has happened since the visit before, and no more than a few lines."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from loyalty import points
from models.base import moment_of, new_id
from models.customers import Customer, LineLink
from models.portal import PortalSession
from runtime.clock import real
from tests.web.portal.conftest import Browser
from tests.web.portal.test_messages import say
from web.http import sessions


def looked_before(session: Session) -> None:
    """The visit that goes on has begun after another one, which has seen all that is there."""
    session.execute(text("UPDATE portal_sessions SET before_at = now()"))
    session.commit()


def test_to_who_had_never_looked_all_is_new(mine: Browser) -> None:
    said = mine.page("").said
    assert "What is new" in said
    assert "Welcome points" in said
    assert "+100" in said


def test_what_was_seen_is_no_news_and_what_has_come_since_is(session: Session, mali: LineLink, mine: Browser) -> None:
    looked_before(session)
    assert "What is new" not in mine.page("").said
    points.award_points(session, mali.customer, 250, "HydraFacial", now=real() - timedelta(days=3))
    session.commit()
    send = say(session, mali.customer)
    page = mine.page("")
    assert "HydraFacial" in page.said
    assert "+250" in page.said
    assert "Welcome points" not in page.said
    assert f"/portal/aura/messages/{send.id}" in page.links


def test_it_is_four_lines_at_most_the_newest_first(session: Session, mali: LineLink, mine: Browser) -> None:
    looked_before(session)
    for number in range(6):
        points.award_points(session, mali.customer, 10 + number, f"Treatment {number}", now=real())
        session.commit()
    said = mine.page("").said
    assert [number for number in range(6) if f"Treatment {number}" in said] == [2, 3, 4, 5]
    assert said.index("Treatment 5") < said.index("Treatment 2")


def test_a_visit_lasts_until_nobody_has_looked_for_half_an_hour(session: Session, mine: Browser) -> None:
    held = session.scalars(select(PortalSession)).one()
    began = held.seen_at
    for minutes in (5, 15, 40):
        sessions.looked(held, began + timedelta(minutes=minutes))
        assert held.before_at is None
    last = held.seen_at
    sessions.looked(held, last + sessions.VISIT)
    assert held.before_at == last


@pytest.mark.parametrize("minutes", [5, 45])
def test_a_new_browser_goes_on_where_another_has_looked(
    session: Session, mali: LineLink, mine: Browser, browser_of: Callable[[Customer], Browser], minutes: int
) -> None:
    held = session.scalars(select(PortalSession)).one()
    held.seen_at, held.before_at = real() - timedelta(minutes=minutes), real() - timedelta(days=2)
    session.commit()
    browser_of(mali.customer)
    anew = session.scalars(select(PortalSession).where(PortalSession.id != held.id)).one()
    assert anew.before_at == (held.before_at if minutes == 5 else held.seen_at)


def test_an_id_tells_when_it_was_made() -> None:
    assert abs(real() - moment_of(new_id())) < timedelta(seconds=1)
