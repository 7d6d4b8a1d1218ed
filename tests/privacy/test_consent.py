"""The consent ledger."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from customers.people import new_customer
from facts.merged import merge
from models.clinics import Clinic
from models.consents import Consent, Notice
from models.customers import Customer, LineLink
from privacy import consent
from tests.fixtures.clinic import NOW

HOUR = timedelta(hours=1)


def decide(session: Session, mali: LineLink, granted: bool) -> None:
    consent.decide(
        session, mali.customer, purpose="marketing", channel="line", granted=granted, text="May we?", now=NOW
    )
    session.flush()


def test_silence_is_no_consent_and_the_newest_decision_holds(session: Session, mali: LineLink) -> None:
    assert consent.decision(session, mali.customer, "marketing", "line") is None
    for granted in (True, False, True):
        decide(session, mali, granted)
        assert consent.decision(session, mali.customer, "marketing", "line") is granted
    assert consent.decision(session, mali.customer, "marketing", "sms") is None


def test_offers_go_to_nobody_who_has_not_said_that_they_are_of_age(session: Session, mali: LineLink) -> None:
    decide(session, mali, granted=True)
    for adult in (None, False, True):
        mali.customer.adult = adult
        assert consent.may_send_offers(session, mali.customer, "line", NOW) is (adult is True)


def of(session: Session, customer: Customer, granted: bool, at: datetime) -> None:
    consent.decide(session, customer, purpose="marketing", channel="line", granted=granted, text="May we?", now=at)
    session.flush()


def held(session: Session, customer: Customer) -> bool | None:
    return consent.decision(session, customer, "marketing", "line")


@pytest.fixture
def other(session: Session, clinic: Clinic) -> Customer:
    return new_customer(session, clinic, NOW)


@pytest.mark.parametrize("withdrawn_by", ["duplicate", "survivor"])
@pytest.mark.parametrize("first", ["granted", "withdrawn"])
def test_a_withdrawal_to_either_record_holds_until_a_grant_after_the_merge(
    session: Session, mali: LineLink, other: Customer, withdrawn_by: str, first: str
) -> None:
    survivor = mali.customer
    by = {"duplicate": other, "survivor": survivor}
    granted_by = survivor if withdrawn_by == "duplicate" else other
    of(session, by[withdrawn_by], False, NOW if first == "withdrawn" else NOW + HOUR)
    of(session, granted_by, True, NOW if first == "granted" else NOW + HOUR)
    merge(session, other, survivor, NOW + 2 * HOUR, actor="staff")
    assert held(session, survivor) is held(session, other) is False
    of(session, survivor, True, NOW + 3 * HOUR)
    assert held(session, survivor) is True
    of(session, survivor, False, NOW + 4 * HOUR)
    assert held(session, survivor) is False


def test_what_was_granted_to_either_and_withdrawn_from_neither_holds(
    session: Session, mali: LineLink, other: Customer
) -> None:
    of(session, other, True, NOW)
    merge(session, other, mali.customer, NOW + HOUR, actor="staff")
    assert held(session, mali.customer) is True
    assert session.scalars(select(Consent.customer_id)).all() == [other.id], "it stays under its own record"
    of(session, mali.customer, False, NOW + 2 * HOUR)
    assert held(session, mali.customer) is False


def test_a_withdrawal_is_found_through_a_second_merge(
    session: Session, clinic: Clinic, mali: LineLink, other: Customer
) -> None:
    third = new_customer(session, clinic, NOW)
    of(session, other, False, NOW)
    of(session, mali.customer, True, NOW)
    merge(session, other, third, NOW + HOUR, actor="staff")
    merge(session, third, mali.customer, NOW + 2 * HOUR, actor="staff")
    assert held(session, mali.customer) is False


def test_a_notice_shown_to_a_merged_record_was_shown(session: Session, mali: LineLink, other: Customer) -> None:
    consent.note_notice(session, other, "one", "th", NOW)
    merge(session, other, mali.customer, NOW + HOUR, actor="staff")
    consent.note_notice(session, mali.customer, "one", "th", NOW + HOUR)
    session.flush()
    assert session.scalars(select(Notice.customer_id)).all() == [other.id]


def test_what_was_seen_and_agreed_to_has_the_clinics_version(session: Session, mali: LineLink) -> None:
    for version, text in (("2026-11-draft", "one"), ("2027-01", "two")):
        consent.note_notice(session, mali.customer, text, "th", NOW)
        decide(session, mali, text == "one")
        assert session.scalars(select(Notice.policy_version).where(Notice.policy_version == version)).one()
        assert session.scalars(select(Consent.policy_version).where(Consent.policy_version == version)).one()
        mali.customer.clinic.own_settings = {"privacy": {"notice_version": "2027-01"}}
        session.flush()


def test_a_notice_is_noted_once_for_each_text(session: Session, mali: LineLink) -> None:
    for text in ("one", "one", "two"):
        consent.note_notice(session, mali.customer, text, "th", NOW)
        session.flush()
    assert session.scalar(select(func.count()).select_from(Notice)) == 2
