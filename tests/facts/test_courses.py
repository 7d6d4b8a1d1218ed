"""Courses: any order, repetition and delay ends the same; no session is taken but by the source's word."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from customers import courses as kept
from facts.hear import hear
from facts.merged import merge
from facts.told import (
    AppointmentTold,
    CourseTold,
    Details,
    Fact,
    NotYet,
    PaymentTold,
    Person,
    RefundTold,
    Sale,
    SessionTold,
    ShareTold,
)
from models.branches import Service
from models.clinics import Clinic
from models.courses import Course, CourseSession
from models.customers import JourneyEvent
from models.loyalty import Notification, PointTransaction
from runtime.errors import NeverAgain
from tests.fixtures.clinic import NOW

MALI, KEN = Person(id="P", name="Mali"), Person(id="K", name="Ken")
TODAY, ENDS = date(2026, 2, 3), date(2026, 6, 30)


def course(order: int, id_: str = "C", **more: Any) -> CourseTold:
    return CourseTold(id_, order, NOW + timedelta(minutes=order), **more)


def sold(order: int = 0, id_: str = "C", who: Person = MALI, sessions: int = 10, **more: Any) -> CourseTold:
    ends_on = more.pop("ends_on", ENDS)
    return course(order, id_, sale=Sale(who, sessions, more.pop("sold_on", TODAY), **more), ends_on=ends_on)


def one(order: int, session: str, state: Any = "used", id_: str = "C") -> CourseTold:
    return course(order, id_, session=SessionTold(session, state, NOW + timedelta(hours=order)))


def share(order: int, sessions: int, as_: str = "K1", who: Person = KEN, id_: str = "C") -> CourseTold:
    return course(order, id_, share=ShareTold(as_, who, sessions))


def extended(order: int, days: int) -> CourseTold:
    return course(order, ends_on=ENDS + timedelta(days=days), extends=True)


def tell(session: Session, clinic: Clinic, *facts: Fact, source: str = "standard") -> Course:
    for fact in facts:
        hear(session, clinic, source, fact, NOW + timedelta(days=1))
    return of(session, "C")


def of(session: Session, id_: str) -> Course:
    return session.scalars(select(Course).where(Course.external_id == id_)).one()


def seen(*values: Any) -> tuple[Any, ...]:
    return values


def earned(session: Session) -> int:
    return session.scalar(select(func.coalesce(func.sum(PointTransaction.amount), 0))) or 0


@st.composite
def facts(draw: st.DrawFn) -> list[Fact]:
    """A course with whatever may become of it, each at its own place of the source's order."""
    orders = st.integers(1, 60)
    told: list[Fact] = [sold(0, service=draw(st.sampled_from([None, "HYDRA"])), name="Ten of it")]
    for order in draw(st.lists(orders, unique=True, min_size=1, max_size=8)):
        what = draw(st.sampled_from(["state", "session", "share", "sold", "extended", "theirs"]))
        told.append(
            course(order, state=draw(st.sampled_from(["active", "frozen", "ended", "refunded"])))
            if what == "state"
            else one(order, draw(st.sampled_from("12")), draw(st.sampled_from(["planned", "used", "given_back"])))
            if what == "session"
            else share(order, draw(st.integers(0, 4)))
            if what == "share"
            else sold(order, sessions=draw(st.integers(1, 3)))
            if what == "sold"
            else extended(order, order)
            if what == "extended"
            else one(order, "1", id_="K1")
        )
    if any(isinstance(fact, CourseTold) and fact.external_id == "K1" for fact in told):
        told.append(share(61, 2))
    return told


def ends(session: Session, clinic: Clinic, told: Sequence[Fact]) -> list[Any]:
    """Everything of the courses, after the facts in this order; what comes too early is told again."""
    before = session.begin_nested()
    session.add(Service(clinic_id=clinic.id, code="HYDRA", names={"th": "ไฮดราเฟเชียล"}))
    waiting, now = list(told), NOW + timedelta(days=1)
    while waiting:
        early: list[Fact] = []
        for fact in waiting:
            try:
                hear(session, clinic, "standard", fact, now)
            except NotYet:
                early.append(fact)
        assert len(early) < len(waiting)
        waiting = early
    session.flush()
    mine = ("id", "clinic_id", "customer_id", "from_id", "created_at", "name_sealed", "contract_sealed", "course_id")
    found: list[Any] = []
    for table in (Course.__table__, CourseSession.__table__):
        columns = [column for column in table.c if column.name not in mine]
        found += sorted(map(repr, session.execute(select(*columns))))
    found += [(row.external_id, row.name) for row in session.scalars(select(Course).order_by(Course.external_id))]
    before.rollback()
    session.expire_all()
    return found


@seed(13)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(told=facts(), data=st.data())
def test_any_order_ends_the_same(session: Session, clinic: Clinic, told: list[Fact], data: st.DataObject) -> None:
    shuffled = data.draw(st.permutations([*told, *told]))
    assert ends(session, clinic, shuffled) == ends(session, clinic, told)


def test_sessions_are_planned_used_and_given_back(session: Session, clinic: Clinic) -> None:
    it = tell(session, clinic, sold(sessions=2), one(1, "1", "planned"))
    assert seen(kept.left(it), it.state) == (2, "active")
    assert kept.next_planned(session, clinic, [it], NOW) == {it.id: NOW + timedelta(hours=1)}
    tell(session, clinic, one(2, "1"), one(2, "1"))
    assert seen(kept.left(it), it.used, kept.next_planned(session, clinic, [it], NOW)) == (1, 1, {})
    tell(session, clinic, one(3, "2"))
    assert seen(kept.left(it), it.state) == (0, "used_up")
    tell(session, clinic, one(4, "2", "given_back"))
    assert seen(kept.left(it), it.state, it.given_back) == (1, "active", 1)
    types = select(JourneyEvent.type).where(JourneyEvent.type.like("course%")).order_by(JourneyEvent.id)
    assert list(session.scalars(types)) == [
        "course_sold", "course_planned", "course_used", "course_used", "course_used_up", "course_given_back",
    ]  # fmt: skip


def test_a_no_show_takes_a_session_only_when_the_source_says_so(session: Session, clinic: Clinic) -> None:
    it = tell(session, clinic, sold(), one(1, "1", "planned"))
    details = Details(MALI, NOW + timedelta(hours=1))
    tell(session, clinic, AppointmentTold("A", "booked", 1, NOW, details), AppointmentTold("A", "no_show", 2, NOW))
    assert kept.left(it) == 10
    tell(session, clinic, one(2, "1"))
    assert kept.left(it) == 9


def test_it_is_frozen_and_goes_on(session: Session, clinic: Clinic) -> None:
    it = tell(session, clinic, sold(), course(1, state="frozen"))
    assert it.state == "frozen"
    assert tell(session, clinic, extended(2, 30)).state == "frozen", "extended while it rests"
    assert seen(tell(session, clinic, course(3, state="active")).state, it.ends_on) == (
        "active",
        ENDS + timedelta(days=30),
    )


def test_an_end_that_has_passed_leaves_what_is_left(session: Session, clinic: Clinic) -> None:
    it = tell(session, clinic, sold(), one(1, "1"))
    for day, state in ((ENDS, "active"), (ENDS + timedelta(days=1), "ended")):
        assert kept.state_on(it, day) == state
    tell(session, clinic, course(2, state="ended"))
    assert seen(it.state, kept.left(it), kept.of_customer(session, it.customer, TODAY, 5)) == ("ended", 9, [it])
    tell(session, clinic, extended(3, 60))
    assert seen(it.state, kept.state_on(it, ENDS + timedelta(days=1))) == ("active", "active")
    tell(session, clinic, course(4, state="frozen"))
    assert kept.state_on(it, ENDS + timedelta(days=90)) == "frozen", "what rests does not end"


def test_within_seven_days_and_unused_it_may_be_cancelled(session: Session, clinic: Clinic) -> None:
    it = tell(session, clinic, sold(controlled=True))
    last = TODAY + timedelta(days=7)
    assert seen(kept.may_cancel_until(it, last), kept.may_cancel_until(it, last + timedelta(days=1))) == (last, None)
    tell(session, clinic, one(1, "1", "planned"))
    assert kept.may_cancel_until(it, TODAY) == last
    tell(session, clinic, one(2, "1"))
    assert kept.may_cancel_until(it, TODAY) is None
    for id_, says in (("D", None), ("E", False)):
        tell(session, clinic, sold(id_=id_, controlled=says))
        assert kept.may_cancel_until(of(session, id_), TODAY) is None, "no right is promised that nobody has told of"


def test_shared_sessions_are_the_other_ones_and_both_are_told_once(session: Session, clinic: Clinic) -> None:
    it = tell(session, clinic, sold(name="Ten HydraFacials"), *[share(1, 3)] * 2)
    theirs = of(session, "K1")
    assert seen(kept.left(it), kept.left(theirs), theirs.customer.display_name) == (7, 3, "Ken")
    assert seen(kept.name_of(theirs), kept.ends_on(theirs)) == ("Ten HydraFacials", ENDS)
    news = session.scalars(select(Notification).order_by(Notification.id)).all()
    assert [(row.kind, row.customer_id, row.data["sessions"]) for row in news] == [
        ("course_shared", it.customer_id, 3),
        ("course_received", theirs.customer_id, 3),
    ]
    tell(session, clinic, one(2, "1", id_="K1"), extended(3, 9))
    assert seen(kept.left(it), kept.left(theirs), kept.ends_on(theirs)) == (7, 2, ENDS + timedelta(days=9))
    tell(session, clinic, share(4, 1))
    assert seen(kept.left(it), kept.left(theirs), theirs.state) == (9, 0, "used_up")
    assert session.scalar(select(func.count()).select_from(Notification)) == 2, "less is nothing to be glad of"


def test_a_sharing_of_long_ago_is_not_told_now(session: Session, clinic: Clinic) -> None:
    tell(session, clinic, sold())
    hear(session, clinic, "standard", share(1, 3), NOW + timedelta(days=30))
    assert kept.left(of(session, "K1")) == 3
    assert list(session.scalars(select(Notification))) == []


@pytest.mark.parametrize(
    "wrong",
    [sold(2, who=KEN), share(2, 1, who=MALI), share(2, 1, as_="C"), share(2, 1, as_="D")],
    ids=["sold", "to oneself", "as itself", "as another's"],
)
def test_what_cannot_be_is_refused(session: Session, clinic: Clinic, wrong: CourseTold) -> None:
    tell(session, clinic, sold(), sold(id_="D"))
    with pytest.raises(Exception, match=r"another customer"):
        tell(session, clinic, wrong)


@pytest.mark.parametrize("back_to", ["C", "K1"])
def test_sessions_are_not_shared_back_into_what_they_came_from(session: Session, clinic: Clinic, back_to: str) -> None:
    third = "X1" if back_to == "C" else "C"
    tell(session, clinic, sold(service="HYDRA"), share(1, 3), share(2, 2, as_="X1", who=Person(id="X"), id_="K1"))
    who = MALI if back_to == "C" else KEN
    with pytest.raises(NeverAgain, match=r"data\.sharedAs: these sessions came from that course"):
        tell(session, clinic, share(3, 1, as_=back_to, who=who, id_="X1"))
    assert of(session, third).from_id == (of(session, "K1").id if third == "X1" else None)


def test_rows_that_lead_in_a_circle_are_still_shown(session: Session, clinic: Clinic) -> None:
    it = tell(session, clinic, sold(ends_on=None), share(1, 3))
    it.from_id = of(session, "K1").id
    session.flush()
    session.expire_all()
    for one in (it, of(session, "K1")):
        assert seen(kept.ends_on(one), kept.service_of(one), kept.name_of(one)) == (None, None, None)
        assert kept.state_on(one, TODAY) == "active"
    assert seen(kept.left(it), kept.left(of(session, "K1"))) == (7, 3)


def test_no_more_is_shown_of_what_was_shared_than_there_was(session: Session, clinic: Clinic) -> None:
    it = tell(session, clinic, sold(sessions=4), one(1, "1"), share(2, 1_000))
    theirs = of(session, "K1")
    assert seen(kept.left(it), kept.shared(it), kept.sessions_of(theirs), kept.left(theirs)) == (0, 3, 3, 3)
    news = session.scalars(select(Notification)).all()
    assert [row.data["sessions"] for row in news] == [3, 3]
    tell(session, clinic, share(3, 2, as_="X1", who=Person(id="X"), id_="K1"))
    assert seen(kept.left(theirs), kept.left(of(session, "X1"))) == (1, 2)
    tell(session, clinic, share(4, 2, as_="X2", who=Person(id="Y"), id_="K1"))
    others = [kept.left(of(session, id_)) for id_ in ("X1", "X2")]
    assert kept.left(theirs) + sum(others) <= 3, "which of two has the last one nobody has told"
    tell(session, clinic, sold(5, sessions=2_000))
    assert seen(kept.left(theirs), kept.left(of(session, "X2"))) == (996, 2), "the source's newer word makes it right"


def test_one_of_which_nothing_was_there_to_be_shared_is_used_up(session: Session, clinic: Clinic) -> None:
    it = tell(session, clinic, sold(sessions=1), one(1, "1"), share(2, 2))
    theirs = of(session, "K1")
    assert seen(kept.left(theirs), kept.state_on(theirs, TODAY), kept.left(it)) == (0, "used_up", 0)
    assert list(session.scalars(select(Notification))) == []


def test_points_were_earned_when_it_was_paid_and_a_refund_takes_them_back(session: Session, clinic: Clinic) -> None:
    it = tell(session, clinic, sold(price=Decimal(9_000)))
    assert earned(session) == 0
    tell(session, clinic, PaymentTold("PAY", MALI, Decimal(9_000), NOW))
    assert earned(session) > 0
    back = RefundTold("R", "PAY", Decimal(9_000), NOW)
    tell(session, clinic, *[course(1, state="refunded", refund=back)] * 2)
    assert it.state == "refunded"
    taken = select(func.sum(PointTransaction.amount)).where(PointTransaction.source.in_(["treatment", "refund"]))
    assert session.scalar(taken) == 0
    assert kept.of_customer(session, it.customer, TODAY, 5) == []


def test_a_merge_takes_courses_along_with_their_names(session: Session, clinic: Clinic) -> None:
    it = tell(session, clinic, sold(name="Ten HydraFacials", contract="C-2569-1"), sold(id_="D", who=KEN))
    merge(session, it.customer, of(session, "D").customer, NOW, actor="system")
    session.expire_all()
    assert seen(it.customer.display_name, it.name, it.contract) == ("Ken", "Ten HydraFacials", "C-2569-1")
