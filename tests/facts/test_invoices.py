"""Bills: any order, repetition and delay ends the same; a purchase earns once, whoever tells it by whichever name."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from customers import invoices as kept
from customers.errors import FactRefused
from facts.hear import hear
from facts.paid import paid
from facts.told import Fact, InvoiceTold, NotYet, PaymentTold, Person, RefundTold
from models.branches import Service
from models.clinics import Clinic
from models.customers import JourneyEvent
from models.facts import Payment, Visit
from models.invoices import Invoice
from models.loyalty import PointTransaction
from tests.fixtures.clinic import NOW

MALI = Person(id="P")
DUE = date(2026, 2, 10)


def bill(order: int, id_: str = "B", **more: Any) -> InvoiceTold:
    return InvoiceTold(id_, more.pop("state", None), order, NOW + timedelta(minutes=order), **more)


def made(order: int = 1, amount: int = 1_000, **more: Any) -> InvoiceTold:
    return bill(order, **{"state": "open", **more}, person=MALI, amount=Decimal(amount))


def pays(order: int, amount: int, payment: str = "B", **more: Any) -> InvoiceTold:
    at = NOW + timedelta(minutes=order)
    return bill(order, payment=PaymentTold(payment, Person(), Decimal(amount), at, None, "B"), **more)


def gives_back(order: int, amount: int, payment: str = "B") -> InvoiceTold:
    at = NOW + timedelta(minutes=order)
    return bill(order, refund=RefundTold(f"R{order}", payment, Decimal(amount), at))


def tell(session: Session, clinic: Clinic, *facts: Fact, source: str = "standard") -> Invoice:
    for fact in facts:
        hear(session, clinic, source, fact, NOW + timedelta(days=1))
    return session.scalars(select(Invoice)).one()


def earned(session: Session) -> int:
    return session.scalar(select(func.coalesce(func.sum(PointTransaction.amount), 0))) or 0


def seen(*values: Any) -> tuple[Any, ...]:
    return values


@st.composite
def facts(draw: st.DrawFn) -> list[Fact]:
    """A bill with whatever may become of it, each at its own place of the source's order."""
    told: list[Fact] = [made(draw(st.sampled_from([0, 100])), due_on=draw(st.sampled_from([None, DUE])))]
    parts = draw(st.lists(st.sampled_from([200, 500, 800]), max_size=3))
    for at, part in enumerate(parts, 10):
        told.append(pays(at, part, f"PAY{at}"))
        if draw(st.booleans()):
            # The same, told as a payment of the bill; or what the till has seen of it.
            told.append(PaymentTold(f"PAY{at}", MALI, Decimal(part), NOW + timedelta(minutes=at), None, "B"))
        if draw(st.booleans()):
            later = at + draw(st.sampled_from([20, 60]))
            told.append(gives_back(later, part if draw(st.booleans()) else 100, f"PAY{at}"))
    for order in draw(st.lists(st.integers(50, 59), unique=True, max_size=3)):
        what = draw(st.sampled_from(["due", "amount", "void", "stands"]))
        told.append(
            bill(order, due_on=DUE + timedelta(days=order))
            if what == "due"
            else made(order, 100 * order, service=draw(st.sampled_from([None, "HYDRA"])))
            if what == "amount"
            else bill(order, state="void" if what == "void" else "open")
        )
    return told


def ends(session: Session, clinic: Clinic, told: Sequence[Fact]) -> list[Any]:
    """Everything of the bill and its money, after the facts in this order; what comes too early is told again."""
    before = session.begin_nested()
    session.add(Service(clinic_id=clinic.id, code="HYDRA", names={"th": "ไฮดราเฟเชียล"}))
    waiting, now = list(told), NOW + timedelta(days=1)
    while waiting:
        early: list[Fact] = []
        for fact in waiting:
            try:
                hear(session, clinic, "standard", fact, now)
            except NotYet:
                early.append(fact)
        assert len(early) < len(waiting)
        waiting = early
    session.flush()
    names = [one for one in Invoice.__table__.c if one.name not in ("id", "clinic_id", "customer_id", "created_at")]
    found: list[Any] = [tuple(row) for row in session.execute(select(*names))]
    paid_ = select(Payment.external_id, Payment.amount, Payment.refunded, Payment.clawed_back, Payment.of_invoice)
    found += [tuple(row) for row in session.execute(paid_.order_by(Payment.external_id))]
    before.rollback()
    session.expire_all()
    return found


@seed(13)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(told=facts(), data=st.data())
def test_any_order_ends_the_same(session: Session, clinic: Clinic, told: list[Fact], data: st.DataObject) -> None:
    shuffled = data.draw(st.permutations([*told, *told]))
    assert ends(session, clinic, shuffled) == ends(session, clinic, told)


def test_what_is_paid_in_parts_is_paid_when_all_of_it_is(session: Session, clinic: Clinic) -> None:
    one = tell(session, clinic, made(due_on=DUE), pays(2, 400, "P1"))
    assert seen(one.state, one.paid, one.due_on) == ("part_paid", 400, DUE)
    tell(session, clinic, pays(3, 600, "P2"))
    assert seen(one.state, one.paid, one.paid_at) == ("paid", 1_000, NOW + timedelta(minutes=3))
    assert earned(session) == 100
    tell(session, clinic, gives_back(4, 600, "P2"))
    assert seen(one.state, one.refunded, earned(session)) == ("paid", 600, 40)
    tell(session, clinic, gives_back(5, 400, "P1"))
    assert seen(one.state, one.refunded, earned(session)) == ("refunded", 1_000, 0)
    types = select(JourneyEvent.type).where(JourneyEvent.type.like("invoice%")).order_by(JourneyEvent.id)
    assert list(session.scalars(types)) == ["invoice_created", "invoice_part_paid", "invoice_paid", "invoice_refunded"]


def test_a_due_date_that_moves_and_a_bill_that_is_void_and_stands_again(session: Session, clinic: Clinic) -> None:
    one = tell(session, clinic, made(1, due_on=DUE), bill(3, due_on=DUE + timedelta(days=7)))
    assert one.due_on == DUE + timedelta(days=7)
    tell(session, clinic, bill(2, due_on=DUE + timedelta(days=3)))
    assert one.due_on == DUE + timedelta(days=7), "what is older changes nothing"
    assert list(kept.owed(session, one.customer, 5)) == [one]
    tell(session, clinic, bill(4, state="void"))
    assert seen(one.state, kept.owed(session, one.customer, 5)) == ("void", [])
    tell(session, clinic, made(5, 1_200))
    assert seen(one.state, one.amount) == ("open", 1_200)


@pytest.mark.parametrize("backwards", [False, True])
def test_what_is_void_is_not_owed_by_money_given_back_or_another_due_date(
    session: Session, clinic: Clinic, backwards: bool
) -> None:
    later: list[Fact] = [gives_back(4, 500, "P1"), bill(5, due_on=DUE), bill(6, service="HYDRA"), pays(7, 100, "P2")]
    told: list[Fact] = [bill(3, state="void"), *later]
    one = tell(session, clinic, made(1, 3_000), pays(2, 1_000, "P1"), *(reversed(told) if backwards else told))
    assert seen(one.state, one.paid, one.refunded, kept.owed(session, one.customer, 5)) == ("void", 1_100, 500, [])
    assert tell(session, clinic, bill(8, state="open")).state == "part_paid", "its own word has it stand again"


def test_the_payment_and_the_paid_bill_are_one_purchase(session: Session, clinic: Clinic) -> None:
    alone = PaymentTold("P1", MALI, Decimal(1_000), NOW + timedelta(minutes=2))
    one = tell(session, clinic, alone, made(), pays(2, 1_000, "P1"))
    assert seen(one.state, one.paid, earned(session)) == ("paid", 1_000, 100)


@pytest.mark.parametrize(("at_counter", "visits"), [(True, 1), (False, 0)])
def test_a_bill_paid_at_the_counter_is_a_visit_as_any_payment_there_is(
    session: Session, clinic: Clinic, at_counter: bool, visits: int
) -> None:
    told = PaymentTold("P", Person(), Decimal(1_000), NOW, at_counter=at_counter)
    tell(session, clinic, made(), bill(2, payment=told), bill(2, payment=told))
    assert len(session.scalars(select(Visit)).all()) == visits


@pytest.mark.parametrize("backwards", [False, True])
def test_told_both_ways_it_is_one_visit_whichever_came_first(session: Session, clinic: Clinic, backwards: bool) -> None:
    online = PaymentTold("P", MALI, Decimal(1_000), NOW, at_counter=False)
    there = bill(2, person=MALI, amount=Decimal(1_000), payment=PaymentTold("P", Person(), Decimal(1_000), NOW))
    told: list[Fact] = [online, there]
    tell(session, clinic, *(reversed(told) if backwards else told))
    assert len(session.scalars(select(Visit)).all()) == 1


def test_a_payment_that_names_a_bill_told_later_pays_it(session: Session, clinic: Clinic) -> None:
    early = PaymentTold("P1", MALI, Decimal(1_000), NOW, None, "B")
    assert tell(session, clinic, early, made()).state == "paid"


def test_another_source_that_names_the_bill_tells_of_the_same_purchase(session: Session, clinic: Clinic) -> None:
    """Also days later, and in parts of one amount, however they come between each other."""
    one = tell(session, clinic, made())
    at_the_till = [(f"T{n}", NOW + timedelta(days=n)) for n in (1, 2)]

    def till(id_: str, at: Any) -> str | None:
        return paid(
            session, one.customer, source="till", external_id=id_, amount=Decimal(500), paid_at=at, service_code=None,
            of_invoice=kept.name_of("standard", "B"), now=at,
        ).payment.uncounted  # fmt: skip

    assert till(*at_the_till[0]) is None
    assert one.state == "part_paid"
    tell(session, clinic, pays(1, 500, "P1"), pays(2, 500, "P2"))
    assert seen(one.state, one.paid, earned(session)) == ("paid", 1_000, 100)
    assert till(*at_the_till[1]) == "duplicate"
    assert seen(one.paid, earned(session)) == (1_000, 100)


def test_another_customers_is_refused(session: Session, clinic: Clinic) -> None:
    tell(session, clinic, made())
    with pytest.raises(Exception, match="another customer") as refused:
        tell(session, clinic, bill(2, person=Person(id="Q"), amount=Decimal(5)))
    assert isinstance(refused.value.__cause__, FactRefused)


def test_a_bill_is_paid_also_where_another_source_earns(session: Session, clinic: Clinic) -> None:
    clinic.own_settings = {"points": {"points_from": ["till"]}}
    one = tell(session, clinic, made(), pays(2, 1_000))
    assert seen(one.state, one.paid, earned(session)) == ("paid", 1_000, 0)
    again = paid(
        session, one.customer, source="till", external_id="T", amount=Decimal(1_000), paid_at=NOW, service_code=None,
        of_invoice=kept.name_of("standard", "B"), now=NOW,
    )  # fmt: skip
    assert seen(again.payment.uncounted, again.earned, one.paid) == (None, 100, 1_000)
