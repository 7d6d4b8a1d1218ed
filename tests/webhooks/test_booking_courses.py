"""Courses, as a booking system tells them in our own form."""

import itertools
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import Aura
from customers import courses
from models.courses import Course, CourseSession
from models.facts import Refund
from tests.webhooks.booking import Sender, payloads
from tests.webhooks.test_booking import aura, became, sender, work
from tests.webhooks.test_booking_money import WHO, standard

__all__ = ["aura", "sender"]

TOLD = payloads("standard_courses")
UNTIL_SHARED = list(itertools.takewhile(lambda name: name != "ended", TOLD))


def kept(session: Session) -> list[tuple[Any, ...]]:
    session.expire_all()
    rows = session.scalars(select(Course).order_by(Course.external_id))
    return [
        (one.state, courses.left(one), courses.ends_on(one), courses.name_of(one), one.customer.display_name)
        for one in rows
    ]


@pytest.mark.parametrize("backwards", [False, True])
def test_the_life_of_a_course_in_any_order(session: Session, aura: Aura, sender: Sender, *, backwards: bool) -> None:
    for name in [*reversed(UNTIL_SHARED)] if backwards else UNTIL_SHARED:
        for _ in range(2):
            assert sender.send("standard", TOLD[name]) == 200
    work(session, aura)
    name = "ไฮดราเฟเชียล 10 ครั้ง"
    assert kept(session) == [
        ("active", 7, date(2027, 1, 31), name, "มะลิ สุขใจ"),
        ("active", 2, date(2027, 1, 31), name, "กานดา สุขใจ"),
    ]
    course = session.scalars(select(Course).where(Course.external_id == "CO-1")).one()
    assert (course.contract, course.controlled, course.service_code) == ("CT-2569-0042", True, "HYDRA")
    assert sorted(session.scalars(select(CourseSession.state))) == ["given_back", "used"]
    assert {state for state, _ in became(session)} == {"done"}


def test_a_course_that_is_given_back_takes_the_points_of_its_payment_back(
    session: Session, aura: Aura, sender: Sender
) -> None:
    sender.send("standard", TOLD["refunded"])
    sender.send("standard", TOLD["sold"])
    sender.send("standard", standard("payment.refunded", id="REF-9", payment="PAY-9", amount=10_500))
    sender.send("standard", standard("payment.paid", id="PAY-9", customer=WHO, amount=15_000))
    work(session, aura)
    assert kept(session)[0][0] == "refunded"
    assert [one.amount for one in session.scalars(select(Refund))] == [10_500], "told twice it is one"


@pytest.mark.parametrize(
    ("name", "changed", "why"),
    [
        ("sold", {"sessions": 0}, "data.sessions: write how many, a whole number from 1 to 1000"),
        ("sold", {"sessions": None}, "data.sessions: write how many"),
        ("sold", {"price": "much"}, "data.price: write baht"),
        ("sold", {"currency": "USD"}, "data.currency: amounts are in THB"),
        ("sold", {"customer": None}, "customer: write an id"),
        ("sold", {"endsOn": "one day"}, "data.endsOn: write a day"),
        ("planned", {"startsAt": None}, "data.startsAt: write a date and time"),
        ("used", {"session": ""}, "data.session: write your id of the session"),
        ("extended", {"endsOn": None}, "data.endsOn: write a day"),
        ("shared", {"sharedAs": None}, "data.sharedAs: write your id of what the other person has of it"),
        ("shared", {"to": {}}, "customer: write an id"),
        ("shared", {"sessions": -1}, "data.sessions: write how many, a whole number from 0 to 1000"),
        ("refunded", {"payment": None}, "data.payment: write your id of the payment"),
        ("frozen", {"id": None}, "data.id: write your id of the course"),
        ("used", {"id": "CO-X"}, "standard has not told of this course yet"),
    ],
)
def test_what_is_wrong_is_named_and_stops_nothing(
    session: Session, aura: Aura, sender: Sender, name: str, changed: dict[str, Any], why: str
) -> None:
    if name != "sold":
        sender.send("standard", TOLD["sold"])
    sender.send("standard", TOLD[name] | {"data": TOLD[name]["data"] | changed})
    sender.send("standard", TOLD["sold"] | {"data": TOLD["sold"]["data"] | {"id": "CO-2"}})
    work(session, aura)
    *_, (state, reason), after = became(session)
    assert (state, after) == ("dead", ("done", None))
    assert (reason or "").startswith(why)
