"""Who brought whom: bound once, earned by a first paid visit, paid once, and never by a trick."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from facts.visited import visited
from loyalty import merge, referral_pay, referrals
from loyalty.defaults import achievements as default_achievements
from loyalty.errors import NotInReview, ReferralRefused
from models.customers import Customer
from models.facts import Payment, Referral
from models.loyalty import Notification, PointTransaction
from models.rewards import Achievement, AchievementUnlock
from runtime.work import Batch
from tests.fixtures.clinic import NOW, make_clinic
from tests.loyalty.bringing import DUE, LATER, Meet, brought, code_of, earned, pay, refund


def refusal(session: Session, friend: Customer, code: str, now: datetime = NOW) -> str:
    with pytest.raises(ReferralRefused) as refused:
        referrals.bind(session, friend, code, now)
    return refused.value.code


def test_a_friend_is_bound_by_a_code_as_people_write_it(session: Session, meet: Meet, member: Customer) -> None:
    ken = meet()
    referral = referrals.bind(session, ken, f" {code_of(session, member).lower()} ", NOW)
    assert (referral.referrer_id, referral.friend_id, referral.state) == (member.id, ken.id, "bound")
    assert earned(session, member) == 0


def test_nobody_is_bound_twice(session: Session, meet: Meet, member: Customer) -> None:
    ken, _ = brought(session, meet, member)
    other = meet(member=True)
    assert refusal(session, ken, code_of(session, other)) == "already_bound"
    assert session.scalars(select(Referral.referrer_id)).all() == [member.id]


def test_codes_that_bring_nobody(session: Session, meet: Meet, member: Customer) -> None:
    ken = meet()
    assert refusal(session, member, code_of(session, member)) == "own_code"
    for code in ("ZZZZZZZZ", "", "'; drop table"):
        assert refusal(session, ken, code) == "unknown_code"
    assert session.scalar(select(func.count()).select_from(Referral)) == 0


def test_a_code_of_another_clinic_is_unknown(session: Session, meet: Meet, member: Customer) -> None:
    nobody = make_clinic(session, slug="nobody", name="Nobody")
    assert refusal(session, meet(at=nobody), code_of(session, member)) == "unknown_code"


def test_a_code_of_somebody_erased_is_unknown(session: Session, meet: Meet, member: Customer) -> None:
    member.data_key = None
    assert refusal(session, meet(), code_of(session, member)) == "unknown_code"


def test_who_has_joined_or_visited_or_paid_is_no_new_customer(session: Session, meet: Meet, member: Customer) -> None:
    code = code_of(session, member)
    visitor, payer = meet(), meet()
    visited(session, visitor, source="till", external_id="v", visited_at=NOW, service_code=None, now=NOW)
    pay(session, payer, now=NOW)
    for known in (meet(member=True), visitor, payer):
        assert refusal(session, known, code) == "already_customer"


def test_two_records_of_one_phone_are_one_person(session: Session, meet: Meet, member: Customer) -> None:
    """Whoever shares a verified phone is merged, so the second account is the referrer."""
    second = meet()
    merge.merge_customers(session, second, member, NOW, actor="test")
    assert refusal(session, second, code_of(session, member)) == "same_phone"


def test_a_code_outlives_a_merge(session: Session, meet: Meet, member: Customer) -> None:
    older = meet()
    old_code = code_of(session, member)
    merge.merge_customers(session, member, older, NOW, actor="test")
    assert referrals.bind(session, meet(), old_code, NOW).referrer_id == older.id


def test_it_pays_after_the_first_paid_visit_and_the_days(session: Session, meet: Meet, member: Customer) -> None:
    ken, referral = brought(session, meet, member)
    pay(session, ken)
    assert (referral.state, referral.pays_at) == ("qualified", DUE)
    assert referral_pay.pay_due(session, member.clinic, DUE - timedelta(seconds=1)) == 0
    assert earned(session, member) == 0
    assert referral_pay.pay_due(session, member.clinic, DUE) == 1
    assert (referral.state, referral.settled_at, earned(session, member)) == ("paid", DUE, 200)
    line = session.scalars(select(PointTransaction).where(PointTransaction.id == referral.transaction_id)).one()
    assert (line.customer_id, line.idempotency_key) == (member.id, f"referral:{referral.id}")
    news = session.scalars(select(Notification).where(Notification.kind == "referral_paid")).one()
    assert (news.customer_id, news.data) == (member.id, {"points": 200})
    assert referral_pay.pay_due(session, member.clinic, DUE) == 0


def test_a_visit_without_a_payment_earns_nothing(session: Session, meet: Meet, member: Customer) -> None:
    ken, referral = brought(session, meet, member)
    visited(session, ken, source="till", external_id="v", visited_at=LATER, service_code=None, now=LATER)
    assert str(referral.state) == "bound"
    pay(session, ken)
    assert referral.state == "qualified"


def test_only_the_first_payment_counts(session: Session, meet: Meet, member: Customer) -> None:
    ken, referral = brought(session, meet, member)
    first = pay(session, ken)
    pay(session, ken, now=LATER + timedelta(days=1))
    assert (referral.payment_id, referral.pays_at) == (first.id, DUE)


def test_a_payment_made_before_the_friend_was_named_shows_a_customer(
    session: Session, meet: Meet, member: Customer
) -> None:
    ken, referral = brought(session, meet, member, now=LATER)
    pay(session, ken, now=NOW)  # the till told late
    assert (referral.state, referral.reason) == ("void", "already_customer")


def test_the_clinic_sets_points_and_days(session: Session, meet: Meet, member: Customer) -> None:
    member.clinic.own_settings = {"referral": {"points_referrer": 350, "pending_days": 0}}
    ken, _ = brought(session, meet, member)
    pay(session, ken)
    assert referral_pay.pay_due(session, member.clinic, LATER) == 1
    assert earned(session, member) == 350


def test_the_friend_receives_something_too_where_the_clinic_says_so(
    session: Session, meet: Meet, member: Customer
) -> None:
    member.clinic.own_settings = {"referral": {"points_friend": 50, "pending_days": 0}}
    ken, _ = brought(session, meet, member)
    pay(session, ken)
    assert referral_pay.pay_due(session, member.clinic, LATER) == 1
    assert referral_pay.pay_due(session, member.clinic, LATER) == 0
    assert earned(session, member) == 200
    lines = session.scalars(select(PointTransaction).where(PointTransaction.source == "brought")).all()
    assert [(line.customer_id, line.amount) for line in lines] == [(ken.id, 50)]


def test_a_friend_who_was_erased_receives_nothing_and_the_referrer_is_paid(
    session: Session, meet: Meet, member: Customer
) -> None:
    member.clinic.own_settings = {"referral": {"points_friend": 50, "pending_days": 0}}
    ken, _ = brought(session, meet, member)
    pay(session, ken)
    ken.data_key = None
    assert referral_pay.pay_due(session, member.clinic, LATER) == 1
    assert earned(session, member) == 200
    assert session.scalars(select(PointTransaction).where(PointTransaction.source == "brought")).all() == []


def test_a_full_refund_before_the_day_makes_it_void(session: Session, meet: Meet, member: Customer) -> None:
    ken, referral = brought(session, meet, member)
    payment = pay(session, ken)
    refund(session, payment, 400, LATER)
    referrals.void_for(session, payment, LATER)
    assert referral.state == "qualified"
    refund(session, payment, 600, LATER)
    assert (str(referral.state), referral.reason) == ("void", "refunded")
    assert referral_pay.pay_due(session, member.clinic, DUE) == 0
    pay(session, ken, now=DUE)
    assert str(referral.state) == "void"


def test_a_refund_after_it_was_paid_changes_nothing(session: Session, meet: Meet, member: Customer) -> None:
    ken, referral = brought(session, meet, member)
    payment = pay(session, ken)
    referral_pay.pay_due(session, member.clinic, DUE)
    refund(session, payment, 1_000, DUE)
    assert (referral.state, earned(session, member)) == ("paid", 200)


def test_more_friends_a_day_than_one_brings_by_talking_are_looked_at(
    session: Session, meet: Meet, member: Customer
) -> None:
    member.clinic.own_settings = {"referral": {"daily_limit": 2}}
    people = [brought(session, meet, member, NOW + timedelta(minutes=n)) for n in range(3)]
    alone = brought(session, meet, member, NOW + timedelta(days=1))
    for ken, _ in (*people, alone):
        pay(session, ken, now=NOW + timedelta(days=2))
    assert [(one.state, one.reason) for _, one in people] == [("review", "many_in_a_day")] * 3
    assert (alone[1].state, alone[1].reason) == ("qualified", None)
    assert [one.id for one in referrals.in_review(session, member.clinic)] == [one.id for _, one in people]
    assert referral_pay.pay_due(session, member.clinic, NOW + timedelta(days=30)) == 1


def test_the_day_of_many_is_the_clinics_day(session: Session, meet: Meet, member: Customer) -> None:
    member.clinic.own_settings = {"referral": {"daily_limit": 1}}
    midnight = datetime(2026, 2, 4, 17, tzinfo=UTC)  # of the 5th in Bangkok
    people = [brought(session, meet, member, midnight + timedelta(minutes=n)) for n in (-5, 5)]
    for ken, _ in people:
        pay(session, ken, now=midnight + timedelta(hours=2))
    assert [one.state for _, one in people] == ["qualified", "qualified"]


def test_staff_decide_once(session: Session, meet: Meet, member: Customer) -> None:
    member.clinic.own_settings = {"referral": {"daily_limit": 1}}
    (ken, good), (eve, bad) = (brought(session, meet, member) for _ in range(2))
    pay(session, ken)
    pay(session, eve)
    referrals.decide(session, good, True, DUE + timedelta(days=1), "Ploy")
    referrals.decide(session, bad, False, LATER, "Ploy")
    assert (good.state, good.pays_at, good.decided_by) == ("qualified", DUE + timedelta(days=1), "Ploy")
    assert (bad.state, bad.reason, bad.settled_at) == ("refused", "many_in_a_day", LATER)
    for referral in (good, bad):
        with pytest.raises(NotInReview):
            referrals.decide(session, referral, True, DUE, "Ploy")
    assert referral_pay.pay_due(session, member.clinic, DUE + timedelta(days=1)) == 1
    assert earned(session, member) == 200


def test_a_refund_while_staff_look_makes_it_void(session: Session, meet: Meet, member: Customer) -> None:
    member.clinic.own_settings = {"referral": {"daily_limit": 0}}
    ken, referral = brought(session, meet, member)
    refund(session, pay(session, ken), 1_000, LATER)
    assert referral.state == "void"


def test_two_friends_of_one_phone_count_once(session: Session, meet: Meet, member: Customer) -> None:
    (ken, first), (again, second) = (brought(session, meet, member, NOW + timedelta(hours=n)) for n in range(2))
    merge.merge_customers(session, again, ken, LATER, actor="test")
    pay(session, ken)
    assert (first.state, second.state, second.reason) == ("qualified", "review", "shared_phone")


@pytest.mark.parametrize("paid_first", [True, False])
def test_a_friend_who_turns_out_to_be_the_referrer_earns_nothing(
    session: Session, meet: Meet, member: Customer, paid_first: bool
) -> None:
    second, referral = brought(session, meet, member)
    if paid_first:
        pay(session, second)
    merge.merge_customers(session, second, member, LATER, actor="test")
    if not paid_first:
        pay(session, member)
    referral_pay.pay_due(session, member.clinic, DUE)
    assert (referral.state, referral.reason) == ("void", "same_person")
    assert earned(session, member) == 0


def test_a_friend_who_turns_out_to_be_an_old_customer_earns_nothing(
    session: Session, meet: Meet, member: Customer
) -> None:
    known = meet(member=True)
    ken, referral = brought(session, meet, member, now=NOW + timedelta(minutes=1))
    merge.merge_customers(session, ken, known, LATER, actor="test")
    pay(session, known)
    assert (referral.state, referral.reason) == ("void", "already_customer")


def test_a_friend_with_an_empty_older_record_still_counts(session: Session, meet: Meet, member: Customer) -> None:
    lead = meet()
    ken, referral = brought(session, meet, member)
    merge.merge_customers(session, ken, lead, LATER, actor="test")
    pay(session, lead)
    assert referral.state == "qualified"


def test_nobody_is_paid_for_one_who_was_erased(session: Session, meet: Meet, member: Customer) -> None:
    ken, referral = brought(session, meet, member)
    pay(session, ken)
    member.data_key = None
    assert referral_pay.pay_due(session, ken.clinic, DUE) == 1
    assert (referral.state, referral.reason) == ("void", "referrer_erased")


def test_paid_referrals_unlock(session: Session, meet: Meet, member: Customer) -> None:
    default_achievements.seed(session, member.clinic)
    ken, _ = brought(session, meet, member)
    pay(session, ken)
    theirs = (
        select(Achievement.category)
        .join(AchievementUnlock, AchievementUnlock.achievement_id == Achievement.id)
        .where(AchievementUnlock.customer_id == member.id)
    )
    assert session.scalars(theirs).all() == []
    referral_pay.pay_due(session, member.clinic, DUE)
    assert session.scalars(theirs).all() == ["referral"]


def test_friends_are_told_by_state_and_not_by_name(session: Session, meet: Meet, member: Customer) -> None:
    (ken, _), *_ = [brought(session, meet, member, NOW + timedelta(hours=n)) for n in range(3)]
    pay(session, ken)
    told = referrals.friends(session, member, limit=2)
    assert [(one.number, one.state) for one in told] == [(3, "bound"), (2, "bound")]
    assert not hasattr(told[0], "name")
    assert referrals.friends(session, member)[-1].pays_at == DUE
    assert referrals.counts(session, member) == {"bound": 2, "qualified": 1}
    assert referrals.friends(session, ken) == []


def test_a_batch_pays_everybody_once(session: Session, meet: Meet, member: Customer) -> None:
    other = meet(member=True)
    for referrer in (member, other, member):
        ken, _ = brought(session, meet, referrer)
        pay(session, ken)
    done = []
    while count := referral_pay.pay_due(session, member.clinic, DUE, Batch(2)):
        done.append(count)
    assert done == [2, 1]
    assert (earned(session, member), earned(session, other)) == (400, 200)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=st.lists(st.sampled_from(["pay", "refund", "day", "week", "due", "decide", "again"]), max_size=12))
def test_whatever_happens_it_pays_at_most_once_and_only_what_says_paid(
    session: Session, meet: Meet, member: Customer, acts: list[str]
) -> None:
    with session.begin_nested() as point:
        before = earned(session, member)
        ken, referral = brought(session, meet, member)
        now, paid = LATER, list[Payment]()
        for act in acts:
            if act == "pay":
                paid.append(pay(session, ken, now=now, name=f"{ken.id}:{len(paid)}"))
            elif act == "refund" and paid and not paid[-1].refunded:
                refund(session, paid[-1], 1_000, now)
            elif act == "due":
                referral_pay.pay_due(session, member.clinic, now)
            elif act == "decide" and referral.state == "review":
                referrals.decide(session, referral, True, now, "Ploy")
            elif act == "again":
                assert refusal(session, ken, code_of(session, member), now) in ("already_bound", "already_customer")
            now += {"day": timedelta(days=1), "week": timedelta(days=7)}.get(act, timedelta(minutes=1))
        assert earned(session, member) - before == (200 if referral.state == "paid" else 0)
        if referral.state == "paid":
            assert referral.pays_at is not None
            assert referral.pays_at <= now
        point.rollback()
