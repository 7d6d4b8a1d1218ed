"""What staff answer by quoting reaches the customer once: free while their own reply token is good, else as one push,
and where it does not the group hears of it."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from channels.line.messages import say
from channels.line.render import freeze
from customers.people import meet_on_line
from loyalty import points
from models.clinics import Clinic
from models.conversations import InboxEvent, Send
from models.customers import JourneyEvent, LineLink
from models.staff import StaffAct
from models.staff_notices import StaffNotice
from tests.fixtures.house import House, clinic_of
from tests.fixtures.waiting import eventually
from tests.workers.staffed import Team, team
from tests.workers.test_staff_notices import fault, passes, work

ASK, WORDS, ANSWER = "ขอคุยกับเจ้าหน้าที่หน่อยค่ะ", "พรุ่งนี้บ่ายว่างไหมคะ", "บ่ายสองว่างค่ะคุณมะลิ"
WANTED = "Mali ขอคุยกับทีมงาน"


@pytest.fixture
def clinic(house: House) -> Clinic:
    return clinic_of(house, "aura")


@pytest.fixture
def staffed(house: House, clinic: Clinic) -> Team:
    team_ = team(house, clinic)
    team_.lets(team_.user_id, team_.colleague_id)
    return team_


@pytest.fixture
def mali(house: House, clinic: Clinic) -> LineLink:
    """A member whom LINE knows, and who has asked for somebody."""
    user_id = house.simulator.call("POST", "people", {"name": "Mali", "language": "th"})["user_id"]
    house.simulator.follow(user_id)
    link = meet_on_line(house.session, clinic, user_id, house.noon)
    link.customer.display_name = "Mali"
    house.session.flush()
    points.create_loyalty_profile(house.session, link.customer, house.noon)
    link.customer.joined_at = house.noon
    house.asks(link, user_id, ASK)
    house.session.commit()
    return link


@pytest.fixture
def alert(house: House, staffed: Team, mali: LineLink) -> str:
    """LINE's id of what the group was told at once, by a push."""
    work(house)
    eventually(lambda: staffed.read(WANTED))
    work(house, "send")
    return staffed.message(WANTED)


def writes(house: House, mali: LineLink) -> None:
    """The customer writes to the people, whom nobody answers for."""
    house.asks(mali, str(mali.user_id), WORDS)
    house.session.commit()
    work(house, "chat")


def texts(house: House, mali: LineLink) -> list[str]:
    items = house.simulator.call("GET", f"people/{mali.user_id}/chat")["items"]
    return [str(item["message"].get("text")) for item in items if item["from"] == "bot"]


def quoted(house: House, staffed: Team, alert: str, answer: str = ANSWER, by: str = "") -> str:
    """The code of the question."""
    staffed.writes(answer, quotes=alert, by=by)
    work(house, "chat")
    last = select(StaffAct.code).where(StaffAct.kind == "answer").order_by(StaffAct.id.desc()).limit(1)
    return str(house.session.scalars(last).one())


def yes(house: House, staffed: Team, code: str, by: str = "") -> None:
    staffed.writes(f"ส่ง {code}", by=by)
    work(house)
    work(house)


def the_notice(session: Session, kind: str = "person_wanted") -> StaffNotice:
    return session.scalars(select(StaffNotice).where(StaffNotice.kind == kind)).one()


def test_the_alert_is_known_by_lines_own_id(house: House, alert: str) -> None:
    assert the_notice(house.session).message_id == alert


def test_one_that_rode_in_an_answer_is_too(house: House, clinic: Clinic, staffed: Team, mali: LineLink) -> None:
    clinic.own_settings = {"staff_notices": {"person_wanted": "ride"}}
    house.session.commit()
    work(house)
    staffed.writes("คำสั่ง")
    work(house)
    assert the_notice(house.session).message_id == staffed.message(WANTED)
    yes(house, staffed, quoted(house, staffed, staffed.message(WANTED)))
    assert texts(house, mali).count(ANSWER) == 1


def test_one_whose_push_was_repeated_by_its_key_is_too(house: House, staffed: Team, mali: LineLink) -> None:
    """LINE answers 409 to the second, with the ids of the first."""
    fault(house, "error_500", "push")
    fault(house, "timeout_after_accept", "push")

    def told() -> bool:
        house.later()
        work(house)
        return the_notice(house.session).message_id is not None

    eventually(told, within=30)
    assert the_notice(house.session).message_id == staffed.message(WANTED)
    assert staffed.read(WANTED) == 1


def test_what_tells_of_an_answer_may_be_quoted_like_the_alert(
    house: House, staffed: Team, mali: LineLink, alert: str
) -> None:
    """The question is quoted to put the words right, and what says that it was sent to say more."""
    quoted(house, staffed, alert, "บ่ายสามว่างค่ะ")
    code = quoted(house, staffed, staffed.message("ส่งข้อความนี้ถึง Mali"))
    yes(house, staffed, code)
    yes(house, staffed, quoted(house, staffed, staffed.message("ส่งถึง Mali แล้ว"), "แล้วเจอกันค่ะ"))
    eventually(lambda: len(texts(house, mali)) >= 3)
    assert texts(house, mali)[-2:] == [ANSWER, "แล้วเจอกันค่ะ"]


def test_the_answer_is_a_push_of_its_own_and_costs_one(house: House, staffed: Team, mali: LineLink, alert: str) -> None:
    charged = staffed.charged
    yes(house, staffed, quoted(house, staffed, alert))
    assert texts(house, mali).count(ANSWER) == 1
    assert staffed.charged == charged + 1
    assert staffed.read("ใช้โควตาของเดือน 1 ข้อความ") == 1
    (send,) = house.session.scalars(select(Send).where(Send.reason == "staff_answer"))
    assert (send.state, send.body) == ("sent", freeze(say(ANSWER)))


def test_within_the_life_of_the_customers_token_it_is_free(
    house: House, staffed: Team, mali: LineLink, alert: str
) -> None:
    charged = staffed.charged
    writes(house, mali)
    yes(house, staffed, quoted(house, staffed, alert))
    assert texts(house, mali).count(ANSWER) == 1
    assert (staffed.charged, staffed.read("ไม่เสียโควตา")) == (charged, 1)
    assert house.session.scalars(select(Send).where(Send.reason == "staff_answer")).all() == []
    (fact,) = house.session.scalars(select(JourneyEvent).where(JourneyEvent.type == "staff_answered"))
    assert fact.data["way"] == "reply"


def test_a_token_that_the_bot_has_used_is_not_used_again(
    house: House, staffed: Team, mali: LineLink, alert: str
) -> None:
    """The last word of hers was answered by the bot."""
    house.asks(mali, str(mali.user_id), "แต้ม")
    house.session.commit()
    work(house, "chat")
    yes(house, staffed, quoted(house, staffed, alert))
    assert texts(house, mali).count(ANSWER) == 1
    assert staffed.read("ใช้โควตาของเดือน 1 ข้อความ") == 1


def test_a_free_answer_that_line_takes_no_more_goes_as_a_push_and_the_group_hears_it(
    house: House, staffed: Team, mali: LineLink, alert: str
) -> None:
    house.asks(mali, str(mali.user_id), WORDS, answerable=False)
    house.session.commit()
    work(house, "chat")
    yes(house, staffed, quoted(house, staffed, alert))

    def arrived() -> bool:
        work(house)
        return texts(house, mali).count(ANSWER) == 1

    eventually(arrived)
    staffed.writes("คำสั่ง")
    work(house)
    assert staffed.read("ไม่ทันช่วงที่ไม่เสียโควตา") == 1
    assert [one.reason for one in house.session.scalars(select(Send).where(Send.customer_id == mali.customer_id))] == [
        "reply_expired"
    ]


def test_taps_at_once_of_two_and_events_told_twice_send_it_once(
    house: House, staffed: Team, mali: LineLink, alert: str
) -> None:
    code = quoted(house, staffed, alert)
    for by in (staffed.user_id, staffed.colleague_id, staffed.user_id, staffed.colleague_id):
        staffed.writes(f"ส่ง {code}", by=by)
    work(house)
    work(house)
    assert texts(house, mali).count(ANSWER) == 1
    assert staffed.read("ส่งไปแล้วค่ะ") == 3


def test_a_worker_that_dies_with_it_in_hand_leaves_it_to_be_sent_once(
    house: House, staffed: Team, mali: LineLink, alert: str
) -> None:
    fault(house, "timeout_after_accept", "push")
    yes(house, staffed, quoted(house, staffed, alert))

    def settled() -> bool:
        house.later()
        work(house)
        return house.session.scalars(select(Send.state).where(Send.reason == "staff_answer")).one() == "sent"

    eventually(settled, within=30)
    assert texts(house, mali).count(ANSWER) == 1


def test_with_the_months_messages_used_up_the_group_hears_what_did_not_go(
    house: House, staffed: Team, mali: LineLink, alert: str
) -> None:
    """LINE's meter was not known to be full: it is LINE that refuses."""
    fault(house, "quota_429", "push")
    yes(house, staffed, quoted(house, staffed, alert))
    assert texts(house, mali).count(ANSWER) == 0
    notice = the_notice(house.session, "staff_answer")
    assert (notice.data["fate"], notice.customer_id) == ("quota", mali.customer_id)
    work(house)
    assert staffed.read("ส่งไม่ได้ เพราะโควตาข้อความของเดือนนี้หมดแล้ว") == 1


def test_who_blocks_the_clinic_meanwhile_is_not_written_to(
    house: House, staffed: Team, mali: LineLink, alert: str
) -> None:
    code = quoted(house, staffed, alert)
    house.session.execute(update(LineLink).values(unfollowed_at=func.now() + timedelta(days=1000)))
    house.session.commit()
    yes(house, staffed, code)
    assert staffed.read("บล็อก LINE ของคลินิกไว้") == 1
    assert house.session.scalars(select(Send).where(Send.reason == "staff_answer")).all() == []


def test_when_what_they_rest_on_is_forgotten_an_answer_stays_noted_without_its_words(
    house: House, clinic: Clinic, staffed: Team, mali: LineLink, alert: str
) -> None:
    """After thirty days the message, the notice and the push go, each by itself."""
    code = quoted(house, staffed, alert)
    yes(house, staffed, code)
    house.session.execute(text("UPDATE inbox SET received_at = received_at - interval '31 days'"))
    house.session.execute(text("UPDATE sends SET created_at = created_at - interval '31 days'"))
    house.session.execute(text("UPDATE staff_notices SET created_at = created_at - interval '31 days'"))
    house.session.commit()
    passes(house, timedelta(days=1))
    house.work()
    house.work()
    act = house.session.scalars(select(StaffAct).where(StaffAct.kind == "answer")).one()
    assert (act.state, act.inbox_id, act.send_id, act.notice_id) == ("done", None, None, None)
    assert house.session.scalars(select(InboxEvent)).all() == []
    staffed.writes("ยังไงดี", quotes=alert)
    work(house)
    assert house.session.scalars(select(InboxEvent.reason).order_by(InboxEvent.arrival.desc())).first() == "group_talk"
