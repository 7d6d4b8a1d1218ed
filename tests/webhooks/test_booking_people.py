"""Whom booking systems tell of: a family with one phone, and consents that the clinic holds already."""

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import Aura
from models.appointments import Appointment
from models.clinics import Clinic
from models.consents import Consent
from models.contacts import CustomerContact
from models.customers import Customer
from models.shared_contacts import SharedContact
from models.staff_notices import StaffNotice
from privacy import consent
from tests.webhooks.booking import Sender, payloads
from tests.webhooks.test_booking import aura, became, sender, work

__all__ = ["aura", "sender"]


def test_a_mother_books_for_her_child_and_staff_are_asked_whether_they_are_one(
    aura: Aura, session: Session, clinic: Clinic, sender: Sender
) -> None:
    """By her phone and address: two people, of whom nothing becomes the other's, whatever is told again."""
    for _ in range(2):
        for id_, name, at in (("1", "Mali Srisuk", "14:00"), ("2", "Ploy Srisuk", "15:00")):
            who = {"name": name, "phone": "081-234-5678", "email": "Mali@Example.com"}
            data = {"id": id_, "customer": who, "startsAt": f"2026-02-05T{at}:00+07:00"}
            body = {"type": "appointment.booked", "timestamp": "2026-02-01T09:00:00+07:00", "data": data}
            assert sender.send("standard", body) == 200
        work(session, aura)
    owners = {one.external_id: one.customer_id for one in session.scalars(select(Appointment))}
    assert owners["1"] != owners["2"]
    assert session.scalars(select(Customer.merged_into)).all() == [None, None]
    shared = session.scalars(select(SharedContact)).one()
    assert {shared.first_id, shared.second_id} == set(owners.values())
    assert [one.kind for one in session.scalars(select(StaffNotice))] == ["same_person"]


def test_consents_that_the_clinic_holds_come_with_the_customer_in_any_order(
    aura: Aura, session: Session, clinic: Clinic, sender: Sender
) -> None:
    def tell(*consents: dict[str, Any]) -> None:
        data = {"customer": {"id": "C-88", "name": "Mali Srisuk", "phone": "0812345678"}, "consents": list(consents)}
        body = {"type": "customer.updated", "timestamp": "2026-02-01T09:00:00+07:00", "data": data}
        assert sender.send("standard", body) == 200
        work(session, aura)

    given = {"purpose": "marketing", "channel": "line", "granted": True, "evidence": "form 118"}
    tell(given | {"granted": False, "givenAt": "2026-01-05T10:00:00+07:00"}, given)
    tell(given | {"givenAt": "2025-11-20T10:15:00+07:00"}, given | {"givenAt": "2025-11-20T10:15:00+07:00"})
    customer = session.scalars(select(Customer)).one()
    assert consent.decision(session, customer, "marketing", "line") is False
    assert len(session.scalars(select(Consent)).all()) == 2
    tell(given | {"givenAt": "2026-01-06T10:00:00+07:00"})
    assert consent.decision(session, customer, "marketing", "line") is True
    tell(given | {"givenAt": "soon"})
    states = [state for state, _ in became(session)]
    assert states == ["done", "done", "done", "dead"]


@pytest.mark.parametrize("first", ["booking", "customer"])
def test_who_is_known_to_square_by_an_id_has_the_name_that_it_tells_apart(
    session: Session, aura: Aura, sender: Sender, first: str
) -> None:
    booked = payloads("square")["created"]
    id_ = booked["data"]["object"]["booking"]["customer_id"]
    who = {"id": id_, "given_name": "Mali", "family_name": "Suk", "phone_number": "+66812345678", "version": 1}
    told = {
        "merchant_id": "M",
        "type": "customer.created",
        "event_id": "c1",
        "created_at": "2026-02-01T02:00:00Z",
        "data": {"type": "customer", "id": id_, "object": {"customer": who}},
    }
    renamed = told | {"type": "customer.updated", "event_id": "c2"}
    renamed = renamed | {"data": {"object": {"customer": who | {"given_name": "Nok"}}}}
    for body in [booked, told] if first == "booking" else [told, booked]:
        sender.send("square", body)
    sender.send("square", renamed)
    sender.send("square", told | {"type": "customer.deleted", "event_id": "c3"})
    work(session, aura)
    assert became(session) == [("done", None)] * 3 + [("ignored", "unknown_type")]
    [one] = session.scalars(select(Appointment))
    assert (one.customer.display_name, one.about) == ("Mali Suk", None), "a name that is known is not changed"
    assert session.scalars(select(CustomerContact)).one().value == "+66812345678"
