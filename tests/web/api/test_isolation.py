"""Every operation of the document, called by another clinic with Aura's ids: 404, and nothing is told or changed.

The document is read, so that a new operation is tried too, or fails here until this file knows its values.
"""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from customers import cards, grants, ties
from followups import rules, templates
from followups.rules import Draft
from followups.texts import Template
from models.base import Base
from models.clinics import Clinic
from models.customers import Customer
from models.facts import Payment, Referral
from models.followups import FollowupExecution
from models.loyalty import PointTransaction
from models.rewards import Redemption, Reward
from privacy import guardians
from runtime.clock import real
from tests.web.api.conftest import API, MALI, Caller, body_of
from web.http.document import document

PAGES = document(API, "http://localhost")
OPERATIONS = [
    (method, path, operation) for path, methods in PAGES["paths"].items() for method, operation in methods.items()
]
NAMES_NOBODY = {
    "get_counter", "get_check_in_picture", "check_sums", "repair_sums", "list_referrals_in_review",
    "loyalty_make_customer", "facts_make_customer", "create_rule", "list_rules", "create_template", "list_templates",
    "list_executions",
    "execute_followups", "get_process_followups", "post_process_followups", "get_expire_points", "post_expire_points",
}  # fmt: skip
"""They take no id of the clinic's: these answer, about the caller's own clinic only."""
BESIDES = {"create_template": "message"}
"""A field that one of several does without."""
STATES = {"/api/facts/courses/{id}/state": "frozen", "/api/facts/courses/{id}/sessions": "used"}


@pytest.fixture
def known(aura: Caller, session: Session, customer: Customer, clinic: Clinic) -> dict[str, Any]:
    """A value for each name that an operation can take: Aura's own ids wherever one is asked for."""
    body_of(aura.post("points/award", {"customerId": MALI, "points": 5_000, "description": "opening balance"}))
    paid = {"customerId": MALI, "id": "bill-1", "amount": 500, "paidAt": "2026-02-03T11:30:00+07:00"}
    body_of(aura.post("payments", paid))
    reward = session.scalars(select(Reward.id).where(Reward.code == "discount_5")).one()
    body_of(aura.post("rewards/redeem", {"customerId": MALI, "rewardId": str(reward)}))
    sold = {"customerId": MALI, "id": "C-1", "at": "2026-02-03T11:30:00+07:00", "sessions": 5}
    course = body_of(replace(aura, room="facts").post("courses", sold))["id"]
    friend = Customer(clinic_id=clinic.id, created_at=real(), language_chosen=False)
    session.add(friend)
    session.flush()
    session.add(
        Referral(
            clinic_id=clinic.id, referrer_id=customer.id, friend_id=friend.id, state="review", bound_at=real(),
        )
    )  # fmt: skip
    number = cards.give_number(session, customer)
    tie, _new = ties.ask(session, customer, "booking:till", "HN-1", real(), actor="system")
    grant, _new = grants.give(session, friend, customer, "billing", real(), by="system", reason="written_authority")
    guardian = guardians.record(
        session, customer, guardian="x", kind="signed_form", evidence="x", until=real().date() + timedelta(days=9),
        now=real(), by="system",
    )  # fmt: skip
    text_ = templates.make(session, clinic, "post_treatment", "Hello", Template(everywhere={"message": "x"}), real())
    rule = rules.make(session, clinic, "post_treatment", Draft(name="Care", channels=["line"]), real())
    execution = FollowupExecution(
        clinic_id=clinic.id, rule_id=rule.id, rule_version=1, customer_id=customer.id, anchor="x", about_id=customer.id,
        purpose="care", due_at=real(), not_after=real(), created_at=real(),
    )  # fmt: skip
    session.add(execution)
    session.commit()
    redemption = session.scalars(select(Redemption)).one()
    return {
        "customerId": str(customer.id),
        "rewardId": str(reward),
        "before": str(session.scalars(select(PointTransaction.id).limit(1)).one()),
        "code": redemption.code,
        "card": number,
        "/api/loyalty/payments/{id}/refunds": str(session.scalars(select(Payment.id)).one()),
        "/api/facts/payments/{id}/refunds": str(session.scalars(select(Payment.id)).one()),
        "/api/loyalty/redemptions/{id}/cancel": str(redemption.id),
        "/api/loyalty/referrals/{id}/decide": str(session.scalars(select(Referral.id)).one()),
        "/api/loyalty/ties/{id}": str(tie.id),
        **{f"/api/facts/courses/{{id}}/{what}": course for what in ("sessions", "state", "extensions", "shares")},
        "/api/followup/rules/{id}": str(rule.id), "/api/followup/templates/{id}": str(text_.id),
        **{f"/api/followup/rules/{{id}}/{what}": str(rule.id) for what in ("preview", "forecast", "test", "opens")},
        "message": "Hello", "executionId": str(execution.id),
        "name": "After a visit", "type": "post_treatment", "channels": ["line"], "response": {"opened": True},
        "/api/facts/grants/{id}/end": str(grant.id),
        "/api/facts/guardian-consents/{id}/end": str(guardian.id),
        "guardian": "x", "kind": "signed_form", "evidence": "x", "until": "2030-01-01",
        "ownerId": str(friend.id), "holderId": str(customer.id), "what": "billing",
        # What names nothing of the clinic's.
        "points": 10, "description": "x", "reason": "written_authority", "amount": 1, "id": "new-1", "approve": True,
        "paidAt": "2026-02-03T11:30:00+07:00", "refundedAt": "2026-02-03T11:30:00+07:00",
        "visitedAt": "2026-02-03T11:30:00+07:00", "externalId": MALI,
        "sessions": 1, "endsOn": "2026-06-30",
        "performedAt": "2026-02-03T11:30:00+07:00",
        "state": "booked", "at": "2026-02-03T11:30:00+07:00", "startsAt": "2026-02-03T11:30:00+07:00",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("method", "path", "operation"), OPERATIONS, ids=lambda one: one if isinstance(one, str) else ""
)
@pytest.mark.parametrize("customer_as", ["our id", "ext"])
def test_another_clinics_ids_do_not_exist(
    nobody: Caller,
    aura: Caller,
    known: dict[str, Any],
    session: Session,
    customer_as: str,
    method: str,
    path: str,
    operation: dict[str, Any],
) -> None:
    if customer_as == "ext":
        known["customerId"] = MALI
    known["state"] = STATES.get(path, "booked")
    own = [value for value in known.values() if isinstance(value, str) and len(value) == 36] + [known["code"]]
    query = {
        one["name"]: known[one["name"]] for one in operation["parameters"] if one["in"] == "query" and one["required"]
    }
    body = None
    if "requestBody" in operation:
        name = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
        body = {field: known[field] for field in PAGES["components"]["schemas"][name].get("required", ())}
        body |= {field: known[field] for field in (BESIDES.get(operation["operationId"]),) if field}
    caller = replace(nobody, room=path.split("/")[2])
    address = path.removeprefix(f"/api/{caller.room}/").replace("{id}", known.get(path, ""))
    before = everything_of(session)

    response = caller.send(method.upper(), address, body, query=query, once=None if method == "get" else "theirs")

    if operation["operationId"] in NAMES_NOBODY:
        assert response.status_code == 200
        assert not [id_ for id_ in own if id_.encode() in response.data]
    else:
        assert body_of(response, 404)["code"].startswith("unknown_")
    assert everything_of(session) == before


def test_optional_ids_are_another_clinics_too(nobody: Caller, known: dict[str, Any], mali_id: UUID) -> None:
    body = {"externalId": "ext:till:HN-9", "customerId": str(mali_id)}
    assert body_of(nobody.post("customers", body), 404)["code"] == "unknown_customer"
    theirs = body_of(nobody.post("customers", {"externalId": MALI}))["customerId"]
    for place in (known["before"], known["/api/loyalty/redemptions/{id}/cancel"]):
        body_of(nobody.get("transactions", customerId=theirs, before=place), 404)
        body_of(nobody.get("redemptions", customerId=theirs, before=place), 404)


def test_a_friends_id_is_not_the_payments_id(aura: Caller, known: dict[str, Any]) -> None:
    """One kind of id where another is meant names nothing either."""
    body_of(aura.post(f"redemptions/{known['customerId']}/cancel"), 404)
    body_of(aura.post(f"referrals/{known['rewardId']}/decide", {"approve": True}), 404)
    body_of(aura.get("profile", customerId=known["rewardId"]), 404)


def everything_of(session: Session) -> dict[str, Any]:
    """Every row of the caller's clinic, by table."""
    session.rollback()
    (clinic_id,) = session.execute(text("SELECT id FROM clinics WHERE slug = 'aura'")).one()
    found = {}
    for table in Base.metadata.sorted_tables:
        if "clinic_id" in table.c:
            rows = session.execute(select(table).where(table.c.clinic_id == clinic_id)).all()
            found[table.name] = sorted(map(repr, rows))
    session.rollback()
    return found
