"""Two members say yes at the same moment, each in a process of their own: it goes once."""

import json
import threading
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from channels.line.channel import LineChannel
from channels.line.client import Line
from customers import staff, staff_acts, staff_members, staff_notices
from customers.people import meet_on_line
from facts import answered
from facts.group_till import NotOpen
from loyalty import points
from models.base import new_id
from models.clinics import Clinic
from models.conversations import InboxEvent, OutgoingReply, Send
from models.customers import LineLink
from models.staff import StaffAct, StaffMember
from models.staff_notices import StaffNotice
from runtime.clock import real
from tests.fixtures.clinic import NOW

CHANNEL = LineChannel(Line())


@pytest.fixture(params=[True, False], ids=["member", "no member"])
def mali(session: Session, clinic: Clinic, request: pytest.FixtureRequest) -> LineLink:
    """Somebody who has written and was left to people a moment ago."""
    link = meet_on_line(session, clinic, "U" + "a" * 32, NOW)
    session.flush()
    if request.param:
        points.create_loyalty_profile(session, link.customer, NOW)
    event(session, clinic, "U" + "a" * 32, link)
    return link


def event(
    session: Session, clinic: Clinic, user_id: str, link: LineLink | None = None, text: str = "ว่างไหม"
) -> InboxEvent:
    """What somebody has written, handled."""
    raw = {
        "type": "message", "mode": "active", "replyToken": new_id().hex,
        "source": {"type": "user", "userId": user_id}, "message": {"type": "text", "id": "1", "text": text},
    }  # fmt: skip
    row = InboxEvent(
        clinic_id=clinic.id, clinic=clinic, source="line", event_key=new_id().hex, type="message", state="ignored",
        actor_index=session.info["vault"].index(clinic.id, "line", user_id), occurred_at=NOW, received_at=real(),
        due_at=NOW, customer_id=link.customer_id if link else None, customer=link.customer if link else None,
    )  # fmt: skip
    row.raw = json.dumps(raw).encode()
    session.add(row)
    session.flush()
    return row


@pytest.fixture
def ploy(session: Session, clinic: Clinic) -> StaffMember:
    group = staff.bind(session, clinic, staff.make_code(session, clinic, NOW), "C" + "1" * 32, NOW)
    assert group is not None
    member = staff_members.meet(session, group, "U" + "d" * 32, NOW)
    staff_members.allow(session, member, "manager", NOW, by="staff")
    return member


def asked(session: Session, ploy: StaffMember, mali: LineLink, words: str) -> StaffAct:
    key = new_id().hex
    staff_notices.write(session, ploy.clinic, "person_wanted", NOW, key=key, customer=mali.customer)
    notice = session.scalars(select(StaffNotice).where(StaffNotice.key == key)).one()
    message = event(session, ploy.clinic, "U" + "d" * 32, text=words)
    return answered.ask(session, ploy, mali.customer, notice, message.id, NOW)


def at_once(
    sessions: sessionmaker[Session], acts: list[StaffAct], ploy: StaffMember, says_yes: InboxEvent
) -> list[str]:
    """What became of each yes: the first is not committed before the second waits for it."""
    given: list[str] = []
    holds, waits = threading.Event(), threading.Event()

    def yes(act: StaffAct, first: bool) -> None:
        with sessions() as own:
            mine = own.get_one(StaffAct, (act.id, act.clinic_id))
            who = own.get_one(StaffMember, (ploy.id, ploy.clinic_id))
            if not first:
                holds.wait(10)
                waits.set()
            try:
                free = answered.give(own, mine, who, CHANNEL, says_yes.id, NOW).free
                given.append("free" if free else "pushed")
            except NotOpen:
                given.append("not open")
            if first:
                holds.set()
                waits.wait(10)
            own.commit()

    threads = [threading.Thread(target=yes, args=(act, not number)) for number, act in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    return given


def sent(session: Session) -> tuple[int, int]:
    session.expire_all()
    free, pushed = session.scalars(select(OutgoingReply)).all(), session.scalars(select(Send)).all()
    return len(free), len([one for one in pushed if one.reason == "staff_answer"])


def test_one_question_is_answered_once(
    session: Session, sessions: sessionmaker[Session], mali: LineLink, ploy: StaffMember
) -> None:
    act = asked(session, ploy, mali, "บ่ายสองค่ะ")
    says_yes = event(session, ploy.clinic, "U" + "d" * 32, text="ส่ง")
    session.commit()
    assert at_once(sessions, [act, act], ploy, says_yes) == ["free", "not open"]
    assert sent(session) == (1, 0)


def test_one_token_is_used_once_and_the_other_answer_is_pushed(
    session: Session, sessions: sessionmaker[Session], mali: LineLink, ploy: StaffMember
) -> None:
    acts = [asked(session, ploy, mali, "บ่ายสองค่ะ"), asked(session, ploy, mali, "บ่ายสามค่ะ")]
    says_yes = event(session, ploy.clinic, "U" + "d" * 32, text="ส่ง")
    session.commit()
    assert at_once(sessions, acts, ploy, says_yes) == ["free", "pushed"]
    assert sent(session) == (1, 1)


def test_whose_asker_may_act_no_more_does_not_go(
    session: Session, mali: LineLink, ploy: StaffMember, clinic: Clinic
) -> None:
    act = asked(session, ploy, mali, "บ่ายสองค่ะ")
    other = staff_members.meet(session, ploy.group, "U" + "e" * 32, NOW)
    staff_members.allow(session, other, "staff", NOW, by="staff")
    staff_members.end(session, ploy, "removed", NOW)
    with pytest.raises(answered.NotSent, match="asker_left"):
        answered.give(session, act, other, CHANNEL, event(session, clinic, "U" + "e" * 32).id, NOW)
    assert (act.state, act.reason, sent(session)) == ("stopped", "asker_left", (0, 0))


def test_what_waited_too_long_is_not_open(session: Session, mali: LineLink, ploy: StaffMember, clinic: Clinic) -> None:
    act = asked(session, ploy, mali, "บ่ายสองค่ะ")
    late = NOW + staff_acts.ANSWERED_WITHIN + timedelta(seconds=1)
    with pytest.raises(NotOpen):
        answered.give(session, act, ploy, CHANNEL, event(session, clinic, "U" + "d" * 32).id, late)
