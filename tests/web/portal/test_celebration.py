"""A tier that was reached is celebrated once, in whichever browser its owner looks first."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import update
from sqlalchemy.orm import Session, sessionmaker

from loyalty import points
from models.clinics import Clinic
from models.customers import Customer, LineLink
from models.loyalty import LoyaltyProfile
from runtime.clock import real
from tests.web.portal.conftest import Browser, member

REACHED = "You have reached Silver. Congratulations!"


def rise(session: Session, customer: Customer, amount: int) -> None:
    points.award_points(session, customer, amount, "course", now=real())
    session.commit()


def test_once_a_person_in_however_many_browsers(
    session: Session, clinic: Clinic, mali: LineLink, mine: Browser, browser_of: Callable[[Customer], Browser]
) -> None:
    other, ken = browser_of(mali.customer), member(session, clinic, "b")
    assert REACHED not in mine.page("").said
    rise(session, mali.customer, 1_000)
    said = mine.page("").said
    assert REACHED in said
    assert "8% off" in said
    assert "฿1,000 of treatments earn 150 points" in said
    assert REACHED not in mine.page("").said
    assert REACHED not in other.page("").said
    assert "You have reached" not in browser_of(ken.customer).page("").said
    rise(session, mali.customer, 2_000)
    assert "You have reached Gold." in other.page("").said
    assert "You have reached" not in mine.page("").said


def test_the_first_look_only_remembers(session: Session, mali: LineLink, mine: Browser) -> None:
    rise(session, mali.customer, 1_000)
    assert REACHED not in mine.page("").said
    assert REACHED not in mine.page("").said


def test_no_other_page_uses_it_up(session: Session, mali: LineLink, mine: Browser) -> None:
    mine.page("")
    rise(session, mali.customer, 1_000)
    for path in ("/tiers", "/history", "/achievements", "/me"):
        mine.page(path)
    assert REACHED in mine.page("").said


def test_a_fall_is_none_and_a_new_rise_is_one(session: Session, mali: LineLink, mine: Browser) -> None:
    rise(session, mali.customer, 1_000)
    mine.page("")
    points.adjust_points(session, mali.customer, -1_000, "mistake", now=real(), actor="staff", counts=True)
    session.commit()
    assert "You have reached" not in mine.page("").said
    rise(session, mali.customer, 1_000)
    assert REACHED in mine.page("").said


def test_browsers_at_the_same_moment(
    session: Session, mali: LineLink, mine: Browser, browser_of: Callable[[Customer], Browser]
) -> None:
    browsers = [mine, *(browser_of(mali.customer) for _ in range(5))]
    mine.page("")
    rise(session, mali.customer, 1_000)
    with ThreadPoolExecutor(len(browsers)) as pool:
        said = list(pool.map(lambda one: one.page("").said, browsers))
    assert sum(REACHED in one for one in said) == 1


def test_whoever_books_points_meanwhile_keeps_nobody_waiting(
    session: Session, sessions: sessionmaker[Session], mali: LineLink, mine: Browser
) -> None:
    mine.page("")
    rise(session, mali.customer, 1_000)
    with sessions.begin() as booking:
        booking.execute(update(LoyaltyProfile).values(total_visits=LoyaltyProfile.total_visits + 1))
        assert REACHED not in mine.page("").said
    assert REACHED in mine.page("").said


def test_the_mark_of_the_page_is_the_one_it_is_asked_for(session: Session, mali: LineLink, mine: Browser) -> None:
    """Else the page would draw itself anew, and take the celebration away."""
    mine.page("")
    rise(session, mali.customer, 1_000)
    text = mine.client.get(mine.at("")).text
    assert REACHED in text
    mark = mine.client.get(mine.at("/now")).get_json()["mark"]
    assert f'data-mark="{mark}"' in text
