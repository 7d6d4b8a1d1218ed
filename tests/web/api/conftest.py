"""An API with two clinics' keys, and a customer whom Aura's till knows."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

import web.api
from customers.people import identify, new_customer
from loyalty.defaults import achievements, rewards
from models.clinics import Clinic
from models.customers import Customer
from tests.fixtures.clinic import NOW, make_clinic
from web.http import keys
from web.http.rooms import Api, find

MALI = "ext:till:HN-1"
API = Api(find(web.api))
OPERATIONS = {operation.endpoint: operation for operation in API.operations}


@dataclass
class Caller:
    """One system with its key."""

    client: FlaskClient
    secret: str
    room: str = "loyalty"

    def headers(self, once: str | None = None) -> dict[str, str]:
        found = {"Authorization": f"Bearer {self.secret}"}
        return found | ({"Idempotency-Key": once} if once else {})

    def get(self, path: str, **query: Any) -> TestResponse:
        return self.send("GET", path, query=query)

    def post(self, path: str, body: Any = None, *, once: str | None = None) -> TestResponse:
        return self.send("POST", path, body, once=once)

    def patch(self, path: str, body: Any) -> TestResponse:
        return self.send("PATCH", path, body)

    def delete(self, path: str) -> TestResponse:
        return self.send("DELETE", path)

    def send(
        self, method: str, path: str, body: Any = None, *, query: dict[str, Any] | None = None, once: str | None = None
    ) -> TestResponse:
        sent = {} if body is None else {"json": body}
        response = self.client.open(
            f"/api/{self.room}/{path}", method=method, query_string=query, headers=self.headers(once), **sent
        )
        return self._documented(response, method, path)

    def _documented(self, response: TestResponse, method: str, path: str) -> TestResponse:
        """The answer, once its code is one that the documentation of its operation lists."""
        if response.status_code >= 400:
            address = self.client.application.url_map.bind("localhost")
            endpoint, _ = address.match(f"/api/{self.room}/{path}", method)
            code = (response.json or {}).get("code")
            assert code in OPERATIONS[endpoint.removeprefix("api.")].refusals, f"{endpoint} does not document {code}"
        return response


def body_of(response: TestResponse, status: int = 200) -> dict[str, Any]:
    """The answer's object, once its status is the one expected."""
    assert response.status_code == status, response.get_data(as_text=True)
    if status >= 400:
        assert response.content_type == "application/problem+json"
        assert {"type", "title", "status", "detail", "code"} <= set(response.json or {})
        assert (response.json or {})["status"] == status
    found: dict[str, Any] = response.json or {}
    return found


@pytest.fixture
def api(app: Flask) -> Flask:
    return app


@pytest.fixture
def secret_of(session: Session) -> Callable[..., str]:
    def make(clinic: Clinic, *scopes: str) -> str:
        secret = keys.create(session, clinic, "test", scopes or tuple(API.scopes), NOW)[1]
        session.commit()
        return secret

    return make


@pytest.fixture
def aura(api: Flask, clinic: Clinic, session: Session, secret_of: Callable[..., str]) -> Caller:
    """Everything is allowed to it."""
    rewards.seed(session, clinic)
    achievements.seed(session, clinic)
    return Caller(api.test_client(), secret_of(clinic))


@pytest.fixture
def nobody(api: Flask, session: Session, secret_of: Callable[..., str]) -> Caller:
    """Another clinic's."""
    return Caller(api.test_client(), secret_of(make_clinic(session, "other", "Other Clinic")))


@pytest.fixture
def mali_id(session: Session, clinic: Clinic) -> UUID:
    """A customer of Aura's till, `ext:till:HN-1`, who has not joined."""
    customer = new_customer(session, clinic, NOW)
    identify(session, customer, "booking:till", "HN-1", None)
    session.commit()
    return customer.id


@pytest.fixture
def customer(session: Session, clinic: Clinic, mali_id: UUID) -> Customer:
    return session.get_one(Customer, (mali_id, clinic.id))
