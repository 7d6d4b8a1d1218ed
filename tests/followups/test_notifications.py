"""What happened to a customer is said once, in one message, at a decent hour."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from prometheus_client import REGISTRY
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from channels.line import limits
from channels.line.limits import check, check_messages
from customers.people import meet_on_line
from followups import news_in_answers
from loyalty import notifications, points, rewards
from loyalty.check_in import day_text
from models.clinics import Clinic
from models.customers import Customer, LineLink
from models.loyalty import Notification, NotificationData
from privacy import consent
from runtime.context import Runtime
from simulator.rules.messages import checked_messages
from tests.fixtures.clinic import NOW, Talk
from tests.fixtures.rewards import enrich, make_reward
from tests.followups.news import BANGKOK, drain, sends, states


def test_what_one_payment_brings_is_one_message(session: Session, runtime: Runtime, paid: LineLink) -> None:
    assert drain(runtime, NOW) == 0  # the window in which more may happen
    drain(runtime, NOW + timedelta(seconds=20))
    (send,) = sends(session)
    (message,) = json.loads(send.body or b"")
    check(message)
    assert "คุณได้รับ 1,200 แต้ม" in message["altText"]
    assert "ซิลเวอร์" in message["altText"]
    assert send.recipient == paid.user_id
    assert states(session) == {("sent", None)}


def test_nothing_is_said_at_night(session: Session, runtime: Runtime, paid: LineLink) -> None:
    night = datetime(2026, 2, 3, 21, 0, tzinfo=BANGKOK)
    drain(runtime, night)
    assert sends(session) == []
    assert states(session) == {("open", "quiet_hours")}
    drain(runtime, datetime(2026, 2, 4, 9, 0, tzinfo=BANGKOK))
    assert len(sends(session)) == 1


def test_the_clinics_own_quiet_hours_hold(session: Session, runtime: Runtime, clinic: Clinic, paid: LineLink) -> None:
    clinic.choose(customers={"quiet_from": "11:00", "quiet_until": "12:15"})
    session.commit()
    drain(runtime, NOW + timedelta(minutes=20))  # 11:50 in Bangkok, and at home
    assert sends(session) == []
    assert states(session) == {("open", "quiet_hours")}
    drain(runtime, datetime(2026, 2, 3, 12, 15, tzinfo=BANGKOK))
    assert len(sends(session)) == 1


def test_who_cannot_be_reached_is_told_nothing_with_a_reason(
    session: Session, runtime: Runtime, paid: LineLink
) -> None:
    paid.unfollowed_at = NOW
    session.commit()
    drain(runtime, NOW + timedelta(minutes=1))
    assert sends(session) == []
    assert states(session) == {("skipped", "not_reachable")}


def test_a_person_is_told_where_they_were_heard_from_last_and_can_be_reached(
    session: Session, runtime: Runtime, paid: LineLink
) -> None:
    user_id = "U" + "d" * 32
    work = meet_on_line(session, paid.customer.clinic, user_id, NOW)
    work.customer, work.user_id = paid.customer, user_id
    paid.heard_at, work.heard_at, paid.unfollowed_at = NOW, NOW - timedelta(days=9), NOW
    session.commit()
    drain(runtime, NOW + timedelta(minutes=1))
    assert [send.recipient for send in sends(session)] == [user_id]


def test_what_has_happened_is_told_however_late_in_one_message(
    session: Session, runtime: Runtime, paid: LineLink
) -> None:
    drain(runtime, NOW + timedelta(days=40))
    (send,) = sends(session)
    assert "คุณได้รับ 1,200 แต้ม" in json.loads(send.body or b"")[0]["altText"]
    assert states(session) == {("sent", None)}


def test_a_warning_that_comes_too_late_is_left_with_its_reason_and_counted(
    session: Session, runtime: Runtime, paid: LineLink
) -> None:
    session.execute(update(Notification).values(state="sent"))
    until = NOW + timedelta(hours=11)
    data: NotificationData = {"points": 1, "on": "2026-02-10T00:00:00+07:00"}
    notifications.write(session, paid.customer, "points_expiring", NOW, data=data, not_after=until)
    session.commit()
    counted = {"kind": "points_expiring", "reason": "too_late"}
    before = REGISTRY.get_sample_value("aura_news_untold_total", counted) or 0
    drain(runtime, NOW + timedelta(days=4))
    assert sends(session) == []
    assert states(session) == {("sent", None), ("skipped", "too_late")}
    assert REGISTRY.get_sample_value("aura_news_untold_total", counted) == before + 1


def test_time_in_which_nobody_tried_is_no_failure(session: Session, runtime: Runtime, paid: LineLink) -> None:
    """The clinic was set aside for ten days; what is wrong at the first try after may be over at the second."""
    good = paid.customer.data_key
    session.execute(update(Customer).values(data_key=b"opens nothing"))
    session.commit()
    drain(runtime, NOW + timedelta(days=10))
    session.expire_all()
    assert states(session) == {("open", "CannotOpen")}
    session.execute(update(Customer).values(data_key=good))
    session.commit()
    drain(runtime, NOW + timedelta(days=10, minutes=1))
    assert len(sends(session)) == 1
    assert states(session) == {("sent", None)}


def test_one_that_cannot_be_composed_stops_nobody_else(
    session: Session, runtime: Runtime, paid: LineLink, talks: Callable[[str], Talk]
) -> None:
    other = talks("U" + "d" * 32)
    other.event("follow")
    link = session.scalars(select(LineLink).where(LineLink.user_index != paid.user_index)).one()
    # What a later version wrote, which this one does not know.
    notifications.write(session, link.customer, "no_such_kind", NOW - timedelta(minutes=1))  # type: ignore[arg-type]
    session.commit()
    drain(runtime, NOW + timedelta(minutes=1))
    assert len(sends(session)) == 1
    assert ("open", "Unknown") in states(session), "a later version may know it"
    drain(runtime, NOW + timedelta(days=2))
    session.expire_all()
    assert ("dead", "Unknown") in states(session)


def test_one_that_cannot_be_composed_keeps_nothing_else_from_the_same_person(
    session: Session, runtime: Runtime, paid: LineLink
) -> None:
    notifications.write(session, paid.customer, "no_such_kind", NOW)  # type: ignore[arg-type]
    session.commit()
    drain(runtime, NOW + timedelta(minutes=1))
    assert len(sends(session)) == 1
    assert states(session) == {("sent", None), ("open", "Unknown")}
    drain(runtime, NOW + timedelta(minutes=3))
    assert len(sends(session)) == 1


def test_news_of_the_customers_own_act_rides_in_the_answer(session: Session, talk: Talk) -> None:
    talk.tap("join")
    link = session.scalars(select(LineLink)).one()
    points.award_points(session, link.customer, 880, "test", now=NOW)
    talk.now += timedelta(minutes=1)
    held = session.scalars(select(Notification)).all()
    for one in held:
        one.state = "sent"
    # The next event brings the last points: whatever gives them, its answer tells of the tier.
    notifications.write(session, link.customer, "tier_upgraded", talk.now, data={"tier": "silver"})
    outcome = talk.say("แต้ม")
    assert len(outcome.reply.messages) == 2
    assert {one.reason for one in session.scalars(select(Notification))} >= {"in_reply"}


def _about_to_rise(session: Session, talk: Talk) -> str:
    """Ten points below silver, with all said so far; what to say to check in, which earns them."""
    talk.tap("join")
    customer = session.scalars(select(LineLink)).one().customer
    points.award_points(session, customer, 890, "test", now=NOW)
    session.execute(update(Notification).values(state="sent"))
    return day_text(talk.clinic, session, talk.now.date())


def test_a_tier_reached_by_checking_in_is_told_in_its_answer(session: Session, talk: Talk) -> None:
    outcome = talk.say(_about_to_rise(session, talk))
    assert len(outcome.reply.messages) == 2
    told = session.scalars(select(Notification).where(Notification.kind == "tier_upgraded")).one()
    assert (told.state, told.reason) == ("sent", "in_reply")


def test_without_a_way_to_answer_the_news_waits_to_be_told_by_itself(session: Session, talk: Talk) -> None:
    said = _about_to_rise(session, talk)
    outcome = talk.event("message", message={"type": "text", "id": "1", "text": said}, replyToken=None)
    assert len(outcome.reply.messages) == 1
    told = session.scalars(select(Notification).where(Notification.kind == "tier_upgraded")).one()
    assert (told.state, told.reason) == ("open", None)


def _expired(session: Session, link: LineLink, names: list[str]) -> None:
    """Codes for rewards of these names have expired in one night."""
    enrich(session, link.customer, 1_000 * len(names))
    session.execute(update(Notification).values(state="sent"))
    for number, name in enumerate(names):
        reward = make_reward(session, link.customer.clinic, f"r{number}")
        reward.name, reward.texts = name, {}
        bought = rewards.redeem(session, link.customer, reward.id, NOW)
        data: NotificationData = {"redemption": str(bought.id), "points": 500}
        notifications.write(session, link.customer, "redemption_expired", NOW, data=data)
    session.commit()


@pytest.mark.parametrize(
    "names",
    [
        ["ทรีตเมนต์ Basic Facial 1 ครั้ง"] * 20,
        ["ทรีตเมนต์ Basic Facial 1 ครั้ง"] * 150,
        ["ชื่อของรางวัลที่ยาวมาก" * 10] * 40,
        ["🌸" * 200] * 40,
    ],
    ids=["twenty", "a hundred and fifty", "long names", "of two units"],
)
def test_much_news_at_once_is_one_message_that_line_takes(
    session: Session, runtime: Runtime, mali: LineLink, names: list[str]
) -> None:
    _expired(session, mali, names)
    drain(runtime, NOW + timedelta(minutes=1))
    (send,) = sends(session)
    messages = json.loads(send.body or b"")
    check_messages(messages)
    assert checked_messages({"messages": messages}) == messages  # by rules of LINE's that are written apart from ours
    assert len(messages) == 1
    assert messages[0]["altText"].endswith("…")
    assert states(session) == {("sent", None)}
    said = json.dumps(messages, ensure_ascii=False)
    shown = said.count("หมดอายุแล้ว") - messages[0]["altText"].count("หมดอายุแล้ว")
    assert shown == len(names) or f"และยังมีอีก {len(names) - shown} เรื่อง" in said


def test_twenty_pieces_of_news_are_all_in_the_card(session: Session, runtime: Runtime, mali: LineLink) -> None:
    _expired(session, mali, [f"รางวัลที่ {number}" for number in range(20)])
    drain(runtime, NOW + timedelta(minutes=1))
    (message,) = json.loads(sends(session)[0].body or b"")
    said = json.dumps(message["contents"], ensure_ascii=False)
    assert all(f"รางวัลที่ {number} " in said for number in range(20))


def test_news_that_never_fits_is_dead_with_the_limit_as_its_reason(
    session: Session, runtime: Runtime, mali: LineLink, monkeypatch: pytest.MonkeyPatch
) -> None:
    _expired(session, mali, ["mask"])
    monkeypatch.setattr(limits, "BUBBLE_BYTES", 100)  # no name of a clinic's is long enough
    drain(runtime, NOW + timedelta(minutes=1))
    assert sends(session) == []
    ((state, reason),) = states(session) - {("sent", None)}
    assert (state, (reason or "").split(" at ")[0]) == ("dead", "bubble bytes")


def test_news_that_does_not_fit_into_an_answer_stays_open(
    session: Session, mali: LineLink, talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    _expired(session, mali, ["mask"])
    talk.say("แต้ม")
    monkeypatch.setattr(limits, "BUBBLE_BYTES", 100)  # no name of a clinic's is long enough
    ids = session.scalars(select(Notification.id).where(Notification.state == "open")).all()
    assert news_in_answers.ride(session, mali.customer, ids, talk.row) is None
    assert {one.state for one in session.scalars(select(Notification).where(Notification.id.in_(ids)))} == {"open"}


def test_who_has_stopped_all_messages_is_told_nothing_unasked(
    session: Session, runtime: Runtime, paid: LineLink
) -> None:
    consent.decide(
        session, paid.customer, purpose=consent.UNASKED, channel="line", granted=False, text="Stop?", now=NOW
    )
    session.commit()
    drain(runtime, NOW + timedelta(hours=1))
    assert sends(session) == []
    assert states(session) == {("skipped", "stopped")}
