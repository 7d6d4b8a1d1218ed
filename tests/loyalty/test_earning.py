"""Points for what customers do themselves: once a day, once a visit, once a year, by the clinic's calendar."""

import threading
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from customers.people import meet_on_line
from facts.visited import visited
from loyalty import birthdays, check_in, points, reviews
from loyalty.errors import EarningRefused
from models.clinics import Clinic
from models.customers import Customer, JourneyEvent, LineLink
from models.facts import Review, Visit
from models.loyalty import PointTransaction
from tests.fixtures.clinic import NOW, make_clinic

BANGKOK = ZoneInfo("Asia/Bangkok")
TODAY = date(2026, 2, 3)
MIDNIGHT = datetime(2026, 2, 4, tzinfo=BANGKOK)
Property = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def another(session: Session, clinic: Clinic, letter: str = "c") -> Customer:
    customer = meet_on_line(session, clinic, "U" + letter * 32, NOW).customer
    session.flush()
    points.create_loyalty_profile(session, customer, NOW)
    return customer


def text(session: Session, customer: Customer, day: date = TODAY) -> str:
    return check_in.day_text(customer.clinic, session, day)


def refusal(act: Callable[[], object]) -> str:
    with pytest.raises(EarningRefused) as refused:
        act()
    return refused.value.code


def earned(session: Session, customer: Customer, source: str) -> list[int]:
    line = PointTransaction
    mine = select(line.amount).where(line.customer_id == customer.id, line.source == source)
    return list(session.scalars(mine.order_by(line.id)))


def facts(session: Session, customer: Customer, type_: str) -> int:
    return (
        session.scalar(select(func.count()).where(JourneyEvent.customer_id == customer.id, JourneyEvent.type == type_))
        or 0
    )


def visit(session: Session, customer: Customer, at: datetime = NOW, name: str = "v1") -> Visit:
    return visited(session, customer, source="till", external_id=name, visited_at=at, service_code="facial", now=at)


def test_the_days_text_is_of_one_clinic_and_one_day(session: Session, clinic: Clinic) -> None:
    nobody = make_clinic(session, slug="nobody", name="Nobody")
    days = [TODAY + timedelta(days=n) for n in range(100)]
    texts = [check_in.day_text(where, session, day) for where in (clinic, nobody) for day in days]
    assert len(set(texts)) == 200
    assert all(len(one) == 20 and one.startswith("CHECKIN-") and one.isascii() for one in texts)
    assert check_in.day_text(clinic, session, TODAY) == texts[0]


@pytest.mark.parametrize("as_sent", [str, str.lower, lambda said: f" {said.removeprefix('CHECKIN-')} "])
def test_checking_in_earns_once_a_day(session: Session, member: Customer, as_sent: Callable[[str], str]) -> None:
    said = as_sent(text(session, member))
    assert check_in.by_text(session, member, said, NOW) == 10
    assert refusal(lambda: check_in.by_text(session, member, said, NOW)) == "already_checked_in"
    assert earned(session, member, "check_in") == [10]
    assert facts(session, member, "checked_in") == 1
    next_day = NOW + timedelta(days=1)
    assert check_in.by_text(session, member, text(session, member, TODAY + timedelta(days=1)), next_day) == 10


def test_staff_check_somebody_in_and_the_day_is_used(session: Session, member: Customer) -> None:
    assert check_in.on_day(session, member, TODAY, NOW, actor="Ploy") == 10
    assert refusal(lambda: check_in.by_text(session, member, text(session, member), NOW)) == "already_checked_in"
    assert session.scalars(select(PointTransaction.actor).where(PointTransaction.source == "check_in")).all() == [
        "Ploy"
    ]


@pytest.mark.parametrize(
    ("after_midnight", "answer"),
    [(-1, "today"), (0, "yesterday"), (599, "yesterday"), (600, "old_code"), (86_400 * 3, "old_code")],
)
def test_midnight_in_bangkok_with_a_few_minutes_of_grace(
    session: Session, member: Customer, after_midnight: int, answer: str
) -> None:
    """The text of the 3rd around the end of the 3rd. In the grace it still counts for the 3rd, so once."""
    said, now = text(session, member), (MIDNIGHT + timedelta(seconds=after_midnight)).astimezone(UTC)
    if answer == "old_code":
        assert refusal(lambda: check_in.by_text(session, member, said, now)) == "old_code"
        assert facts(session, member, "checked_in") == 0
        return
    check_in.by_text(session, member, said, now)
    assert (
        session.scalars(select(JourneyEvent.data).where(JourneyEvent.type == "checked_in")).one()["day"] == "2026-02-03"
    )
    assert refusal(lambda: check_in.by_text(session, member, said, now)) == "already_checked_in"
    if answer == "yesterday":
        assert check_in.by_text(session, member, text(session, member, date(2026, 2, 4)), now) == 10


def test_texts_that_are_not_todays(session: Session, member: Customer) -> None:
    nobody = make_clinic(session, slug="nobody", name="Nobody")
    wrong = ["", "CHECKIN-", "CHECKIN-000000000000", "ฟฟฟ", text(session, member, TODAY + timedelta(days=1))]
    wrong.append(check_in.day_text(nobody, session, TODAY))
    for said in wrong:
        assert refusal(lambda said=said: check_in.by_text(session, member, said, NOW)) == "unknown_code"  # type: ignore[misc]
    assert earned(session, member, "check_in") == []


def test_guests_do_not_check_in(session: Session, mali: LineLink) -> None:
    guest = mali.customer
    assert refusal(lambda: check_in.by_text(session, guest, text(session, guest), NOW)) == "not_a_member"


def test_a_clinic_may_give_nothing_for_it(session: Session, member: Customer) -> None:
    member.clinic.own_settings = {"points": {"check_in": 0, "review": 0, "birthday": 0}}
    assert check_in.by_text(session, member, text(session, member), NOW) == 0
    assert refusal(lambda: check_in.by_text(session, member, text(session, member), NOW)) == "already_checked_in"
    reviews.review(session, member, visit(session, member).id, 5, None, NOW)
    assert birthdays.set_birthday(session, member, 2, 3, NOW) is None
    assert birthdays.reward_due(session, member.clinic, date(2026, 2, 1)) == 0
    assert session.scalars(select(PointTransaction.source)).all() == ["welcome"]


@Property
@given(minutes=st.lists(st.integers(0, 60 * 72), max_size=15))
@example(minutes=[0, 1_439, 1_440, 1_445, 1_449, 1_450])
def test_never_more_check_ins_than_days(session: Session, member: Customer, minutes: list[int]) -> None:
    """Whenever people show the picture of that minute's day or of the day before."""
    start = datetime(2026, 2, 3, tzinfo=BANGKOK)
    with session.begin_nested() as point:
        done, answers = 0, set[str]()
        for minute in sorted(minutes):
            now = start + timedelta(minutes=minute)
            for day in (now.date(), now.date() - timedelta(days=1)):
                try:
                    done += check_in.by_text(session, member, text(session, member, day), now) // 10
                except EarningRefused as refused:
                    answers.add(refused.code)
        days = {(start + timedelta(minutes=minute)).date() for minute in minutes}
        graced = {(start + timedelta(minutes=minute - 10)).date() for minute in minutes if minute % 1_440 < 10}
        assert answers <= {"already_checked_in", "old_code"}
        assert done == len(days | graced) == len(earned(session, member, "check_in"))
        point.rollback()


def test_a_review_earns_once_a_visit(session: Session, member: Customer) -> None:
    first, second = visit(session, member), visit(session, member, name="v2")
    review = reviews.review(session, member, first.id, 4, "  ดีมาก  ", NOW)
    assert (review.rating, review.comment, review.customer_id) == (4, "ดีมาก", member.id)
    assert refusal(lambda: reviews.review(session, member, first.id, 5, None, NOW)) == "already_reviewed"
    reviews.review(session, member, second.id, 1, None, NOW)
    assert earned(session, member, "review") == [50, 50]
    assert facts(session, member, "reviewed") == 2


def test_somebody_elses_visit_cannot_be_reviewed(session: Session, member: Customer) -> None:
    theirs = visit(session, another(session, member.clinic))
    assert refusal(lambda: reviews.review(session, member, theirs.id, 5, None, NOW)) == "unknown_visit"
    assert refusal(lambda: reviews.review(session, member, member.id, 5, None, NOW)) == "unknown_visit"
    assert session.scalar(select(func.count()).select_from(Review)) == 0


@pytest.mark.parametrize("rating", [0, 6, -1, True])
def test_stars_are_one_to_five(session: Session, member: Customer, rating: int) -> None:
    mine = visit(session, member)
    assert refusal(lambda: reviews.review(session, member, mine.id, rating, None, NOW)) == "bad_rating"


def test_a_visit_is_reviewed_within_ninety_days(session: Session, member: Customer) -> None:
    mine = visit(session, member)
    assert reviews.reviewable(session, member, NOW - timedelta(seconds=1)) is None
    assert (
        refusal(lambda: reviews.review(session, member, mine.id, 5, None, NOW - timedelta(days=1))) == "unknown_visit"
    )
    last = NOW + timedelta(days=90) - timedelta(seconds=1)
    assert reviews.reviewable(session, member, last) is mine
    over = NOW + timedelta(days=90)
    assert reviews.reviewable(session, member, over) is None
    assert refusal(lambda: reviews.review(session, member, mine.id, 5, None, over)) == "visit_too_old"
    reviews.review(session, member, mine.id, 5, None, last)


def test_the_latest_visit_without_a_review_is_asked_about(session: Session, member: Customer) -> None:
    visit(session, another(session, member.clinic), name="theirs")
    older, newer = visit(session, member, NOW - timedelta(days=9)), visit(session, member, name="v2")
    assert reviews.reviewable(session, member, NOW) is newer
    reviews.review(session, member, newer.id, 5, None, NOW)
    assert reviews.reviewable(session, member, NOW) is older


def test_words_are_added_once_and_only_by_their_author(session: Session, member: Customer) -> None:
    mine = visit(session, member)
    review = reviews.review(session, member, mine.id, 2, None, NOW)
    ken = another(session, member.clinic)
    assert refusal(lambda: reviews.comment_on(session, ken, mine.id, "mine!")) == "unknown_visit"
    assert reviews.comment_on(session, member, mine.id, "x" * 3_000) is review
    assert review.comment == "x" * 2_000
    reviews.comment_on(session, member, mine.id, "another")
    assert review.comment == "x" * 2_000


def test_two_phones_at_once_earn_once(sessions: sessionmaker[Session], session: Session, member: Customer) -> None:
    mine, said, id_ = visit(session, member), text(session, member), member.id
    clinic_id = member.clinic_id
    session.commit()
    start, outcomes = threading.Barrier(4), list[str]()

    def act(work: Callable[[Session, Customer], object]) -> None:
        with sessions() as own:
            customer = own.get_one(Customer, (id_, clinic_id))
            start.wait()
            try:
                work(own, customer)
                own.commit()
                outcomes.append("done")
            except EarningRefused as refused:
                outcomes.append(refused.code)

    for work, refused in (
        (lambda own, who: check_in.by_text(own, who, said, NOW), "already_checked_in"),
        (lambda own, who: reviews.review(own, who, mine.id, 5, None, NOW), "already_reviewed"),
        (lambda own, who: birthdays.set_birthday(own, who, 2, 3, NOW), "birthday_locked"),
    ):
        threads = [threading.Thread(target=act, args=(work,)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        assert sorted(outcomes) == [refused] * 3 + ["done"]
        outcomes.clear()
    with sessions() as after:
        customer = after.get_one(Customer, (id_, clinic_id))
        assert [earned(after, customer, one) for one in ("check_in", "review", "birthday")] == [[10], [50], [100]]
