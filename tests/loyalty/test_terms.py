"""Tiers that change: what is better holds at once, what is worse after 60 days of which those know who lose by it."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from channels.message import Message
from customers.voice import in_language
from followups import compose
from loyalty import notifications, points, terms
from models.clinic_settings import Tier, Tiers
from models.clinics import Clinic
from models.customers import Customer
from models.loyalty import LoyaltyProfile, Notification
from runtime.language import LANGUAGES
from runtime.work import Batch
from tests.fixtures.clinic import NOW, make_clinic
from tests.loyalty.bringing import Meet

DAY = timedelta(days=1)
ON = date(2026, 4, 4)
"""60 days after `NOW`, in Bangkok."""


def step(name: str, threshold: int, discount: int, multiplier: int | str = 1) -> Tier:
    return Tier(name=name, threshold=threshold, discount=discount, multiplier=Decimal(multiplier))


def tiers(*steps: Tier, **more: Any) -> Tiers:
    return Tiers(steps=steps, **more)


LOW, MID, TOP = step("low", 0, 0), step("mid", 1_000, 5), step("top", 3_000, 10, 2)
BEFORE = tiers(LOW, MID, TOP)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (BEFORE, []),
        (tiers(LOW, MID, step("top", 2_000, 10, 2)), []),
        (tiers(LOW, MID, step("top", 3_000, 12, 3)), []),
        (tiers(LOW, MID, TOP, step("star", 9_000, 20, 3)), []),
        (tiers(LOW, step("middle", 1_000, 5), TOP), []),  # another name, and nothing less
        (tiers(LOW, MID, step("top", 4_000, 10, 2)), [(3_000, 4_000)]),
        (tiers(LOW, MID, step("top", 3_000, 9, 2)), [(3_000, None)]),
        (tiers(LOW, MID, step("top", 3_000, 10, "1.5")), [(3_000, None)]),
        (tiers(LOW, TOP), [(1_000, 3_000)]),
        (tiers(LOW, step("mid", 1_500, 5), TOP), [(1_000, 1_500)]),
        (tiers(LOW, MID, step("ruby", 4_000, 8), TOP), [(4_000, None)]),
        (tiers(LOW, step("mid", 1_000, 0), step("top", 2_000, 0)), [(1_000, 2_000), (2_000, 3_000), (3_000, None)]),
        (tiers(LOW, MID, TOP, policy="rolling_12_months"), [(1_000, 3_000), (3_000, None)]),
    ],
)
def test_with_which_points_somebody_would_have_less(wanted: Tiers, found: list[terms.Range]) -> None:
    assert terms.worse(BEFORE, wanted) == found


def test_a_policy_under_which_no_tier_falls_is_worse_for_nobody() -> None:
    assert terms.worse(tiers(LOW, MID, policy="rolling_12_months"), tiers(LOW, MID)) == []


@pytest.mark.parametrize(
    ("wanted", "held"),
    [
        (tiers(LOW, step("mid", 500, 4), TOP), tiers(LOW, step("mid", 500, 5), TOP)),
        (tiers(LOW, step("mid", 2_000, 8), TOP), tiers(LOW, step("mid", 1_000, 8), TOP)),
        (tiers(LOW, MID, step("top", 5_000, 20, 3)), tiers(LOW, MID, step("top", 3_000, 20, 3))),
        (tiers(LOW, TOP), BEFORE),
        (tiers(step("low", 0, 1), MID, TOP, policy="rolling_12_months"), tiers(step("low", 0, 1), MID, TOP)),
        (tiers(LOW, step("new", 1_000, 5), step("mid", 2_000, 5), TOP), BEFORE),  # two thresholds would be one
    ],
)
def test_what_holds_until_then_is_the_better_of_both(wanted: Tiers, held: Tiers) -> None:
    assert terms.meanwhile(BEFORE, wanted) == held
    assert terms.worse(BEFORE, held) == []


@pytest.fixture
def clinic(session: Session) -> Clinic:
    return make_clinic(session, tiers=BEFORE.model_dump(mode="json"), points={"welcome": 0})


Member = Callable[[int], Customer]


@pytest.fixture
def member(session: Session, meet: Meet) -> Member:
    """With so many points in all."""

    def one(total: int) -> Customer:
        customer = meet(member=True)
        customer.joined_at = NOW
        if total:
            points.adjust_points(session, customer, total, "test", now=NOW, actor="staff", counts=True)
        return customer

    return one


def told(session: Session) -> dict[Any, Notification]:
    session.expire_all()
    rows = session.scalars(select(Notification).where(Notification.kind == "tier_terms"))
    return {row.customer_id: row for row in rows}


def tier_of(session: Session, customer: Customer) -> str:
    session.expire_all()
    return session.get_one(LoyaltyProfile, (customer.id, customer.clinic_id)).current_tier


RAISED = tiers(LOW, MID, step("top", 4_000, 12, 2))


def test_those_who_lose_are_counted_and_told_and_nobody_else(session: Session, clinic: Clinic, member: Member) -> None:
    low, mid, loses, keeps = member(0), member(1_500), member(3_500), member(4_000)
    stranger, erased = member(3_600), member(3_700)
    stranger.joined_at, erased.data_key = None, None
    session.flush()
    assert terms.concerned(session, clinic, RAISED) == 1
    terms.change(session, clinic, RAISED, NOW)
    (row,) = told(session).values()
    assert (row.customer_id, row.state, row.data) == (loses.id, "open", {"tier": "top", "on": ON.isoformat()})
    assert row.not_after == datetime(2026, 4, 4, tzinfo=clinic.settings.voice.zone)
    assert clinic.next_tiers_on == ON
    # What is better holds already.
    assert clinic.settings.tiers == tiers(LOW, MID, step("top", 3_000, 12, 2))
    assert {tier_of(session, one) for one in (loses, keeps)} == {"top"}
    assert (tier_of(session, low), tier_of(session, mid)) == ("low", "mid")


def test_however_many_lose_each_is_told_once(
    session: Session, clinic: Clinic, member: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notifications, "TOGETHER", 2)
    lose = {member(3_500 + number).id for number in range(5)}
    terms.change(session, clinic, RAISED, NOW)
    assert told(session).keys() == lose


def test_it_begins_on_its_day_and_not_before(session: Session, clinic: Clinic, member: Member) -> None:
    loses, keeps = member(3_500), member(4_000)
    terms.change(session, clinic, RAISED, NOW)
    at = NOW + timedelta(days=59)
    before = Batch(10)
    assert terms.begin_due(session, clinic, ON - DAY, at, before) == 2  # its better part was to be looked at
    assert terms.begin_due(session, clinic, ON - DAY, at, Batch(10, after=before.last)) == 0
    session.refresh(clinic)
    assert (clinic.next_tiers_on, tier_of(session, loses)) == (ON, "top")
    batch = Batch(10)
    assert terms.begin_due(session, clinic, ON, at + DAY, batch) == 2
    assert terms.begin_due(session, clinic, ON, at + DAY, Batch(10, after=batch.last)) == 0
    session.refresh(clinic)
    assert (clinic.settings.tiers, clinic.next_tiers, clinic.next_tiers_on) == (RAISED, None, None)
    assert (tier_of(session, loses), tier_of(session, keeps), clinic.tiers_due) == ("mid", "top", False)
    assert terms.begin_due(session, clinic, ON + DAY, at + DAY + DAY, Batch(10)) == 0


def test_what_is_better_is_told_to_nobody_and_lifts_whom_it_lifts(
    session: Session, clinic: Clinic, member: Member
) -> None:
    mid = member(2_000)
    terms.change(session, clinic, tiers(LOW, MID, step("top", 2_000, 10, 2)), NOW)
    assert (told(session), clinic.next_tiers) == ({}, None)
    assert terms.settle(session, clinic, NOW, Batch(10)) == 1
    assert tier_of(session, mid) == "top"
    kinds = session.scalars(select(Notification.kind).where(Notification.customer_id == mid.id)).all()
    assert kinds.count("tier_upgraded") == 2  # to mid, and to top


def test_who_has_not_been_told_yet_is_not_told_of_what_is_withdrawn(
    session: Session, clinic: Clinic, member: Member
) -> None:
    loses = member(3_500)
    terms.change(session, clinic, RAISED, NOW)
    terms.change(session, clinic, clinic.settings.tiers, NOW)
    (row,) = told(session).values()
    assert (row.state, row.reason) == ("skipped", "withdrawn")
    assert clinic.next_tiers is None
    # 12 percent are given since, so to go back to 10 takes something away, too.
    assert terms.concerned(session, clinic, BEFORE) == 1
    terms.change(session, clinic, BEFORE, NOW)
    assert clinic.settings.tiers.steps[-1].discount == 12
    assert [row.customer_id for row in told(session).values() if row.state == "open"] == [loses.id]


def test_terms_that_are_announced_anew_are_told_anew_with_all_their_days(
    session: Session, clinic: Clinic, member: Member
) -> None:
    loses = member(3_500)
    terms.change(session, clinic, RAISED, NOW)
    later = NOW + timedelta(days=10)
    terms.change(session, clinic, tiers(LOW, MID, step("top", 5_000, 12, 2)), later)
    rows = session.scalars(select(Notification).where(Notification.kind == "tier_terms").order_by(Notification.due_at))
    assert [(row.state, row.data["on"]) for row in rows] == [("skipped", "2026-04-04"), ("open", "2026-04-14")]
    assert clinic.next_tiers_on == date(2026, 4, 14)
    assert tier_of(session, loses) == "top"


def test_under_twelve_months_all_who_hold_the_tier_are_concerned(
    session: Session, clinic: Clinic, member: Member
) -> None:
    terms.change(session, clinic, tiers(LOW, MID, TOP, policy="rolling_12_months"), NOW)
    terms.begin_due(session, clinic, ON, NOW, Batch(10))
    for total in (0, 1_500, 3_500, 9_000):
        member(total)
    assert terms.concerned(session, clinic, tiers(*RAISED.steps, policy="rolling_12_months")) == 2


def test_another_clinic_is_not_concerned(session: Session, clinic: Clinic, member: Member) -> None:
    member(3_500)
    other = make_clinic(session, "glow", tiers=BEFORE.model_dump(mode="json"))
    assert terms.concerned(session, other, RAISED) == 0


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("wanted", "says"),
    [(RAISED, ("top", "4,000", "12%", "×2")), (tiers(LOW, MID), ("top",))],
)
def test_the_words_say_when_and_what(
    session: Session, clinic: Clinic, member: Member, language: str, wanted: Tiers, says: tuple[str, ...]
) -> None:
    member(3_500)
    terms.change(session, clinic, wanted, NOW)
    t = in_language(clinic, language)
    message: Message = compose.fitted(session, clinic, t, list(told(session).values()), lambda drawn: drawn)
    (paragraph,) = message.paragraphs
    assert t.date(ON) in message.title
    assert all(word in str(paragraph.text) for word in says), paragraph
