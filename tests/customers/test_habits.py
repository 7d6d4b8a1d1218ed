"""A customer's last twelve months: only what counts, only theirs, in the clinic's months."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy.orm import Session

from customers import habits
from models.clinics import Clinic
from models.customers import Customer, LineLink
from models.treatments import Treatment
from tests.fixtures.clinic import NOW
from tests.fixtures.facts import Facts, bangkok


@pytest.fixture
def facts(session: Session, mali: LineLink) -> Facts:
    return Facts(session, mali.customer)


def treat(session: Session, customer: Customer, n: int, **more: Any) -> Treatment:
    """One at a visit of its own."""
    at = NOW - timedelta(days=n)
    visit_id = more.pop("visit_id", None) or Facts(session, customer).visit(at)[0].id
    made = Treatment(
        clinic_id=customer.clinic_id, customer_id=customer.id, customer=customer, visit_id=visit_id, source="test",
        external_id=str(n), performed_at=at, told_at=at, created_at=at, state_order=0, details_order=0,
        **{"state": "performed", **more},
    )  # fmt: skip
    session.add(made)
    session.flush()
    return made


def test_the_last_twelve_months_end_with_this_one() -> None:
    zone = bangkok(2026, 1, 1).tzinfo
    found = habits.months(NOW, zone)  # type: ignore[arg-type]
    assert (len(found), found[0], found[-1]) == (12, date(2025, 3, 1), date(2026, 2, 1))


def test_spending_is_net_of_what_was_given_back_and_of_what_does_not_count(session: Session, facts: Facts) -> None:
    assert set(habits.spent(session, facts.customer, NOW).values()) == {Decimal(0)}
    paid = {
        bangkok(2025, 3, 1): (1000, 0),
        bangkok(2026, 1, 31, 23, 59): (500, 200),
        bangkok(2026, 2, 1): (70, 0),
        bangkok(2026, 2, 2): (30, 30),
        bangkok(2025, 2, 28, 23, 59): (9999, 0),
    }
    for at, (baht, back) in paid.items():
        facts.pay(baht, refunded=back).paid_at = at
    for why in ("void", "duplicate", "possible_duplicate", "not_the_earning_source"):
        facts.pay(5000).uncounted = why
    facts.pay(5000).paid_at = NOW + timedelta(hours=1)
    Facts(session, facts.newcomer(session, facts.customer.clinic)).pay(5000)
    session.flush()
    found = habits.spent(session, facts.customer, NOW)
    assert list(found) == habits.months(NOW, NOW.astimezone(facts.customer.clinic.settings.voice.zone).tzinfo)  # type: ignore[arg-type]
    assert {month: baht for month, baht in found.items() if baht} == {
        date(2025, 3, 1): 1000, date(2026, 1, 1): 300, date(2026, 2, 1): 70,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("ago", "days", "usual"),
    [([], 0, None), ([5], 1, None), ([40, 10], 2, None), ([70, 40, 12], 3, 29), ([200, 100, 70, 40], 4, 30)],
)
def test_the_usual_time_between_visits_is_known_from_the_third_on(
    session: Session, facts: Facts, ago: list[int], days: int, usual: int | None
) -> None:
    facts.visit(*(NOW - timedelta(days=one) for one in ago))
    found = habits.rhythm(session, facts.customer, NOW)
    assert (found.days, found.usual, sum(found.by_month.values())) == (days, usual, days)
    assert found.last == ((NOW - timedelta(days=ago[-1])).date() if ago else None)


def test_two_branches_on_one_day_are_one_day_and_what_was_taken_back_is_none(session: Session, facts: Facts) -> None:
    facts.visit(bangkok(2026, 1, 31, 9), bangkok(2026, 1, 31, 23, 30), bangkok(2026, 2, 1, 0, 30))
    facts.visit(bangkok(2026, 2, 2))[0].uncounted = "void"
    facts.visit(bangkok(2025, 2, 28), NOW + timedelta(hours=1))
    session.flush()
    found = habits.rhythm(session, facts.customer, NOW)
    assert {month: n for month, n in found.by_month.items() if n} == {date(2026, 1, 1): 1, date(2026, 2, 1): 1}


def test_favourites_are_what_was_done_and_else_what_the_visit_was_for(
    session: Session, clinic: Clinic, facts: Facts
) -> None:
    mali = facts.customer
    first = treat(session, mali, 10, service_code="HYDRA")
    treat(session, mali, 11, service_code="LASER", visit_id=first.visit_id)
    treat(session, mali, 20, service_code="HYDRA")
    treat(session, mali, 30, service_code="HYDRA", state="voided")
    treat(session, mali, 400, service_code="HYDRA")
    treat(session, mali, 40).service = "ฉีดหน้าใส"
    theirs = treat(session, mali, 50, service_code="PEEL")
    theirs.visit_id = None
    for visit in facts.visit(NOW - timedelta(days=60), NOW - timedelta(days=61)):
        visit.service_code = "LASER"
    facts.visit(NOW - timedelta(days=70))
    treat(session, facts.newcomer(session, clinic), 1, service_code="HYDRA")
    session.flush()
    found = [(one.code, one.name, one.times) for one in habits.had(session, mali, NOW)]
    assert found == [("LASER", None, 3), ("HYDRA", None, 2), (None, "ฉีดหน้าใส", 1)]
