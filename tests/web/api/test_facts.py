"""What a till tells: money paid, given back, visits; and the customer it is about."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import quote
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from customers.people import identify, known_as, new_customer
from facts import paid as facts_paid
from loyalty.merge import merge_customers
from models.clinics import Clinic
from models.contacts import CustomerContact
from models.customers import Customer
from models.facts import Payment, Refund, Visit
from runtime.clock import real
from tests.fixtures.clinic import NOW
from tests.web.api.conftest import MALI, Caller, body_of

PAID_AT = (real() - timedelta(days=1)).isoformat(timespec="seconds")
"""Lately: what was paid a year ago has no points to spend any more."""
PAYMENT = {"customerId": MALI, "id": "bill-1", "amount": 12_000, "paidAt": PAID_AT, "serviceCode": "hydrafacial"}
REFUND = {"id": "refund-1", "amount": "6000.00", "refundedAt": PAID_AT}


def test_a_payment_earns_once(aura: Caller, mali_id: UUID) -> None:
    paid = body_of(aura.post("payments", PAYMENT))
    # One point for ten baht, and the first purchase and ten thousand baht are achievements of 100 and 300.
    assert paid["pointsEarned"] == 1_200
    assert [(one["code"], one["points"]) for one in paid["achievements"]] == [
        ("first_purchase", 100), ("big_spender", 300),
    ]  # fmt: skip
    assert paid["achievements"][0]["names"] == {"th": "ก้าวแรกด้วยกัน", "en": "First Purchase"}
    assert paid["profile"]["totalPoints"] == 1_600
    assert paid["profile"]["currentTier"] == "silver"
    assert (paid["amount"], paid["refunded"], paid["profile"]["totalSpent"]) == ("12000.00", "0.00", "12000.00")
    assert body_of(aura.post("payments", PAYMENT)) == paid
    refused = body_of(aura.post("payments", {**PAYMENT, "amount": 12_001}), 409)
    assert refused["code"] == "fact_refused"


@pytest.mark.parametrize("amount", [10_000_000, "10000000", "10000000.0", "10000000.00", "9999999.99", "0.01"])
def test_an_amount_is_taken_as_a_number_and_as_a_text(aura: Caller, mali_id: UUID, amount: int | str) -> None:
    assert float(body_of(aura.post("payments", {**PAYMENT, "amount": amount}))["amount"]) == float(amount)


@pytest.mark.parametrize("amount", ["10000000.01", "10000001", "00.00", "1e7", "٣", " 1", "1,000", "0", "-1", "1.001"])
def test_an_amount_that_is_not_meant_is_refused(aura: Caller, mali_id: UUID, amount: str) -> None:
    assert body_of(aura.post("payments", {**PAYMENT, "amount": amount}), 422)["code"] == "invalid"


@pytest.mark.parametrize(
    "id_", ["a/b9", "INV/2026/001", "a//b", ".", "..", "a/..", "../x", "a/refunds", "a%2Fb", "a?b#c", "/"]
)
def test_whatever_id_a_till_gives_a_payment_it_can_be_given_back_by_it(aura: Caller, mali_id: UUID, id_: str) -> None:
    body_of(aura.post("payments", {**PAYMENT, "id": id_}))
    body_of(aura.post("visits", {"customerId": MALI, "id": id_, "visitedAt": PAID_AT}))
    assert body_of(aura.post(f"payments/ext:till:{quote(id_, safe='')}/refunds", REFUND))["refunded"] == "6000.00"
    assert body_of(aura.post(f"payments/ext:till:x{quote(id_, safe='')}/refunds", REFUND), 404)


@pytest.mark.parametrize(
    "phone", ["+660000000000", "+66012345678", "+6608999999911", "+66112345678", "+6689999", "0012345678", "012345678"]
)
def test_a_thai_number_is_one_with_and_without_its_country(aura: Caller, phone: str) -> None:
    refused = body_of(aura.post("customers", {"externalId": "ext:till:A1", "phone": phone}), 422)
    assert [error["field"] for error in refused["errors"]] == ["phone"]
    assert phone not in str(refused)


@pytest.mark.parametrize("phone", ["+12025550123", "+6561234567", "+85212345678", "+660812345678", "021234567"])
def test_a_number_of_any_country_is_taken(aura: Caller, phone: str) -> None:
    assert body_of(aura.post("customers", {"externalId": "ext:till:A1", "phone": phone}))["created"]


def test_a_quote_is_what_the_payment_earns_and_writes_nothing(aura: Caller, mali_id: UUID, session: Session) -> None:
    quoted = body_of(aura.post("quote", {"customerId": MALI, "amount": "12000"}))
    assert (quoted["points"], quoted["tier"], quoted["multiplier"]) == (1_200, "bronze", "1")
    assert session.scalar(select(func.count()).select_from(Payment)) == 0
    assert body_of(aura.post("payments", PAYMENT))["pointsEarned"] == quoted["points"]
    assert body_of(aura.post("quote", {"customerId": MALI, "amount": 100}))["points"] == 15


def test_points_that_wait_are_said_to_wait(aura: Caller, mali_id: UUID, clinic: Clinic, session: Session) -> None:
    clinic.own_settings = {"points": {"treatment_pending_days": 7}}
    session.commit()
    paid = body_of(aura.post("payments", PAYMENT | {"paidAt": real().isoformat()}))
    assert (paid["pointsEarned"], paid["pointsPending"], paid["profile"]["pendingPoints"]) == (0, 1_200, 1_200)


def test_a_payment_that_earns_nothing_says_why(
    aura: Caller, mali_id: UUID, customer: Customer, clinic: Clinic, session: Session
) -> None:
    """As the staff's group is told."""
    at, amount = datetime.fromisoformat(PAID_AT), Decimal(12_000)
    told = facts_paid.paid(
        session, customer, source="staff", external_id="1", amount=amount, paid_at=at, service_code=None, now=at
    )
    session.commit()
    held = body_of(aura.post("payments", PAYMENT))
    assert (held["uncounted"], held["pointsEarned"], held["achievements"]) == ("possible_duplicate", 0, [])
    facts_paid.decide(session, session.get_one(Payment, (UUID(held["id"]), clinic.id)), False, real(), actor="staff")
    session.commit()
    assert body_of(aura.post("payments", PAYMENT))["uncounted"] == "duplicate"
    assert told.payment.uncounted is None
    clinic.own_settings = {"points": {"points_from": ["staff"]}}
    session.commit()
    other = body_of(aura.post("payments", {**PAYMENT, "id": "bill-2", "amount": 900}))
    assert (other["uncounted"], other["pointsEarned"]) == ("not_the_earning_source", 0)
    clinic.own_settings = {}
    session.commit()
    assert body_of(aura.post("payments", {**PAYMENT, "id": "bill-3", "amount": 800}))["uncounted"] is None


@pytest.mark.parametrize("which", ["our id", "ext:till:bill-1"])
def test_a_refund_takes_back_in_proportion_once(aura: Caller, mali_id: UUID, which: str) -> None:
    payment = body_of(aura.post("payments", PAYMENT))
    address = f"payments/{payment['id'] if which == 'our id' else which}/refunds"
    back = body_of(aura.post(address, REFUND))
    assert (back["pointsTakenBack"], back["refunded"], back["profile"]["totalPoints"]) == (600, "6000.00", 1_000)
    assert body_of(aura.post(address, REFUND)) == back
    too_much = body_of(aura.post(address, {**REFUND, "id": "refund-2", "amount": "6000.01"}), 409)
    assert too_much["code"] == "fact_refused"
    assert "6000" in too_much["detail"]


def test_a_refund_of_an_unknown_payment(aura: Caller, session: Session) -> None:
    assert body_of(aura.post("payments/ext:till:bill-9/refunds", REFUND), 404)["code"] == "unknown_payment"
    assert session.scalar(select(func.count()).select_from(Refund)) == 0


def test_a_visit_counts_once_and_is_one_persons(aura: Caller, mali_id: UUID, session: Session) -> None:
    body = {"customerId": MALI, "id": "visit-1", "visitedAt": PAID_AT}
    first = body_of(aura.post("visits", body))
    assert first["profile"]["totalVisits"] == 1
    assert body_of(aura.post("visits", body)) == first
    body_of(aura.post("customers", {"externalId": "ext:till:HN-2"}))
    assert body_of(aura.post("visits", {**body, "customerId": "ext:till:HN-2"}), 409)["code"] == "fact_refused"
    assert session.scalar(select(func.count()).select_from(Visit)) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"amount": 0}, {"amount": -1}, {"amount": "0.00"}, {"amount": 0.001}, {"amount": "1.005"},
        {"amount": 10_000_001},
        {"amount": "1e3"}, {"amount": 10**400}, {"amount": True}, {"amount": None}, {"amount": "12,000"},
        {"amount": [1]},
        {"paidAt": "2026-02-03T11:30:00"}, {"paidAt": "2026-02-03"}, {"paidAt": "yesterday"}, {"paidAt": 1770000000},
        {"paidAt": "0001-01-01T00:00:00+14:00"}, {"paidAt": "9999-12-31T23:59:59-14:00"},
        {"paidAt": "2026-13-01T00:00:00Z"},
        {"id": ""}, {"id": " x"}, {"id": "a\0"}, {"id": "x" * 121}, {"source": "The Till"}, {"serviceCode": "ทรีตเมนต์ "},
    ],
)  # fmt: skip
def test_money_and_time_are_exact_or_refused(
    aura: Caller, mali_id: UUID, session: Session, change: dict[str, Any]
) -> None:
    refused = body_of(aura.post("payments", {**PAYMENT, **change}), 422)
    assert [error["field"] for error in refused["errors"]] == [next(iter(change))]
    assert session.scalar(select(func.count()).select_from(Payment)) == 0


@pytest.mark.parametrize(
    ("raw", "stored"),
    [("1e3", "1000.00"), ("0.1", "0.10"), ("9999999.99", "9999999.99"), ('"0.07"', "0.07"), ("29.290", "29.29")],
)
def test_amounts_are_kept_to_the_satang(aura: Caller, mali_id: UUID, raw: str, stored: str) -> None:
    body = f'{{"customerId": "{MALI}", "id": "bill-1", "amount": {raw}, "paidAt": "{PAID_AT}"}}'
    headers = {**aura.headers(), "Content-Type": "application/json"}
    assert body_of(aura.client.post("/api/loyalty/payments", data=body, headers=headers))["amount"] == stored


@pytest.mark.parametrize("raw", ["0.10000000000000000001", "1e-999999", "1e999999", "100000000000000000000.5"])
def test_no_digit_is_lost_on_the_way(aura: Caller, mali_id: UUID, raw: str) -> None:
    body = f'{{"customerId": "{MALI}", "amount": {raw}}}'
    headers = {**aura.headers(), "Content-Type": "application/json"}
    assert (
        body_of(aura.client.post("/api/loyalty/quote", data=body, headers=headers), 422)["errors"][0]["field"]
        == "amount"
    )


def test_a_time_to_come_is_refused(aura: Caller, mali_id: UUID) -> None:
    later = (real() + timedelta(days=2)).isoformat()
    assert body_of(aura.post("payments", {**PAYMENT, "paidAt": later}), 422)["code"] == "bad_time"


def test_a_customer_is_made_once(aura: Caller, clinic: Clinic, session: Session) -> None:
    body = {"externalId": "ext:till:HN-5", "name": "Mali", "phone": "0812345678", "email": "Mali@example.com"}
    made = body_of(aura.post("customers", body))
    assert made["created"] is True
    assert body_of(aura.post("customers", body)) == {**made, "created": False}
    customer = session.get_one(Customer, (UUID(made["customerId"]), clinic.id))
    assert customer.display_name == "Mali"
    assert told_of(session, customer) == {("phone", "+66812345678", "till"), ("email", "mali@example.com", "till")}
    # Nobody has proved that it is theirs.
    assert known_as(session, clinic, "phone", "+66812345678") is None
    assert known_as(session, clinic, "email", "mali@example.com") is None


@pytest.mark.parametrize("phone", ["0899999991", "+66899999991", "+660899999991"])
def test_a_family_shares_its_phone(aura: Caller, clinic: Clinic, session: Session, phone: str) -> None:
    first = body_of(aura.post("customers", {"externalId": "ext:till:A1", "phone": "0899999991", "email": "A@b.co"}))
    second = body_of(aura.post("customers", {"externalId": "ext:booking:A2", "phone": phone, "email": "a@B.co"}))
    assert (first["created"], second["created"]) == (True, True)
    mother, child = (session.get_one(Customer, (UUID(one["customerId"]), clinic.id)) for one in (first, second))
    assert told_of(session, mother) == {("phone", "+66899999991", "till"), ("email", "a@b.co", "till")}
    assert told_of(session, child) == {("phone", "+66899999991", "booking"), ("email", "a@b.co", "booking")}


def test_a_phone_that_somebody_else_has_proved_is_no_hindrance(
    aura: Caller, clinic: Clinic, session: Session, customer: Customer
) -> None:
    identify(session, customer, "phone", "+66812345678", NOW)
    session.commit()
    made = body_of(aura.post("customers", {"externalId": "ext:till:HN-5", "phone": "0812345678"}))
    assert set(made) == {"customerId", "created", "consents"}
    assert made["created"] is True
    assert made["customerId"] != str(customer.id)
    assert known_as(session, clinic, "phone", "+66812345678") is customer


def test_a_phone_is_told_again_with_another_id(aura: Caller, clinic: Clinic, session: Session) -> None:
    first = body_of(aura.post("customers", {"externalId": "ext:till:HN-5", "phone": "0812345678"}))["customerId"]
    again = {"externalId": "ext:booking:77", "customerId": first, "phone": "+660812345678", "email": "mali@example.com"}
    body_of(aura.post("customers", again))
    customer = session.get_one(Customer, (UUID(first), clinic.id))
    assert told_of(session, customer) == {("phone", "+66812345678", "till"), ("email", "mali@example.com", "booking")}


def told_of(session: Session, customer: Customer) -> set[tuple[str, str | None, str]]:
    rows = session.scalars(select(CustomerContact).where(CustomerContact.customer_id == customer.id))
    return {(row.kind, row.value, row.source) for row in rows}


def test_two_ids_of_one_person_are_linked_on_purpose(aura: Caller) -> None:
    first = body_of(aura.post("customers", {"externalId": "ext:till:HN-5", "phone": "0812345678"}))["customerId"]
    linked = body_of(aura.post("customers", {"externalId": "ext:booking:77", "customerId": first}))
    assert linked == {"customerId": first, "created": False, "consents": []}
    body_of(aura.post("points/award", {"customerId": "ext:booking:77", "points": 5, "description": "x"}))
    assert body_of(aura.get("profile", customerId="ext:till:HN-5"))["availablePoints"] == 5
    other = body_of(aura.post("customers", {"externalId": "ext:till:HN-6"}))["customerId"]
    refused = body_of(aura.post("customers", {"externalId": "ext:till:HN-5", "customerId": other}), 409)
    assert (refused["code"], refused["field"], refused["customerId"]) == ("identity_taken", "externalId", first)


def test_a_merged_customer_goes_on_as_the_other(
    aura: Caller, customer: Customer, clinic: Clinic, session: Session
) -> None:
    stays = new_customer(session, clinic, NOW)
    identify(session, stays, "booking:till", "HN-2", None)
    session.flush()
    body_of(aura.post("points/award", {"customerId": MALI, "points": 70, "description": "x"}))
    merge_customers(session, customer, stays, real(), actor="test")
    session.commit()
    assert body_of(aura.get("profile", customerId=MALI))["customerId"] == str(stays.id)
    assert body_of(aura.get("profile", customerId=str(customer.id)))["availablePoints"] == 70


def test_an_erased_customer_is_unknown(aura: Caller, customer: Customer, session: Session) -> None:
    body_of(aura.post("payments", PAYMENT))
    customer.data_key = None
    session.commit()
    assert body_of(aura.get("profile", customerId=str(customer.id)), 404)["code"] == "unknown_customer"
    assert body_of(aura.post("payments/ext:till:bill-1/refunds", REFUND), 404)["code"] == "unknown_payment"


@pytest.mark.parametrize(
    "change",
    [{"externalId": "HN-5"}, {"externalId": "00000000-0000-7000-8000-000000000000"}, {"phone": "812345678"},
     {"phone": "081-234-5678"}, {"email": "mali"}, {"name": ""}],
)  # fmt: skip
def test_a_customer_of_nonsense_is_not_made(aura: Caller, session: Session, change: dict[str, Any]) -> None:
    body_of(aura.post("customers", {"externalId": "ext:till:HN-5", **change}), 422)
    assert session.scalar(select(func.count()).select_from(Customer)) == 0
