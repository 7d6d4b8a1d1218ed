"""The menu a person has, in Python and in SQL alike."""

import itertools

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from customers.people import new_customer
from models.clinics import Clinic
from models.customers import Customer
from models.loyalty import LoyaltyProfile
from richmenus.choose import key_in_sql, key_of
from tests.fixtures.clinic import NOW

OWN = ("new", "gold", "vip", "a", "b", "c")
STEPS = [{"name": name, "threshold": at, "discount": 0, "multiplier": 1} for at, name in enumerate(OWN)]


def member(session: Session, clinic: Clinic, tier: str | None, language: str | None, *, joined: bool) -> Customer:
    customer = new_customer(session, clinic, NOW)
    customer.joined_at, customer.language = NOW if joined else None, language
    session.flush()
    if tier is not None:
        session.add(
            LoyaltyProfile(
                customer_id=customer.id,
                clinic_id=clinic.id,
                current_tier=tier,
                referral_code=customer.id.hex[-10:],
                created_at=NOW,
            )
        )
        session.flush()
    return customer


def menu(session: Session, clinic: Clinic, customer: Customer) -> str:
    return key_of(clinic, customer, session.get(LoyaltyProfile, (customer.id, clinic.id)))


def test_guests_and_members_and_their_languages(session: Session, clinic: Clinic) -> None:
    for tier, language, joined, key in (
        (None, None, False, "guest-th"),
        (None, "en", False, "guest-en"),
        ("gold", "en", False, "guest-en"),
        ("gold", None, True, "gold-th"),
        ("diamond", "en", True, "diamond-en"),
    ):
        assert menu(session, clinic, member(session, clinic, tier, language, joined=joined)) == key


def test_in_a_language_that_is_not_spoken_it_is_that_of_the_first(session: Session, clinic: Clinic) -> None:
    clinic.choose(voice={"languages": ["en"]})
    for language in (None, "th", "en"):
        assert menu(session, clinic, member(session, clinic, "gold", language, joined=True)) == "gold-en"


def test_a_tier_of_ones_own_has_the_menu_of_its_place(session: Session, clinic: Clinic) -> None:
    clinic.own_settings = {"tiers": {"steps": STEPS}}
    found = [menu(session, clinic, member(session, clinic, tier, "th", joined=True)) for tier in (*OWN, "forgotten")]
    assert [key.removesuffix("-th") for key in found] == [
        "bronze", "gold", "gold", "platinum", "diamond", "diamond", "bronze",
    ]  # fmt: skip


@pytest.mark.parametrize("spoken", [["th", "en"], ["en", "th"], ["en"], ["th"]], ids="-".join)
def test_the_database_finds_the_same(session: Session, clinic: Clinic, spoken: list[str]) -> None:
    clinic.own_settings = {"tiers": {"steps": STEPS}, "voice": {"languages": spoken}}
    tiers = (None, *OWN, "silver", "forgotten")
    people = [
        member(session, clinic, tier, language, joined=joined)
        for tier, language, joined in itertools.product(tiers, (None, "th", "en"), (True, False))
    ]
    profiles = (LoyaltyProfile.clinic_id == Customer.clinic_id) & (LoyaltyProfile.customer_id == Customer.id)
    found = select(Customer.id, key_in_sql(clinic)).outerjoin(LoyaltyProfile, profiles)
    in_sql = dict(session.execute(found).all())
    assert in_sql == {customer.id: menu(session, clinic, customer) for customer in people}
    assert len(set(in_sql.values())) > 5
