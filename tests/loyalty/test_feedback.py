"""Asking how a visit was: once, on the third day, and not who would rather not be asked."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from customers.people import meet_on_line, new_customer
from facts.hear import hear
from facts.paid import paid
from facts.told import CourseTold, Person, Sale
from facts.visited import visited
from loyalty import feedback, points, reviews
from models.clinics import Clinic
from models.consents import PrivacyRequest
from models.conversations import ConversationState
from models.customers import Customer, LineLink
from models.facts import Visit
from models.loyalty import Notification
from runtime.work import Batch
from tests.fixtures.clinic import NOW, make_clinic
from tests.loyalty.earning import BANGKOK

VISITED = date(2026, 2, 3)
THIRD = VISITED + timedelta(days=3)


def eleven(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 11, tzinfo=BANGKOK)


def came(session: Session, who: Customer, at: datetime = NOW, name: str = "v") -> Visit:
    visit = visited(
        session, who, source="till", external_id=f"{name}:{who.id}:{at}", visited_at=at, service_code=None, now=at
    )
    session.flush()
    return visit


def ask(session: Session, clinic: Clinic, day: date) -> int:
    """A whole day of the job, a batch of two after the other; how many visits it has looked at."""
    looked, batch = 0, Batch(2)
    while done := feedback.ask_due(session, clinic, day, eleven(day), batch):
        looked, batch = looked + done, Batch(2, after=batch.last)
    return looked


def asked(session: Session) -> list[str]:
    """About which visits."""
    news = session.scalars(select(Notification).where(Notification.kind == "feedback_asked").order_by(Notification.id))
    return [one.data["visit"] for one in news]


def test_it_is_asked_once_and_on_the_third_day(session: Session, member: Customer) -> None:
    visit = came(session, member)
    for day in (VISITED, THIRD - timedelta(days=1)):
        assert ask(session, member.clinic, day) == 0
    assert ask(session, member.clinic, THIRD) == 1
    assert (asked(session), visit.feedback, visit.ask_on) == ([str(visit.id)], "asked", None)
    for day in (THIRD, THIRD + timedelta(days=1), THIRD + timedelta(days=200)):
        assert ask(session, member.clinic, day) == 0
    news = session.scalars(select(Notification).where(Notification.kind == "feedback_asked")).one()
    assert (news.purpose, news.due_at) == ("care", eleven(THIRD) + timedelta(seconds=20))


def test_the_third_day_is_the_clinics(session: Session, member: Customer) -> None:
    """Half past eleven at night in Bangkok is the same day still, and ten minutes past midnight is the next."""
    late, after = datetime(2026, 2, 3, 16, 30, tzinfo=NOW.tzinfo), datetime(2026, 2, 3, 17, 10, tzinfo=NOW.tzinfo)
    assert came(session, member, late).ask_on == THIRD
    assert came(session, member, after).ask_on == THIRD + timedelta(days=1)


def test_what_was_not_asked_in_time_is_asked_late_and_not_after_two_weeks(session: Session, member: Customer) -> None:
    older = came(session, member, NOW - timedelta(days=9))
    assert ask(session, member.clinic, VISITED + timedelta(days=4)) == 1
    assert older.feedback == "asked"
    forgotten = came(session, member, NOW)
    assert ask(session, member.clinic, VISITED + timedelta(days=15)) == 1
    assert (forgotten.feedback, len(asked(session))) == ("too_late", 1)


def stopped(session: Session, visit: Visit, who: Customer) -> None:
    who.clinic.own_settings = {"customers": {"ask_feedback": False}}


def voided(session: Session, visit: Visit, who: Customer) -> None:
    visit.uncounted = "void"


def spoken(session: Session, visit: Visit, who: Customer) -> None:
    reviews.review(session, who, visit.id, 4, None, NOW + timedelta(days=1))


def complained(session: Session, visit: Visit, who: Customer) -> None:
    """Of the visit before."""
    before = came(session, who, NOW - timedelta(days=20))
    before.ask_on = None
    reviews.review(session, who, before.id, reviews.LOW, None, NOW - timedelta(days=16))


def leaving(session: Session, visit: Visit, who: Customer) -> None:
    session.add(
        PrivacyRequest(
            clinic_id=who.clinic_id, customer_id=who.id, kind="erasure", source="line", asked_at=NOW,
            due_at=NOW + timedelta(days=90),
        )
    )  # fmt: skip


@pytest.mark.parametrize(
    ("because", "fate"),
    [(stopped, "off"), (voided, "void"), (spoken, "reviewed"), (complained, "complaint"), (leaving, "erasure")],
)
def test_who_is_not_asked_and_why(
    session: Session, member: Customer, because: Callable[[Session, Visit, Customer], None], fate: str
) -> None:
    visit = came(session, member)
    because(session, visit, member)
    session.flush()
    assert ask(session, member.clinic, THIRD) == 1
    assert (asked(session), visit.feedback, visit.ask_on) == ([], fate, None)
    assert feedback.why_not(session, member.clinic, visit.id, eleven(THIRD)) == fate


def bought(session: Session, who: Customer, price: str | None, *amounts: str) -> Visit:
    """A course, with what was paid at the counter on that day."""
    sale = Sale(Person(ours=who.id), 5, VISITED, price=None if price is None else Decimal(price))
    hear(session, who.clinic, "till", CourseTold("C", 1, NOW, sale=sale), NOW)
    for n, amount in enumerate(amounts):
        paid(
            session, who, source="till", external_id=f"P{n}", amount=Decimal(amount), paid_at=NOW, service_code=None,
            now=NOW, at_counter=True,
        )  # fmt: skip
    session.flush()
    return session.scalars(select(Visit)).one()


@pytest.mark.parametrize(
    ("price", "amounts", "fate"),
    [("9000", ["9000"], "sale"), ("9000", ["3000"], "sale"), (None, ["9000"], "sale"),
     ("9000", ["9000", "1500"], "asked")],
)  # fmt: skip
def test_who_only_bought_a_course_is_not_asked_how_it_was(
    session: Session, member: Customer, price: str | None, amounts: list[str], fate: str
) -> None:
    """More was paid than it costs: something was done besides."""
    visit = bought(session, member, price, *amounts)
    assert ask(session, member.clinic, THIRD) == 1
    assert visit.feedback == fate


def test_who_was_treated_when_they_bought_one_is_asked(session: Session, member: Customer) -> None:
    visit = bought(session, member, "9000", "9000")
    assert came(session, member) is visit
    assert ask(session, member.clinic, THIRD) == 1
    assert visit.feedback == "asked"


def test_a_course_that_was_bought_later_stands_for_no_visit_before_it(session: Session, member: Customer) -> None:
    """After an outage both have come due."""
    sold = bought(session, member, "9000", "9000")
    before = came(session, member, NOW - timedelta(days=1))
    assert ask(session, member.clinic, THIRD) == 2
    assert (before.feedback, sold.feedback) == ("asked", "sale")


def test_a_complaint_of_more_than_a_month_ago_is_over(session: Session, member: Customer) -> None:
    before = came(session, member, NOW - timedelta(days=40))
    before.ask_on = None
    reviews.review(session, member, before.id, 1, None, NOW - timedelta(days=28))
    visit = came(session, member)
    assert ask(session, member.clinic, THIRD) == 1
    assert visit.feedback == "asked"


def test_who_is_not_on_line_is_not_asked_there(session: Session, clinic: Clinic) -> None:
    visit = came(session, new_customer(session, clinic, NOW))
    assert ask(session, clinic, THIRD) == 1
    assert (asked(session), visit.feedback) == ([], "no_line")


def test_who_talks_to_people_is_asked_on_a_later_day(session: Session, clinic: Clinic, mali: LineLink) -> None:
    state = ConversationState(clinic_id=clinic.id, user_index=mali.user_index, data={})
    state.people_until = eleven(THIRD) + timedelta(minutes=1)
    session.add(state)
    visit = came(session, mali.customer)
    assert ask(session, clinic, THIRD) == 1
    assert (asked(session), visit.feedback, visit.ask_on) == ([], None, THIRD + timedelta(days=1))
    assert ask(session, clinic, THIRD + timedelta(days=1)) == 1
    assert visit.feedback == "asked"


def test_one_question_for_one_day_and_for_what_came_due_together(session: Session, member: Customer) -> None:
    """A second treatment on the day is the same visit; and after an outage the last visit is asked about."""
    clinic = member.clinic
    first = came(session, member, name="face")
    assert ask(session, clinic, THIRD) == 1
    assert came(session, member, NOW + timedelta(hours=1), name="laser") is first
    assert ask(session, clinic, THIRD + timedelta(days=1)) == 0
    three = [came(session, member, NOW + timedelta(days=days)) for days in (1, 2, 3)]
    assert ask(session, clinic, THIRD + timedelta(days=5)) == 3
    assert [one.feedback for one in three] == ["another_visit", "another_visit", "asked"]
    assert asked(session) == [str(first.id), str(three[2].id)]


def test_a_visit_that_somebody_holds_waits_for_the_next_look(
    session: Session, sessions: sessionmaker[Session], member: Customer
) -> None:
    visit, other = (
        came(session, member),
        came(session, meet_on_line(session, member.clinic, "U" + "e" * 32, NOW).customer),
    )
    session.commit()
    with sessions() as holder:
        holder.execute(select(Visit.id).where(Visit.id == visit.id).with_for_update())
        assert feedback.ask_due(session, member.clinic, THIRD, eleven(THIRD)) == 1
    session.commit()
    assert feedback.ask_due(session, member.clinic, THIRD, eleven(THIRD)) == 1
    assert sorted(asked(session)) == sorted([str(visit.id), str(other.id)])


def test_only_this_clinics_visits_are_looked_at(session: Session, member: Customer) -> None:
    elsewhere = make_clinic(session, slug="elsewhere", name="Elsewhere")
    other = meet_on_line(session, elsewhere, "U" + "e" * 32, NOW).customer
    points.create_loyalty_profile(session, other, NOW)
    came(session, other)
    assert ask(session, member.clinic, THIRD) == 0
    assert ask(session, elsewhere, THIRD) == 1
