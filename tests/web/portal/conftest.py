"""Somebody who is signed in, and their browser."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from customers.people import meet_on_line
from loyalty import points
from models.clinics import Clinic
from models.customers import Customer, LineLink
from runtime.clock import real
from tests.fixtures.clinic import make_clinic
from tests.fixtures.html import Read, promised
from web.http import sessions

PORTAL = {"login_channel": "1650000002", "liff_id": "1650000002-aurademo"}


@dataclass
class Browser:
    """One browser, in which a customer may be signed in. Pages are read by `page`, which asks what each promises."""

    client: FlaskClient
    slug: str

    def at(self, path: str) -> str:
        return f"/portal/{self.slug}{path}"

    def page(self, path: str, status: int = 200, **headers: str) -> Read:
        answer = self.client.get(self.at(path), headers=headers)
        assert answer.status_code == status, f"{answer.status_code}: {answer.text[:500]}"
        assert answer.headers["Cache-Control"] == "no-store"
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        return promised(answer.text)

    def token(self, path: str = "/me") -> str:
        """What the forms of a page bring along."""
        page = self.page(path)
        return next(str(one["value"]) for one in page.hidden if one["name"] == "form")

    def send(self, path: str, *, of: str = "/me", **fields: Any) -> TestResponse:
        """A form of the page `of`, sent."""
        return self.client.post(self.at(path), data={"form": self.token(of), **fields})


@pytest.fixture
def clinic(session: Session) -> Clinic:
    clinic = make_clinic(session, portal=PORTAL)
    session.commit()
    return clinic


@pytest.fixture
def browser_of(app: Flask, session: Session) -> Callable[[Customer], Browser]:
    """A new browser, in which this customer has just signed in."""

    def open_(customer: Customer, way: Any = "login", device: str = "iphone") -> Browser:
        key = sessions.begin(session, customer, way, device, real(), instead_of=None)
        session.commit()
        client = app.test_client()
        client.set_cookie("aura_portal", key, path=f"/portal/{customer.clinic.slug}")
        return Browser(client, customer.clinic.slug)

    return open_


@pytest.fixture
def mali(session: Session, clinic: Clinic) -> LineLink:
    """A member, who speaks English here so that tests read it."""
    return member(session, clinic, "a")


def member(session: Session, clinic: Clinic, sign: str, now: datetime | None = None) -> LineLink:
    link = meet_on_line(session, clinic, "U" + sign * 32, now or real())
    session.flush()
    link.customer.language, link.customer.language_chosen = "en", True
    points.create_loyalty_profile(session, link.customer, now or real())
    session.commit()
    return link


@pytest.fixture
def mine(browser_of: Callable[[Customer], Browser], mali: LineLink) -> Browser:
    return browser_of(mali.customer)
