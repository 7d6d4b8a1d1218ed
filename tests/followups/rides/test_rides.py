"""What is due and of low priority rides in the answer to what a customer writes, and nothing else does."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.rides import ORDINARY
from bot.routes import Table
from channels import fence
from channels.line.render import wire
from customers import contacts, pauses
from customers.people import meet_on_line
from followups import preferences
from models.clinics import Clinic
from models.conversations import ConversationState
from models.followups import Priority
from models.installation import Installation
from models.meters import LineMeter
from models.treatments import Treatment
from runtime.clock import DATABASE_NOW
from tests.fixtures.clinic import NOW, Talk
from tests.followups.gate import CARE, DAY, OFFER, Gate
from tests.followups.rides.riding import HELLO, HOUR, MINUTE, PLANNED, SENT, deliveries, rode, rule, sends


def test_what_is_due_rides_in_the_answer_and_costs_nothing(gate: Gate, talk: Talk) -> None:
    id_ = gate.due(rule(gate, says="ยินดีให้คำปรึกษาค่ะ"), NOW)
    reply = talk.say(HELLO).reply
    assert len(reply.messages) == 2
    last = wire(reply)[-1]
    assert last["altText"] == "ยินดีให้คำปรึกษาค่ะ"
    assert last["quickReply"]["items"]
    assert gate.fate(id_) == SENT
    assert deliveries(gate, id_) == [("line", "sent", talk.row.id)]
    assert gate.one(id_).template_id == gate.one(id_).rule.template_id is not None
    assert gate.one(id_).settled_at == NOW
    gate.pass_to(NOW + MINUTE)
    assert (sends(gate), gate.fate(id_)) == (0, SENT)
    assert rode(talk) == 0


def test_its_buttons_say_under_what_they_stand(gate: Gate, talk: Talk) -> None:
    id_ = gate.due(rule(gate), NOW)
    assert f"execution={id_.hex}" in json.dumps(wire(talk.say(HELLO).reply)[-1])
    talk.tap("all_well", execution=id_.hex)
    assert gate.one(id_).response == {"button": "all_well"}


def test_what_goes_beside_another_channel_goes_beside_an_answer(gate: Gate, talk: Talk) -> None:
    id_ = gate.due(rule(gate, CARE, "line", "in_app"), NOW)
    assert rode(talk) == 1
    assert deliveries(gate, id_) == [("in_app", "sent", None), ("line", "sent", talk.row.id)]


@pytest.mark.parametrize("priority", ["normal", "high"])
def test_what_has_a_higher_priority_does_not_ride(gate: Gate, talk: Talk, priority: Priority) -> None:
    id_ = gate.due(rule(gate, priority=priority), NOW)
    assert (rode(talk), gate.fate(id_)) == (0, PLANNED)
    gate.pass_to(NOW)
    assert (gate.fate(id_), sends(gate)) == (SENT, 1)


def test_what_lies_ahead_does_not_ride(gate: Gate, talk: Talk) -> None:
    id_ = gate.due(rule(gate), NOW + MINUTE)
    assert (rode(talk), gate.fate(id_)) == (0, PLANNED)


@pytest.mark.parametrize(("reason", "rides"), [("line_quota", 1), ("line_reserve", 1), ("frequency_cap", 0), ("x", 0)])
def test_what_is_held_for_want_of_messages_alone_rides(gate: Gate, talk: Talk, reason: str, rides: int) -> None:
    id_ = gate.due(rule(gate), NOW + DAY)
    one = gate.one(id_)
    one.reason, one.created_at = reason, NOW - DAY
    assert (rode(talk), gate.fate(id_)[0]) == (rides, "sent" if rides else "planned")


@pytest.mark.parametrize("kind", [CARE, OFFER])
def test_where_no_message_is_left_it_is_held_and_rides(gate: Gate, talk: Talk, kind: str) -> None:
    gate.agree()
    gate.session.add(
        LineMeter(
            clinic_id=gate.clinic.id, month=NOW.date().replace(day=1), allowed=500, used=500, before=0, staff=0,
            read_at=DATABASE_NOW,
        )
    )  # fmt: skip
    id_ = gate.due(rule(gate, kind), NOW)
    gate.pass_to(NOW)
    assert gate.fate(id_) == ("planned", "line_quota")
    assert (rode(talk), gate.fate(id_), sends(gate)) == (1, SENT, 0)


def test_however_many_wait_to_leave_an_offer_rides(gate: Gate, talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    """It would not stand among them."""
    monkeypatch.setattr("followups.gates.QUEUE", 0)
    gate.agree()
    id_ = gate.due(rule(gate, OFFER), NOW)
    assert (rode(talk), gate.fate(id_)) == (1, SENT)


def test_quiet_hours_hold_it(gate: Gate, talk: Talk) -> None:
    id_ = gate.due(rule(gate), NOW)
    talk.now = NOW.replace(hour=16)  # 23:00 in Bangkok
    assert (rode(talk), gate.fate(id_)) == (0, PLANNED)


@pytest.mark.parametrize("held", ["opted out", "no consent", "paused", "cap", "no longer so", "rests", "said before"])
def test_all_other_gates_hold_it_and_leave_it_as_it_is(gate: Gate, talk: Talk, held: str) -> None:
    kind = OFFER if held in ("no consent", "paused", "cap") else CARE
    made = rule(gate, kind)
    if held != "no consent":
        gate.agree()
    match held:
        case "opted out":
            gate.decide("care", granted=False)
        case "paused":
            pauses.pause(gate.session, gate.customer, "complaint", NOW, by="system")
        case "cap" | "said before":
            gate.said(rule(gate, kind, priority="high"), NOW - HOUR)
        case "rests":
            made.active = False
    id_ = gate.due(made, NOW)
    if held == "no longer so":
        gate.session.scalars(select(Treatment)).one().state = "voided"
    assert (rode(talk), gate.fate(id_), gate.one(id_).held) == (0, PLANNED, 0)


def test_the_same_caps_count_what_rides(gate: Gate, talk: Talk) -> None:
    gate.agree()
    ids = [gate.due(rule(gate, OFFER, says=words), NOW) for words in ("หนึ่ง", "สอง")]
    assert rode(talk) == 1
    assert [gate.fate(id_) for id_ in ids] == [SENT, PLANNED]
    gate.pass_to(NOW + MINUTE)
    assert gate.fate(ids[1]) == ("planned", "frequency_cap")


@pytest.mark.parametrize("before", ["normal", "low"])
def test_an_offer_lets_one_pass_that_goes_before_it(gate: Gate, talk: Talk, before: Priority) -> None:
    """Both would fill the same cap."""
    gate.agree()
    first = gate.due(rule(gate, OFFER, says="หนึ่ง", priority=before), NOW)
    low = gate.due(rule(gate, OFFER, says="สอง"), NOW)
    assert rode(talk) == (before == "low")
    assert {gate.fate(first), gate.fate(low)} == ({PLANNED} if before == "normal" else {SENT, PLANNED})


def test_care_rides_whatever_offer_is_due(gate: Gate, talk: Talk) -> None:
    gate.agree()
    gate.due(rule(gate, OFFER, priority="high"), NOW)
    id_ = gate.due(rule(gate), NOW)
    assert (rode(talk), gate.fate(id_)) == (1, SENT)


def test_what_would_go_over_another_channel_first_does_not_ride(gate: Gate, talk: Talk) -> None:
    contacts.tell(gate.session, gate.customer, "phone", "0812345678", source="standard", now=NOW)
    first = gate.due(rule(gate, CARE, "call", "line"), NOW)
    both = gate.due(rule(gate, CARE, "line", "call", delivery="all"), NOW)
    assert (rode(talk), gate.fate(first), gate.fate(both)) == (0, PLANNED, PLANNED)
    preferences.prefer(gate.session, gate.customer, "line", NOW)
    assert (rode(talk), gate.fate(first)) == (1, SENT)


def test_a_rule_without_line_does_not_ride(gate: Gate, talk: Talk) -> None:
    contacts.tell(gate.session, gate.customer, "phone", "0812345678", source="standard", now=NOW)
    id_ = gate.due(rule(gate, CARE, "call"), NOW)
    assert (rode(talk), gate.fate(id_)) == (0, PLANNED)


def test_an_answer_has_room_for_five_messages(gate: Gate, talk: Talk) -> None:
    ids = [gate.due(rule(gate, says=f"ข้อ {number}"), NOW + number * timedelta(seconds=1)) for number in range(6)]
    talk.now = NOW + MINUTE
    assert len(talk.say(HELLO).reply.messages) == 5
    fates = [gate.fate(id_)[0] for id_ in ids]
    assert fates == ["sent"] * 4 + ["planned"] * 2


def test_where_the_answer_is_full_nothing_rides(gate: Gate, talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    id_ = gate.due(rule(gate), NOW)
    monkeypatch.setattr("bot.rides.MESSAGES", 1)
    assert (rode(talk), gate.fate(id_)) == (0, PLANNED)


@pytest.mark.parametrize(
    "said",
    [
        "หยุดส่งข้อเสนอ", "หยุดส่งข้อความทั้งหมด", "ลบข้อมูลของฉัน", "ขอสำเนาข้อมูล", "คุยกับพนักงาน", "หายใจไม่ออก",
        "หน้าบวมหลังฉีดค่ะ", "บัตรสมาชิก", "ทำไมส่งข้อความมา", "asdf", "ตั้งค่าข้อความ", "รีวิว",
    ],
)  # fmt: skip
def test_nothing_rides_below_what_is_no_ordinary_answer(gate: Gate, talk: Talk, said: str) -> None:
    id_ = gate.due(rule(gate), NOW)
    assert (rode(talk, said), gate.fate(id_)) == (0, PLANNED)


def test_who_stops_offers_has_none_in_that_answer_nor_in_the_next(gate: Gate, talk: Talk) -> None:
    gate.agree()
    id_ = gate.due(rule(gate, OFFER), NOW)
    assert (rode(talk, "หยุดส่งข้อเสนอ"), rode(talk), gate.fate(id_)) == (0, 0, PLANNED)
    gate.pass_to(NOW)
    assert gate.fate(id_) == ("skipped", "no_consent")


def test_nothing_rides_while_people_answer(gate: Gate, talk: Talk) -> None:
    id_ = gate.due(rule(gate), NOW)
    talk.say("คุยกับพนักงาน")
    assert (rode(talk, "แต้ม"), gate.fate(id_)) == (0, PLANNED)
    assert rode(talk, "เมนู") == 1  # they have taken the conversation back


def test_nothing_rides_below_a_question_that_waits(gate: Gate, talk: Talk) -> None:
    id_ = gate.due(rule(gate), NOW)
    talk.say("งดรบกวน")
    assert talk.session.scalars(select(ConversationState.step)).one() == "quiet_hours"
    assert (rode(talk, "แต้ม"), gate.fate(id_)) == (0, PLANNED)


def test_nothing_rides_where_no_answer_can_be_given(gate: Gate, talk: Talk) -> None:
    id_ = gate.due(rule(gate), NOW)
    said = {"type": "text", "id": "1", "text": HELLO}
    talk.event("message", message=said, replyToken=None)
    talk.event("message", message=said | {"id": "2"}, mode="standby")
    assert (gate.fate(id_), deliveries(gate, id_)) == (PLANNED, [])


def test_of_somebody_else_nothing_rides(gate: Gate, talk: Talk, clinic: Clinic) -> None:
    id_ = gate.due(rule(gate), NOW)
    other = Talk(gate.session, clinic, talk.table, "U" + "d" * 32)
    meet_on_line(gate.session, clinic, other.user_id, NOW)
    other.say(HELLO)
    assert gate.fate(id_) == PLANNED


def test_nothing_rides_from_a_database_that_was_restored(gate: Gate, talk: Talk) -> None:
    """It may have been said after the backup; answers are given all the same."""
    id_ = gate.due(rule(gate), NOW)
    gate.session.add(Installation(id=1, database="another", allowed_at=NOW))
    assert (rode(talk), gate.fate(id_)) == (0, PLANNED)
    fence.lift(gate.session)
    assert rode(talk) == 1


def test_every_name_is_one_that_is_heard(table: Table) -> None:
    assert {each.name for each in table if not each.group} >= ORDINARY
