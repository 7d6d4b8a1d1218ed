"""Who brought whom: bound once, earned by a first paid visit, paid once, and never by a trick."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session, sessionmaker

from customers.people import meet_on_line
from loyalty import merge, payments, points, referrals
from loyalty.defaults import achievements as default_achievements
from loyalty.errors import NotInReview, ReferralRefused
from models.clinics import Clinic
from models.customers import Customer
from models.facts import Payment, Referral
from models.loyalty import LoyaltyProfile, Notification, PointTransaction
from models.rewards import Achievement, AchievementUnlock
from tests.fixtures.clinic import NOW, make_clinic
from tests.fixtures.waiting import eventually

LATER = NOW + timedelta(hours=3)
DUE = LATER + timedelta(days=7)
Meet = Callable[..., Customer]


@pytest.fixture
def meet(session: Session, clinic: Clinic) -> Meet:
    """People who have come to the clinic's account; members when they are to be."""
    met = 0

    def one(*, member: bool = False, at: Clinic = clinic) -> Customer:
        nonlocal met
        met += 1
        customer = meet_on_line(session, at, f"U{met:032x}", NOW).customer
        session.flush()
        if member:
            points.create_loyalty_profile(session, customer, NOW)
        return customer

    return one


@pytest.fixture
def mali(meet: Meet) -> Customer:
    return meet(member=True)


def code_of(session: Session, customer: Customer) -> str:
    return session.get_one(LoyaltyProfile, customer.id).referral_code


def pay(session: Session, customer: Customer, *, now: datetime = LATER, baht: int = 1_000, name: str = "") -> Payment:
    return payments.record_payment(
        session, customer, source="till", external_id=name or f"{customer.id}:{now.isoformat()}", amount=Decimal(baht),
        paid_at=now, service_code=None, now=now,
    )  # fmt: skip


def refund(session: Session, payment: Payment, baht: int, now: datetime) -> None:
    payments.record_refund(session, payment, external_id=f"r{baht}", amount=Decimal(baht), refunded_at=now, now=now)


def brought(session: Session, meet: Meet, mali: Customer, now: datetime = NOW) -> tuple[Customer, Referral]:
    """Ken, bound to Mali."""
    ken = meet()
    return ken, referrals.bind(session, ken, code_of(session, mali), now)


def earned(session: Session, customer: Customer) -> int:
    """By referrals."""
    line = PointTransaction
    mine = select(func.sum(line.amount)).where(line.customer_id == customer.id, line.source == "referral")
    return session.scalar(mine) or 0


def refusal(session: Session, friend: Customer, code: str, now: datetime = NOW) -> str:
    with pytest.raises(ReferralRefused) as refused:
        referrals.bind(session, friend, code, now)
    return refused.value.code


def test_a_friend_is_bound_by_a_code_as_people_write_it(session: Session, meet: Meet, mali: Customer) -> None:
    ken = meet()
    referral = referrals.bind(session, ken, f" {code_of(session, mali).lower()} ", NOW)
    assert (referral.referrer_id, referral.friend_id, referral.state) == (mali.id, ken.id, "bound")
    assert earned(session, mali) == 0


def test_nobody_is_bound_twice(session: Session, meet: Meet, mali: Customer) -> None:
    ken, _ = brought(session, meet, mali)
    other = meet(member=True)
    assert refusal(session, ken, code_of(session, other)) == "already_bound"
    assert session.scalars(select(Referral.referrer_id)).all() == [mali.id]


def test_codes_that_bring_nobody(session: Session, meet: Meet, mali: Customer) -> None:
    ken = meet()
    assert refusal(session, mali, code_of(session, mali)) == "own_code"
    for code in ("ZZZZZZZZ", "", "'; drop table"):
        assert refusal(session, ken, code) == "unknown_code"
    assert session.scalar(select(func.count()).select_from(Referral)) == 0


def test_a_code_of_another_clinic_is_unknown(session: Session, meet: Meet, mali: Customer) -> None:
    nobody = make_clinic(session, slug="nobody", name="Nobody")
    assert refusal(session, meet(at=nobody), code_of(session, mali)) == "unknown_code"


def test_a_code_of_somebody_erased_is_unknown(session: Session, meet: Meet, mali: Customer) -> None:
    mali.data_key = None
    assert refusal(session, meet(), code_of(session, mali)) == "unknown_code"


def test_who_has_joined_or_visited_or_paid_is_no_new_customer(session: Session, meet: Meet, mali: Customer) -> None:
    code = code_of(session, mali)
    visitor, payer = meet(), meet()
    payments.record_visit(session, visitor, source="till", external_id="v", visited_at=NOW, service_code=None, now=NOW)
    pay(session, payer, now=NOW)
    for known in (meet(member=True), visitor, payer):
        assert refusal(session, known, code) == "already_customer"


def test_two_records_of_one_phone_are_one_person(session: Session, meet: Meet, mali: Customer) -> None:
    """Whoever shares a verified phone is merged, so the second account is the referrer."""
    second = meet()
    merge.merge_customers(session, second, mali, NOW, actor="test")
    assert refusal(session, second, code_of(session, mali)) == "same_phone"


def test_a_code_outlives_a_merge(session: Session, meet: Meet, mali: Customer) -> None:
    older = meet()
    old_code = code_of(session, mali)
    merge.merge_customers(session, mali, older, NOW, actor="test")
    assert referrals.bind(session, meet(), old_code, NOW).referrer_id == older.id


def test_it_pays_after_the_first_paid_visit_and_the_days(session: Session, meet: Meet, mali: Customer) -> None:
    ken, referral = brought(session, meet, mali)
    pay(session, ken)
    assert (referral.state, referral.pays_at) == ("qualified", DUE)
    assert referrals.pay_due(session, mali.clinic, DUE - timedelta(seconds=1)) == 0
    assert earned(session, mali) == 0
    assert referrals.pay_due(session, mali.clinic, DUE) == 1
    assert (referral.state, referral.settled_at, earned(session, mali)) == ("paid", DUE, 200)
    line = session.scalars(select(PointTransaction).where(PointTransaction.id == referral.transaction_id)).one()
    assert (line.customer_id, line.idempotency_key) == (mali.id, f"referral:{referral.id}")
    news = session.scalars(select(Notification).where(Notification.kind == "referral_paid")).one()
    assert (news.customer_id, news.data) == (mali.id, {"points": 200})
    assert referrals.pay_due(session, mali.clinic, DUE) == 0


def test_a_visit_without_a_payment_earns_nothing(session: Session, meet: Meet, mali: Customer) -> None:
    ken, referral = brought(session, meet, mali)
    payments.record_visit(session, ken, source="till", external_id="v", visited_at=LATER, service_code=None, now=LATER)
    assert referral.state == "bound"
    pay(session, ken)
    assert referral.state == "qualified"


def test_only_the_first_payment_counts(session: Session, meet: Meet, mali: Customer) -> None:
    ken, referral = brought(session, meet, mali)
    first = pay(session, ken)
    pay(session, ken, now=LATER + timedelta(days=1))
    assert (referral.payment_id, referral.pays_at) == (first.id, DUE)


def test_a_payment_made_before_the_friend_was_named_shows_a_customer(
    session: Session, meet: Meet, mali: Customer
) -> None:
    ken, referral = brought(session, meet, mali, now=LATER)
    pay(session, ken, now=NOW)  # the till told late
    assert (referral.state, referral.reason) == ("void", "already_customer")


def test_the_clinic_sets_points_and_days(session: Session, meet: Meet, mali: Customer) -> None:
    mali.clinic.settings = {"referral_bonus_points": 350, "referral_pending_days": 0}
    ken, _ = brought(session, meet, mali)
    pay(session, ken)
    assert referrals.pay_due(session, mali.clinic, LATER) == 1
    assert earned(session, mali) == 350


def test_a_full_refund_before_the_day_makes_it_void(session: Session, meet: Meet, mali: Customer) -> None:
    ken, referral = brought(session, meet, mali)
    payment = pay(session, ken)
    refund(session, payment, 400, LATER)
    assert referral.state == "qualified"
    refund(session, payment, 600, LATER)
    assert (referral.state, referral.reason) == ("void", "refunded")
    assert referrals.pay_due(session, mali.clinic, DUE) == 0
    pay(session, ken, now=DUE)
    assert referral.state == "void"


def test_a_refund_after_it_was_paid_changes_nothing(session: Session, meet: Meet, mali: Customer) -> None:
    ken, referral = brought(session, meet, mali)
    payment = pay(session, ken)
    referrals.pay_due(session, mali.clinic, DUE)
    refund(session, payment, 1_000, DUE)
    assert (referral.state, earned(session, mali)) == ("paid", 200)


def test_more_friends_a_day_than_one_brings_by_talking_are_looked_at(
    session: Session, meet: Meet, mali: Customer
) -> None:
    mali.clinic.settings = {"referral_daily_limit": 2}
    people = [brought(session, meet, mali, NOW + timedelta(minutes=n)) for n in range(3)]
    alone = brought(session, meet, mali, NOW + timedelta(days=1))
    for ken, _ in (*people, alone):
        pay(session, ken, now=NOW + timedelta(days=2))
    assert [(one.state, one.reason) for _, one in people] == [("review", "many_in_a_day")] * 3
    assert (alone[1].state, alone[1].reason) == ("qualified", None)
    assert [one.id for one in referrals.in_review(session, mali.clinic)] == [one.id for _, one in people]
    assert referrals.pay_due(session, mali.clinic, NOW + timedelta(days=30)) == 1


def test_the_day_of_many_is_the_clinics_day(session: Session, meet: Meet, mali: Customer) -> None:
    mali.clinic.settings = {"referral_daily_limit": 1}
    midnight = datetime(2026, 2, 4, 17, tzinfo=UTC)  # of the 5th in Bangkok
    people = [brought(session, meet, mali, midnight + timedelta(minutes=n)) for n in (-5, 5)]
    for ken, _ in people:
        pay(session, ken, now=midnight + timedelta(hours=2))
    assert [one.state for _, one in people] == ["qualified", "qualified"]


def test_staff_decide_once(session: Session, meet: Meet, mali: Customer) -> None:
    mali.clinic.settings = {"referral_daily_limit": 1}
    (ken, good), (eve, bad) = (brought(session, meet, mali) for _ in range(2))
    pay(session, ken)
    pay(session, eve)
    referrals.decide(session, good, True, DUE + timedelta(days=1), "Ploy")
    referrals.decide(session, bad, False, LATER, "Ploy")
    assert (good.state, good.pays_at, good.decided_by) == ("qualified", DUE + timedelta(days=1), "Ploy")
    assert (bad.state, bad.reason, bad.settled_at) == ("refused", "many_in_a_day", LATER)
    for referral in (good, bad):
        with pytest.raises(NotInReview):
            referrals.decide(session, referral, True, DUE, "Ploy")
    assert referrals.pay_due(session, mali.clinic, DUE + timedelta(days=1)) == 1
    assert earned(session, mali) == 200


def test_a_refund_while_staff_look_makes_it_void(session: Session, meet: Meet, mali: Customer) -> None:
    mali.clinic.settings = {"referral_daily_limit": 0}
    ken, referral = brought(session, meet, mali)
    refund(session, pay(session, ken), 1_000, LATER)
    assert referral.state == "void"


def test_two_friends_of_one_phone_count_once(session: Session, meet: Meet, mali: Customer) -> None:
    (ken, first), (again, second) = (brought(session, meet, mali, NOW + timedelta(hours=n)) for n in range(2))
    merge.merge_customers(session, again, ken, LATER, actor="test")
    pay(session, ken)
    assert (first.state, second.state, second.reason) == ("qualified", "review", "shared_phone")


@pytest.mark.parametrize("paid_first", [True, False])
def test_a_friend_who_turns_out_to_be_the_referrer_earns_nothing(
    session: Session, meet: Meet, mali: Customer, paid_first: bool
) -> None:
    second, referral = brought(session, meet, mali)
    if paid_first:
        pay(session, second)
    merge.merge_customers(session, second, mali, LATER, actor="test")
    if not paid_first:
        pay(session, mali)
    referrals.pay_due(session, mali.clinic, DUE)
    assert (referral.state, referral.reason) == ("void", "same_person")
    assert earned(session, mali) == 0


def test_a_friend_who_turns_out_to_be_an_old_customer_earns_nothing(
    session: Session, meet: Meet, mali: Customer
) -> None:
    known = meet(member=True)
    ken, referral = brought(session, meet, mali, now=NOW + timedelta(minutes=1))
    merge.merge_customers(session, ken, known, LATER, actor="test")
    pay(session, known)
    assert (referral.state, referral.reason) == ("void", "already_customer")


def test_a_friend_with_an_empty_older_record_still_counts(session: Session, meet: Meet, mali: Customer) -> None:
    lead = meet()
    ken, referral = brought(session, meet, mali)
    merge.merge_customers(session, ken, lead, LATER, actor="test")
    pay(session, lead)
    assert referral.state == "qualified"


def test_nobody_is_paid_for_one_who_was_erased(session: Session, meet: Meet, mali: Customer) -> None:
    ken, referral = brought(session, meet, mali)
    pay(session, ken)
    mali.data_key = None
    assert referrals.pay_due(session, ken.clinic, DUE) == 1
    assert (referral.state, referral.reason) == ("void", "referrer_erased")


def test_paid_referrals_unlock(session: Session, meet: Meet, mali: Customer) -> None:
    default_achievements.seed(session, mali.clinic)
    ken, _ = brought(session, meet, mali)
    pay(session, ken)
    theirs = (
        select(Achievement.category)
        .join(AchievementUnlock, AchievementUnlock.achievement_id == Achievement.id)
        .where(AchievementUnlock.customer_id == mali.id)
    )
    assert session.scalars(theirs).all() == []
    referrals.pay_due(session, mali.clinic, DUE)
    assert session.scalars(theirs).all() == ["referral"]


def test_friends_are_told_by_state_and_not_by_name(session: Session, meet: Meet, mali: Customer) -> None:
    (ken, _), *_ = [brought(session, meet, mali, NOW + timedelta(hours=n)) for n in range(3)]
    pay(session, ken)
    told = referrals.friends(session, mali, limit=2)
    assert [(one.number, one.state) for one in told] == [(3, "bound"), (2, "bound")]
    assert not hasattr(told[0], "name")
    assert referrals.friends(session, mali)[-1].pays_at == DUE
    assert referrals.counts(session, mali) == {"bound": 2, "qualified": 1}
    assert referrals.friends(session, ken) == []


def test_a_batch_pays_everybody_once(session: Session, meet: Meet, mali: Customer) -> None:
    other = meet(member=True)
    for referrer in (mali, other, mali):
        ken, _ = brought(session, meet, referrer)
        pay(session, ken)
    done = []
    while count := referrals.pay_due(session, mali.clinic, DUE, limit=2):
        done.append(count)
    assert done == [2, 1]
    assert (earned(session, mali), earned(session, other)) == (400, 200)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=st.lists(st.sampled_from(["pay", "refund", "day", "week", "due", "decide", "again"]), max_size=12))
def test_whatever_happens_it_pays_at_most_once_and_only_what_says_paid(
    session: Session, meet: Meet, mali: Customer, acts: list[str]
) -> None:
    with session.begin_nested() as point:
        before = earned(session, mali)
        ken, referral = brought(session, meet, mali)
        now, paid = LATER, list[Payment]()
        for act in acts:
            if act == "pay":
                paid.append(pay(session, ken, now=now, name=f"{ken.id}:{len(paid)}"))
            elif act == "refund" and paid and not paid[-1].refunded:
                refund(session, paid[-1], 1_000, now)
            elif act == "due":
                referrals.pay_due(session, mali.clinic, now)
            elif act == "decide" and referral.state == "review":
                referrals.decide(session, referral, True, now, "Ploy")
            elif act == "again":
                assert refusal(session, ken, code_of(session, mali), now) in ("already_bound", "already_customer")
            now += {"day": timedelta(days=1), "week": timedelta(days=7)}.get(act, timedelta(minutes=1))
        assert earned(session, mali) - before == (200 if referral.state == "paid" else 0)
        if referral.state == "paid":
            assert referral.pays_at is not None
            assert referral.pays_at <= now
        point.rollback()


def test_paying_and_refunding_at_once_ends_and_pays_one_or_none(
    sessions: sessionmaker[Session], session: Session, meet: Meet, mali: Customer
) -> None:
    """A ring of people who each brought the next: payers and refunders need the same rows in different roles."""
    ring = [meet(member=True) for _ in range(4)]
    made = []
    for referrer, friend in zip(ring, ring[1:] + ring[:1], strict=True):
        friend.joined_at = None  # they were bound before they joined
        made.append(referrals.bind(session, friend, code_of(session, referrer), NOW))
        friend.joined_at = NOW
    paid = [pay(session, friend) for friend in ring[1:] + ring[:1]]
    clinic_id, payment_ids, referral_ids = ring[0].clinic_id, [one.id for one in paid], [one.id for one in made]
    session.commit()
    start, failures = threading.Barrier(6), list[BaseException]()

    def settle() -> None:
        with sessions() as mine:
            start.wait()
            while referrals.pay_due(mine, mine.get_one(Clinic, clinic_id), DUE, limit=3):
                mine.commit()
            mine.commit()

    def give_back(payment_id: object) -> None:
        with sessions() as mine:
            start.wait()
            refund(mine, mine.get_one(Payment, payment_id), 1_000, DUE)
            mine.commit()

    def guarded(work: Callable[[], None]) -> Callable[[], None]:
        def run() -> None:
            try:
                work()
            except BaseException as error:  # noqa: BLE001 - told by the main thread
                failures.append(error)

        return run

    works = [settle, settle, *(lambda one=one: give_back(one) for one in payment_ids)]
    threads = [threading.Thread(target=guarded(work)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert failures == []
    assert not any(thread.is_alive() for thread in threads)
    with sessions() as after:
        for id_ in referral_ids:
            referral = after.get_one(Referral, id_)
            lines = after.scalars(
                select(PointTransaction).where(PointTransaction.idempotency_key == f"referral:{id_}")
            ).all()
            assert (referral.state, len(lines)) in (("paid", 1), ("void", 0))


def test_a_referrer_merged_while_the_batch_waits_is_paid_by_the_next(
    sessions: sessionmaker[Session], session: Session, meet: Meet, mali: Customer
) -> None:
    older = meet()
    ken, referral = brought(session, meet, mali)
    pay(session, ken)
    clinic_id, mali_id, older_id, referral_id = mali.clinic_id, mali.id, older.id, referral.id
    session.commit()
    merge.merge_customers(session, mali, older, LATER, actor="test")  # not committed: holds both profiles
    counts: list[int] = []

    def settle() -> None:
        with sessions() as mine:
            counts.append(referrals.pay_due(mine, mine.get_one(Clinic, clinic_id), DUE))
            mine.commit()

    thread = threading.Thread(target=settle)
    thread.start()
    waiting = text(
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    )
    with sessions() as watcher:
        eventually(lambda: watcher.scalar(waiting))
    session.commit()
    thread.join(30)
    settle()
    assert counts == [0, 1]
    with sessions() as after:
        assert after.get_one(Referral, referral_id).referrer_id == older_id
        assert earned(after, after.get_one(Customer, older_id)) == 200
        assert earned(after, after.get_one(Customer, mali_id)) == 0
