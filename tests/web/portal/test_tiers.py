"""The tiers side by side: what each asks and gives, and what is missing under either policy."""

from datetime import timedelta

from sqlalchemy.orm import Session

from loyalty import points
from models.clinics import Clinic
from models.customers import LineLink
from runtime.clock import real
from tests.web.portal.conftest import PORTAL, Browser


def test_each_says_what_it_asks_and_gives(session: Session, mali: LineLink, mine: Browser) -> None:
    points.award_points(session, mali.customer, 1_150, "course", now=real())
    session.commit()
    said = mine.page("/tiers").said
    assert "Decided by all points ever earned." in said
    assert "Bronze For every member · Reached 5% off ฿1,000 of treatments earn 100 points" in said
    assert "Silver You are here from 1,000 points 8% off ฿1,000 of treatments earn 150 points" in said
    assert "Gold from 3,000 points · 1,750 points to go: ฿11,667 of treatments 10% off" in said
    assert said.count("You are here") == 1
    assert "keep you in" not in said


def test_whoever_has_all_lacks_nothing(session: Session, mali: LineLink, mine: Browser) -> None:
    points.award_points(session, mali.customer, 20_000, "course", now=real())
    session.commit()
    said = mine.page("/tiers").said
    assert "Diamond You are here" in said
    assert said.count("Reached") == 4
    assert "to go" not in said


def test_of_the_last_twelve_months_it_says_what_keeps_the_tier(
    session: Session, clinic: Clinic, mali: LineLink, mine: Browser
) -> None:
    clinic.own_settings = {"portal": PORTAL, "tiers": {"policy": "rolling_12_months"}, "points": {"welcome": 0}}
    points.award_points(session, mali.customer, 3_500, "course", now=real() - timedelta(days=400))
    points.award_points(session, mali.customer, 400, "mask", now=real())
    session.commit()
    said = mine.page("/tiers").said
    assert "Decided by the points of the last 12 months" in said
    assert "2,500 points more keep you in Gold." in said
    assert "Silver from 1,000 points in 12 months · Reached" in said
    assert "Platinum from 7,000 points in 12 months · 6,500 points to go" in said


def test_a_tier_of_the_clinics_own_and_points_that_nobody_buys(session: Session, clinic: Clinic, mine: Browser) -> None:
    steps = [
        {"name": "friend", "threshold": 0, "discount": 0, "multiplier": "1"},
        {"name": "VIP", "threshold": 500, "discount": 20, "multiplier": "2"},
    ]
    clinic.own_settings = {"portal": PORTAL, "tiers": {"steps": steps}, "points": {"per_baht": "0"}}
    session.commit()
    said = mine.page("/tiers").said
    assert "VIP from 500 points · 400 points to go 20% off" in said
    assert "0% off" not in said.replace("20% off", "")
    assert "of treatments" not in said


def test_home_leads_here_and_it_speaks_thai(session: Session, mali: LineLink, mine: Browser) -> None:
    assert {"/portal/aura/tiers", "/portal/aura/achievements", "/portal/aura/history"} <= set(mine.page("").links)
    mali.customer.language = "th"
    session.commit()
    assert "ทำทรีตเมนต์ ฿1,000 ได้ 100 แต้ม" in mine.page("/tiers").said
