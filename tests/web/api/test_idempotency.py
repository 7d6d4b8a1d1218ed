"""The same request again: one effect, the first answer."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session, sessionmaker

from loyalty import ledger
from models.access import ApiKey, ApiRequest
from models.clinics import Clinic
from models.customers import Customer
from models.loyalty import PointTransaction
from runtime.clock import real
from tests.fixtures.clinic import NOW
from tests.fixtures.retention import forget
from tests.fixtures.waiting import eventually
from tests.web.api.conftest import MALI, Caller, body_of

AWARD = {"customerId": MALI, "points": 150, "description": "HydraFacial Treatment"}


def lines(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(PointTransaction)) or 0


def test_the_second_time_is_the_first_answer(aura: Caller, mali_id: UUID, session: Session) -> None:
    first = aura.post("points/award", AWARD, once="bill-1")
    again = aura.post("points/award", dict(reversed(AWARD.items())), once="bill-1")
    assert body_of(again) == body_of(first)
    assert "Idempotent-Replayed" not in first.headers
    assert again.headers["Idempotent-Replayed"] == "true"
    assert lines(session) == 1


def test_without_a_key_every_request_counts(aura: Caller, mali_id: UUID, session: Session) -> None:
    body_of(aura.post("points/award", AWARD))
    body_of(aura.post("points/award", AWARD))
    assert lines(session) == 2


def test_a_key_is_good_for_one_request_only(aura: Caller, mali_id: UUID, session: Session) -> None:
    body_of(aura.post("points/award", AWARD, once="bill-1"))
    other = aura.post("points/award", {**AWARD, "points": 151}, once="bill-1")
    elsewhere = aura.post("points/adjust", {"customerId": MALI, "points": 1, "reason": "x"}, once="bill-1")
    assert body_of(other, 409)["code"] == body_of(elsewhere, 409)["code"] == "idempotency_key_reused"
    assert lines(session) == 1
    assert body_of(aura.post("points/award", AWARD, once="bill-1"))


def test_the_same_name_under_another_key_is_another_request(
    aura: Caller, nobody: Caller, mali_id: UUID, session: Session
) -> None:
    body_of(aura.post("points/award", AWARD, once="bill-1"))
    assert body_of(nobody.post("points/award", AWARD, once="bill-1"), 404)["code"] == "unknown_customer"


def test_a_refusal_of_a_rule_is_kept(aura: Caller, mali_id: UUID, session: Session) -> None:
    body = {"customerId": MALI, "points": -50, "reason": "entered twice"}
    first = aura.post("points/adjust", body, once="fix-1")
    body_of(aura.post("points/award", AWARD))
    again = aura.post("points/adjust", body, once="fix-1")
    assert body_of(again, 409) == body_of(first, 409)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert body_of(aura.post("points/adjust", body, once="fix-2"))["profile"]["availablePoints"] == 100


def test_what_is_not_there_yet_may_be_asked_for_again(aura: Caller, session: Session) -> None:
    body_of(aura.post("points/award", AWARD, once="bill-1"), 404)
    body_of(aura.post("customers", {"externalId": MALI}, once="new-1"))
    assert body_of(aura.post("points/award", AWARD, once="bill-1"))["points"] == 150


@pytest.mark.parametrize("name", ["", "with space", "x" * 201, "คีย์".encode().decode("latin-1")])
def test_a_name_that_cannot_be_kept_is_refused(aura: Caller, mali_id: UUID, name: str) -> None:
    headers = {**aura.headers(), "Idempotency-Key": name}
    response = aura.client.post("/api/loyalty/points/award", json=AWARD, headers=headers)
    assert body_of(response, 400)["code"] == "bad_idempotency_key"


def test_two_at_once_are_one(
    api: Flask, aura: Caller, customer: Customer, session: Session, sessions: sessionmaker[Session]
) -> None:
    """Both wait: one for the profile, which the test holds, the other for the first one's row."""
    ledger.open_profile(session, customer, NOW)
    session.commit()
    with sessions() as holding, ThreadPoolExecutor(2) as pool:
        ledger.lock(holding, holding.get_one(Customer, (customer.id, customer.clinic_id)))
        both = [
            pool.submit(Caller(api.test_client(), aura.secret).post, "points/award", AWARD, once="bill-1")
            for _ in range(2)
        ]
        eventually(lambda: waiting(session) == 2, within=4)
        holding.commit()
        answers = [one.result() for one in both]
    assert body_of(answers[0]) == body_of(answers[1])
    assert sorted("Idempotent-Replayed" in answer.headers for answer in answers) == [False, True]
    assert lines(session) == 1


def test_a_twin_of_one_that_was_undone_does_the_work(
    api: Flask, aura: Caller, session: Session, sessions: sessionmaker[Session], clinic: Clinic, mali_id: UUID
) -> None:
    """The first has claimed the name and then dies: nothing remains of it."""
    body = {**AWARD}
    with sessions() as dying, ThreadPoolExecutor(1) as pool:
        key_id = dying.scalars(select(ApiKey.id).where(ApiKey.clinic_id == clinic.id)).one()
        row = ApiRequest(clinic_id=clinic.id, api_key_id=key_id, key="bill-1", body_hash=b"", created_at=real())
        dying.add(row)
        dying.flush()
        twin = pool.submit(Caller(api.test_client(), aura.secret).post, "points/award", body, once="bill-1")
        eventually(lambda: waiting(session) == 1, within=4)
        dying.rollback()
        assert "Idempotent-Replayed" not in twin.result().headers
        body_of(twin.result())
    assert lines(session) == 1


def test_answers_name_nobody_and_go_after_thirty_days(
    aura: Caller, mali_id: UUID, session: Session, clinic: Clinic
) -> None:
    body_of(
        aura.post("customers", {"externalId": "ext:till:HN-7", "name": "Mali", "phone": "0812345678"}, once="new-1")
    )
    body_of(aura.post("points/award", AWARD, once="bill-1"))
    kept = " ".join(body or "" for body in session.scalars(select(ApiRequest.body)))
    for word in ("Mali", "812345678", "HN-", "HydraFacial"):
        assert word not in kept
    assert forget(session, clinic, real() + timedelta(days=29)) == 0
    assert session.scalar(select(func.count()).select_from(ApiRequest)) == 2
    assert forget(session, clinic, real() + timedelta(days=31)) == 2
    assert session.scalars(select(ApiRequest.key)).all() == []
    assert session.scalar(select(func.count()).select_from(ApiRequest)) == 0


def waiting(session: Session) -> int:
    """Transactions of this database that wait for a lock."""
    found = session.scalar(
        text("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")
    )
    session.rollback()  # the view is read once a transaction
    return found or 0
