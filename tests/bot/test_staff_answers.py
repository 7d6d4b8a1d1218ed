"""Staff quote what their group was told of a customer: the words are shown, and go once, with a yes."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.in_groups import NotYetKnown
from bot.known import known
from bot.listen import answer
from channels import outbox
from channels.line.messages import say as message
from channels.line.render import freeze, wire
from customers import meters
from models.clinics import Clinic
from models.conversations import InboxEvent, OutgoingReply, Send
from models.customers import JourneyEvent, LineLink
from models.meters import LineMeter
from models.staff import StaffAct
from models.staff_notices import StaffNotice
from privacy import requests
from runtime.clock import real
from runtime.timing import Timing
from tests.bot.quoting import ANSWER, ASK, asked, quote, say, told, words_of
from tests.bot.room import GROUP, Room
from tests.fixtures.clinic import NOW, Talk

NID = "U" + "e" * 32


@pytest.fixture
def alert(session: Session, talk: Talk, bound: Room) -> StaffNotice:
    return asked(session, talk, bound)


def act(session: Session) -> StaffAct:
    return session.scalars(select(StaffAct).where(StaffAct.kind == "answer").order_by(StaffAct.id.desc())).all()[0]


def sent(session: Session) -> int:
    return len(session.scalars(select(Send).where(Send.reason == "staff_answer")).all())


def test_the_words_are_shown_with_two_buttons_that_name_who_taps(
    session: Session, alert: StaffNotice, bound: Room
) -> None:
    said = {"type": "text", "id": "2", "text": ANSWER, "quotedMessageId": "m1"}
    (card,) = wire(bound.event("message", message=said).reply)
    assert "ส่งข้อความนี้ถึง Mali ไหมคะ" in card["altText"]
    assert f"“{ANSWER}”" in card["altText"]
    code = act(session).code
    texts = [one["action"]["text"] for one in card["contents"]["footer"]["contents"]]
    assert texts == [f"ส่ง {code}", f"ไม่ส่ง {code}"]
    assert sent(session) == 0


def test_with_a_yes_it_goes_as_a_push_with_the_products_key_and_is_told(
    session: Session, alert: StaffNotice, bound: Room
) -> None:
    quote(bound)
    said = say(bound, f"ส่ง {act(session).code}")
    assert "ส่งถึง Mali แล้วค่ะ" in said
    assert "ใช้โควตาของเดือน 1 ข้อความ" in said
    (send,) = session.scalars(select(Send).where(Send.reason == "staff_answer"))
    assert (send.customer_id, send.state, send.body) == (
        alert.customer_id, "queued", freeze(message(ANSWER)),
    )  # fmt: skip
    assert (act(session).state, act(session).send_id) == ("done", send.id)
    (fact,) = session.scalars(select(JourneyEvent).where(JourneyEvent.type == "staff_answered"))
    assert fact.data == {"by": act(session).done_by, "act": str(act(session).id), "way": "push"}


@pytest.mark.parametrize("yes", ["ส่ง", "ส่งเลย", "send"])
def test_a_typed_word_is_enough(session: Session, alert: StaffNotice, bound: Room, yes: str) -> None:
    quote(bound)
    assert "ส่งถึง Mali แล้วค่ะ" in say(bound, yes)


def test_the_words_of_other_acts_mean_it_too(session: Session, alert: StaffNotice, bound: Room) -> None:
    quote(bound)
    assert "ส่งถึง Mali แล้วค่ะ" in say(bound, f"ยืนยัน {act(session).code}")
    quote(bound)
    assert "ไม่ส่งแล้วค่ะ" in say(bound, "ยกเลิก")
    assert sent(session) == 1


@pytest.mark.parametrize("no", ["ไม่", "ไม่ส่ง", "no"])
def test_with_a_no_nothing_goes(session: Session, alert: StaffNotice, bound: Room, no: str) -> None:
    quote(bound)
    assert "ไม่ส่งแล้วค่ะ" in say(bound, no)
    assert "เลือกไม่ส่ง" in say(bound, f"ส่ง {act(session).code}")
    assert sent(session) == 0


@pytest.mark.parametrize("talked", ["ส่ง", "ไม่", "ไม่เห็นบิลเลย", "ส่งของถึงแล้วนะ", "no idea"])
def test_such_words_are_talk_where_nothing_waits(bound: Room, talked: str) -> None:
    assert say(bound, talked) == "group_talk"


def test_who_taps_twice_sends_it_once(session: Session, alert: StaffNotice, bound: Room) -> None:
    quote(bound)
    code = act(session).code
    say(bound, f"ส่ง {code}")
    assert "ส่งไปแล้วค่ะ" in say(bound, f"ส่ง {code}")
    assert sent(session) == 1


def test_an_edit_is_another_quote_and_a_colleagues_answer_is_said(
    session: Session, alert: StaffNotice, bound: Room
) -> None:
    quote(bound)
    say(bound, "ไม่")
    assert "บ่ายสาม" in quote(bound, "บ่ายสามว่างค่ะ")
    say(bound, "ส่ง")
    assert "ตอบไปแล้วเมื่อ 11:30" in quote(bound, "ขอบคุณค่ะ")
    assert sent(session) == 1


def test_what_waits_longer_than_ten_minutes_waits_no_more(session: Session, alert: StaffNotice, bound: Room) -> None:
    quote(bound)
    code = act(session).code
    bound.talk.now = NOW + timedelta(minutes=11)
    assert "รอเกิน 10 นาที" in say(bound, f"ส่ง {code}")
    bound.talk.now = NOW + timedelta(days=700)
    assert f"ไม่มีรายการที่รอคำตอบด้วยรหัส {code}" in say(bound, f"ส่ง {code}")
    assert sent(session) == 0


def test_who_may_not_act_changes_nothing_and_is_told_why(session: Session, alert: StaffNotice, bound: Room) -> None:
    stranger = bound.of(NID)
    assert "เฉพาะคนที่ผู้จัดการอนุญาตแล้ว" in quote(stranger)
    assert session.scalars(select(StaffAct).where(StaffAct.kind == "answer")).all() == []
    quote(bound)
    assert "เฉพาะคนที่ผู้จัดการอนุญาตแล้ว" in say(stranger, f"ส่ง {act(session).code}")
    assert "เฉพาะคนที่ผู้จัดการอนุญาตแล้ว" in say(stranger, f"ให้บอทตอบต่อ {alert.code}")
    assert sent(session) == 0


def test_only_what_this_group_was_told_is_answered_by_quoting(
    session: Session, clinic: Clinic, alert: StaffNotice, bound: Room
) -> None:
    assert quote(bound, message_id="another") == "group_talk"
    elsewhere = Room(session, clinic, bound.talk.table, "C" + "2" * 32)
    assert quote(elsewhere) == "group_not_bound"


@pytest.mark.parametrize("pushed", [False, True], ids=["ridden", "pushed"])
def test_a_quote_that_is_quicker_than_the_alerts_id_waits_for_it_once(
    session: Session, talk: Talk, bound: Room, pushed: bool
) -> None:
    """The inbox tries it again after two seconds; what is not known by then is another message."""
    talk.tap("join")
    talk.say(ASK)
    bound.write("คำสั่ง")
    notice = session.scalars(select(StaffNotice)).one()
    if pushed:
        clinic, channel = bound.talk.clinic, bound.talk.channels["line"]
        send = outbox.write(session, channel, clinic, None, GROUP, freeze(message("an alert")), "staff_notice")
        session.flush()
        send.created_at, notice.send_id, notice.inbox_id = NOW, send.id, None
    with pytest.raises(NotYetKnown):
        quote(bound)
    row = session.scalars(select(InboxEvent).order_by(InboxEvent.arrival.desc())).first()
    assert row is not None
    row.attempts = 1
    loaded = known(session, [row], Timing())[row.id]
    outcome = answer(session, bound.talk.table, row, loaded, NOW, bound.talk.picture, bound.talk.channels)
    assert outcome.reply.silence == "group_talk"
    told(session, bound)
    assert "ส่งข้อความนี้ถึง" in quote(bound)
    bound.talk.now += timedelta(minutes=2)
    notice.message_id = None
    assert quote(bound) == "group_talk"  # LINE's answer was lost: nothing is waited for any more


def test_to_a_colleague_by_name_it_is_talk(session: Session, alert: StaffNotice, bound: Room) -> None:
    mention = {"mentionees": [{"type": "user", "userId": NID, "index": 0, "length": 4}]}
    assert quote(bound, "@Nid ตอบที", mention=mention) == "group_talk"


@pytest.mark.parametrize("kind", ["sticker", "image"])
def test_only_text_goes(session: Session, alert: StaffNotice, bound: Room, kind: str) -> None:
    said = {"type": kind, "id": "2", "packageId": "446", "stickerId": "1988", "quotedMessageId": "m1"}
    assert "เฉพาะข้อความ" in words_of(bound.event("message", message=said).reply)


def test_a_thousand_characters_go_and_no_more(session: Session, alert: StaffNotice, bound: Room) -> None:
    assert "ยาวเกินไป" in quote(bound, "ก" * 1001)
    assert "ก" * 100 in quote(bound, "ก" * 1000)
    assert "ส่งถึง Mali" in say(bound, "ส่ง")


def test_words_that_were_taken_back_do_not_go(session: Session, alert: StaffNotice, bound: Room) -> None:
    quote(bound, id="taken")
    bound.event("unsend", unsend={"messageId": "taken"})
    assert "ถูกยกเลิกไปแล้ว" in say(bound, "ส่ง")
    assert sent(session) == 0


def test_who_has_blocked_the_clinic_is_not_written_to(
    session: Session, talk: Talk, alert: StaffNotice, bound: Room
) -> None:
    quote(bound)
    talk.now = NOW + timedelta(minutes=1)
    talk.event("unfollow")
    assert "Mali บล็อก LINE ของคลินิกไว้" in say(bound, "ส่ง")
    assert "Mali บล็อก LINE ของคลินิกไว้" in quote(bound)
    assert (sent(session), act(session).reason) == (0, "blocked")


def test_with_the_months_messages_used_up_it_is_said(
    session: Session, clinic: Clinic, alert: StaffNotice, bound: Room
) -> None:
    month = meters.month_of(clinic, NOW)
    meter = session.get_one(LineMeter, clinic.id)
    meter.month, meter.allowed, meter.used, meter.read_at = month, 500, 500, NOW
    quote(bound)
    assert "โควตาข้อความของเดือนนี้หมดแล้ว" in say(bound, "ส่ง")
    assert (sent(session), act(session).reason) == (0, "quota")


def test_within_a_minute_of_the_customers_words_it_is_their_answer_and_free_once(
    session: Session, talk: Talk, alert: StaffNotice, bound: Room
) -> None:
    talk.say("พรุ่งนี้บ่ายว่างไหมคะ")
    talk.row.state, talk.row.received_at = "ignored", real()
    quote(bound)
    assert "ไม่เสียโควตา" in say(bound, "ส่ง")
    (reply,) = session.scalars(select(OutgoingReply))
    assert (reply.inbox_id, reply.attempts, reply.state, reply.body) == (
        talk.row.id,
        0,
        "open",
        freeze(message(ANSWER)),
    )
    quote(bound, "มาได้เลยค่ะ")
    assert "ใช้โควตา" in say(bound, "ส่ง")
    assert (sent(session), len(session.scalars(select(OutgoingReply)).all())) == (1, 1)


def test_a_message_about_several_customers_asks_of_each_and_goes_to_one(
    session: Session, alert: StaffNotice, talks: Callable[[str], Talk], bound: Room
) -> None:
    ken = talks("U" + "c" * 32)
    ken.tap("join")
    ken.row.customer.display_name = "Ken"  # type: ignore[union-attr]
    ken.say(ASK)
    told(session, bound)
    said = quote(bound)
    assert "ถึง Mali ไหมคะ" in said
    assert "ถึง Ken ไหมคะ" in said
    said = say(bound, "ส่ง")
    assert said.startswith("ส่งถึงใครคะ"), "a bare yes names neither"
    assert "ถึง Ken ไหมคะ" in said
    assert sent(session) == 0
    asked = {one.customer_id: one for one in session.scalars(select(StaffAct).where(StaffAct.kind == "answer"))}
    assert "ส่งถึง Mali" in say(bound, f"ส่ง {asked[alert.customer_id].code}")
    (other,) = [one for one in asked.values() if one.customer_id != alert.customer_id]
    assert other.state == "declined"
    assert "ส่งถึงลูกค้าคนอื่นไปแล้ว" in say(bound, f"ส่ง {other.code}")
    assert sent(session) == 1


def test_what_is_about_nobody_is_said_to_be(session: Session, alert: StaffNotice, bound: Room) -> None:
    alert.customer_id = None
    session.flush()
    assert "จึงยังไม่ได้ส่งอะไร" in quote(bound)


def test_a_request_about_ones_data_is_answered_the_same_way(session: Session, mali: LineLink, bound: Room) -> None:
    mali.customer.display_name = "Mali"
    requests.ask(session, mali.customer, "correction", NOW)
    told(session, bound)
    assert "ถึง Mali ไหมคะ" in quote(bound)
    assert "ส่งถึง Mali" in say(bound, "ส่ง")


def test_an_answer_is_no_act_to_be_undone(session: Session, alert: StaffNotice, bound: Room) -> None:
    quote(bound)
    say(bound, "ส่ง")
    code = act(session).code
    assert "ข้อความที่ส่งถึงลูกค้าแล้วเรียกคืนไม่ได้" in say(bound, f"เลิกทำ {code}")
    assert act(session).state == "done"


def test_the_day_counts_them(session: Session, alert: StaffNotice, bound: Room) -> None:
    quote(bound)
    say(bound, "ส่ง")
    assert "ตอบลูกค้า 1" in say(bound, "วันนี้")
