"""Each figure at its edge: to the satang, the day, the month, in the clinic's zone."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from loyalty.defaults.achievements import seed
from loyalty.metrics import METRICS
from models.clinics import Clinic
from models.customers import LineLink
from tests.fixtures.clinic import NOW
from tests.fixtures.facts import Facts, bangkok
from tests.loyalty.goals import add, check, progress


@pytest.mark.parametrize(("baht", "reached"), [("9999.99", False), ("10000", True), ("10000.01", True)])
def test_money_is_reached_to_the_satang(
    session: Session, seeded: Clinic, facts: Facts, baht: str, reached: bool
) -> None:
    facts.pay(baht)
    assert ("big_spender" in check(session, facts.customer)) is reached


def test_refunds_lower_what_was_spent(session: Session, seeded: Clinic, facts: Facts) -> None:
    facts.pay(10_000, refunded="0.01")
    facts.pay(500, refunded=500)
    assert check(session, facts.customer) == ["first_purchase"]
    assert "big_spender 9999/10000" in progress(session, facts.customer)


def test_a_purchase_refunded_in_full_was_none(session: Session, seeded: Clinic, facts: Facts) -> None:
    facts.pay(500, refunded=500)
    assert check(session, facts.customer) == []


# `within_days: 90` on 3 February 2026 begins with the first instant of 6 November 2025 in Bangkok.
@pytest.mark.parametrize(
    ("oldest", "reached"),
    [
        (bangkok(2025, 11, 6), True),
        (bangkok(2025, 11, 6) - timedelta(microseconds=1), False),
        (datetime(2025, 11, 5, 17, tzinfo=UTC), True),
    ],
)
def test_the_window_of_ninety_days_has_sharp_edges(
    session: Session, seeded: Clinic, facts: Facts, oldest: datetime, reached: bool
) -> None:
    facts.visit(oldest, *(NOW - timedelta(days=days) for days in (60, 40, 20, 0)))
    assert ("regular_customer" in check(session, facts.customer)) is reached


def test_the_window_moves_at_the_clinics_midnight(session: Session, seeded: Clinic, facts: Facts) -> None:
    facts.visit(bangkok(2025, 11, 6), *(bangkok(2025, 12, day) for day in (1, 2, 3)))
    assert "regular_customer 4/5" in progress(session, facts.customer, bangkok(2026, 2, 3, 23, 59))
    assert "regular_customer 3/5" in progress(session, facts.customer, bangkok(2026, 2, 4))


def test_two_treatments_on_one_day_are_one_visit(session: Session, seeded: Clinic, facts: Facts) -> None:
    # 16:30 and 17:30 UTC lie on two days in Bangkok; 17:30 and 03:00 UTC the next day on one.
    first = datetime(2026, 1, 10, 16, 30, tzinfo=UTC)
    facts.visit(first, first + timedelta(hours=1), first + timedelta(hours=10, minutes=30))
    assert "regular_customer 2/5" in progress(session, facts.customer)


def test_a_visit_dated_after_today_does_not_count_yet(session: Session, seeded: Clinic, facts: Facts) -> None:
    facts.visit(bangkok(2026, 2, 3, 23, 59), bangkok(2026, 2, 4))
    assert "loyal_customer 1/12" in progress(session, facts.customer)


def test_twelve_visits_within_a_year(session: Session, seeded: Clinic, facts: Facts) -> None:
    facts.visit(*(NOW - timedelta(days=33 * number) for number in range(11)))
    assert "loyal_customer 11/12" in progress(session, facts.customer)
    facts.visit(NOW - timedelta(days=365))
    assert "loyal_customer" not in check(session, facts.customer)
    facts.visit(NOW - timedelta(days=364))
    assert "loyal_customer" in check(session, facts.customer)


@pytest.mark.parametrize(
    ("moments", "months"),
    [
        ([], 0),
        ([bangkok(2026, 2, 1)], 1),
        ([bangkok(2026, 1, 31, 23, 59)], 1),  # this month may still be kept
        ([bangkok(2025, 12, 31, 23, 59)], 0),  # January was missed
        ([bangkok(2025, 11, 30, 23, 59), bangkok(2025, 12, 1), bangkok(2026, 1, 31), bangkok(2026, 2, 1)], 4),
        ([bangkok(2025, 12, 15), bangkok(2026, 2, 1)], 1),
        ([bangkok(2025, 9, 1), bangkok(2025, 10, 1), bangkok(2025, 12, 1), bangkok(2026, 1, 1)], 2),
        # In UTC these are 31 December and 31 January: January would be seen, and February missing.
        ([bangkok(2026, 1, 1), bangkok(2026, 2, 1)], 2),
        ([bangkok(2026, 1, 5), bangkok(2026, 1, 20), bangkok(2026, 2, 2), bangkok(2026, 2, 3)], 2),
        ([bangkok(2026, 2, 1), bangkok(2026, 3, 1)], 1),  # March has not come
    ],
)
def test_months_in_a_row_across_the_year(
    session: Session, seeded: Clinic, facts: Facts, moments: list[datetime], months: int
) -> None:
    facts.visit(*moments)
    assert f"vip_regular {months}/6" in progress(session, facts.customer)


def test_six_months_in_a_row_unlock(session: Session, seeded: Clinic, facts: Facts) -> None:
    facts.visit(*(bangkok(2025, month, 28) for month in (9, 10, 11, 12)), bangkok(2026, 1, 1))
    assert "vip_regular" not in check(session, facts.customer)
    facts.visit(bangkok(2026, 2, 1))
    assert "vip_regular" in check(session, facts.customer)


def test_the_clinics_own_zone_decides_its_days(session: Session, clinic: Clinic, facts: Facts) -> None:
    clinic.own_settings = {"voice": {"zone": "America/New_York"}}
    seed(session, clinic)
    facts.visit(bangkok(2026, 1, 1), bangkok(2026, 2, 1))
    assert "vip_regular 2/6" in progress(session, facts.customer)  # there: 31 December and 31 January
    assert "vip_regular 0/6" in progress(session, facts.customer, datetime(2026, 3, 1, 5, tzinfo=UTC))
    assert "vip_regular 2/6" in progress(session, facts.customer, datetime(2026, 3, 1, 4, 59, tzinfo=UTC))


def test_only_paid_referrals_count(session: Session, seeded: Clinic, facts: Facts) -> None:
    for state in ("bound", "qualified", "review", "void", "refused"):
        facts.refer(state)
    assert check(session, facts.customer) == []
    for count, unlocks in ((1, ["friend_bringer"]), (4, []), (5, ["ambassador"]), (9, []), (10, ["influencer"])):
        while facts.paid_referrals < count:
            facts.refer("paid")
        assert check(session, facts.customer) == unlocks


def test_the_storyteller_tells_of_five_visits(session: Session, seeded: Clinic, facts: Facts) -> None:
    for number in range(5):
        assert "storyteller" not in check(session, facts.customer)
        facts.review(NOW - timedelta(days=number))
    assert "storyteller" in check(session, facts.customer)


def test_check_ins_are_counted_apart_from_other_events(session: Session, clinic: Clinic, facts: Facts) -> None:
    add(session, clinic, "familiar", {"metric": "check_ins", "at_least": 2})
    facts.event("checked_in")
    facts.event("visited")
    assert check(session, facts.customer) == []
    facts.event("checked_in")
    assert check(session, facts.customer) == ["familiar"]


@pytest.mark.parametrize(
    ("birthday", "moment", "kept"),
    [
        ("02-03", bangkok(2026, 2, 3), True),
        ("02-03", bangkok(2026, 2, 3) - timedelta(seconds=1), False),
        ("02-03", bangkok(2025, 2, 3, 23, 59), True),
        ("02-03", bangkok(2025, 2, 4), False),
        ("02-29", bangkok(2024, 2, 29), True),
        ("02-29", bangkok(2024, 2, 28), False),
        ("02-29", bangkok(2025, 2, 28), True),
        ("02-29", bangkok(2025, 3, 1), False),
        (None, bangkok(2026, 2, 3), False),
    ],
)
def test_a_visit_on_the_birthday(
    session: Session, seeded: Clinic, facts: Facts, birthday: str | None, moment: datetime, kept: bool
) -> None:
    facts.customer.birth_month_day = birthday
    facts.visit(moment)
    assert ("birthday_visit" in check(session, facts.customer)) is kept


@pytest.mark.parametrize(("days", "back"), [(179, False), (180, True)])
def test_back_after_half_a_year(session: Session, seeded: Clinic, facts: Facts, days: int, back: bool) -> None:
    today = bangkok(2026, 2, 3)
    facts.visit(today - timedelta(days=days) + timedelta(hours=23), today - timedelta(days=days + 90))
    assert check(session, facts.customer) == []  # being away is not coming back
    facts.visit(today)
    assert ("welcome_back" in check(session, facts.customer)) is back


@pytest.mark.parametrize("metric", list(METRICS))
def test_every_metric_reads_nothing_of_somebody_new(
    session: Session, clinic: Clinic, mali: LineLink, metric: str
) -> None:
    add(session, clinic, "any", {"metric": metric, "at_least": 1})
    assert progress(session, mali.customer) == ["any 0/1"]
    assert check(session, mali.customer) == []
