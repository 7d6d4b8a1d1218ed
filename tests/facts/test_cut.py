"""Two records that were made one are taken apart: each has what was theirs, whatever came between."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from customers import families
from customers.contacts import tell
from customers.merge import key_of, references
from customers.people import known_as, new_customer
from facts import courses as told_of
from facts import treated
from facts.cut import CUT_WITHIN, CannotCut, cut, of
from facts.merged import merge
from facts.refunded import refunded
from facts.told import CourseTold, Performed, Person, Sale, ShareTold, TreatmentTold
from followups import rules
from followups.rules import Draft
from loyalty import ledger, points
from loyalty.entries import Cause
from models.clinics import Clinic
from models.contacts import CustomerContact
from models.courses import Course
from models.customers import Customer, CustomerIdentity, JourneyEvent
from models.facts import Payment
from models.followups import FollowupExecution
from models.loyalty import Notification, PointTransaction
from models.shared_contacts import SharedContact
from tests.facts.joined import DAY, LATER, Two, Who
from tests.fixtures.clinic import NOW, make_clinic


@pytest.fixture
def two(session: Session, clinic: Clinic) -> Two:
    return Two(session, clinic)


def owned(session: Session) -> dict[str, UUID]:
    """Every row that names a customer and may be handed over: whose it is."""
    session.flush()
    return {
        f"{column}:{row[0]}": row[1]
        for model, column, rule in references()
        if rule.how in ("move", "reseal") and str(column) not in ("notifications.customer_id",)
        for row in session.execute(select(key_of(model.__table__), column))
        if row[1] is not None
    }


def all_opens(session: Session) -> None:
    session.expire_all()
    for model in {model for model, _column, _rule in references()}:
        for row in session.scalars(select(model)):
            for name in getattr(model, "sealed", ()):
                if getattr(row, f"{name}_sealed") is not None:
                    assert getattr(row, name) is not None


def test_each_has_again_what_was_theirs(session: Session, two: Two) -> None:
    two.pay(two.record, "1", 3_000)
    two.pay(two.friend, "2", 1_000)
    two.visit(two.record, "v", NOW - 5 * DAY)
    before = owned(session)
    sums = [
        (one.available_points, one.total_points, one.total_spent, one.total_visits, one.current_tier)
        for one in (two.profile(two.record), two.profile(two.friend))
    ]
    two.link()
    assert known_as(session, two.clinic, "booking:till", "HN-1") is two.friend
    two.cut()
    after = owned(session)
    assert {key: whose for key, whose in after.items() if key in before} == before
    assert sums == [
        (one.available_points, one.total_points, one.total_spent, one.total_visits, one.current_tier)
        for one in (two.profile(two.record), two.profile(two.friend))
    ]
    assert known_as(session, two.clinic, "booking:till", "HN-1") is two.record
    assert (two.record.merged_into, two.record.merged_at, two.friend.birth_month_day) == (None, None, None)
    assert two.friend.display_name == "Ploy"
    all_opens(session)


def test_what_was_spent_meanwhile_stays_spent_and_is_said(session: Session, two: Two) -> None:
    two.pay(two.record, "1", 3_000)
    two.link()
    held = two.profile(two.friend).available_points
    spent = ledger.spend(
        session, ledger.open_profile(session, two.friend, LATER), held - 50, Cause("reward", key="r"), LATER
    )
    returned = two.cut()
    assert returned.points + returned.gone == 300
    assert two.profile(two.record).available_points == returned.points
    assert two.profile(two.friend).available_points >= 0
    assert two.profile(two.record).total_points == 300
    # The friend gives the reward back: each has what is left of whose lots they came from.
    ledger.reverse(session, ledger.open_profile(session, two.friend, LATER), spent, "reward", LATER, actor="staff")
    session.flush()
    two.agrees()
    assert [two.profile(one).available_points for one in (two.record, two.friend)] == [300, held - 300]


def test_what_the_records_own_ids_told_since_goes_back_with_it(session: Session, two: Two) -> None:
    two.pay(two.record, "1")
    two.link()
    late = NOW + 2 * DAY
    theirs = two.pay(two.friend, "2", 2_000, late)
    refunded(session, theirs, external_id="r", amount=Decimal(500), refunded_at=late, now=late)
    group = two.pay(two.friend, "3", 700, late, source="staff")
    two.cut()
    session.expire_all()
    assert (theirs.customer_id, group.customer_id) == (two.record.id, two.friend.id)
    assert two.profile(two.record).available_points == 250
    assert two.profile(two.record).total_spent == 2_500
    refunded(session, theirs, external_id="r2", amount=Decimal(1_500), refunded_at=LATER, now=LATER)
    session.flush()
    two.agrees()
    assert two.profile(two.record).available_points == 100


def test_what_the_source_shared_with_the_record_since_goes_back_and_what_staff_shared_with_the_friend_stays(
    session: Session, two: Two
) -> None:
    giver = Person(id="HN-2", name="Ken")
    sale = Sale(giver, 10, NOW.date(), name="Hydra")
    told_of.told(session, two.clinic, "till", CourseTold("C", 1, NOW, sale=sale), NOW)
    two.link()
    to = {"S1": Person(id="HN-1"), "AURA-0123456789": Person(ours=two.friend.id)}
    for order, (id_, who) in enumerate(to.items(), start=2):
        fact = CourseTold("C", order, LATER, share=ShareTold(id_, who, 2))
        told_of.told(session, two.clinic, "till", fact, LATER)
    two.cut(LATER + DAY)
    rows = session.execute(select(Course.external_id, Course.customer_id).where(Course.from_id.is_not(None))).all()
    assert {row.external_id: row.customer_id for row in rows} == {"S1": two.record.id, "AURA-0123456789": two.friend.id}
    received = select(JourneyEvent.customer_id).where(JourneyEvent.type == "course_received")
    assert set(session.scalars(received)) == {two.record.id, two.friend.id}


def test_what_was_to_be_said_of_what_goes_back_is_said_to_nobody_else(session: Session, two: Two) -> None:
    rule = rules.make(session, two.clinic, "post_treatment", Draft(name="Care", channels=["line"]), NOW)
    two.link()
    who, late = Person(id="HN-1"), NOW + 2 * DAY
    for source, person in (("till", who), ("standard", Person(ours=two.friend.id))):
        done = TreatmentTold("T", "performed", 1, late, Performed(person, late, service="laser"))
        made = treated.told(session, two.clinic, source, done, late)
        session.add(
            FollowupExecution(
                clinic_id=two.clinic.id, rule_id=rule.id, rule_version=1, customer_id=two.friend.id, anchor=source,
                about_id=made.id, purpose="care", due_at=late + DAY, not_after=late + 2 * DAY, created_at=late,
            )
        )  # fmt: skip
    two.cut()
    rows = session.execute(select(FollowupExecution.anchor, FollowupExecution.customer_id)).all()
    assert {one.anchor: one.customer_id for one in rows} == {"till": two.record.id, "standard": two.friend.id}


def test_one_day_of_both_is_two_visits_again(session: Session, two: Two) -> None:
    two.visit(two.record, "a")
    two.visit(two.friend, "b", NOW + timedelta(hours=1))
    two.link()
    assert two.profile(two.friend).total_visits == 1
    two.cut()
    assert [two.profile(one).total_visits for one in (two.record, two.friend)] == [1, 1]


def test_a_contact_that_both_had_is_both_s_again(session: Session, two: Two) -> None:
    tell(session, two.friend, "phone", "0812345678", source="standard", now=NOW)
    two.link()
    two.cut()
    rows = session.scalars(select(CustomerContact)).all()
    assert {one.customer_id for one in rows} == {two.record.id, two.friend.id}
    assert {one.value for one in rows} == {"+66812345678"}


def test_the_two_are_remembered_as_two(session: Session, two: Two) -> None:
    two.link()
    two.cut()
    ((state, by),) = [(one.state, one.decided_by) for one in session.scalars(select(SharedContact))]
    assert (state, by) == ("apart", "staff:x")
    families.told(session, two.friend, "phone", "0812345678", source="standard", now=LATER)
    assert session.scalar(select(func.count()).select_from(SharedContact)) == 1
    assert families.are_apart(session, two.friend, two.record)
    journey = session.scalars(select(JourneyEvent).where(JourneyEvent.type == "unlinked")).all()
    assert {one.customer_id for one in journey} == {two.record.id, two.friend.id}
    assert {one.data.get("by") for one in journey} == {"staff:x"}
    told = session.scalars(select(Notification.customer_id).where(Notification.kind == "unlinked")).all()
    assert told == [two.friend.id]
    # Staff may find that it was right after all, and wrong once more.
    two.link(LATER)
    assert not families.are_apart(session, two.friend, two.record)
    two.cut(LATER + DAY)
    assert families.are_apart(session, two.friend, two.record)


def test_only_once_only_in_time_and_only_the_last(session: Session, clinic: Clinic, two: Two) -> None:
    with pytest.raises(CannotCut, match="nothing"):
        of(session, two.friend, LATER)
    joined = two.link()
    with pytest.raises(CannotCut, match="too_late"):
        of(session, two.friend, NOW + DAY + CUT_WITHIN + timedelta(seconds=1))
    other = new_customer(session, clinic, NOW)
    merge(session, other, two.friend, NOW + 2 * DAY, actor="staff")
    with pytest.raises(CannotCut, match="again"):
        cut(session, joined, LATER, actor="staff:x")
    two.cut()
    assert (other.merged_into, two.record.merged_into) == (None, two.friend.id)
    two.cut()
    with pytest.raises(CannotCut, match="nothing"):
        cut(session, joined, LATER, actor="staff:x")


def test_who_was_erased_is_not_taken_apart(session: Session, two: Two) -> None:
    joined = two.link()
    two.record.data_key = None
    session.flush()
    with pytest.raises(CannotCut, match="erased"):
        cut(session, joined, LATER, actor="staff:x")


Act = tuple[str, Who, int]
ACTS = st.lists(
    st.tuples(
        st.sampled_from(["pay", "visit", "award", "spend", "refund", "contact", "back"]),
        st.sampled_from(["record", "friend"]),
        st.integers(1, 40),
    ),
    max_size=7,
)  # fmt: skip


def spend(two: Two, one: Customer, key: str, size: int, when: datetime) -> None:
    profile = ledger.open_profile(two.session, one, when)
    if profile.available_points >= size:
        ledger.spend(two.session, profile, size, Cause("reward", key=key), when)


def refund(two: Two, one: Customer, key: str, when: datetime) -> None:
    mine = select(Payment).where(Payment.customer_id == one.id, Payment.refunded == 0).limit(1)
    if (payment := two.session.scalars(mine).first()) is not None:
        refunded(two.session, payment, external_id=key, amount=payment.amount, refunded_at=when, now=when)


def give_back(two: Two, one: Customer, when: datetime) -> None:
    spent = PointTransaction.type == "redeemed", PointTransaction.customer_id == one.id
    if (found := two.session.scalars(select(PointTransaction).where(*spent).limit(1)).first()) is not None:
        profile = ledger.open_profile(two.session, one, when)
        ledger.reverse(two.session, profile, found, "x", when, actor="staff")


def act(two: Two, acts: Sequence[Act], stage: str, at: datetime, *, linked: bool) -> None:
    for n, (what, who, size) in enumerate(acts):
        one = two.friend if linked or who == "friend" else two.record
        key, source, when = f"{stage}{n}", "till" if who == "record" else "square", at + timedelta(hours=n)
        if what == "pay":
            two.pay(one, key, size * 100, when, source)
        elif what == "visit":
            two.visit(one, key, when, source)
        elif what == "award":
            points.award_points(two.session, one, size, "x", now=when)
        elif what == "contact":
            tell(two.session, one, "phone", f"08123456{size:02}", source=source, now=when)
        elif what == "spend":
            spend(two, one, key, size, when)
        elif what == "refund":
            refund(two, one, key, when)
        else:
            give_back(two, one, when)
        two.session.flush()


@settings(
    max_examples=25,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(before=ACTS, between=ACTS, after=ACTS)
def test_whatever_came_before_between_and_after(
    session: Session, before: list[Act], between: list[Act], after: list[Act]
) -> None:
    with session.begin_nested() as all_of_it:
        two = Two(session, make_clinic(session, "cut"))
        act(two, before, "a", NOW, linked=False)
        two.agrees()
        rows = owned(session)
        contacts = {(one.customer_id, one.value) for one in session.scalars(select(CustomerContact))}
        two.link()
        two.agrees()
        act(two, between, "b", NOW + 2 * DAY, linked=True)
        two.agrees()
        two.cut()
        all_opens(session)
        now = owned(session)
        unlocks = "achievement_unlocks", "visits", "customer_contacts", "customer_names", "card_codes"
        assert {key: now.get(key) for key in rows if not key.startswith(unlocks)} == {
            key: whose for key, whose in rows.items() if not key.startswith(unlocks)
        }
        assert contacts <= {(one.customer_id, one.value) for one in session.scalars(select(CustomerContact))}
        assert {one.customer_id for one in session.scalars(select(Payment).where(Payment.source == "till"))} <= {
            two.record.id
        }
        theirs = session.scalars(select(CustomerIdentity).where(CustomerIdentity.kind == "booking:till"))
        assert [(one.customer_id, one.value) for one in theirs] == [(two.record.id, "HN-1")]
        act(two, after, "c", LATER + DAY, linked=False)
        two.agrees()
        all_of_it.rollback()
