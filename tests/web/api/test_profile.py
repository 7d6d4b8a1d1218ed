"""A profile is one statement by our own id and several by another system's: the answers are the same, byte for byte."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine, event, text
from sqlalchemy.orm import Session

from customers.people import new_customer
from facts.merged import merge
from facts.paid import paid
from loyalty import ledger, pending, points
from loyalty.entries import Cause
from models.access import ApiKey
from models.clinics import Clinic
from models.customers import Customer
from runtime.clock import real
from tests.web.api.conftest import MALI, Caller, body_of

NOW = real()
State = Callable[[Session, Customer], None]


def nothing(_session: Session, _customer: Customer) -> None:
    pass


def joined(session: Session, customer: Customer) -> None:
    points.create_loyalty_profile(session, customer, NOW)


def risen(session: Session, customer: Customer) -> None:
    points.award_points(session, customer, 20_000, "all tiers", now=NOW)


def with_all_ahead(session: Session, customer: Customer) -> None:
    """Expired and matured unposted, two expiries and a promise to come, money with satang."""
    for days in (800, 200, 30):
        points.award_points(session, customer, days, "", now=NOW - timedelta(days=days))
    profile = ledger.open_profile(session, customer, NOW - timedelta(days=60))
    for number, days in enumerate((-1, 5)):
        cause = Cause("treatment", key=f"promise:{number}")
        pending.promise(session, profile, 70 + number, cause, NOW + timedelta(days=days), NOW - timedelta(days=30))
    pay(session, customer, "1234.50", NOW)


def owing(session: Session, customer: Customer) -> None:
    profile = ledger.open_profile(session, customer, NOW)
    entry = ledger.earn(session, profile, 100, Cause("award"), NOW)
    ledger.spend(session, profile, 80, Cause("redemption"), NOW)
    ledger.claw_back(session, profile, entry, 100, Cause("refund"), NOW)


def under_rolling_tiers(session: Session, customer: Customer) -> None:
    """Gold is held until its review, though little of it was earned in the last twelve months."""
    customer.clinic.own_settings = {"tiers": {"policy": "rolling_12_months"}}
    points.award_points(session, customer, 3_000, "", now=NOW - timedelta(days=500))
    points.award_points(session, customer, 200, "", now=NOW - timedelta(days=20))
    profile = ledger.open_profile(session, customer, NOW - timedelta(days=20))
    pending.promise(session, profile, 7, Cause("x", key="p"), NOW - timedelta(days=1), NOW - timedelta(days=20))


def merged_away(session: Session, customer: Customer) -> None:
    survivor = new_customer(session, customer.clinic, NOW)
    points.award_points(session, customer, 500, "", now=NOW - timedelta(days=90))
    points.award_points(session, survivor, 900, "", now=NOW - timedelta(days=40))
    merge(session, customer, survivor, NOW, actor="staff")


def merged_twice_under_rolling_tiers(session: Session, customer: Customer) -> None:
    customer.clinic.own_settings = {"tiers": {"policy": "rolling_12_months"}}
    merged_away(session, customer)
    session.refresh(customer)
    survivor = session.get_one(Customer, (customer.merged_into, customer.clinic_id))
    last = new_customer(session, customer.clinic, NOW)
    points.award_points(session, last, 1_500, "", now=NOW - timedelta(days=10))
    merge(session, survivor, last, NOW, actor="staff")


def erased(_session: Session, customer: Customer) -> None:
    customer.data_key = None


def unreadable_settings(session: Session, customer: Customer) -> None:
    session.execute(text('UPDATE clinics SET settings = \'{"voice": {"zone": "Mars"}}\''))


def unreadable_key(session: Session, customer: Customer) -> None:
    session.execute(text("UPDATE clinics SET data_key = 'x'"))


STATES = [
    nothing, joined, risen, with_all_ahead, owing, under_rolling_tiers, merged_away, merged_twice_under_rolling_tiers,
    erased, unreadable_settings, unreadable_key,
]  # fmt: skip


def pay(session: Session, customer: Customer, amount: str, at: datetime) -> None:
    paid(
        session,
        customer,
        source="till",
        external_id=amount,
        amount=Decimal(amount),
        paid_at=at,
        service_code=None,
        now=at,
    )


@pytest.mark.parametrize("state", STATES)
def test_both_ways_tell_the_same(aura: Caller, session: Session, customer: Customer, state: State) -> None:
    state(session, customer)
    session.commit()
    ours, theirs = (aura.get("profile", customerId=id_) for id_ in (str(customer.id), MALI))
    assert (ours.status_code, ours.get_data(), sorted(ours.headers)) == (
        theirs.status_code,
        theirs.get_data(),
        sorted(theirs.headers),
    )
    refused: dict[State, int] = {erased: 404, unreadable_settings: 503, unreadable_key: 503}
    assert ours.status_code == refused.get(state, 200)


def test_the_cases_differ(aura: Caller, session: Session, customer: Customer) -> None:
    with_all_ahead(session, customer)
    session.commit()
    told = body_of(aura.get("profile", customerId=str(customer.id)))
    assert told["pendingPoints"] == 71
    # 1,234.50 baht at 0.1 a baht and silver's 1.5, and a goal of 100 reached by it.
    assert (told["availablePoints"], told["totalPoints"]) == (
        200 + 30 + 70 + 185 + 100,
        800 + 200 + 30 + 70 + 185 + 100,
    )


def test_ours_says_nothing_beside_its_one_statement(aura: Caller, session: Session, customer: Customer) -> None:
    joined(session, customer)
    session.commit()
    said: list[str] = []

    def hear(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        said.append(statement)

    event.listen(Engine, "before_cursor_execute", hear)
    try:
        body_of(aura.get("profile", customerId=MALI))
        usual, said[:] = len(said), []
        body_of(aura.get("profile", customerId=str(customer.id)))
    finally:
        event.remove(Engine, "before_cursor_execute", hear)
    # In development business time is asked for, too.
    assert usual > 4 and [one for one in said if "business_clock" not in one] == []


def test_what_is_not_to_be_told_is_refused_as_ever(
    aura: Caller, nobody: Caller, session: Session, clinic: Clinic, mali_id: UUID, secret_of: Callable[..., str]
) -> None:
    ours = str(mali_id)
    body_of(aura.get("profile", customerId=ours))
    assert body_of(nobody.get("profile", customerId=ours), 404)["code"] == "unknown_customer"
    assert body_of(aura.get("profile", customerId=str(uuid4())), 404)["code"] == "unknown_customer"
    assert body_of(aura.get("profile", customerId="HN-1"), 422)["code"] == "invalid"
    narrow = Caller(aura.client, secret_of(clinic, "facts:write"))
    assert body_of(narrow.get("profile", customerId=ours), 403)["code"] == "missing_scope"
    for wrong in (f"aura_{clinic.slug}_x", "aura_nowhere_x", "aura_\u00e4_x"):
        caller = Caller(aura.client, wrong)
        for asked in (ours, "HN-1"):
            assert body_of(caller.get("profile", customerId=asked), 401)["code"] == "unauthorized"
    for key in session.query(ApiKey).filter_by(clinic_id=clinic.id):
        key.revoked_at = NOW
    session.commit()
    assert body_of(aura.get("profile", customerId=ours), 401)["code"] == "unauthorized"
