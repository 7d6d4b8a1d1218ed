"""What becomes of a code: used once, given back before that, or let lapse."""

from datetime import timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from customers.people import meet_on_line
from loyalty import points, redemptions, rewards
from loyalty.errors import RedemptionRefused
from loyalty.merge import merge_customers
from models.clinics import Clinic
from models.customers import Customer, JourneyEvent, LineLink
from models.loyalty import LoyaltyProfile, Notification, PointLot
from runtime import codes
from runtime.codes import ALPHABET
from runtime.work import Batch
from tests.fixtures.clinic import NOW, make_clinic
from tests.fixtures.rewards import available, enrich, make_reward

DAY = timedelta(days=1)


@pytest.fixture
def customer(session: Session, mali: LineLink) -> Customer:
    """Mali with 1,000 points to spend, still in the lowest tier."""
    enrich(session, mali.customer, 1_000)
    return mali.customer


def test_a_code_is_used_once(session: Session, clinic: Clinic, customer: Customer) -> None:
    redemption = rewards.redeem(session, customer, make_reward(session, clinic).id, NOW)
    typed = f" {codes.spaced(redemption.code).lower()}\n"
    used = redemptions.confirm(session, clinic, typed, NOW + DAY, actor="staff:ploy")
    assert (used.state, used.settled_at, used.settled_by) == ("used", NOW + DAY, "staff:ploy")
    with pytest.raises(RedemptionRefused) as again:
        redemptions.confirm(session, clinic, redemption.code, NOW + 2 * DAY, actor="staff:ploy")
    assert (again.value.state, again.value.at) == ("used", NOW + DAY)
    notice = session.scalars(select(Notification).where(Notification.kind == "redemption_used")).one()
    assert notice.data == {"redemption": str(redemption.id), "here": True}
    types = session.scalars(select(JourneyEvent.type).order_by(JourneyEvent.id)).all()
    assert types[-2:] == ["reward_redeemed", "redemption_used"]


def test_another_clinic_knows_nothing_of_a_code(session: Session, clinic: Clinic, customer: Customer) -> None:
    redemption = rewards.redeem(session, customer, make_reward(session, clinic).id, NOW)
    with pytest.raises(RedemptionRefused, match="no such code"):
        redemptions.confirm(session, make_clinic(session, "other"), redemption.code, NOW, actor="staff")
    assert redemption.state == "issued"


@pytest.mark.parametrize("code", ["", "ABCD2345", "hello", "x" * 5_000, "\x00\ud800"])
def test_what_is_no_code_is_unknown(session: Session, clinic: Clinic, code: str) -> None:
    with pytest.raises(RedemptionRefused, match="no such code"):
        redemptions.confirm(session, clinic, code, NOW, actor="staff")


def test_cancelling_gives_back_to_the_same_lots_and_to_the_stock(
    session: Session, clinic: Clinic, customer: Customer
) -> None:
    points.award_points(session, customer, 50, "later", now=NOW + 60 * DAY)
    session.flush()
    before = {lot.id: lot.remaining for lot in session.scalars(select(PointLot))}
    reward = make_reward(session, clinic, price=1_020, stock=1)
    redemption = rewards.redeem(session, customer, reward.id, NOW + 60 * DAY)
    redemptions.cancel(session, redemption, NOW + 61 * DAY, actor="customer")
    assert {lot.id: lot.remaining for lot in session.scalars(select(PointLot))} == before
    assert (redemption.state, reward.stock, available(session, customer)) == ("cancelled", 1, 1_050)
    for refuse in (
        lambda: redemptions.cancel(session, redemption, NOW + 61 * DAY, actor="customer"),
        lambda: redemptions.confirm(session, clinic, redemption.code, NOW + 61 * DAY, actor="staff"),
    ):
        with pytest.raises(RedemptionRefused, match="cancelled"):
            refuse()
    assert available(session, customer) == 1_050


def test_a_used_code_is_not_cancelled(session: Session, clinic: Clinic, customer: Customer) -> None:
    redemption = rewards.redeem(session, customer, make_reward(session, clinic).id, NOW)
    redemptions.confirm(session, clinic, redemption.code, NOW, actor="staff")
    with pytest.raises(RedemptionRefused, match="used"):
        redemptions.cancel(session, redemption, NOW, actor="customer")
    assert available(session, customer) == 200


def test_past_its_time_a_code_is_neither_used_nor_cancelled(
    session: Session, clinic: Clinic, customer: Customer
) -> None:
    redemption = rewards.redeem(session, customer, make_reward(session, clinic).id, NOW)
    last = redemption.expires_at - timedelta(seconds=1)
    assert redemptions.state_of(redemption, last) == "issued"
    assert redemptions.state_of(redemption, redemption.expires_at) == "expired"
    with pytest.raises(RedemptionRefused, match="expired"):
        redemptions.confirm(session, clinic, redemption.code, redemption.expires_at, actor="staff")
    with pytest.raises(RedemptionRefused, match="expired"):
        redemptions.cancel(session, redemption, redemption.expires_at, actor="customer")


@pytest.mark.parametrize(("refund", "left"), [(True, 1_000), (False, 200)])
def test_an_unused_code_lapses_by_the_clinics_policy(
    session: Session, clinic: Clinic, customer: Customer, refund: bool, left: int
) -> None:
    reward = make_reward(session, clinic, stock=1, refund_unused=refund)
    redemption = rewards.redeem(session, customer, reward.id, NOW)
    assert redemptions.expire_due(session, clinic, redemption.expires_at - DAY) == 0
    assert redemptions.expire_due(session, clinic, redemption.expires_at) == 1
    assert redemptions.expire_due(session, clinic, redemption.expires_at) == 0
    assert (redemption.state, reward.stock, available(session, customer)) == ("expired", 1, left)
    notice = session.scalars(select(Notification).where(Notification.kind == "redemption_expired")).one()
    assert notice.data == {"redemption": str(redemption.id), "points": left - 200}


def test_codes_lapse_in_batches_of_one_clinic(session: Session, clinic: Clinic, customer: Customer) -> None:
    reward = make_reward(session, clinic, price=100)
    issued = [rewards.redeem(session, customer, reward.id, NOW + number * DAY) for number in range(5)]
    used = rewards.redeem(session, customer, reward.id, NOW)
    redemptions.confirm(session, clinic, used.code, NOW, actor="staff")
    late = NOW + 60 * DAY
    assert redemptions.expire_due(session, make_clinic(session, "other"), late) == 0
    assert [redemptions.expire_due(session, clinic, late, Batch(2)) for _ in range(4)] == [2, 2, 1, 0]
    assert {one.state for one in issued} == {"expired"}
    assert (used.state, available(session, customer)) == ("used", 900)


def test_points_of_a_lot_that_expired_meanwhile_live_a_little_longer(
    session: Session, clinic: Clinic, customer: Customer
) -> None:
    lot = session.scalars(select(PointLot)).one()
    assert lot.expires_at is not None
    redemption = rewards.redeem(session, customer, make_reward(session, clinic, price=1_000).id, lot.expires_at - DAY)
    lapsed = redemption.expires_at
    assert redemptions.expire_due(session, clinic, lapsed) == 1
    assert available(session, customer) == 1_000
    session.refresh(lot)
    assert lot.expires_at == lapsed + timedelta(days=30)


@pytest.mark.parametrize("end", ["cancel", "expire", "confirm"])
def test_a_code_goes_with_the_customer_it_is_merged_into(
    session: Session, clinic: Clinic, customer: Customer, end: str
) -> None:
    redemption = rewards.redeem(session, customer, make_reward(session, clinic).id, NOW)
    stays = meet_on_line(session, clinic, "U" + "c" * 32, NOW).customer
    merge_customers(session, customer, stays, NOW, actor="staff")
    assert redemptions.own(session, stays, redemption.id) is redemption
    if end == "cancel":
        redemptions.cancel(session, redemption, NOW, actor="customer")
    elif end == "expire":
        assert redemptions.expire_due(session, clinic, redemption.expires_at) == 1
    else:
        redemptions.confirm(session, clinic, redemption.code, NOW, actor="staff")
    assert available(session, stays) == (200 if end == "confirm" else 1_000)
    # The line that spent them stays in the history of the record that is gone, and its return is the other's.
    assert session.get_one(LoyaltyProfile, (customer.id, customer.clinic_id)).available_points == 0


def test_my_redemptions_are_paged_and_mine(session: Session, clinic: Clinic, customer: Customer) -> None:
    reward = make_reward(session, clinic, price=100)
    issued = [rewards.redeem(session, customer, reward.id, NOW + number * DAY) for number in range(5)]
    page, older = redemptions.mine(session, customer, limit=3)
    assert [one.id for one in page] == [one.id for one in reversed(issued[2:])]
    rest, oldest = redemptions.mine(session, customer, before=older, limit=3)
    assert ([one.id for one in rest], oldest) == ([issued[1].id, issued[0].id], None)
    ken = meet_on_line(session, clinic, "U" + "c" * 32, NOW).customer
    assert redemptions.mine(session, ken, before=older) == ([], None)
    assert redemptions.own(session, ken, issued[0].id) is None
    assert redemptions.own(session, customer, issued[0].id) is issued[0]


@given(st.text(ALPHABET, min_size=8, max_size=8))
def test_a_code_is_read_back_however_it_is_typed(code: str) -> None:
    assume(not code.isdigit() and not code.isalpha())
    spaced = codes.spaced(code)
    for typed in (code, code.lower(), spaced, f"\n{spaced} ", "-".join(code), code.translate(_FULL_WIDTH)):
        assert codes.read(typed) == code


def test_new_codes_can_be_read() -> None:
    made = {codes.new_code() for _ in range(200)}
    assert len(made) == 200
    assert all(codes.read(code) == code for code in made)


_FULL_WIDTH = {ord(letter): ord(letter) + 0xFEE0 for letter in ALPHABET}


@pytest.mark.parametrize("text", ["payments", "23456789", "ABCD234", "ABCD23456", "ABCD2340", "โค้ด ABCD2345", "", "-"])
def test_words_and_numbers_are_no_codes(text: str) -> None:
    assert codes.read(text) is None
