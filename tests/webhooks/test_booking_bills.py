"""Bills, as booking systems tell them."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import Aura
from models.facts import Payment, Visit
from models.invoices import Invoice
from models.loyalty import PointTransaction
from tests.webhooks.booking import Sender, payloads
from tests.webhooks.test_booking import aura, became, sender, work
from tests.webhooks.test_booking_money import WHO, square, standard, thb

__all__ = ["aura", "sender"]

STANDARD, SQUARE = payloads("standard_invoices"), payloads("square_invoices")


def kept(session: Session) -> list[tuple[Any, ...]]:
    session.expire_all()
    rows = session.scalars(select(Invoice).order_by(Invoice.external_id))
    return [(one.state, one.amount, one.paid, one.refunded, one.due_on) for one in rows]


def earned(session: Session) -> int:
    return sum(session.scalars(select(PointTransaction.amount)))


@pytest.mark.parametrize("backwards", [False, True])
def test_our_own_form_tells_the_life_of_a_bill(
    session: Session, aura: Aura, sender: Sender, *, backwards: bool
) -> None:
    names = ["created", "due_moved", "paid_in_part", "paid_the_rest", "refunded"]
    for name in [*reversed(names)] if backwards else names:
        sender.send("standard", STANDARD[name])
        sender.send("standard", STANDARD[name])
    work(session, aura)
    assert kept(session) == [("paid", 3_000, 3_000, 2_000, date(2026, 2, 17))]
    assert (session.scalars(select(Invoice)).one().service_code, earned(session)) == ("HYDRA", 100)
    sender.send("standard", STANDARD["void"])
    work(session, aura)
    assert kept(session)[0][0] == "void"
    assert {state for state, _ in became(session)} == {"done"}


@pytest.mark.parametrize("backwards", [False, True])
def test_a_void_bill_is_owed_again_only_when_it_is_told_anew(
    session: Session, aura: Aura, sender: Sender, *, backwards: bool
) -> None:
    told = [
        standard("invoice.created", id="INV-1", version=1, customer=WHO, amount=3_000, dueOn="2026-02-10"),
        standard("invoice.paid", id="INV-1", version=2, paid=1_000),
        standard("invoice.void", id="INV-1", version=3),
        standard("invoice.refunded", id="INV-1", version=4, refunded=500),
        standard("invoice.due_moved", id="INV-1", version=5, dueOn="2026-02-17"),
        standard("invoice.changed", id="INV-1", version=6, amount=3_100),
    ]
    for body in reversed(told) if backwards else told:
        sender.send("standard", body)
    work(session, aura)
    assert kept(session) == [("void", 3_100, 1_000, 500, date(2026, 2, 17))]
    sender.send("standard", standard("invoice.created", id="INV-1", version=7, customer=WHO, amount=3_200))
    work(session, aura)
    assert kept(session) == [("part_paid", 3_200, 1_000, 500, date(2026, 2, 17))]


@pytest.mark.parametrize(("said", "visits"), [({}, 1), ({"online": True}, 0)])
def test_a_paid_bill_is_a_visit_of_its_day_unless_it_was_paid_online(
    session: Session, aura: Aura, sender: Sender, said: dict[str, Any], visits: int
) -> None:
    sender.send("standard", standard("invoice.paid", id="INV-1", customer=WHO, amount=900, **said))
    work(session, aura)
    assert kept(session)[0][0] == "paid"
    assert len(session.scalars(select(Visit)).all()) == visits


@pytest.mark.parametrize("backwards", [False, True])
def test_squares_bill_is_seen_and_its_payment_earns(
    session: Session, aura: Aura, sender: Sender, *, backwards: bool
) -> None:
    told = [SQUARE["published"], SQUARE["payment_made"]]
    for body in reversed(told) if backwards else told:
        sender.send("square", body)
    work(session, aura)
    assert kept(session) == [("part_paid", Decimal("3000.50"), 1_000, 0, date(2026, 2, 20))]
    assert earned(session) == 0
    who = "SSKBT02ECWZXK6W3VWYC78E52R"
    sender.send("square", square("payment.updated", "9", id="P", customer_id=who, amount_money=thb(100_000)))
    sender.send("square", SQUARE["canceled"])
    sender.send("square", SQUARE["deleted"])
    work(session, aura)
    assert (kept(session)[0][0], earned(session)) == ("void", 100)
    assert became(session)[-1] == ("ignored", "draft")


@pytest.mark.parametrize(
    ("kind", "data", "why"),
    [
        ("created", {"amount": "a lot"}, "data.amount: write baht"),
        ("created", {}, "data.amount: write baht"),
        ("created", {"amount": 5, "currency": "USD"}, "data.currency: amounts are in THB"),
        ("created", {"amount": 5, "dueOn": "soon"}, "data.dueOn: write a day"),
        ("due_moved", {"amount": 5}, "data.dueOn: write a day"),
        ("paid", {}, "data.amount: write baht"),
        ("refunded", {}, "data.refunded: write baht"),
        ("created", {"amount": 20_000_000}, "20000000 is not an amount"),
    ],
)
def test_what_is_wrong_is_named(
    session: Session, aura: Aura, sender: Sender, kind: str, data: dict[str, Any], why: str
) -> None:
    sender.send("standard", standard(f"invoice.{kind}", id="INV-1", customer=WHO, **data))
    work(session, aura)
    [(state, reason)] = became(session)
    assert state == "dead"
    assert (reason or "").startswith(why)


def test_squares_odd_bills_are_named_too(session: Session, aura: Aura, sender: Sender) -> None:
    def changed(**more: Any) -> dict[str, Any]:
        invoice = SQUARE["published"]["data"]["object"]["invoice"] | more
        body = SQUARE["published"] | {"event_id": str(len(sent)), "data": {"object": {"invoice": invoice}}}
        sent.append(body)
        return body

    sent: list[dict[str, Any]] = []
    odd: list[dict[str, Any]] = [
        {"status": "PERHAPS"}, {"payment_requests": []}, {"primary_recipient": None}, {"status": "DRAFT"},
    ]  # fmt: skip
    for more in odd:
        sender.send("square", changed(**more))
        work(session, aura)
    place = "data.object.invoice"
    reasons = [(state, (reason or "").split(":")[0]) for state, reason in became(session)]
    assert reasons == [
        ("dead", f"{place}.status"), ("dead", f"{place}.payment_requests"), ("ignored", "nobody_named"),
        ("ignored", "draft"),
    ]  # fmt: skip


def test_a_payment_that_names_its_bill_pays_it(session: Session, aura: Aura, sender: Sender) -> None:
    sender.send("standard", standard("payment.paid", id="P-1", customer=WHO, amount=500, invoice="INV-1"))
    sender.send("standard", standard("invoice.created", id="INV-1", customer=WHO, amount=500))
    sender.send("standard", standard("invoice.paid", id="INV-1", paid=500, payment="P-1"))
    work(session, aura)
    assert kept(session) == [("paid", 500, 500, 0, None)]
    assert [one.points for one in session.scalars(select(Payment))] == [50]
