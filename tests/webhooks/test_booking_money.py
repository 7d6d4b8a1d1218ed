"""Money and visits, as booking systems tell them: the same facts as a till's."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import Aura
from facts.paid import paid
from models.clinics import Clinic
from models.facts import Payment, Refund, Visit
from models.loyalty import LoyaltyProfile
from runtime.clock import real
from tests.webhooks.booking import Sender
from tests.webhooks.test_booking import aura, became, sender, work
from workers.jobs import drains

__all__ = ["aura", "sender"]

WHO = {"id": "C-88", "name": "มะลิ สุขใจ"}


def standard(kind: str, at: datetime | None = None, **data: Any) -> dict[str, Any]:
    return {"type": kind, "timestamp": (at or real()).isoformat(), "data": data}


def square(kind: str, version: str, **told: Any) -> dict[str, Any]:
    """In the form of Square's webhooks of payments and refunds: amounts in the smallest unit."""
    what = kind.partition(".")[0]
    told = {"created_at": real().isoformat(), "status": "COMPLETED", **told}
    return {
        "merchant_id": "M",
        "type": kind,
        "event_id": version,
        "created_at": told["created_at"],
        "data": {"type": what, "id": told["id"], "object": {what: told}},
    }


def thb(satang: int) -> dict[str, Any]:
    return {"amount": satang, "currency": "THB"}


def profile(session: Session) -> LoyaltyProfile:
    session.expire_all()
    return session.scalars(select(LoyaltyProfile)).one()


def test_what_was_paid_earns_once_and_what_was_given_back_is_taken_back(
    session: Session, aura: Aura, sender: Sender
) -> None:
    bill = standard("payment.paid", id="B-1", customer=WHO, amount=12_000, service="HYDRA")
    for _ in range(2):
        assert sender.send("standard", bill) == 200
    work(session, aura)
    [payment] = session.scalars(select(Payment))
    assert (payment.amount, payment.points, payment.service_code, payment.source) == (
        Decimal(12_000),
        1_200,
        "HYDRA",
        "standard",
    )
    sender.send("standard", standard("payment.refunded", id="R-1", payment="B-1", amount="6000.00"))
    work(session, aura)
    assert profile(session).total_spent == 6_000
    assert session.scalars(select(Refund)).one().amount == 6_000
    assert {state for state, _ in became(session)} == {"done"}


def test_a_refund_that_comes_first_waits_for_its_payment(session: Session, aura: Aura, sender: Sender) -> None:
    sender.send("square", square("refund.updated", "1", id="R", payment_id="P", amount_money=thb(50_000)))
    drains["chat"](aura.context)
    sender.send("square", square("payment.updated", "2", id="P", customer_id="SQ", amount_money=thb(150_050)))
    work(session, aura)
    assert [(one.amount, one.refunded) for one in session.scalars(select(Payment))] == [
        (Decimal("1500.50"), Decimal(500))
    ]


def test_squares_payment_counts_when_it_is_complete_and_somebodys(session: Session, aura: Aura, sender: Sender) -> None:
    sent = (
        ("1", {"status": "APPROVED", "customer_id": "SQ", "amount_money": thb(100_000)}, "not_completed"),
        ("2", {"amount_money": thb(100_000)}, "nobody_named"),
        (
            "3",
            {"customer_id": "SQ", "amount_money": {"amount": 100, "currency": "USD"}},
            "data.object.payment.amount_money",
        ),
        ("4", {"customer_id": "SQ", "amount_money": thb(100_000)}, ""),
        ("5", {"customer_id": "SQ", "amount_money": thb(100_000)}, ""),
    )
    for version, told, _ in sent:
        sender.send("square", square("payment.updated", version, id="P", **told))
    work(session, aura)
    reasons = dict(zip((version for version, *_ in sent), (reason for _, reason in became(session)), strict=True))
    for version, _, why in sent:
        assert (reasons[version] or "").startswith(why)
    assert [one.amount for one in session.scalars(select(Payment))] == [1_000]


def test_one_purchase_told_by_two_sources_waits_for_the_staff(
    session: Session, aura: Aura, sender: Sender, clinic: Clinic
) -> None:
    sender.send("standard", standard("payment.paid", id="B-1", customer=WHO, amount=1_000))
    work(session, aura)
    customer = session.scalars(select(Payment)).one().customer
    at = real()
    second = paid(
        session,
        customer,
        source="till",
        external_id="T-1",
        amount=Decimal(1_000),
        paid_at=at,
        service_code=None,
        now=at,
    )
    assert (second.earned, second.payment.uncounted) == (0, "possible_duplicate")


def test_a_day_is_one_visit_whoever_tells_it(session: Session, aura: Aura, sender: Sender) -> None:
    noon = (real() - timedelta(days=2)).replace(hour=5)
    for id_, at, service in (
        ("1", noon, None),
        ("2", noon + timedelta(hours=1), "HYDRA"),
        ("3", noon - timedelta(days=1), None),
    ):
        sender.send("standard", standard("visit.recorded", at, id=id_, customer=WHO, service=service))
        work(session, aura)
    visits = list(session.scalars(select(Visit).order_by(Visit.visited_at)))
    assert [one.service_code for one in visits] == [None, "HYDRA"], "who tells it later adds to it"
    assert profile(session).total_visits == 2


@pytest.mark.parametrize("amount", [None, -5, "a lot", True, 1e30, "1,000"])
def test_what_is_no_amount_is_named(session: Session, aura: Aura, sender: Sender, amount: Any) -> None:
    sender.send("standard", standard("payment.paid", id="B-1", customer=WHO, amount=amount))
    work(session, aura)
    assert became(session) == [("dead", "data.amount: write baht, such as 1500 or 1500.50")]


@pytest.mark.parametrize(("currency", "became_"), [("USD", "dead"), ("THB", "done")])
def test_a_payment_is_in_baht(session: Session, aura: Aura, sender: Sender, currency: str, became_: str) -> None:
    sender.send("standard", standard("payment.paid", id="B-1", customer=WHO, amount=100, currency=currency))
    work(session, aura)
    why = "data.currency: amounts are in THB" if became_ == "dead" else None
    assert became(session) == [(became_, why)]


@pytest.mark.parametrize(
    ("what", "more"),
    [
        ("payment.paid", {"amount": 100}),
        ("visit.recorded", {}),
        ("appointment.booked", {"startsAt": "2090-02-03T14:00:00+07:00"}),
        ("invoice.created", {"amount": 100}),
        ("course.sold", {"sessions": 5}),
        ("treatment.performed", {}),
    ],
)
def test_a_clock_that_is_wrong_is_not_believed(
    session: Session, aura: Aura, sender: Sender, what: str, more: dict[str, Any]
) -> None:
    """Nothing that is true would be newer than what it tells, for as long as it is wrong."""
    sender.send("standard", standard(what, real() + timedelta(days=3), id="B-1", customer=WHO, **more))
    work(session, aura)
    [(state, reason)] = became(session)
    assert (state, (reason or "").partition(":")[0]) == ("dead", "this time is in the future")
