"""Treatments and visits, as booking systems tell them; whose an id is that came by a friend's link; what is moved."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import Aura
from customers import booking_links
from models.appointments import Appointment
from models.branches import Branch
from models.clinics import Clinic
from models.customers import Customer, LineLink
from models.facts import Payment, Visit
from models.treatments import Treatment
from runtime.clock import real
from tests.fixtures.clinic import NOW
from tests.webhooks.booking import Sender
from tests.webhooks.test_booking import aura, became, sender, work
from tests.webhooks.test_booking_money import WHO, square, standard, thb
from workers.jobs import drains

__all__ = ["aura", "sender"]


def test_a_treatment_is_told_voided_and_waits_for_the_one_it_voids(
    session: Session, aura: Aura, sender: Sender
) -> None:
    at = real() - timedelta(hours=1)
    sender.send("standard", standard("treatment.voided", at + timedelta(minutes=5), id="T-1"))
    drains["chat"](aura.context)
    sender.send(
        "standard",
        standard("treatment.performed", at, id="T-2", customer=WHO, service="HYDRA", staff="Dr A", workflowId="w-1"),
    )
    sender.send("standard", standard("treatment.performed", at, id="T-1", customer=WHO, service="odd"))
    work(session, aura)
    found = {one.external_id: one for one in session.scalars(select(Treatment))}
    assert (found["T-1"].state, found["T-2"].state) == ("voided", "performed")
    two = found["T-2"]
    assert (two.service_code, two.staff, two.workflow_id, two.performed_at) == ("HYDRA", "Dr A", "w-1", at)
    assert [one.id for one in session.scalars(select(Visit))] == [two.visit_id]
    assert {reason for _, reason in became(session)} == {None, "unmapped_service"}


def test_a_treatment_of_nobody_is_named(session: Session, aura: Aura, sender: Sender) -> None:
    sender.send("standard", standard("treatment.performed", id="T-1"))
    work(session, aura)
    [(state, reason)] = became(session)
    assert (state, (reason or "").partition(":")[0]) == ("dead", "data.customer")


def test_an_appointment_that_is_completed_is_a_treatment(session: Session, aura: Aura, sender: Sender) -> None:
    starts = (real() - timedelta(hours=2)).isoformat()
    sender.send("standard", standard("appointment.booked", id="A", customer=WHO, startsAt=starts, service="HYDRA"))
    sender.send("standard", standard("appointment.completed", id="A"))
    work(session, aura)
    [done] = session.scalars(select(Treatment))
    assert (done.state, done.service_code, done.source) == ("performed", "HYDRA", "standard")
    sender.send("standard", standard("appointment.no_show", id="A"))
    work(session, aura)
    assert session.scalars(select(Treatment)).one().state == "voided"
    assert session.scalars(select(Visit)).one().uncounted == "void"


@pytest.mark.parametrize(
    ("product", "visits"), [("SQUARE_POS", 1), (None, 1), ("ECOMMERCE_API", 0), ("INVOICES", 0), ("ONLINE_STORE", 0)]
)
def test_squares_payment_is_a_visit_where_it_was_paid_at_the_counter(
    session: Session, aura: Aura, sender: Sender, product: str | None, visits: int
) -> None:
    how = {"application_details": {"square_product": product}} if product else {}
    sender.send("square", square("payment.updated", "1", id="P", customer_id="SQ", amount_money=thb(150_050), **how))
    work(session, aura)
    assert len(session.scalars(select(Payment)).all()) == 1
    assert len(session.scalars(select(Visit)).all()) == visits


def test_a_payment_online_is_no_visit_and_a_branch_is_kept(
    session: Session, aura: Aura, sender: Sender, clinic: Clinic
) -> None:
    session.add(Branch(clinic_id=clinic.id, code="siam", name="Siam", created_at=NOW))
    session.commit()
    sender.send("standard", standard("payment.paid", id="B-1", customer=WHO, amount=900, online=True))
    work(session, aura)
    assert session.scalars(select(Visit)).all() == []
    sender.send("standard", standard("payment.paid", id="B-2", customer=WHO, amount=800, branch="siam"))
    work(session, aura)
    [visit] = session.scalars(select(Visit))
    assert visit.branch_id is not None


# Moved, without saying who comes.


@pytest.mark.parametrize("first", ["booked", "moved"])
def test_what_is_moved_is_of_whoever_had_the_one_it_replaces(
    session: Session, aura: Aura, sender: Sender, first: str
) -> None:
    soon = (real() + timedelta(days=1)).isoformat()
    facts = {
        "booked": standard("appointment.booked", id="A", customer=WHO, startsAt=soon),
        "moved": standard("appointment.moved", id="B", replaces="A", startsAt=soon),
    }
    for name in sorted(facts, key=lambda one: one != first):
        sender.send("standard", facts[name])
        work(session, aura) if name != "moved" else None
    work(session, aura)
    found = {one.external_id: (one.state, one.customer_id) for one in session.scalars(select(Appointment))}
    assert {id_: state for id_, (state, _) in found.items()} == {"A": "moved", "B": "booked"}
    assert found["A"][1] == found["B"][1]


def test_the_same_appointment_at_another_time_need_not_say_who(session: Session, aura: Aura, sender: Sender) -> None:
    begins = [(real() + timedelta(days=days)).replace(microsecond=0) for days in (1, 2)]
    sender.send("standard", standard("appointment.booked", id="A", customer=WHO, startsAt=begins[0].isoformat()))
    sender.send("standard", standard("appointment.moved", id="A", startsAt=begins[1].isoformat()))
    work(session, aura)
    [one] = session.scalars(select(Appointment))
    assert (one.starts_at, one.customer.display_name) == (begins[1], WHO["name"])


def test_what_changes_whose_the_replaced_one_is_changes_its_place_too(
    session: Session, aura: Aura, sender: Sender
) -> None:
    soon = (real() + timedelta(days=1)).isoformat()
    sender.send("standard", standard("appointment.booked", id="A", customer=WHO, startsAt=soon))
    sender.send("standard", standard("appointment.moved", id="B", replaces="A", startsAt=soon))
    work(session, aura)
    ken = {"id": "C-99", "name": "Ken"}
    sender.send("standard", standard("appointment.moved", id="A", customer=ken, startsAt=soon))
    work(session, aura)
    assert {one.customer.display_name for one in session.scalars(select(Appointment))} == {"Ken"}


# Whose an id is.


def told(friend: Customer, session: Session, **who: Any) -> dict[str, Any]:
    token = booking_links.token(session, friend, datetime.now(UTC))
    soon = (real() + timedelta(days=1)).isoformat()
    return standard("appointment.booked", id="A", customer={"id": "C-7", **who}, startsAt=soon, reference=token)


def paid_by(session: Session, aura: Aura, sender: Sender) -> Customer:
    """Whose a payment is that names the system's id and nothing else."""
    sender.send("standard", standard("payment.paid", id="B-7", customer={"id": "C-7"}, amount=500))
    work(session, aura)
    return session.scalars(select(Payment).where(Payment.external_id == "B-7")).one().customer


def test_the_id_that_came_by_a_friends_link_is_theirs_also_without_it(
    session: Session, aura: Aura, sender: Sender, mali: LineLink
) -> None:
    mali.customer.display_name = "Mali Suk"
    sender.send("standard", told(mali.customer, session, name="SUK, Mali".replace(",", "")))
    work(session, aura)
    assert paid_by(session, aura, sender).id == mali.customer_id


@pytest.mark.parametrize("name", ["น้องพลอย", None])
def test_under_another_name_or_none_the_id_is_not_theirs(
    session: Session, aura: Aura, sender: Sender, mali: LineLink, name: str | None
) -> None:
    mali.customer.display_name = "Mali Suk"
    sender.send("standard", told(mali.customer, session, **({"name": name} if name else {})))
    work(session, aura)
    assert session.scalars(select(Appointment)).one().customer_id == mali.customer_id
    assert paid_by(session, aura, sender).id != mali.customer_id


def test_an_id_that_was_known_before_stays_with_its_record(
    session: Session, aura: Aura, sender: Sender, mali: LineLink
) -> None:
    mali.customer.display_name = "Mali Suk"
    sender.send("standard", standard("payment.paid", id="B-1", customer={"id": "C-7", "name": "Mali Suk"}, amount=300))
    work(session, aura)
    sender.send("standard", told(mali.customer, session, name="Mali Suk"))
    work(session, aura)
    assert paid_by(session, aura, sender).id != mali.customer_id
