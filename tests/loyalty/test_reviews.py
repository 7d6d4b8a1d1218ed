"""Reviews: once a visit, in time, by whom it was."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from loyalty import reviews
from models.customers import Customer
from models.facts import Review
from tests.fixtures.clinic import NOW
from tests.loyalty.earning import another, earned, facts, refusal, visit


def test_a_review_earns_once_a_visit(session: Session, member: Customer) -> None:
    first, second = visit(session, member), visit(session, member, NOW - timedelta(days=1), name="v2")
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
    assert refusal(lambda: reviews.comment_on(session, ken, mine.id, "mine!", NOW)) == "unknown_visit"
    assert reviews.comment_on(session, member, mine.id, "x" * 3_000, NOW) is review
    assert review.comment == "x" * 2_000
    reviews.comment_on(session, member, mine.id, "another", NOW)
    assert review.comment == "x" * 2_000
