"""Many customers are judged together: each as if alone, whatever becomes of the others."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import time, timedelta
from uuid import UUID

import pytest
from sqlalchemy import event, select, update
from sqlalchemy.orm import Session

import followups.kinds  # noqa: F401
from channels.base import channels
from channels.line.channel import LineChannel
from channels.line.client import Line
from customers import pauses
from customers.people import meet_on_line
from facts import appointments
from facts.told import AppointmentTold, Details, Person
from facts.visited import visited
from followups import dispatch, due, gates, preferences, rules
from followups.kind import kinds
from followups.rules import Draft
from models.appointments import Appointment
from models.base import new_id
from models.clinics import Clinic
from models.conversations import Send
from models.customers import Customer, LineLink
from models.followups import FollowupExecution, FollowupRule
from privacy import consent
from runtime.context import Runtime
from tests.fixtures.clinic import NOW, At
from tests.followups.gate import OFFER

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
LINE = channels(LineChannel(Line()))
Fates = dict[tuple[str, str | None], int]


class Crowd:
    """Customers of one clinic, and what is due for them."""

    def __init__(self, session: Session, runtime: Runtime, clinic: Clinic) -> None:
        self.session, self.runtime, self.clinic = session, runtime, clinic

    def people(self, many: int) -> list[Customer]:
        found = []
        for _ in range(many):
            customer = meet_on_line(self.session, self.clinic, f"U{new_id().hex}", NOW).customer
            customer.adult = True
            consent.decide(
                self.session, customer, purpose=consent.MARKETING, channel="line", granted=True, text="?", now=NOW
            )
            visited(
                self.session, customer, source="till", external_id=str(customer.id), visited_at=NOW - 90 * DAY,
                service_code=None, now=NOW,
            )  # fmt: skip
            found.append(customer)
        self.session.commit()
        return found

    def rule(self, kind: str) -> FollowupRule:
        return rules.make(self.session, self.clinic, kind, Draft(name=kind, channels=["line"], active=True), NOW)

    def due(
        self, rule: FollowupRule, *people: Customer, after: timedelta = timedelta(0), about: UUID | None = None
    ) -> None:
        for customer in people:
            self.session.add(
                FollowupExecution(
                    clinic_id=self.clinic.id, rule_id=rule.id, rule_version=1, customer_id=customer.id,
                    anchor=f"test:{new_id()}", about_id=about or customer.id, purpose=kinds[rule.type].purpose,
                    due_at=NOW + after, not_after=NOW + 7 * DAY, created_at=NOW,
                )
            )  # fmt: skip
        self.session.commit()

    def step(self, after: timedelta = timedelta(0)) -> int:
        self.session.commit()
        taken = dispatch.step(replace(self.runtime, clock=At(NOW + after)), LINE, self.clinic.id)
        self.session.expire_all()
        return taken

    def fates(self, *people: Customer) -> Fates:
        found: Fates = {}
        for one in self.session.scalars(select(FollowupExecution)):
            if not people or one.customer in people:
                found[one.status, one.reason] = found.get((one.status, one.reason), 0) + 1
        return found


@pytest.fixture
def crowd(session: Session, runtime: Runtime, clinic: Clinic) -> Crowd:
    return Crowd(session, runtime, clinic)


@contextmanager
def statements(runtime: Runtime) -> Iterator[list[str]]:
    said: list[str] = []
    engine = runtime.sessions.kw["bind"]

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        said.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield said
    finally:
        event.remove(engine, "before_cursor_execute", note)


def test_a_batch_is_one_step_and_says_no_more_to_the_database_however_many_they_are(crowd: Crowd) -> None:
    rule, said = crowd.rule(OFFER), list[int]()
    for many in (2, 40):
        crowd.due(rule, *crowd.people(many))
        with statements(crowd.runtime) as each:
            assert crowd.step() == many
        said.append(len(each))
    assert crowd.fates() == {("sent", None): 42}
    assert len(crowd.session.scalars(select(Send)).all()) == 42
    assert said[1] <= said[0] < 30


def test_more_than_a_batch_is_left_to_the_next(crowd: Crowd, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(due, "BATCH", 3)
    crowd.due(crowd.rule(OFFER), *crowd.people(5))
    assert [crowd.step() for _ in range(3)] == [3, 2, 0]


def test_where_all_is_said_it_tells_when_the_next_is_due(crowd: Crowd) -> None:
    rule, (first, second) = crowd.rule(OFFER), crowd.people(2)
    crowd.due(rule, first, after=timedelta(seconds=3))
    crowd.due(rule, second, after=timedelta(hours=1))
    told: list[float] = []
    for after in (0.0, 2.99, 3.0, 3.0):
        at = replace(crowd.runtime, clock=At(NOW + timedelta(seconds=after)))
        dispatch.step(at, LINE, crowd.clinic.id, told.append)
    assert told == [3.0, due.GRAIN]


def test_two_of_one_customer_in_a_batch_are_counted_one_after_the_other(crowd: Crowd) -> None:
    first, second = crowd.people(2)
    crowd.due(crowd.rule(OFFER), first, second)
    crowd.due(crowd.rule(OFFER), first)
    assert crowd.step() == 3
    assert crowd.fates(first) == {("sent", None): 1, ("planned", "frequency_cap"): 1}
    assert crowd.fates(second) == {("sent", None): 1}


def test_the_same_words_twice_in_a_batch_are_said_once(crowd: Crowd) -> None:
    first, second = crowd.people(2)
    remind = [crowd.rule("appointment_reminder") for _ in range(2)]
    for customer in (first, second):
        booked = AppointmentTold(str(customer.id), "booked", 1, NOW, Details(Person(ours=customer.id), NOW + DAY))
        appointments.told(crowd.session, crowd.clinic, "standard", booked, NOW)
        of_them = select(Appointment.id).where(Appointment.customer_id == customer.id)
        about = crowd.session.scalars(of_them).one()
        for rule in remind[: 2 if customer is first else 1]:
            crowd.due(rule, customer, about=about)
    crowd.session.execute(update(Appointment).values(changed_at=None))
    assert crowd.step() == 3
    assert crowd.fates(first) == {("sent", None): 1, ("skipped", "said_before"): 1}
    assert crowd.fates(second) == {("sent", None): 1}


def test_a_flood_of_offers_is_held_in_the_midst_of_a_batch(crowd: Crowd, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gates, "QUEUE", 4)
    crowd.due(crowd.rule(OFFER), *crowd.people(6))
    assert crowd.step() == 6
    assert crowd.fates() == {("sent", None): 4, ("planned", "rate_limit"): 2}


def test_those_that_break_are_found_and_put_off_and_all_others_are_said_once(crowd: Crowd) -> None:
    people = crowd.people(9)
    broken = people[2], people[7]
    crowd.due(crowd.rule(OFFER), *people)
    crowd.session.execute(
        update(Customer).where(Customer.id.in_([one.id for one in broken])).values(display_name_sealed=b"nobody's seal")
    )
    assert crowd.step() == 9
    assert crowd.fates(*broken) == {("planned", "CannotOpen"): 2}
    assert crowd.fates() == {("sent", None): 7, ("planned", "CannotOpen"): 2}
    assert len(crowd.session.scalars(select(Send)).all()) == 7


def test_what_broke_before_breaks_no_batch_again(crowd: Crowd) -> None:
    bad, *others = crowd.people(4)
    rule = crowd.rule(OFFER)
    crowd.due(rule, bad)
    bad.display_name_sealed = b"nobody's seal"
    crowd.step()
    crowd.due(rule, *others, after=2 * MINUTE)
    with statements(crowd.runtime) as said:
        assert crowd.step(2 * MINUTE) == 4
    assert crowd.fates() == {("sent", None): 3, ("planned", "CannotOpen"): 1}
    # The batch, then the one that broke: nothing of the others is done twice.
    assert sum("INSERT INTO sends" in one for one in said) == 1
    bad.display_name_sealed = None
    assert crowd.step(5 * MINUTE) == 1
    assert crowd.fates(bad) == {("sent", None): 1}
    assert set(crowd.session.scalars(select(FollowupExecution.failing_since))) == {None}, "it is mended"


def test_whom_somebody_holds_is_left_out_and_taken_up_later(crowd: Crowd) -> None:
    held, *others = crowd.people(4)
    crowd.due(crowd.rule(OFFER), held, *others)
    with crowd.runtime.sessions() as other:
        other.get_one(Customer, (held.id, crowd.clinic.id), with_for_update=True)
        assert crowd.step() == 3
        assert crowd.fates(held) == {("planned", None): 1}
    assert crowd.step() == 1
    assert crowd.fates() == {("sent", None): 4}


def test_a_second_worker_takes_what_the_first_does_not_hold(crowd: Crowd, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(due, "BATCH", 3)
    crowd.due(crowd.rule(OFFER), *crowd.people(5))
    with crowd.runtime.sessions() as other:
        assert len(due.of(other, crowd.clinic.id, NOW, most=3)) == 3
        assert crowd.step() == 2
    assert crowd.step() == 3
    assert crowd.fates() == {("sent", None): 5}


def test_what_holds_for_one_holds_for_no_other(session: Session, crowd: Crowd) -> None:
    """One has withdrawn, one rests, one wants no care, one has blocked the account, one rests at this hour."""
    withdrawn, paused, careless, blocked, asleep, fine = crowd.people(6)
    later = NOW + MINUTE
    consent.decide(session, withdrawn, purpose=consent.MARKETING, channel="line", granted=False, text="?", now=later)
    consent.decide(session, careless, purpose=consent.CARE, channel="line", granted=False, text="?", now=NOW)
    pauses.pause(session, paused, "complaint", NOW, by="staff:x")
    preferences.choose_quiet(session, asleep, (time(10), time(13)), NOW)
    session.execute(update(LineLink).where(LineLink.customer_id == blocked.id).values(unfollowed_at=NOW))
    crowd.due(crowd.rule(OFFER), withdrawn, paused, careless, blocked, asleep, fine)
    assert crowd.step(2 * MINUTE) == 6
    assert [crowd.fates(one) for one in (withdrawn, paused, blocked, asleep)] == [
        {("skipped", "no_consent"): 1},
        {("planned", "paused:complaint"): 1},
        {("skipped", "not_reachable"): 1},
        {("planned", "quiet_hours"): 1},
    ]
    assert crowd.fates(careless, fine) == {("sent", None): 2}
