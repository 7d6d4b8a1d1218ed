"""What a customer may have at most: said before it is written, and never in the way of what must happen."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from facts.paid import paid
from loyalty import expiry, ledger, limits, merge, payments, pending, points, reconcile
from loyalty.entries import Cause
from loyalty.errors import LimitReached
from models.customers import Customer
from models.facts import Payment
from models.loyalty import LARGEST_ENTRY, LoyaltyProfile, PendingPoints, PointTransaction
from tests.fixtures.clinic import NOW
from tests.loyalty.bringing import Meet

LATER = NOW + timedelta(days=1)


def refused(session: Session, act: Callable[[], object]) -> tuple[str, int]:
    """What limit was reached; nothing was written meanwhile."""
    tables = (PointTransaction, PendingPoints)
    before = [session.scalar(select(func.count()).select_from(table)) for table in tables]
    with pytest.raises(LimitReached) as reached:
        act()
    assert [session.scalar(select(func.count()).select_from(table)) for table in tables] == before
    assert f"{reached.value.limit:,}" in str(reached.value)
    return reached.value.of, reached.value.limit


def fill(session: Session, customer: Customer, total: int) -> LoyaltyProfile:
    """Entries of the largest kind until the customer has so many."""
    profile = ledger.open_profile(session, customer, NOW)
    while profile.total_points < total:
        more = min(total - profile.total_points, LARGEST_ENTRY)
        ledger.earn(session, profile, more, Cause("award"), NOW)
    return profile


def pay(session: Session, customer: Customer, name: str, baht: int = 10_000_000) -> Payment:
    return paid(
        session, customer, source="till", external_id=name, amount=Decimal(baht), paid_at=NOW, service_code=None,
        now=NOW,
    ).payment  # fmt: skip


def test_one_entry_has_a_limit(session: Session, member: Customer) -> None:
    member.clinic.own_settings = {"points": {"per_baht": 100}}
    assert refused(session, lambda: pay(session, member, "p")) == ("entry", 10_000_000)
    assert refused(session, lambda: payments.quote(session, member, Decimal(100_001), NOW)) == ("entry", 10_000_000)
    assert payments.quote(session, member, Decimal(100_000), NOW).points == 10_000_000


def test_a_promise_has_the_same(session: Session, member: Customer) -> None:
    member.clinic.own_settings = {"points": {"per_baht": 100, "treatment_pending_days": 7}}
    assert refused(session, lambda: pay(session, member, "p")) == ("entry", 10_000_000)
    assert pay(session, member, "q", 100_000).points == 10_000_000


def test_a_total_has_a_limit_and_reaches_it(session: Session, member: Customer) -> None:
    profile = fill(session, member, limits.LARGEST_TOTAL - 10)
    for act in (
        lambda: points.award_points(session, member, 11, "x", now=NOW),
        lambda: points.adjust_points(session, member, 11, "x", now=NOW, actor="staff"),
        lambda: payments.quote(session, member, Decimal(1_000), NOW),
        lambda: pending.promise(session, profile, 11, Cause("survey", key="p"), LATER, NOW),
    ):
        assert refused(session, act) == ("points", 1_000_000_000)
    points.award_points(session, member, 10, "x", now=NOW)
    assert (profile.total_points, profile.available_points) == (1_000_000_000, 1_000_000_000)
    assert reconcile.check(session, member.clinic) == []


def test_promises_are_counted_together_and_kept(session: Session, member: Customer) -> None:
    profile = fill(session, member, limits.LARGEST_TOTAL - 10)
    pending.promise(session, profile, 6, Cause("survey", key="p"), LATER, NOW)
    assert refused(
        session, lambda: pending.promise(session, profile, 6, Cause("survey", key="q"), LATER, NOW)
    ) == ("points", 1_000_000_000)  # fmt: skip
    points.award_points(session, member, 10, "x", now=NOW)
    assert expiry.post_due(session, member.clinic, LATER) == 1
    assert profile.total_points == 1_000_000_006
    assert reconcile.check(session, member.clinic) == []


def test_money_has_a_limit(session: Session, member: Customer) -> None:
    member.clinic.own_settings = {"points": {"per_baht": 0}}
    for number in range(100):
        pay(session, member, f"{number}")
    assert refused(session, lambda: pay(session, member, "once more", 1)) == ("baht", 1_000_000_000)
    assert refused(session, lambda: payments.quote(session, member, Decimal("0.01"), NOW)) == ("baht", 1_000_000_000)


@pytest.mark.parametrize("of", ["points", "baht"])
def test_two_that_have_too_much_together_are_not_merged(
    session: Session, member: Customer, meet: Meet, of: str
) -> None:
    other = meet()
    if of == "points":
        for customer in (member, other):
            fill(session, customer, 500_000_001)
    else:
        member.clinic.own_settings = {"points": {"per_baht": 0}}
        for customer in (member, other):
            for number in range(51):
                pay(session, customer, f"{customer.id}:{number}")
    assert refused(session, lambda: merge.merge_customers(session, other, member, NOW, actor="test")) == (
        of,
        1_000_000_000,
    )
    assert other.merged_into is None


def test_what_is_owed_hides_no_total(session: Session, member: Customer) -> None:
    """Taking is never refused, and giving looks at whichever sum is larger."""
    profile = fill(session, member, limits.LARGEST_TOTAL)
    ledger.spend(session, profile, 10_000_000, Cause("reward"), NOW)
    assert refused(session, lambda: points.award_points(session, member, 1, "x", now=NOW)) == ("points", 1_000_000_000)
