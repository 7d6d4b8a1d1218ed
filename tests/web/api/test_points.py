"""Points by the API: what the spec's examples do, and everything that nobody can mean."""

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.access import ApiRequest
from models.loyalty import PointTransaction
from tests.web.api.conftest import MALI, Caller, body_of

AWARD = {"customerId": MALI, "points": 150, "description": "HydraFacial Treatment"}


def test_an_award_as_in_the_specification(aura: Caller, mali_id: UUID) -> None:
    booked = body_of(aura.post("points/award", {**AWARD, "type": "earned", "workflowId": "workflow-id"}))
    assert booked["points"] == 150
    assert booked["profile"]["availablePoints"] == 150
    assert booked["profile"]["customerId"] == str(mali_id)
    profile = body_of(aura.get("profile", customerId=str(mali_id)))
    assert profile == booked["profile"]
    assert (profile["currentTier"], profile["tierProgress"], profile["nextTier"]["pointsMissing"]) == (
        "bronze",
        15,
        850,
    )
    assert profile["nextExpiry"]["points"] == 150


def test_somebody_without_points_has_zeros(aura: Caller, mali_id: UUID) -> None:
    profile = body_of(aura.get("profile", customerId=MALI))
    assert (profile["availablePoints"], profile["currentTier"], profile["referralCode"]) == (0, "bronze", None)
    assert profile["member"] is False


def test_history_goes_back_page_by_page(aura: Caller, mali_id: UUID) -> None:
    for points in range(1, 6):
        body_of(aura.post("points/award", {**AWARD, "points": points}))
    first = body_of(aura.get("transactions", customerId=MALI, limit=3))
    second = body_of(aura.get("transactions", customerId=MALI, limit=3, before=first["next"]))
    assert [line["points"] for line in first["items"] + second["items"]] == [5, 4, 3, 2, 1]
    assert second["next"] is None
    assert first["items"][0]["description"] == "HydraFacial Treatment"
    stray = str(mali_id)
    assert body_of(aura.get("transactions", customerId=MALI, before=stray), 404)["code"] == "unknown_transaction"


def test_adjusting_down_takes_no_more_than_there_is(aura: Caller, mali_id: UUID) -> None:
    body_of(aura.post("points/award", AWARD))
    body = {"customerId": MALI, "points": -200, "reason": "entered twice"}
    refused = body_of(aura.post("points/adjust", body), 409)
    assert (refused["code"], refused["missing"]) == ("not_enough_points", 50)
    assert body_of(aura.post("points/adjust", {**body, "points": -100}))["profile"]["availablePoints"] == 50
    assert body_of(aura.get("profile", customerId=MALI))["totalPoints"] == 150


@pytest.mark.parametrize(
    "change",
    [
        {"points": -5}, {"points": 0}, {"points": 1_000_001}, {"points": 10**40}, {"points": 1.5}, {"points": "150"},
        {"points": True}, {"points": None}, {"points": [1]}, {"description": ""}, {"description": 7},
        {"description": "x" * 501}, {"description": "a\0b"}, {"description": "\ud800"}, {"type": "redeemed"},
        {"customerId": "customer-id"}, {"customerId": 7}, {"customerId": "ext:till:"}, {"customerId": "ext:till:a\0"},
        {"surprise": 1}, {"workflowId": ""},
    ],
)  # fmt: skip
def test_what_nobody_can_mean_is_refused_and_changes_nothing(
    aura: Caller, mali_id: UUID, session: Session, change: dict[str, Any]
) -> None:
    refused = body_of(aura.post("points/award", {**AWARD, **change}, once="k"), 422)
    assert refused["code"] == "invalid"
    assert [error["field"] for error in refused["errors"]] == [next(iter(change))]
    assert nothing_written(session)


@pytest.mark.parametrize(
    ("raw", "status", "code"),
    [
        (b"", 400, "malformed_json"),
        (b"{", 400, "malformed_json"),
        (b'{"points": NaN}', 400, "malformed_json"),
        (b'{"points": Infinity}', 400, "malformed_json"),
        (b'{"points": 1, "points": 2}', 400, "malformed_json"),
        (b'{"points": 1e99999999999999999999}', 400, "malformed_json"),
        (b'{"points": ' + b"9" * 5_000 + b"}", 400, "malformed_json"),
        (b"[" * 60_000, 400, "malformed_json"),
        (b"\xff\xfe\xfd", 400, "malformed_json"),
        (b"null", 422, "invalid"),
        (b"[]", 422, "invalid"),
        (b'"text"', 422, "invalid"),
        (b" " * 70_000, 413, "too_large"),
    ],
)
def test_a_body_that_is_no_object_is_refused(
    aura: Caller, mali_id: UUID, session: Session, raw: bytes, status: int, code: str
) -> None:
    headers = {**aura.headers("k"), "Content-Type": "application/json"}
    response = aura.client.post("/api/loyalty/points/award", data=raw, headers=headers)
    assert body_of(response, status)["code"] == code
    assert nothing_written(session)


@pytest.mark.parametrize("content_type", [None, "text/plain", "application/x-www-form-urlencoded"])
def test_a_body_must_be_declared_as_json(aura: Caller, mali_id: UUID, content_type: str | None) -> None:
    headers = aura.headers() | ({"Content-Type": content_type} if content_type else {})
    response = aura.client.post("/api/loyalty/points/award", data=b"{}", headers=headers)
    assert body_of(response, 415)["code"] == "unsupported_media_type"


@pytest.mark.parametrize(
    "query",
    ["", "customerId=x", "customerId=ext:till:HN-1&limit=0", "customerId=ext:till:HN-1&limit=many",
     "customerId=ext:till:HN-1&customer=1", "customerId=ext:till:HN-1&customerId=ext:till:HN-2",
     "customerId=ext:till:%00", "customerId=ext:till:HN-1&before=x"],
)  # fmt: skip
def test_a_query_is_as_strict(aura: Caller, mali_id: UUID, query: str) -> None:
    response = aura.client.get(f"/api/loyalty/transactions?{query}", headers=aura.headers())
    assert body_of(response, 422)["errors"]


@pytest.mark.parametrize("customer", ["ext:till:HN-2", "ext:other:HN-1", "00000000-0000-7000-8000-000000000000"])
def test_an_unknown_customer_is_said_to_be_unknown(aura: Caller, mali_id: UUID, customer: str) -> None:
    refused = body_of(aura.post("points/award", {**AWARD, "customerId": customer}), 404)
    assert refused["code"] == "unknown_customer"
    assert "POST /api/loyalty/customers" in refused["detail"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("get", "/api/nothing", 404),
        ("get", "/api/loyalty/points/award", 405),
        ("put", "/api/loyalty/profile", 405),
    ],
)
def test_addresses_that_do_not_exist_are_problems_too(aura: Caller, method: str, path: str, status: int) -> None:
    response = aura.client.open(path, method=method.upper(), headers=aura.headers())
    body_of(response, status)
    assert status != 405 or "POST" in response.headers["Allow"] or "GET" in response.headers["Allow"]


def test_a_whole_number_may_be_written_with_a_point(aura: Caller, mali_id: UUID) -> None:
    assert body_of(aura.post("points/award", {**AWARD, "points": 84.0}))["points"] == 84


def nothing_written(session: Session) -> bool:
    return all(session.scalar(select(func.count()).select_from(table)) == 0 for table in (PointTransaction, ApiRequest))


def test_what_a_workflow_has_brought_is_found(aura: Caller, mali_id: UUID) -> None:
    paid = {"customerId": MALI, "amount": 1_000, "paidAt": "2026-02-03T11:30:00+07:00"}
    body_of(aura.post("points/award", {**AWARD, "workflowId": "w-1"}))
    body_of(aura.post("payments", {**paid, "id": "a", "workflowId": "w-1"}))
    body_of(aura.post("payments", {**paid, "id": "b", "workflowId": "w-2"}))
    for workflow, sources in (("w-1", ["award", "treatment"]), ("w-2", ["treatment"]), ("w-3", [])):
        items = body_of(aura.get("transactions", customerId=MALI, workflowId=workflow))["items"]
        assert sorted(one["source"] for one in items) == sources
