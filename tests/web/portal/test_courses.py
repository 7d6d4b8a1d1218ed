"""Courses on a page: what the chat says of them, with a bar."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from customers import booking_links
from facts import courses
from facts.told import CourseTold, Person, Sale, SessionTold, ShareTold
from models.branches import Branch, Service
from models.clinics import Clinic
from models.customers import Customer, LineLink
from runtime.clock import real
from tests.web.portal.conftest import PORTAL, Browser, member


@pytest.fixture
def served(session: Session, clinic: Clinic) -> Clinic:
    session.add(Service(clinic_id=clinic.id, code="HYDRA", names={"th": "ไฮดรา", "en": "HydraFacial"}))
    clinic.own_settings = {"links": {"booking": "https://book.example/aura"}, "portal": PORTAL}
    session.flush()
    return clinic


def tell(on: Session, clinic: Clinic, order: int, id_: str = "C", **more: Any) -> None:
    courses.told(on, clinic, "standard", CourseTold(id_, order, real(), **more), real())
    on.commit()


def sell(session: Session, customer: Customer, id_: str = "C", **sale: Any) -> None:
    sold = Sale(Person(ours=customer.id), **{"sessions": 10, "sold_on": _today(), "service": "HYDRA", **sale})
    tell(session, customer.clinic, 0, id_, sale=sold, ends_on=date(2099, 12, 31))


def _today() -> date:
    return (real() - timedelta(days=1)).date()


def test_who_has_none_is_told_what_would_stand_here(served: Clinic, session: Session, mine: Browser) -> None:
    page = mine.page("/courses")
    assert "You have no course with sessions left" in page.said
    assert any(one.startswith("https://book.example/aura?reference=") for one in page.links)


def test_one_says_what_is_left_until_when_and_what_is_planned(
    served: Clinic, session: Session, mali: LineLink, mine: Browser
) -> None:
    sell(session, mali.customer)
    tell(session, served, 1, session=SessionTold("1", "used", real()))
    tell(session, served, 2, session=SessionTold("2", "planned", real() + timedelta(days=2)))
    page, text = mine.page("/courses"), mine.client.get(mine.at("/courses")).text
    for part in ("HydraFacial", "9 of 10 sessions left", "Until Dec 31, 2099", "Next session: "):
        assert part in page.said
    assert '<progress value="9" max="10"' in text
    assert booking_links.link(session, mali.customer, "https://book.example/aura", real()) in page.links


def test_what_was_shared_and_what_rests_is_said_to_each(
    served: Clinic, session: Session, mali: LineLink, mine: Browser, browser_of: Callable[[Customer], Browser]
) -> None:
    ken = member(session, served, "b")
    sell(session, mali.customer, name="Ten of Hydra")
    tell(session, served, 1, share=ShareTold("C-K", Person(ours=ken.customer_id), 3))
    said = mine.page("/courses").said
    assert "7 of 10 sessions left" in said and "3 sessions shared" in said
    theirs = browser_of(ken.customer).page("/courses").said
    assert "3 of 3 sessions left" in theirs and "Ten of Hydra" in theirs and "sessions shared" not in theirs
    tell(session, served, 2, state="frozen")
    assert "Frozen" in mine.page("/courses").said


def test_nobody_sees_anothers(
    served: Clinic, session: Session, mali: LineLink, browser_of: Callable[[Customer], Browser]
) -> None:
    sell(session, mali.customer)
    assert "HydraFacial" not in browser_of(member(session, served, "b").customer).page("/courses").said


def test_the_branches_are_called_each_by_its_name(served: Clinic, session: Session, mine: Browser) -> None:
    served.line_basic_id = "@aura"
    for code in ("SIAM", "ARI"):
        names = {"en": code.title()}
        session.add(
            Branch(clinic_id=served.id, code=code, name=code, names=names, phone="02 123 4567", created_at=real())
        )
    session.commit()
    page = mine.page("/courses")
    assert "Call Siam" in page.said and "Call Ari" in page.said
    assert "tel:+6621234567" in page.links
    assert "https://line.me/R/oaMessage/%40aura/?Talk%20to%20our%20team" in page.links
