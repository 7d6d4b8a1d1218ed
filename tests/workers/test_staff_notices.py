"""The staff are told once, by whichever way: at once by a push, in an answer, or by a push when nobody wrote in time;
and where that fails it waits again, or says why not."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from bot import staff_notices
from bot.staff_notices import HELD
from customers import meters, staff
from customers import staff_notices as notices
from customers.staff_notices import RIDES_FOR
from models.clinics import BusinessClock, Clinic
from models.conversations import InboxEvent, OutgoingReply, Send
from models.meters import LineMeter
from models.staff_notices import StaffNotice
from tests.fixtures.house import House, clinic_of
from tests.fixtures.waiting import eventually
from tests.workers.staffed import MEMBERS, Team, low_rating, newcomer, riding, team, waiting
from workers.jobs import drains

MALI, URGENT = "Mali ให้ 2 ดาว", "ด่วน: Ploy"


@pytest.fixture
def clinic(house: House) -> Clinic:
    return clinic_of(house, "aura")


@pytest.fixture
def staffed(house: House, clinic: Clinic) -> Team:
    return team(house, clinic)


def work(house: House, *names: str) -> None:
    for name in names or ("chat", "send", "send"):
        drains[name](house.aura.context)
    house.session.rollback()
    house.session.expire_all()


def fault(house: House, kind: str, on: str, times: int = 1) -> None:
    house.simulator.call("POST", "faults", {"kind": kind, "on": on, "times": times})


def passes(house: House, by: timedelta) -> None:
    """Business time goes on."""
    seconds = int(by.total_seconds())
    house.session.execute(update(BusinessClock).values(offset_seconds=BusinessClock.offset_seconds + seconds))
    house.session.commit()


def fates(house: House) -> list[tuple[str, str | None]]:
    found = house.session.scalars(select(StaffNotice).order_by(StaffNotice.id)).all()
    return [(one.state, one.reason) for one in found]


def sends(house: House) -> list[tuple[str, str]]:
    return [(one.state, one.reason) for one in house.session.scalars(select(Send).order_by(Send.id))]


def test_a_low_rating_is_pushed_at_once_and_once(house: House, clinic: Clinic, staffed: Team) -> None:
    low_rating(house, newcomer(house, clinic))
    work(house, "send")
    assert (fates(house), staffed.read(MALI), staffed.read("“รอนานมาก”")) == ([("sent", None)], 1, 1)
    assert staffed.charged == MEMBERS
    staffed.writes()
    house.later()
    work(house)
    assert (staffed.read(MALI), sends(house)) == (1, [("sent", "staff_notice")])


def test_several_that_wait_are_one_push(house: House, clinic: Clinic, staffed: Team) -> None:
    riding(house, clinic)
    low_rating(house, newcomer(house, clinic, "Ploy"))
    clinic.own_settings = {}
    low_rating(house, newcomer(house, clinic))
    work(house, "send")
    assert (len(sends(house)), staffed.read(MALI), staffed.read("Ploy ให้ 2 ดาว")) == (1, 1, 1)
    assert waiting(house, clinic) == 0


def test_what_rides_waits_four_opening_hours_for_an_answer(house: House, clinic: Clinic, staffed: Team) -> None:
    riding(house, clinic)
    low_rating(house, newcomer(house, clinic))
    passes(house, RIDES_FOR - timedelta(minutes=1))
    work(house)
    assert (fates(house), staffed.read(MALI)) == ([("open", None)], 0)
    assert house.session.scalars(staff_notices.OPEN).all() == []
    staffed.writes()
    work(house, "chat")
    assert (fates(house), staffed.read(MALI), staffed.charged) == ([("sent", "in_reply")], 1, 0)
    passes(house, timedelta(hours=1))
    work(house)
    assert (staffed.read(MALI), sends(house)) == (1, [])


def test_where_nobody_writes_in_time_it_is_pushed(house: House, clinic: Clinic, staffed: Team) -> None:
    riding(house, clinic)
    low_rating(house, newcomer(house, clinic))
    passes(house, RIDES_FOR + timedelta(minutes=1))
    work(house)
    assert (fates(house), staffed.read(MALI), staffed.charged) == ([("sent", None)], 1, MEMBERS)


def test_a_refused_answer_gives_it_back_and_it_rides_in_no_second_one(
    house: House, clinic: Clinic, staffed: Team
) -> None:
    riding(house, clinic)
    low_rating(house, newcomer(house, clinic))
    fault(house, "quota_429", "reply")
    staffed.writes()
    work(house)
    assert (fates(house), staffed.read(MALI)) == ([("open", "answer_failed")], 0)
    staffed.writes()
    work(house)
    assert (fates(house), staffed.read(MALI)) == ([("open", "answer_failed")], 0)
    passes(house, RIDES_FOR + timedelta(minutes=1))
    work(house)
    work(house)
    assert (fates(house), staffed.read(MALI)) == ([("sent", None)], 1)


def test_an_answer_of_unknown_outcome_leaves_it_to_a_person(house: House, clinic: Clinic, staffed: Team) -> None:
    riding(house, clinic)
    low_rating(house, newcomer(house, clinic))
    fault(house, "timeout_after_accept", "reply")
    staffed.writes()
    work(house, "chat")
    then = {"received_at": OutgoingReply.received_at - timedelta(minutes=2), "lease_until": func.now()}
    house.session.execute(update(OutgoingReply).values(then))
    house.session.commit()
    work(house)
    assert (fates(house), staffed.read(MALI)) == ([("dead", "answer_unknown")], 1)
    stuck = house.session.scalars(select(StaffNotice.id)).one()
    assert "answer_unknown" in house.flask("work", "show", "staff_notices")
    house.flask("work", "retry", "staff_notices", str(stuck))

    def told_again() -> bool:
        house.later()
        work(house)  # after a call of unknown outcome LINE is given a second's rest
        return staffed.read(MALI) == 2

    eventually(told_again)


@pytest.mark.parametrize(("kind", "fate"), [("", ("sent", "in_reply")), ("quota_429", ("open", "quota"))])
def test_an_answer_that_goes_as_a_push_takes_it_along(
    house: House, clinic: Clinic, staffed: Team, kind: str, fate: tuple[str, str]
) -> None:
    riding(house, clinic)
    low_rating(house, newcomer(house, clinic))
    if kind:
        fault(house, kind, "push")
    staffed.writes(answerable=False)
    work(house)

    def settled() -> bool:
        work(house, "send")
        return (fates(house), staffed.read(MALI)) == ([fate], 0 if kind else 1)

    eventually(settled)


def test_with_the_months_messages_used_up_it_waits_for_an_answer(house: House, clinic: Clinic, staffed: Team) -> None:
    house.simulator.call("PATCH", f"channels/{house.simulator.channel_id}", {"quota": MEMBERS - 1})
    low_rating(house, newcomer(house, clinic))
    work(house)
    assert (fates(house), sends(house)) == ([("open", "quota")], [("dropped", "staff_notice")])
    work(house)
    assert len(sends(house)) == 1, "it is not asked again and again"
    staffed.writes()
    work(house, "chat")
    assert (fates(house), staffed.read(MALI), staffed.charged) == ([("sent", "in_reply")], 1, 0)


def test_a_push_that_is_refused_is_left_to_a_person(house: House, clinic: Clinic, staffed: Team) -> None:
    low_rating(house, newcomer(house, clinic))
    house.simulator.call("DELETE", f"groups/{staffed.group_id}")
    work(house)
    assert fates(house) == [("dead", "send_failed")]


def test_a_group_that_was_left_is_told_nothing_and_the_next_one_all(
    house: House, clinic: Clinic, staffed: Team
) -> None:
    staff.unbind(house.session, staffed.group, house.noon)
    low_rating(house, newcomer(house, clinic))
    work(house)
    assert (fates(house), sends(house)) == ([("open", "no_group")], [])
    (notice,) = house.session.scalars(select(StaffNotice))
    assert notice.push_at >= house.noon + HELD
    after = team(house, clinic)
    work(house)
    assert (fates(house), after.read(MALI), staffed.read(MALI)) == ([("sent", None)], 1, 0)


def test_a_push_under_way_when_the_account_is_taken_out_is_given_back(
    house: House, clinic: Clinic, staffed: Team
) -> None:
    low_rating(house, newcomer(house, clinic))
    staff_notices.push(house.aura.context.runtime, house.aura.context.outbox.channels, clinic.id)
    house.session.expire_all()
    staff.unbind(house.session, staffed.group, house.noon)
    house.session.commit()
    house.simulator.call("DELETE", f"groups/{staffed.group_id}")
    work(house)
    assert fates(house) == [("open", "no_group")]


def test_a_clinic_without_a_group_is_told_for_a_week_and_then_no_more(house: House, clinic: Clinic) -> None:
    low_rating(house, newcomer(house, clinic))
    work(house)
    assert fates(house) == [("open", "no_group")]
    passes(house, timedelta(days=7, minutes=1))
    work(house)
    assert fates(house) == [("skipped", "no_group")]
    assert house.session.scalars(staff_notices.OPEN).all() == []


def test_each_clinic_tells_its_own_staff(house: House, clinic: Clinic, staffed: Team) -> None:
    low_rating(house, newcomer(house, clinic_of(house, "glow"), "Kwan"))
    staffed.writes()
    work(house)
    assert fates(house) == [("open", "no_group")]
    assert staffed.read("ดาว") == 0


def test_a_worker_that_dies_before_its_commit_leaves_it_to_be_told(house: House, clinic: Clinic, staffed: Team) -> None:
    """What has ridden in an answer that was never written, and what was in a push that was never written."""
    riding(house, clinic)
    low_rating(house, newcomer(house, clinic))
    staffed.writes()
    event = house.session.scalars(select(InboxEvent)).one()
    listener = house.aura.context.inbox.handlers["line"]
    with house.aura.context.runtime.sessions() as dying:
        taken = dying.get_one(InboxEvent, (event.id, clinic.id))
        loaded = listener.load(dying, [taken])
        listener.handle(dying, taken, loaded[taken.id], house.noon, taken.received_at)
        dying.flush()
        assert dying.scalars(select(StaffNotice.state)).all() == ["sent"]
    assert fates(house) == [("open", None)]
    work(house, "chat")
    assert (fates(house), staffed.read(MALI)) == ([("sent", "in_reply")], 1)


def asked(house: House, clinic: Clinic) -> LineMeter:
    """LINE has been asked what the month has come to."""
    meters.ask(house.session, clinic, house.noon)
    house.session.commit()

    def landed() -> bool:
        work(house, "profiles")
        return not house.aura.context.asker.lane.in_flight

    eventually(landed)
    return house.session.get_one(LineMeter, clinic.id)


def test_the_meter_has_a_line_for_the_staff_and_a_push_to_eight_counts_eight(
    house: House, clinic: Clinic, staffed: Team
) -> None:
    house.simulator.call("PATCH", f"channels/{house.simulator.channel_id}", {"quota": 500, "quota_used": 30})
    meter = asked(house, clinic)
    assert (meter.allowed, meter.used, meter.staff, staffed.group.members) == (500, 30, 0, MEMBERS)
    low_rating(house, newcomer(house, clinic))
    work(house, "send", "profiles")
    meter = house.session.get_one(LineMeter, clinic.id)
    assert (meter.staff, meter.used, staffed.charged) == (MEMBERS, 30 + MEMBERS, 30 + MEMBERS)
    assert "38 of 500 used, 8 by pushes to the staff" in doctor(house)


def doctor(house: House) -> str:
    return house.aura.flask.test_cli_runner().invoke(args=["doctor"]).output


def test_at_the_reserve_what_is_not_urgent_rides_and_what_is_urgent_takes_it_along(
    house: House, clinic: Clinic, staffed: Team
) -> None:
    house.simulator.call("PATCH", f"channels/{house.simulator.channel_id}", {"quota": 150})
    asked(house, clinic)
    low_rating(house, newcomer(house, clinic))
    work(house, "send")
    assert (fates(house), sends(house), staffed.charged) == ([("open", "quota")], [], 0)
    assert "staff are pushed only what is urgent" in doctor(house)
    staffed.writes()
    work(house, "chat")
    assert (fates(house), staffed.read(MALI), staffed.charged) == ([("sent", "in_reply")], 1, 0)

    ploy = newcomer(house, clinic, "Ploy")
    low_rating(house, ploy)
    notices.write(house.session, clinic, "emergency", house.noon, key="emergency", customer=ploy)
    house.session.commit()
    work(house, "send")
    assert (staffed.read(URGENT), staffed.read("Ploy ให้ 2 ดาว"), staffed.charged) == (1, 1, MEMBERS)


def test_line_that_does_not_tell_the_meter_is_asked_again_and_holds_nothing_back(
    house: House, clinic: Clinic, staffed: Team
) -> None:
    fault(house, "error_500", "/v2/bot/message/quota")
    meter = asked(house, clinic)
    assert (meter.read_at, meter.ask_error is not None, meter.ask_due_at is not None) == (None, True, True)
    low_rating(house, newcomer(house, clinic))

    def told() -> bool:
        work(house, "send")
        return staffed.read(MALI) == 1

    eventually(told)
