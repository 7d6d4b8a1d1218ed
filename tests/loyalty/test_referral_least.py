"""How much a friend must have paid: a small payment brings nothing, and spoils nothing."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from loyalty import merge
from models.customers import Customer
from tests.fixtures.clinic import NOW
from tests.loyalty.bringing import LATER, Meet, brought, pay, refund


def test_a_payment_too_small_leaves_it_to_the_next(session: Session, meet: Meet, member: Customer) -> None:
    ken, referral = brought(session, meet, member)
    for hours, baht in enumerate((100, 299)):
        pay(session, ken, now=LATER + timedelta(hours=hours), baht=baht)
        assert (str(referral.state), referral.payment_id) == ("bound", None)
    enough = pay(session, ken, now=LATER + timedelta(days=1), baht=300)
    assert (referral.state, referral.payment_id) == ("qualified", enough.id)


def test_small_payments_do_not_add_up(session: Session, meet: Meet, member: Customer) -> None:
    ken, referral = brought(session, meet, member)
    for hours in range(5):
        pay(session, ken, now=LATER + timedelta(hours=hours), baht=200)
    assert referral.state == "bound"


@pytest.mark.parametrize(
    ("least", "baht", "state"), [(0, 1, "qualified"), (1_500, 1_499, "bound"), (1_500, 1_500, "qualified")]
)
def test_the_clinic_sets_the_least_payment(
    session: Session, meet: Meet, member: Customer, least: int, baht: int, state: str
) -> None:
    member.clinic.own_settings = {"referral": {"least_payment": least}}
    ken, referral = brought(session, meet, member)
    pay(session, ken, baht=baht)
    assert referral.state == state


def test_a_small_payment_before_the_friend_was_named_shows_a_customer(
    session: Session, meet: Meet, member: Customer
) -> None:
    ken, referral = brought(session, meet, member, now=LATER)
    pay(session, ken, now=NOW, baht=100)  # the till told late
    pay(session, ken, now=LATER + timedelta(hours=1))
    assert (referral.state, referral.reason) == ("void", "already_customer")


@pytest.mark.parametrize(("given_back", "state"), [(700, "qualified"), (701, "void"), (999, "void")])
def test_what_is_left_after_a_refund_must_be_enough(
    session: Session, meet: Meet, member: Customer, given_back: int, state: str
) -> None:
    ken, referral = brought(session, meet, member)
    refund(session, pay(session, ken), given_back, LATER)
    assert referral.state == state


def test_payments_of_another_record_since_then_do_not_make_an_old_customer(
    session: Session, meet: Meet, member: Customer
) -> None:
    ken, referral = brought(session, meet, member)
    known_to_the_till = meet()
    pay(session, known_to_the_till)
    merge.merge_customers(session, ken, known_to_the_till, LATER, actor="test")
    pay(session, known_to_the_till, now=LATER + timedelta(days=1))
    assert referral.state == "qualified"
