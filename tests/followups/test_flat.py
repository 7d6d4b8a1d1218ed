"""However many are judged, looked at once more or settled together, the database is asked as much as of two."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import Text, cast, func, select, update
from sqlalchemy.orm import Session

from customers import pauses
from facts.hear import hear
from facts.told import CourseTold, Person, Sale, SessionTold, ShareTold
from followups import fates, leaving
from models.clinics import Clinic
from models.conversations import Send
from models.courses import Course
from models.customers import Customer
from models.followups import TRIAL, FollowupExecution
from privacy import consent
from runtime.context import Runtime
from tests.fixtures.clinic import NOW, At
from tests.followups.gate import OFFER
from tests.followups.test_batches import LINE, Crowd, statements

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
FEW, MANY = 2, 30


@pytest.fixture
def crowd(session: Session, runtime: Runtime, clinic: Clinic) -> Crowd:
    return Crowd(session, runtime, clinic)


def shared_with(crowd: Crowd, customer: Customer) -> Course:
    """One of five sessions that somebody else has bought, and has shared on from whom they had it."""
    name = str(customer.id)
    sold = Sale(Person(id=f"of {name}", name="Ken"), 5, NOW.date(), name="Filler")
    for order, id_, said in (
        (1, "C", {"sale": sold}),
        (2, "C", {"share": ShareTold(f"S {name}", Person(id=f"with {name}", name="Ann"), 2)}),
        (3, "S", {"share": ShareTold(f"T {name}", Person(ours=customer.id), 1)}),
    ):
        hear(crowd.session, crowd.clinic, "standard", CourseTold(f"{id_} {name}", order, NOW, **said), NOW)
    return crowd.session.scalars(select(Course).where(Course.external_id == f"T {name}")).one()


def test_what_is_left_of_courses_is_looked_up_together(crowd: Crowd) -> None:
    rule, asked = crowd.rule("course_few_left"), list[int]()
    for many in (FEW, MANY):
        people = crowd.people(many)
        for customer in people:
            crowd.due(rule, customer, about=shared_with(crowd, customer).id)
        crowd.session.expire_all()
        with statements(crowd.runtime) as said:
            assert crowd.step() == many
        assert crowd.fates(*people) == {("sent", None): many}
        asked.append(len(said))
    assert asked[1] <= asked[0]


def test_whose_next_session_is_planned_is_not_told_and_the_others_are(crowd: Crowd) -> None:
    rule, people = crowd.rule("course_few_left"), crowd.people(4)
    for customer in people:
        crowd.due(rule, customer, about=shared_with(crowd, customer).id)
    next_ = SessionTold("1", "planned", NOW + DAY)
    hear(crowd.session, crowd.clinic, "standard", CourseTold(f"T {people[2].id}", 9, NOW, session=next_), NOW)
    assert crowd.step() == 4
    assert crowd.fates(people[2]) == {("cancelled", "appointment_ahead"): 1}
    assert crowd.fates() == {("sent", None): 3, ("cancelled", "appointment_ahead"): 1}


@pytest.mark.parametrize(
    ("state", "error", "fate"),
    [("sent", None, ("sent", None)), ("failed", "400 refused", ("planned", "send_failed")),
     ("failed", "quota 429", ("planned", "line_quota")), ("unknown", "?", ("unknown", "send_unknown")),
     ("dropped", "too_late", ("missed", "too_late"))],
)  # fmt: skip
def test_sends_are_settled_together(
    session: Session, crowd: Crowd, state: str, error: str | None, fate: tuple[str, str | None]
) -> None:
    rule, asked = crowd.rule(OFFER), list[int]()
    for many in (FEW, MANY):
        people = crowd.people(many)
        crowd.due(rule, *people)
        assert crowd.step() == many
        sends = session.scalars(select(Send).where(Send.state == "queued")).all()
        assert len(sends) == many
        with statements(crowd.runtime) as said:
            for send in sends:
                send.state, send.error = state, error  # type: ignore[assignment]
            fates.settled(session, sends, NOW)
            session.flush()
        asked.append(len(said))
        assert crowd.fates(*people) == {fate: many}
        session.execute(update(FollowupExecution).values(status="missed"))  # is not said again in the next round
        session.commit()
    assert asked[1] <= asked[0]


def withdraw(session: Session, customer: Customer) -> None:
    consent.decide(
        session, customer, purpose=consent.MARKETING, channel="line", granted=False, text="?", now=NOW + HOUR
    )


def complain(session: Session, customer: Customer) -> None:
    pauses.pause(session, customer, "complaint", NOW + HOUR, by="staff:x")


@pytest.mark.parametrize(
    ("changed", "fate"),
    [(withdraw, ("skipped", "no_consent")), (complain, ("planned", "paused:complaint"))],
)
def test_what_has_waited_is_looked_at_together(
    session: Session, crowd: Crowd, changed: Callable[[Session, Customer], None], fate: tuple[str, str | None]
) -> None:
    rule, asked, later = crowd.rule(OFFER), list[int](), NOW + 2 * HOUR
    for many in (FEW, MANY):
        people = crowd.people(many)
        crowd.due(rule, *people)
        holds = update(FollowupExecution).where(FollowupExecution.status == "planned")
        session.execute(holds.values(anchor=func.concat(TRIAL, cast(FollowupExecution.id, Text))))
        assert crowd.step() == many
        for customer in people:
            changed(session, customer)
        session.commit()
        session.expire_all()
        sends = session.scalars(select(Send).where(Send.customer_id.in_([one.id for one in people]))).all()
        with statements(crowd.runtime) as said:
            refused = leaving.why_not(At(later).now, LINE, session, sends)
            session.flush()
        assert set(refused.values()) == {fate[1]}
        assert len(refused) == many
        asked.append(len(said))
        assert crowd.fates(*people) == {fate: many}
        session.commit()
    assert asked[1] <= asked[0]
