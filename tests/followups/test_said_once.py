"""What the product says by itself and a rule too is said once: how a visit was, and a birthday."""

import json
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

import followups.kinds  # noqa: F401
from facts import treated
from facts.told import Performed, Person, TreatmentTold
from facts.visited import visited
from followups import dispatch, plan, rules
from followups.rules import Draft
from loyalty import birthdays, feedback
from models.clinics import Clinic
from models.customers import LineLink
from models.facts import Visit
from models.followups import FollowupExecution, FollowupRule
from models.loyalty import Notification
from privacy import consent
from runtime.context import Runtime
from runtime.work import Batch
from tests.fixtures.clinic import NOW, At
from tests.fixtures.planning import plan_all
from tests.followups.news import BANGKOK, CHANNELS, drain, sends

DAY = timedelta(days=1)
NINE = datetime(2026, 7, 14, 9, 0, tzinfo=BANGKOK)
LATER = NINE + timedelta(hours=1)


def rule(session: Session, clinic: Clinic, kind: str, *over: str) -> FollowupRule:
    return rules.make(session, clinic, kind, Draft(name=kind, channels=over or ["line"], active=True), NOW)


def dispatched(runtime: Runtime, clinic: Clinic, now: datetime) -> None:
    while dispatch.step(replace(runtime, clock=At(now)), CHANNELS, clinic.id):
        pass


def offers(session: Session) -> list[tuple[str, str | None]]:
    session.expire_all()
    return [(one.status, one.reason) for one in session.scalars(select(FollowupExecution))]


def wishes(session: Session) -> tuple[str, str | None]:
    session.expire_all()
    one = session.scalars(select(Notification).where(Notification.kind == "congratulation")).one()
    return one.state, one.reason


def said(session: Session) -> list[str]:
    return [json.loads(one.body or b"")[0]["altText"] for one in sends(session)]


@pytest.fixture
def birthday(session: Session, clinic: Clinic, mali: LineLink) -> FollowupRule:
    """Mali's, with a rule that offers something."""
    mali.customer.birth_month_day, mali.customer.joined_at = "07-14", NOW
    made = rule(session, clinic, "birthday_special")
    session.commit()
    return made


def agrees(session: Session, mali: LineLink) -> None:
    mali.customer.adult = True
    consent.decide(session, mali.customer, purpose=consent.MARKETING, channel="line", granted=True, text="", now=NOW)
    session.commit()


def day_begins(session: Session, clinic: Clinic, *, planned: bool = True) -> None:
    if planned:
        plan.of_the_day(session, clinic, NINE.replace(hour=0, minute=6), Batch(9))
    birthdays.congratulate_due(session, clinic, NINE.date(), NINE)
    session.commit()


@pytest.mark.parametrize("offer_first", [True, False])
def test_who_may_be_told_of_offers_is_wished_well_with_one(
    session: Session, runtime: Runtime, clinic: Clinic, mali: LineLink, birthday: FollowupRule, offer_first: bool
) -> None:
    agrees(session, mali)
    day_begins(session, clinic)
    if offer_first:
        dispatched(runtime, clinic, NINE)
    drain(runtime, NINE)
    assert offers(session) == [("sent", None) if offer_first else ("planned", None)]
    assert wishes(session) == (("skipped", "with_an_offer") if offer_first else ("open", "later"))
    dispatched(runtime, clinic, NINE)
    drain(runtime, LATER)
    assert (offers(session), wishes(session)) == ([("sent", None)], ("skipped", "with_an_offer"))
    (only,) = said(session)
    assert "ขออวยพรให้คุณมีความสุขในวันเกิด" in only


@pytest.mark.parametrize("offer_first", [True, False])
def test_who_may_not_is_wished_well_at_nine_all_the_same(
    session: Session, runtime: Runtime, clinic: Clinic, mali: LineLink, birthday: FollowupRule, offer_first: bool
) -> None:
    day_begins(session, clinic)
    if offer_first:
        dispatched(runtime, clinic, NINE)
    drain(runtime, NINE)
    dispatched(runtime, clinic, NINE)
    fate = ("skipped", "no_consent") if offer_first else ("cancelled", "wished")
    assert (offers(session), wishes(session)) == ([fate], ("sent", None))


def test_who_was_wished_well_is_not_offered_anything_besides(
    session: Session, runtime: Runtime, clinic: Clinic, mali: LineLink, birthday: FollowupRule
) -> None:
    """The day was planned late."""
    agrees(session, mali)
    day_begins(session, clinic, planned=False)
    drain(runtime, NINE)
    plan.of_the_day(session, clinic, LATER, Batch(9))
    session.commit()
    dispatched(runtime, clinic, LATER)
    assert (offers(session), wishes(session)) == ([("cancelled", "wished")], ("sent", None))


@pytest.mark.parametrize("how", ["rests", "held"])
def test_an_offer_that_does_not_come_on_the_day_keeps_no_wishes_back(
    session: Session, runtime: Runtime, clinic: Clinic, mali: LineLink, birthday: FollowupRule, how: str
) -> None:
    agrees(session, mali)
    day_begins(session, clinic)
    if how == "rests":
        birthday.active = False
    else:
        session.scalars(select(FollowupExecution)).one().not_after = NINE - timedelta(minutes=1)
    session.commit()
    drain(runtime, NINE)
    assert wishes(session) == ("sent", None)


def came(session: Session, clinic: Clinic, mali: LineLink, *, treated_too: bool = True) -> Visit:
    """Three days ago."""
    at = NOW - 3 * DAY
    if treated_too:
        details = Performed(Person(ours=mali.customer_id), at, service="HydraFacial")
        treated.told(session, clinic, "standard", TreatmentTold("T", "performed", 1, at, details), at)
    else:
        visited(session, mali.customer, source="till", external_id="v", visited_at=at, service_code=None, now=at)
    session.flush()
    return session.scalars(select(Visit)).one()


def survey(session: Session, clinic: Clinic) -> FollowupRule:
    made = rule(session, clinic, "satisfaction_survey")
    made.active_since = NOW - 9 * DAY
    return made


def asked(session: Session, clinic: Clinic) -> None:
    feedback.ask_due(session, clinic, NOW.astimezone(BANGKOK).date(), NOW)
    session.commit()


def test_a_visit_that_a_rule_asks_about_is_not_asked_about_again(
    session: Session, runtime: Runtime, clinic: Clinic, mali: LineLink
) -> None:
    survey(session, clinic)
    visit = came(session, clinic, mali)
    plan_all(session, clinic, NOW)
    asked(session, clinic)
    assert visit.feedback == "survey"
    drain(runtime, NOW + timedelta(minutes=1))
    week = visit.visited_at + 7 * DAY
    dispatched(runtime, clinic, week)
    assert offers(session) == [("sent", None)]
    assert len(sends(session)) == 1


@pytest.mark.parametrize("why", ["no_treatment", "rests", "held_back"])
def test_one_that_no_rule_asks_about_is(session: Session, clinic: Clinic, mali: LineLink, why: str) -> None:
    made = survey(session, clinic)
    visit = came(session, clinic, mali, treated_too=why != "no_treatment")
    plan_all(session, clinic, NOW)
    if why == "rests":
        made.active = False
    for one in session.scalars(select(FollowupExecution)) if why == "held_back" else ():
        one.status, one.reason = "skipped", "not_reachable"
    asked(session, clinic)
    assert visit.feedback == "asked"


def test_a_rule_that_begins_before_the_question_is_said_takes_it_over(
    session: Session, runtime: Runtime, clinic: Clinic, mali: LineLink
) -> None:
    visit = came(session, clinic, mali)
    asked(session, clinic)
    survey(session, clinic)
    plan_all(session, clinic, NOW)
    session.commit()
    drain(runtime, NOW + timedelta(minutes=1))
    session.expire_all()
    assert visit.feedback == "survey"
    dispatched(runtime, clinic, visit.visited_at + 7 * DAY)
    assert offers(session) == [("sent", None)]
