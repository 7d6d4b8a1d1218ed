"""The consent ledger."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.consents import Notice
from models.customers import LineLink
from privacy import consent
from tests.fixtures.clinic import NOW


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


def test_a_notice_is_noted_once_for_each_text(session: Session, mali: LineLink) -> None:
    for text in ("one", "one", "two"):
        consent.note_notice(session, mali.customer, text, "th", NOW)
        session.flush()
    assert session.scalar(select(func.count()).select_from(Notice)) == 2
