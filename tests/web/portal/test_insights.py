"""Insights: each chart with its sentence and its numbers; what there is too little of is said."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from models.branches import Service
from models.clinics import Clinic
from models.customers import Customer, LineLink
from runtime.clock import real
from runtime.language import Language
from tests.fixtures.facts import Facts
from tests.web.portal.conftest import Browser, member


@pytest.fixture
def facts(session: Session, mali: LineLink) -> Facts:
    return Facts(session, mali.customer)


def test_who_is_new_is_told_what_will_be_seen(mine: Browser) -> None:
    page = mine.page("/insights")
    for part in ("What you pay at the clinic appears here.", "From the third one on", "is counted here."):
        assert part in page.said
    assert "Show the numbers" not in page.said


def test_a_year_is_drawn_said_and_counted(session: Session, clinic: Clinic, facts: Facts, mine: Browser) -> None:
    session.add(Service(clinic_id=clinic.id, code="HYDRA", names={"th": "ไฮดรา", "en": "HydraFacial"}))
    now = real()
    for days, baht, service in ((102, 3200, "HYDRA"), (71, 2400, "Laser"), (40, 1500, "HYDRA"), (12, 99, "HYDRA")):
        facts.pay(baht, refunded=99 if baht == 99 else 0).paid_at = now - timedelta(days=days)
        facts.visit(now - timedelta(days=days))[0].service_code = service
    session.commit()
    answer = mine.client.get(mine.at("/insights")).text
    said = mine.page("/insights").said
    assert "You spent ฿7,100 in the last 12 months, refunds taken off, the most in " in said
    assert "You come about every 31 days; the last visit was 12 days ago." in said
    assert "HydraFacial is what you have most: 3 of 4 times." in said
    assert answer.count('<svg viewBox="0 0 360') == 3 and answer.count("Show the numbers") == 3
    english = Language("en")
    months = {english.month((now - timedelta(days=days)).astimezone(english.zone).date()) for days in (102, 71, 40)}
    assert all(f">{month}</th>" in answer for month in months)
    assert f"{english.month(now.astimezone(english.zone).date())}, so far" in said


def test_thai_years_are_buddhist(session: Session, facts: Facts, mine: Browser) -> None:
    now = real()
    facts.pay(1234).paid_at = now
    facts.visit(now)
    facts.customer.language = "th"
    session.commit()
    said = mine.page("/insights").said
    thai = Language("th")
    assert f"มากที่สุดในเดือน {thai.month(now.astimezone(thai.zone).date())} คือ ฿1,234" in said
    assert "มา 1 ครั้งใน 12 เดือน ยังน้อยเกินกว่าจะบอกความถี่ได้ ครั้งล่าสุดคือวันนี้" in said


@pytest.mark.parametrize(
    ("services", "said"),
    [
        (["Facial"], "Facial, once so far: a favourite shows with the next visits."),
        (["Facial", "Facial"], "Facial is what you have most: 2 of 2 times."),
        (["Facial", "Laser"], "No single favourite: 2 are level, each 1 time."),
        (["A", "A", "B", "B", "C"], "No single favourite: 2 are level, each 2 times."),
    ],
)
def test_a_favourite_is_only_called_so_where_it_is_one(
    session: Session, facts: Facts, mine: Browser, services: list[str], said: str
) -> None:
    for ago, service in enumerate(services):
        facts.visit(real() - timedelta(days=ago))[0].service_code = service
    session.commit()
    assert said in mine.page("/insights").said


def test_a_name_of_a_source_is_only_shown(session: Session, facts: Facts, mine: Browser) -> None:
    facts.visit(real())[0].service_code = "<script>alert(1)</script>"
    session.commit()
    mine.page("/insights")
    assert "<script>alert" not in mine.client.get(mine.at("/insights")).text


def test_nobody_sees_anothers(
    session: Session, clinic: Clinic, facts: Facts, browser_of: Callable[[Customer], Browser]
) -> None:
    facts.pay(7777)
    facts.visit(real())[0].service_code = "Facial"
    session.commit()
    said = browser_of(member(session, clinic, "b").customer).page("/insights").said
    assert "7,777" not in said and "Facial" not in said
