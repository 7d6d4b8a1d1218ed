"""Follow-ups that go as a call: asked of the staff while the clinic is open, done by whoever is first."""

import json
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import staff_notices
from bot.routes import Table
from channels.base import channels
from channels.call import CallChannel
from channels.in_app import InAppChannel
from channels.line.channel import LineChannel
from channels.line.client import Line
from customers import contacts, staff
from facts import treated
from facts.told import Performed, Person, TreatmentTold
from followups import dispatch, fates, planner, rules, tasks
from followups.rules import Draft
from followups.texts import Template
from models.branches import Branch
from models.clinics import Clinic
from models.conversations import Send
from models.customers import Customer, JourneyEvent, LineLink
from models.followups import FollowupDelivery, FollowupExecution, Priority, Words
from models.staff_notices import StaffNotice
from models.tasks import Task
from runtime.context import Runtime
from tests.bot.room import NID, Room
from tests.bot.test_group_till import allowed
from tests.fixtures.clinic import NOW, At

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
CHANNELS = channels(LineChannel(Line()), InAppChannel(), CallChannel())


@pytest.fixture
def bound(session: Session, clinic: Clinic, table: Table) -> Room:
    room = Room(session, clinic, table)
    room.write(f"bind {staff.make_code(session, clinic, NOW)}")
    return room


def at(runtime: Runtime, when: datetime) -> Runtime:
    return Runtime(runtime.settings, runtime.vault, runtime.sessions, At(when), runtime.waker, runtime.timing)


def treat(session: Session, clinic: Clinic, customer: Customer, id_: str = "T") -> None:
    details = Performed(Person(ours=customer.id), NOW, service="hydrafacial")
    treated.told(session, clinic, "standard", TreatmentTold(id_, "performed", 1, NOW, details), NOW)


def pass_to(runtime: Runtime, clinic: Clinic, when: datetime) -> None:
    while planner.step(at(runtime, when), clinic.id):
        pass
    while dispatch.step(at(runtime, when), CHANNELS, clinic.id):
        pass


def rule(session: Session, clinic: Clinic, ways: list[str], priority: Priority = "normal") -> None:
    rules.make(
        session, clinic, "post_treatment", Draft(name="How are you", channels=ways, active=True, priority=priority), NOW
    )


def became(session: Session) -> list[tuple[str, str | None]]:
    session.expire_all()
    return [(one.status, one.reason) for one in session.scalars(select(FollowupExecution))]


def went(session: Session) -> list[tuple[str, str]]:
    session.expire_all()
    found = session.scalars(select(FollowupDelivery).order_by(FollowupDelivery.id))
    return [(one.channel, one.state) for one in found]


@pytest.fixture
def customer(session: Session, clinic: Clinic, mali: LineLink) -> Customer:
    mali.customer.display_name = "Mali Srisuk"
    contacts.tell(session, mali.customer, "phone", "0812345678", source="standard", now=NOW)
    return mali.customer


def one_task(session: Session) -> Task:
    session.expire_all()
    return session.scalars(select(Task)).one()


def test_a_call_is_a_task_that_the_group_hears_of(
    session: Session, runtime: Runtime, clinic: Clinic, customer: Customer, bound: Room
) -> None:
    rule(session, clinic, ["call"])
    treat(session, clinic, customer)
    session.commit()
    pass_to(runtime, clinic, NOW + DAY)
    assert (became(session), went(session)) == ([("sent", None)], [("call", "sent")])
    (asked,) = session.scalars(select(Send)).all()
    assert (asked.channel, asked.recipient, asked.state) == ("call", "+66812345678", "sent")
    task = one_task(session)
    assert task.until > NOW + DAY
    bound.talk.now = NOW + DAY + tasks.JOINED
    said = bound.hears("กินข้าวกัน")
    assert "Mali" in said and "…678" in said and task.code in said
    assert "Srisuk" not in said and "0812345678" not in said and "hydrafacial" not in said.lower()


def test_what_only_the_staff_were_asked_is_not_said_to_the_customer(
    session: Session, runtime: Runtime, clinic: Clinic, customer: Customer, bound: Room
) -> None:
    """The same words over another way are not said twice by that."""
    rule(session, clinic, ["call"])
    rule(session, clinic, ["line"])
    treat(session, clinic, customer)
    session.commit()
    pass_to(runtime, clinic, NOW + DAY)
    assert (became(session), sorted(went(session))) == ([("sent", None)] * 2, [("call", "sent"), ("line", "queued")])


def test_several_tasks_go_as_one_push(
    session: Session, runtime: Runtime, clinic: Clinic, customer: Customer, bound: Room
) -> None:
    rule(session, clinic, ["call"])
    words: Words = {"message": "ถามเรื่องนัดครั้งต่อไป"}  # the same words would be said once
    other = Draft(name="Ask", channels=["call"], active=True, template=Template(everywhere=words))
    rules.make(session, clinic, "post_treatment", other, NOW)
    treat(session, clinic, customer)
    session.commit()
    pass_to(runtime, clinic, NOW + DAY)
    assert not staff_notices.push(at(runtime, NOW + DAY), CHANNELS, clinic.id)
    while staff_notices.push(at(runtime, NOW + DAY + tasks.JOINED), CHANNELS, clinic.id):
        pass
    session.expire_all()
    (push,) = [one for one in session.scalars(select(Send)) if one.channel == "line"]
    (card,) = json.loads(push.body or b"")
    assert len(card["contents"]["contents"]) == 2
    assert {one.state for one in session.scalars(select(StaffNotice))} == {"sent"}


def test_the_first_who_says_done_has_done_it_and_everybody_reads_who(
    session: Session, runtime: Runtime, clinic: Clinic, customer: Customer, bound: Room
) -> None:
    rule(session, clinic, ["call"])
    treat(session, clinic, customer)
    session.commit()
    pass_to(runtime, clinic, NOW + DAY)
    bound.talk.now = NOW + DAY + HOUR
    nid = bound.of(NID)
    allowed(session, bound, NID).name = "Nid"
    assert "ต้องโทร 1 สาย" in bound.hears("งาน")
    (done,) = bound.buttons("tasks")
    assert "Nid โทรหา Mali แล้ว" in nid.hears(done)
    assert "Nid โทรหา Mali ไปแล้ว" in bound.hears(done)
    assert "ไม่มีสายที่ต้องโทร" in bound.hears("งาน")
    event = session.scalars(select(JourneyEvent).where(JourneyEvent.type == "called")).one()
    task = one_task(session)
    assert (event.data.get("execution"), event.data.get("by")) == (str(task.execution_id), task.done_by)


@pytest.mark.parametrize("said", ["โทรแล้ว ZZZZZZ", "called ZZZZZZ"])
def test_a_code_that_is_none_is_answered_with_how_a_call_is_noted(bound: Room, said: str) -> None:
    answer = bound.hears(said)
    assert "ZZZZZZ" in answer and "รหัส 6 ตัวที่อยู่ในรายการ" in answer and "“งาน”" in answer
    assert "คำถาม" not in answer


def test_whoever_is_not_staff_closes_nothing_and_talk_is_no_request(
    session: Session, runtime: Runtime, clinic: Clinic, customer: Customer, bound: Room
) -> None:
    rule(session, clinic, ["call"])
    treat(session, clinic, customer)
    session.commit()
    pass_to(runtime, clinic, NOW + DAY)
    bound.of(NID).hears(f"โทรแล้ว {one_task(session).code}")
    assert one_task(session).state == "open"
    assert bound.hears("โทรแล้วค่ะ ไม่รับสาย") in ("group_talk", "meant_otherwise")


def test_nobody_is_asked_to_call_while_the_clinic_is_closed(
    session: Session, runtime: Runtime, clinic: Clinic, customer: Customer
) -> None:
    for branch in session.scalars(select(Branch)):
        branch.hours = {"thu": ["13:00-20:00"]}
    if session.scalars(select(Branch)).first() is None:
        session.add(Branch(clinic_id=clinic.id, code="main", names={"en": "Main"}, hours={"thu": ["13:00-20:00"]}))
    rule(session, clinic, ["call"])
    treat(session, clinic, customer)
    session.commit()
    pass_to(runtime, clinic, NOW + DAY)  # Wednesday
    (one,) = session.scalars(select(FollowupExecution)).all()
    opens = datetime.fromisoformat("2026-02-05T13:00+07:00")
    assert (one.status, one.reason, one.due_at) == ("planned", "closed", opens)
    pass_to(runtime, clinic, opens)
    assert became(session) == [("sent", None)]


@pytest.mark.parametrize("choice", [None, "open"])
def test_nobody_is_asked_to_call_on_a_public_holiday_unless_the_clinic_is_open_on_it(
    session: Session, runtime: Runtime, clinic: Clinic, customer: Customer, choice: str | None
) -> None:
    clinic.own_settings = {"hours": {"public_holidays": choice}}
    rules.make(
        session, clinic, "post_treatment",
        Draft(name="Call", channels=["call"], active=True, conditions={"daysAfter": 28}), NOW,
    )  # fmt: skip
    treat(session, clinic, customer)
    session.commit()
    makha_bucha = NOW + 28 * DAY
    pass_to(runtime, clinic, makha_bucha)
    (one,) = session.scalars(select(FollowupExecution)).all()
    if choice == "open":
        assert one.status == "sent"
        return
    opens = datetime.fromisoformat("2026-03-04T09:00+07:00")
    assert (one.status, one.reason, one.due_at) == ("planned", "closed", opens)
    pass_to(runtime, clinic, opens)
    assert became(session) == [("sent", None)]


def test_without_a_phone_nobody_is_asked_to_call(
    session: Session, runtime: Runtime, clinic: Clinic, mali: LineLink
) -> None:
    rule(session, clinic, ["call"])
    treat(session, clinic, mali.customer)
    session.commit()
    pass_to(runtime, clinic, NOW + DAY)
    assert became(session) == [("skipped", "no_phone")]


def test_what_is_needless_by_now_stands_in_no_list(
    session: Session, runtime: Runtime, clinic: Clinic, customer: Customer, bound: Room
) -> None:
    rule(session, clinic, ["call"])
    treat(session, clinic, customer)
    session.commit()
    pass_to(runtime, clinic, NOW + DAY)
    told = TreatmentTold("T", "voided", 2, NOW + DAY, None)
    treated.told(session, clinic, "standard", told, NOW + DAY)
    bound.talk.now = NOW + DAY + HOUR
    assert "ไม่มีสายที่ต้องโทร" in bound.hears("งาน")


def test_what_stands_on_their_page_goes_beside_another_channel_and_never_alone(
    session: Session, runtime: Runtime, clinic: Clinic, customer: Customer
) -> None:
    rule(session, clinic, ["in_app"])
    rule(session, clinic, ["in_app", "line", "call"])
    treat(session, clinic, customer)
    session.commit()
    pass_to(runtime, clinic, NOW + DAY)
    assert sorted(became(session), key=str) == [("sent", None), ("skipped", "in_app_alone")]
    assert sorted(went(session)) == [("in_app", "sent"), ("line", "queued")]
    kept = json.loads(next(one.body or b"" for one in session.scalars(select(Send)) if one.channel == "in_app"))
    assert "human" in [one["target"].partition("?")[0] for one in kept["buttons"]]


def test_where_line_fails_for_good_somebody_calls(
    session: Session, runtime: Runtime, clinic: Clinic, customer: Customer
) -> None:
    rule(session, clinic, ["line", "call"])
    treat(session, clinic, customer)
    session.commit()
    pass_to(runtime, clinic, NOW + DAY)
    send = session.scalars(select(Send)).one()
    send.state = "failed"
    fates.settled(session, [send], NOW + DAY)
    session.commit()
    pass_to(runtime, clinic, NOW + DAY)
    assert (became(session), went(session)) == ([("sent", None)], [("line", "failed"), ("call", "sent")])
