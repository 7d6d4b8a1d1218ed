"""Each gate by itself: what it holds, what it ends, and what passes it."""

from dataclasses import replace
from datetime import datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy.orm import Session

from channels.base import NoWay, Recipient
from channels.message import Message
from customers import pauses
from customers.people import identify
from facts.visited import visited
from followups import hours, preferences
from followups.asked import Asked, End, Hold
from followups.gates import awake, not_withheld
from followups.kind import kinds
from models.access import StaffGroup
from models.branches import Branch
from models.clinics import Clinic
from models.conversations import Send
from models.customers import Customer, LineLink
from models.followups import FollowupRule
from models.meters import LineMeter
from privacy import consent, suppressions
from runtime.clock import DATABASE_NOW
from runtime.context import Runtime
from runtime.language import Language
from tests.fixtures.clinic import NOW
from tests.followups.gate import CARE, DAY, HEALTH, OFFER, Gate

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
BANGKOK = ZoneInfo("Asia/Bangkok")
SENT, NO_CONSENT = ("sent", None), ("skipped", "no_consent")


class Phone:
    """A channel that writes to a phone, and is settled at once."""

    name, number = "sms", "+66812345678"

    def address(self, session: Session, recipient: Recipient) -> str | NoWay:
        return self.number

    def render(self, message: Message, clinic: Clinic, t: Language) -> bytes:
        return message.title.encode()


@pytest.fixture
def gate(session: Session, runtime: Runtime, clinic: Clinic, mali: LineLink) -> Gate:
    return Gate(session, runtime, clinic, mali.customer, (Phone(),))


@pytest.fixture
def offer(gate: Gate) -> FollowupRule:
    gate.agree()
    return gate.rule(OFFER)


@pytest.fixture
def care(gate: Gate) -> FollowupRule:
    return gate.rule(CARE)


@pytest.mark.parametrize(("adult", "granted", "fate"), [
    (True, True, SENT), (True, False, NO_CONSENT), (False, True, NO_CONSENT), (None, True, NO_CONSENT),
])  # fmt: skip
def test_an_offer_needs_a_consent_that_counts(
    gate: Gate, adult: bool | None, granted: bool, fate: tuple[str, str | None]
) -> None:
    gate.decide(consent.MARKETING, granted=granted)
    gate.customer.adult = adult
    assert gate.said(gate.rule(OFFER), NOW) == fate


def test_a_consent_is_asked_for_when_it_is_said_and_not_when_it_was_planned(gate: Gate, offer: FollowupRule) -> None:
    id_ = gate.due(offer, NOW + HOUR)
    gate.decide(consent.MARKETING, granted=False, at=NOW + 30 * MINUTE)
    gate.pass_to(NOW + HOUR)
    assert gate.fate(id_) == NO_CONSENT


def test_an_offer_goes_over_a_channel_to_which_was_agreed_alone(gate: Gate) -> None:
    gate.agree(channel="sms")
    identify(gate.session, gate.customer, "phone", Phone.number, NOW)
    id_ = gate.due(gate.rule(OFFER, "line", "sms"), NOW)
    gate.pass_to(NOW)
    assert gate.fate(id_) == SENT
    assert gate.session.query(Send.channel).all() == [("sms",)]


@pytest.mark.parametrize(("purpose", "fate"), [(CARE, ("skipped", "opted_out")), (OFFER, SENT)])
def test_who_wants_no_care_may_want_offers(gate: Gate, purpose: str, fate: tuple[str, str | None]) -> None:
    gate.agree()
    gate.decide("care", granted=False)
    assert gate.said(gate.rule(purpose), NOW) == fate


@pytest.mark.parametrize(("granted", "adult", "fate"), [
    (True, True, SENT), (False, True, ("skipped", "no_health_consent")), (True, False, NO_CONSENT),
])  # fmt: skip
def test_what_a_treatment_chooses_needs_a_consent_of_its_own(
    gate: Gate, granted: bool, adult: bool, fate: tuple[str, str | None]
) -> None:
    gate.agree()
    gate.decide(consent.HEALTH, granted=granted)
    gate.customer.adult = adult
    assert gate.said(gate.rule(HEALTH), NOW) == fate


@pytest.mark.parametrize(("again", "fate"), [(False, SENT), (True, ("cancelled", "came_since"))])
def test_who_has_come_since_is_not_invited_back(
    gate: Gate, offer: FollowupRule, again: bool, fate: tuple[str, str | None]
) -> None:
    """As where another record, which knew of an earlier visit alone, has become theirs."""
    id_ = gate.due(offer, NOW)
    gate.one(id_).anchor = f"visit:{gate.visit_id}"
    if again:
        visited(
            gate.session, gate.customer, source="till", external_id="V2", visited_at=NOW - DAY, service_code=None,
            now=NOW,
        )  # fmt: skip
    gate.pass_to(NOW)
    assert gate.fate(id_) == fate


def test_no_address_that_is_suppressed_is_written_to(gate: Gate) -> None:
    rule = gate.rule(CARE, "sms")
    suppressions.add(gate.session, gate.clinic, "phone", "+66812345678", "unsubscribed", NOW)
    assert gate.said(rule, NOW) == ("skipped", "suppressed")
    assert suppressions.lift(gate.session, gate.clinic, "phone", "081 234 5678".replace(" ", ""))
    assert gate.said(rule, NOW) == SENT
    assert not suppressions.lift(gate.session, gate.clinic, "phone", "0812345678")


def test_over_another_channel_who_is_suppressed_hears_of_it(gate: Gate) -> None:
    suppressions.add(gate.session, gate.clinic, "phone", "0812345678", "unsubscribed", NOW)
    assert gate.said(gate.rule(CARE, "sms", "line"), NOW) == SENT
    assert gate.session.query(Send.channel).all() == [("line",)]


def test_offers_rest_while_somebody_is_not_well_and_care_does_not(
    gate: Gate, offer: FollowupRule, care: FollowupRule
) -> None:
    pauses.pause(gate.session, gate.customer, "adverse_reaction", NOW, by="staff:x")
    id_ = gate.due(offer, NOW)
    assert gate.said(care, NOW) == SENT
    assert gate.fate(id_) == ("planned", "paused:adverse_reaction")
    (one,) = pauses.of(gate.session, gate.customer, NOW + HOUR)
    assert pauses.end(gate.session, one, NOW + HOUR, by="staff:x")
    gate.pass_to(NOW + DAY)
    assert gate.fate(id_) == SENT


def test_a_pause_that_outlasts_the_offer_has_it_missed(gate: Gate, offer: FollowupRule) -> None:
    pauses.pause(gate.session, gate.customer, "complaint", NOW, by="staff:x")
    id_ = gate.due(offer, NOW)
    for days in range(9):
        gate.pass_to(NOW + days * DAY)
    assert gate.fate(id_) == ("missed", "too_late")


def test_marketing_is_withheld_from_the_same_share_by_each_rule(
    session: Session, runtime: Runtime, clinic: Clinic, gate: Gate, offer: FollowupRule
) -> None:
    clinic.choose(followups={"holdout_percent": 10})
    one = gate.one(gate.due(offer, NOW))
    asked = Asked(session, clinic, gate.customer, offer, kinds[OFFER], one, None, NOW)
    withheld = 0
    for number in range(2_000):
        of_other = replace(asked, customer=Customer(id=UUID(int=number)))
        said = not_withheld(of_other)
        assert said == not_withheld(of_other)
        withheld += isinstance(said, End)
    assert 150 < withheld < 250


def test_an_offer_waits_over_the_clinics_closed_days_and_care_does_not(
    gate: Gate, offer: FollowupRule, care: FollowupRule
) -> None:
    opening = {day: ["10:00-20:00"] for day in ("mon", "wed", "thu", "fri", "sat", "sun")}
    branch = Branch(
        clinic_id=gate.clinic.id, code="a", name="A", names={}, hours=opening, holidays=["2026-02-04"], created_at=NOW
    )
    gate.session.add(branch)
    id_ = gate.due(offer, NOW)
    assert gate.said(care, NOW) == SENT  # a Tuesday
    assert gate.fate(id_) == ("planned", "closed_day")
    assert gate.until(id_).replace(minute=0, second=0) == datetime(2026, 2, 5, 9, tzinfo=BANGKOK)
    gate.pass_to(gate.until(id_))
    assert gate.fate(id_) == SENT


@pytest.mark.parametrize("choice", [None, "closed", "open"])
def test_an_offer_waits_over_public_holidays_unless_the_clinic_is_open_on_them(
    gate: Gate, offer: FollowupRule, care: FollowupRule, choice: str | None
) -> None:
    gate.clinic.own_settings = {"hours": {"public_holidays": choice}}
    songkran = datetime(2026, 4, 13, 11, tzinfo=BANGKOK)
    id_ = gate.due(offer, songkran)
    assert gate.said(care, songkran) == SENT
    assert gate.fate(id_) == (SENT if choice == "open" else ("planned", "closed_day"))
    if choice != "open":
        assert gate.until(id_).replace(minute=0, second=0) == datetime(2026, 4, 16, 9, tzinfo=BANGKOK)
        gate.pass_to(gate.until(id_))
        assert gate.fate(id_) == SENT


def test_what_waited_for_the_morning_is_said_over_a_quarter_of_an_hour(gate: Gate, offer: FollowupRule) -> None:
    night = datetime(2026, 2, 3, 23, 30, tzinfo=BANGKOK)
    id_ = gate.due(offer, night)
    gate.pass_to(night)
    assert gate.fate(id_) == ("planned", "quiet_hours")
    nine = datetime(2026, 2, 4, 9, tzinfo=BANGKOK)
    assert gate.until(id_) - nine == hours.spread(gate.customer.id, nine) < 15 * MINUTE
    gate.pass_to(gate.until(id_) - timedelta(seconds=1))
    assert gate.fate(id_) == ("planned", "quiet_hours")
    gate.pass_to(gate.until(id_))
    assert gate.fate(id_) == SENT


def test_nobody_is_put_off_into_hours_that_are_quiet_again(gate: Gate, offer: FollowupRule) -> None:
    """Their own leave one minute of the day: who would be later than it by the quarter of an hour, is told at once."""
    preferences.choose_quiet(gate.session, gate.customer, (time(9, 1), time(9)), NOW)
    id_ = gate.due(offer, NOW)
    gate.pass_to(NOW)
    nine = datetime(2026, 2, 4, 9, tzinfo=BANGKOK)
    late = hours.spread(gate.customer.id, nine)
    assert gate.until(id_) == (nine + late if late < MINUTE else nine)
    gate.pass_to(gate.until(id_))
    assert gate.fate(id_) == SENT


def test_of_many_each_is_told_within_the_minute_that_is_not_quiet(
    session: Session, clinic: Clinic, gate: Gate, offer: FollowupRule
) -> None:
    preferences.choose_quiet(session, gate.customer, (time(9, 1), time(9)), NOW)
    row = preferences.of(session, gate.customer)
    one = gate.one(gate.due(offer, NOW))
    asked = Asked(session, clinic, gate.customer, offer, kinds[OFFER], one, row, NOW)
    held = [awake(replace(asked, customer=Customer(id=UUID(int=number)))) for number in range(300)]
    nine = datetime(2026, 2, 4, 9, tzinfo=BANGKOK)
    late = [said.until - nine for said in held if isinstance(said, Hold)]
    assert len(late) == 300
    assert all(timedelta(0) <= each < MINUTE for each in late)
    assert 5 < sum(each > timedelta(0) for each in late) < 50


def test_offers_are_capped_by_rolling_windows_over_all_rules(gate: Gate, offer: FollowupRule) -> None:
    other = gate.rule(OFFER)
    assert gate.said(offer, NOW) == SENT
    id_ = gate.due(other, NOW + 23 * HOUR, worth=40 * DAY)
    gate.pass_to(NOW + 23 * HOUR)
    assert (gate.fate(id_), gate.until(id_)) == (("planned", "frequency_cap"), (NOW + DAY).astimezone(BANGKOK))
    gate.pass_to(NOW + DAY)
    assert gate.fate(id_) == SENT
    third = gate.due(offer, NOW + 3 * DAY, worth=40 * DAY)
    gate.pass_to(NOW + 3 * DAY)
    assert gate.until(third) == (NOW + 7 * DAY).astimezone(BANGKOK)


def meter(gate: Gate, used: int, allowed: int = 500, before: int = 0) -> None:
    gate.session.add(
        LineMeter(
            clinic_id=gate.clinic.id,
            month=NOW.date().replace(day=1),
            allowed=allowed,
            used=used,
            before=before,
            staff=0,
            read_at=DATABASE_NOW,
        )
    )
    gate.session.commit()


def sends(gate: Gate, many: int, reason: str) -> None:
    for _ in range(many):
        gate.session.add(
            Send(
                clinic_id=gate.clinic.id,
                clinic=gate.clinic,
                customer_id=gate.customer.id,
                customer=gate.customer,
                channel="line",
                recipient="U",
                body=b"[]",
                reason=reason,
                state="sent",
                due_at=DATABASE_NOW,
                created_at=DATABASE_NOW,
            )
        )
    gate.session.commit()


def test_at_the_reserve_offers_wait_and_are_missed_and_care_goes(
    gate: Gate, offer: FollowupRule, care: FollowupRule
) -> None:
    """28 in 28 days are one a day, 26 days are left: with a tenth more 29 messages are kept."""
    sends(gate, 28, "notification")
    meter(gate, used=472, before=400)
    id_ = gate.due(offer, NOW, worth=20 * HOUR)
    assert gate.said(care, NOW) == SENT
    assert gate.fate(id_) == ("planned", "line_reserve")
    gate.pass_to(NOW + DAY)
    assert gate.fate(id_) == ("missed", "too_late")


@pytest.mark.parametrize(("used", "fate"), [(470, SENT), (472, ("planned", "line_reserve"))])
def test_offers_themselves_are_no_reason_to_keep_messages_back(
    gate: Gate, offer: FollowupRule, used: int, fate: tuple[str, str | None]
) -> None:
    sends(gate, 28, "notification")
    sends(gate, 100, OFFER)
    meter(gate, used, before=400)
    assert gate.said(offer, NOW) == fate


def test_alarms_to_the_staff_are_kept_back(gate: Gate, offer: FollowupRule) -> None:
    gate.session.add(
        StaffGroup(clinic_id=gate.clinic.id, clinic=gate.clinic, group_index=b"g", members=8, created_at=NOW)
    )
    meter(gate, used=340)
    assert gate.said(offer, NOW) == ("planned", "line_reserve")


def test_where_nothing_is_left_care_takes_another_channel_or_waits(gate: Gate, care: FollowupRule) -> None:
    meter(gate, used=500)
    assert gate.said(care, NOW) == ("planned", "line_quota")
    assert gate.said(gate.rule(CARE, "line", "sms"), NOW) == SENT
    assert gate.session.query(Send.channel).all() == [("sms",)]


def test_a_flood_of_offers_lets_others_pass(gate: Gate, offer: FollowupRule, care: FollowupRule) -> None:
    sends(gate, 200, OFFER)
    gate.session.query(Send).update({"state": "queued"})
    id_ = gate.due(offer, NOW)
    assert gate.said(care, NOW) == SENT
    assert (gate.fate(id_), gate.until(id_)) == (("planned", "rate_limit"), (NOW + MINUTE).astimezone(BANGKOK))
