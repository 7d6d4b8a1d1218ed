"""What is planned follows what has been told, in whatever order, and the rules, however they change."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

import followups.kinds  # noqa: F401
from customers.people import new_customer
from facts import appointments, invoices, treated
from facts.merged import merge
from facts.told import AppointmentTold, Details, InvoiceTold, Performed, Person, TreatmentTold
from facts.visited import visited
from followups import plan, preferences, rules
from followups.rules import Draft
from models.appointments import AppointmentState
from models.branches import Service
from models.clinics import Clinic
from models.customers import Customer, LineLink
from models.followups import FollowupExecution, FollowupRule
from models.invoices import InvoiceSaid
from models.treatments import TreatmentState
from runtime.work import Batch
from tests.fixtures.clinic import NOW
from tests.fixtures.planning import plan_all

BANGKOK = ZoneInfo("Asia/Bangkok")
DAY = timedelta(days=1)
AT = NOW + 3 * DAY


def reminder(session: Session, clinic: Clinic, **more: Any) -> FollowupRule:
    draft = Draft(name="Reminder", channels=["line"], active=True, **more)
    return rules.make(session, clinic, "appointment_reminder", draft, NOW)


def tell(
    session: Session, clinic: Clinic, order: int, state: AppointmentState, at: datetime | None = None, id_: str = "A"
) -> None:
    details = None if at is None else Details(Person(id="P", name="Mali"), at)
    told = NOW + timedelta(minutes=order)
    appointments.told(session, clinic, "standard", AppointmentTold(id_, state, order, told, details), told)


def planned(session: Session, clinic: Clinic, now: datetime = NOW) -> list[tuple[str, str | None, datetime]]:
    plan_all(session, clinic, now)
    session.expire_all()
    rows = session.scalars(select(FollowupExecution).order_by(FollowupExecution.due_at, FollowupExecution.status))
    return [(one.status, one.reason, one.due_at) for one in rows]


def test_an_appointment_is_reminded_of_once_however_often_it_is_told(session: Session, clinic: Clinic) -> None:
    reminder(session, clinic)
    for _ in range(2):
        tell(session, clinic, 1, "booked", AT)
        assert planned(session, clinic) == [("planned", None, AT - DAY)]


def test_moved_it_is_reminded_of_at_its_new_time_and_back_at_its_old_one(session: Session, clinic: Clinic) -> None:
    reminder(session, clinic)
    tell(session, clinic, 1, "booked", AT)
    assert planned(session, clinic) == [("planned", None, AT - DAY)]
    tell(session, clinic, 2, "booked", AT + DAY)
    assert planned(session, clinic) == [("cancelled", "no_longer_so", AT - DAY), ("planned", None, AT)]
    tell(session, clinic, 3, "booked", AT)
    assert planned(session, clinic) == [("planned", None, AT - DAY), ("cancelled", "no_longer_so", AT)]


@pytest.mark.parametrize("state", ["cancelled", "confirmed", "no_show", "come"])
def test_what_need_not_be_reminded_of_is_cancelled(session: Session, clinic: Clinic, state: AppointmentState) -> None:
    reminder(session, clinic)
    tell(session, clinic, 1, "booked", AT)
    planned(session, clinic)
    tell(session, clinic, 2, state)
    assert planned(session, clinic) == [("cancelled", "no_longer_so", AT - DAY)]


def test_who_books_inside_the_window_is_not_reminded_and_the_reason_is_kept(session: Session, clinic: Clinic) -> None:
    reminder(session, clinic, conditions={"hoursBefore": [72, 24, 2]})
    tell(session, clinic, 1, "booked", NOW + timedelta(hours=10))
    at = NOW + timedelta(hours=10)
    late = ("skipped", "known_too_late")
    assert planned(session, clinic) == [
        (*late, at - timedelta(hours=72)),
        (*late, at - timedelta(hours=24)),
        ("planned", None, at - timedelta(hours=2)),
    ]


def test_a_rule_that_begins_plans_what_is_ahead_and_nothing_that_has_passed(session: Session, clinic: Clinic) -> None:
    tell(session, clinic, 1, "booked", AT)
    tell(session, clinic, 2, "booked", NOW + timedelta(hours=3), "B")
    assert planned(session, clinic) == []
    reminder(session, clinic)
    assert planned(session, clinic) == [("planned", None, AT - DAY)]


def test_a_changed_rule_plans_anew_what_is_ahead(session: Session, clinic: Clinic) -> None:
    rule = reminder(session, clinic)
    tell(session, clinic, 1, "booked", AT)
    assert planned(session, clinic) == [("planned", None, AT - DAY)]
    rules.change(session, clinic, rule, Draft(conditions={"hoursBefore": 48}), NOW)
    assert planned(session, clinic) == [("planned", None, AT - 2 * DAY)]
    rules.change(session, clinic, rule, Draft(conditions={"hoursBefore": [48, 24]}), NOW)
    assert planned(session, clinic) == [("planned", None, AT - 2 * DAY), ("planned", None, AT - DAY)]
    rules.change(session, clinic, rule, Draft(conditions={"hoursBefore": 12}), NOW)
    kept = [one for one in planned(session, clinic) if one[0] == "planned"]
    assert kept == [("planned", None, AT - timedelta(hours=12))]


def test_a_deleted_rule_says_nothing_more(session: Session, clinic: Clinic) -> None:
    rule = reminder(session, clinic)
    tell(session, clinic, 1, "booked", AT)
    planned(session, clinic)
    rules.end(session, rule, NOW)
    assert planned(session, clinic) == [("superseded", "rule_deleted", AT - DAY)]


def test_a_rule_that_rests_keeps_what_it_has_planned(session: Session, clinic: Clinic) -> None:
    rule = reminder(session, clinic)
    tell(session, clinic, 1, "booked", AT)
    planned(session, clinic)
    rules.change(session, clinic, rule, Draft(active=False), NOW)
    assert planned(session, clinic) == [("planned", None, AT - DAY)]
    rules.change(session, clinic, rule, Draft(active=True), NOW)
    assert planned(session, clinic) == [("planned", None, AT - DAY)]


def treat(session: Session, clinic: Clinic, customer: Customer, id_: str, at: datetime, state: TreatmentState) -> None:
    """A treatment that is told when it was done, or that it was not after all."""
    order = 1 if state == "performed" else 2
    details = Performed(Person(ours=customer.id), at, service="hydrafacial") if order == 1 else None
    treated.told(session, clinic, "standard", TreatmentTold(id_, state, order, at, details), at)


def test_the_treatments_of_one_visit_are_asked_about_once(session: Session, clinic: Clinic, mali: LineLink) -> None:
    rules.make(session, clinic, "post_treatment", Draft(name="How are you", channels=["line"], active=True), NOW)
    for number, hours in enumerate((0, 1, 2)):
        treat(session, clinic, mali.customer, f"T{number}", NOW + timedelta(hours=hours), "performed")
    assert planned(session, clinic) == [("planned", None, NOW + timedelta(hours=26))]
    treat(session, clinic, mali.customer, "T2", NOW + timedelta(hours=2), "voided")
    assert planned(session, clinic) == [("planned", None, NOW + timedelta(hours=26))]
    for id_, hours in (("T0", 0), ("T1", 1)):
        treat(session, clinic, mali.customer, id_, NOW + timedelta(hours=hours), "voided")
    assert planned(session, clinic) == [("cancelled", "no_longer_so", NOW + timedelta(hours=26))]


@pytest.mark.parametrize(("types", "asked"), [([], 1), (["HydraFacial"], 1), (["laser"], 0)])
def test_a_rule_may_be_for_some_treatments(
    session: Session, clinic: Clinic, mali: LineLink, types: list[str], asked: int
) -> None:
    conditions = {"daysAfter": 1, "treatmentType": types}
    draft = Draft(name="How are you", channels=["line"], active=True, conditions=conditions)
    rules.make(session, clinic, "post_treatment", draft, NOW)
    session.add(Service(clinic_id=clinic.id, code="hydrafacial", names={"en": "HydraFacial"}, active=True))
    treat(session, clinic, mali.customer, "T", NOW, "performed")
    assert len(planned(session, clinic)) == asked


def visit(session: Session, clinic: Clinic, customer: Customer, number: int, at: datetime) -> None:
    visited(session, customer, source="till", external_id=f"V{number}", visited_at=at, service_code=None, now=at)


def test_who_stays_away_is_invited_after_sixty_days_or_twice_their_own_rhythm(
    session: Session, clinic: Clinic, mali: LineLink
) -> None:
    draft = Draft(name="Come back", channels=["line"], active=True)
    rules.make(session, clinic, "inactive_reactivation", draft, NOW)
    for number, (days, then) in enumerate([(0, 60), (20, 80), (40, 80)]):
        at = NOW + days * DAY
        visit(session, clinic, mali.customer, number, at)
        ahead = [one for one in planned(session, clinic, at) if one[0] == "planned"]
        assert ahead == [("planned", None, NOW + then * DAY)], f"visit {number}"


def test_who_becomes_one_person_with_an_old_record_was_away_since_the_last_visit_of_both(
    session: Session, clinic: Clinic, mali: LineLink
) -> None:
    """And of what the record had planned nothing is left, before they come again as after it."""
    draft = Draft(name="Away", channels=["line"], active=True, conditions={"ownRhythm": False})
    rules.make(session, clinic, "inactive_reactivation", draft, NOW)
    customer, record = mali.customer, new_customer(session, clinic, NOW)
    visit(session, clinic, record, 1, NOW)
    visit(session, clinic, customer, 2, NOW + 20 * DAY)
    assert planned(session, clinic) == [("planned", None, NOW + 60 * DAY), ("planned", None, NOW + 80 * DAY)]
    merge(session, record, customer, NOW + 30 * DAY, actor="staff")
    gone = ("cancelled", "no_longer_so", NOW + 60 * DAY)
    assert planned(session, clinic, NOW + 30 * DAY) == [gone, ("planned", None, NOW + 80 * DAY)]
    visit(session, clinic, customer, 3, NOW + 40 * DAY)
    assert planned(session, clinic, NOW + 40 * DAY) == [
        gone, ("cancelled", "no_longer_so", NOW + 80 * DAY), ("planned", None, NOW + 100 * DAY)
    ]  # fmt: skip


def test_a_birthday_is_planned_on_its_day_and_once_a_year(session: Session, clinic: Clinic, mali: LineLink) -> None:
    mali.customer.birth_month_day, mali.customer.joined_at = "02-04", NOW
    rules.make(session, clinic, "birthday_special", Draft(name="Birthday", channels=["line"], active=True), NOW)
    assert planned(session, clinic) == []
    midnight = datetime(2026, 2, 4, 0, 6, tzinfo=BANGKOK)
    for _ in range(2):
        plan.of_the_day(session, clinic, midnight, Batch(9))
        assert planned(session, clinic, midnight) == [("planned", None, midnight.replace(hour=9, minute=0))]
    plan.of_the_day(session, clinic, midnight + DAY, Batch(9))
    assert len(planned(session, clinic, midnight + DAY)) == 1


@pytest.mark.parametrize(
    ("day", "kept"),
    [
        (datetime(2026, 2, 28, 0, 6, tzinfo=BANGKOK), 1),
        (datetime(2028, 2, 28, 0, 6, tzinfo=BANGKOK), 0),
        (datetime(2028, 2, 29, 0, 6, tzinfo=BANGKOK), 1),
    ],
)
def test_the_29th_of_february_is_kept_on_the_28th(
    session: Session, clinic: Clinic, mali: LineLink, day: datetime, kept: int
) -> None:
    mali.customer.birth_month_day, mali.customer.joined_at = "02-29", NOW
    rules.make(session, clinic, "birthday_special", Draft(name="Birthday", channels=["line"], active=True), NOW)
    plan.of_the_day(session, clinic, day, Batch(9))
    assert len(planned(session, clinic, day)) == kept


def test_a_bill_is_reminded_of_before_its_day_and_not_when_it_is_paid(
    session: Session, clinic: Clinic, mali: LineLink
) -> None:
    rules.make(session, clinic, "payment_reminder", Draft(name="Bill", channels=["line"], active=True), NOW)
    due = date(2026, 2, 20)

    def bill(order: int, state: InvoiceSaid, on: date) -> None:
        told = InvoiceTold("B", state, order, NOW, Person(ours=mali.customer_id), Decimal(900), due_on=on)
        invoices.told(session, clinic, "standard", told, NOW)

    bill(1, "open", due)
    at = datetime(2026, 2, 17, 10, 0, tzinfo=BANGKOK)
    assert planned(session, clinic) == [("planned", None, at)]
    bill(2, "open", due + timedelta(days=5))
    assert planned(session, clinic) == [("cancelled", "no_longer_so", at), ("planned", None, at + 5 * DAY)]
    bill(3, "paid", due + timedelta(days=5))
    assert [one[0] for one in planned(session, clinic)] == ["cancelled", "cancelled"]


def test_a_reminder_that_would_come_too_late_in_the_morning_is_said_the_evening_before(
    session: Session, clinic: Clinic
) -> None:
    reminder(session, clinic, conditions={"hoursBefore": 2})
    at = datetime(2026, 2, 6, 10, tzinfo=BANGKOK)
    tell(session, clinic, 1, "booked", at)
    assert planned(session, clinic) == [("planned", None, datetime(2026, 2, 5, 20, 30, tzinfo=BANGKOK))]
    tell(session, clinic, 2, "booked", at + timedelta(hours=1))
    ahead = [one for one in planned(session, clinic) if one[0] == "planned"]
    assert ahead == [("planned", None, at - timedelta(hours=1))]


def test_and_before_the_customers_own_quiet_hours_whenever_they_choose_them(session: Session, clinic: Clinic) -> None:
    reminder(session, clinic, conditions={"hoursBefore": 2})
    tell(session, clinic, 1, "booked", datetime(2026, 2, 6, 13, tzinfo=BANGKOK))
    assert planned(session, clinic) == [("planned", None, datetime(2026, 2, 6, 11, tzinfo=BANGKOK))]
    (customer,) = session.scalars(select(Customer))
    preferences.choose_quiet(session, customer, (time(18), time(12)), NOW)
    evening = datetime(2026, 2, 5, 17, 30, tzinfo=BANGKOK)
    assert planned(session, clinic) == [("planned", None, evening)]
    tell(session, clinic, 2, "booked", datetime(2026, 2, 7, 13, tzinfo=BANGKOK))
    ahead = [one for one in planned(session, clinic) if one[0] == "planned"]
    assert ahead == [("planned", None, evening + DAY)]
