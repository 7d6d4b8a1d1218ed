"""Letting go: offers and all other messages stopped and started, the age, and what is asked for about one's data."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.listen import Outcome
from channels.line.messages import Card
from models.consents import Consent, PrivacyRequest
from models.customers import Customer
from privacy import consent
from tests.bot.test_conversation import only, words
from tests.fixtures.clinic import NOW, Talk

ASKED = "ให้ Aura Clinic ส่งข่าวสารและข้อเสนอทาง LINE ได้ไหม"
AGE = "คุณอายุ 20 ปีขึ้นไปใช่ไหมคะ"


@pytest.fixture
def member(talk: Talk) -> Talk:
    """Of age, and without a word about offers."""
    talk.tap("join")
    talk.tap("age", answer="adult")
    return talk


def offers(session: Session) -> bool:
    return consent.may_send_offers(session, only(session, Customer), "line", NOW)


def actions_of(outcome: Outcome) -> str:
    return json.dumps([one.contents for one in outcome.reply.messages if isinstance(one, Card)])


def buttons(talk: Talk, text: str) -> list[str]:
    card = talk.say(text).reply.messages[0]
    assert isinstance(card, Card)
    last = card.contents.get("contents", [card.contents])[-1]
    return [button["action"]["data"] for button in last["footer"]["contents"]]


@pytest.mark.parametrize("said", ["หยุดรับข้อเสนอ", "ไม่ต้องส่งโปรมาแล้วนะคะ", "stop offers", "unsubscribe"])
def test_offers_end_by_word(session: Session, member: Talk, said: str) -> None:
    member.tap("offers", answer="yes")
    assert offers(session)
    outcome = member.say(said)
    assert "เราจะไม่ส่งข้อเสนอ" in words(outcome)
    assert "พิมพ์ “หยุดทุกข้อความ”" in words(outcome), "what goes on, and how to stop that, also where no choices show"
    assert "หยุดทุกข้อความ" in [choice.label for choice in outcome.reply.choices]
    assert not offers(session)


def test_the_notice_shows_what_holds_and_changes_it(session: Session, member: Talk) -> None:
    assert buttons(member, "นโยบายความเป็นส่วนตัว")[:1] == ["want_offers"]
    member.tap("want_offers")
    assert offers(session)
    assert buttons(member, "privacy") == ["stop_offers", "stop_all"]
    member.tap("stop_offers")
    assert not offers(session)
    assert buttons(member, "privacy") == ["want_offers", "stop_all"]


def test_stop_all_says_first_what_it_means_and_offers_less(session: Session, member: Talk) -> None:
    member.tap("offers", answer="yes")
    assert "การเตือนนัด" in words(member.say("หยุดทุกข้อความ"))
    assert not consent.stopped(session, only(session, Customer))
    assert buttons(member, "stop all messages") == ["stop_offers", "stop_everything"]
    member.tap("stop_everything")
    assert consent.stopped(session, only(session, Customer))
    assert not offers(session)
    assert "หยุดทุกข้อความไว้แล้ว" in words(member.say("stop all"))
    assert buttons(member, "privacy") == ["write_again"]
    member.tap("write_again")
    assert not consent.stopped(session, only(session, Customer))
    assert not offers(session)


@pytest.mark.parametrize(("minutes", "stopped"), [(0, True), (1, True), (3, False)])
def test_while_people_answer_a_yes_to_our_own_question_is_heard_at_once_only(
    session: Session, member: Talk, minutes: int, stopped: bool
) -> None:
    """Later it may be the answer to something that they have asked."""
    member.say("คุยกับทีมงาน")
    assert "การเตือนนัด" in words(member.say("หยุดส่งข้อความทั้งหมด"))
    member.now += timedelta(minutes=minutes)
    member.say("ใช่ค่ะ")
    assert consent.stopped(session, only(session, Customer)) is stopped


@pytest.mark.parametrize(
    "said",
    [
        "หยุดทุกอย่าง",
        "ไม่ต้องส่งอะไรมาอีกเลยนะคะ",
        "stop everything",
        "please turn off all notifications",
        "no more messages at all",
    ],
)
@pytest.mark.parametrize("yes", ["ใช่ค่ะ", "stop everything", "Yes, stop everything"])
def test_all_messages_are_stopped_by_typing(session: Session, member: Talk, said: str, yes: str) -> None:
    member.tap("offers", answer="yes")
    assert "การเตือนนัด" in words(member.say(said))
    assert not consent.stopped(session, only(session, Customer)), "first it is said what that means"
    member.say(yes)
    assert consent.stopped(session, only(session, Customer))
    assert not offers(session)


def test_who_has_been_told_what_ends_may_leave_it_or_stop_offers_only(session: Session, member: Talk) -> None:
    member.tap("offers", answer="yes")
    member.say("หยุดทุกอย่าง")
    assert "ได้รับข้อความจากเราเหมือนเดิม" in words(member.say("ไม่"))
    assert offers(session)
    member.say("stop everything")
    member.say("stop offers only")
    assert not offers(session)
    member.say("ค่ะ ตกลง")
    assert not consent.stopped(session, only(session, Customer)), "nothing is open any more"


@pytest.mark.parametrize(
    "said",
    ["send me messages again", "ส่งข้อความหาหนูได้แล้วนะคะ", "turn the notifications back on", "กลับมาส่งข้อความได้เลยค่ะ"],
)
def test_messages_are_started_again_by_typing(session: Session, member: Talk, said: str) -> None:
    member.tap("stop_everything")
    member.say(said)
    assert not consent.stopped(session, only(session, Customer))
    assert not offers(session)


@pytest.mark.parametrize(
    "said", ["อยากรับโปรโมชั่นทางไลน์ค่ะ", "i'd like to get your offers again", "ขอรับข่าวสารโปรโมชั่นอีกครั้ง"]
)
def test_who_asks_for_offers_in_a_sentence_agrees_to_what_is_shown(session: Session, member: Talk, said: str) -> None:
    assert ASKED in words(member.say(said))
    assert not offers(session)
    member.say("ใช่ค่ะ")
    assert offers(session)


def test_a_minor_who_asks_for_offers_in_a_sentence_is_told_the_same_as_by_the_button(talk: Talk) -> None:
    talk.tap("join")
    talk.tap("age", answer="younger")
    assert words(talk.say("อยากรับโปรโมชั่นทางไลน์ค่ะ")) == words(talk.tap("want_offers"))


@pytest.mark.parametrize("said", ["ตั้งค่า", "settings", "จะเปลี่ยนการตั้งค่ายังไงคะ", "where can i change my settings"])
def test_the_settings_open_by_typing(member: Talk, said: str) -> None:
    assert words(member.say(said)) == words(member.tap("message_settings"))


def test_who_wants_offers_after_all_hears_of_us_again(session: Session, member: Talk) -> None:
    member.tap("stop_everything")
    member.tap("offers", answer="yes")  # a button of long ago
    assert offers(session)
    assert not consent.stopped(session, only(session, Customer))


def test_who_has_said_no_is_not_asked_for_180_days(session: Session, talk: Talk) -> None:
    """They stopped offers before they joined."""
    talk.say("ไม่รับข้อเสนอ")
    talk.tap("join")
    talk.now = NOW + timedelta(days=179)
    assert ASKED not in words(talk.tap("age", answer="adult"))
    talk.now = NOW + timedelta(days=181)
    assert ASKED in words(talk.tap("age", answer="adult"))


@pytest.mark.parametrize("typed", [True, False])
def test_who_wants_offers_before_the_age_is_known_is_asked_for_both(session: Session, talk: Talk, typed: bool) -> None:
    """Also who has said no to them before."""
    talk.tap("join")
    talk.tap("stop_offers")
    (question,) = talk.tap("offers", answer="yes").reply.messages
    assert isinstance(question, Card)
    assert ASKED in words(talk.say("ใช่") if typed else talk.tap("age", answer="adult", wish="line"))
    assert not offers(session)
    talk.say("ใช่")
    assert offers(session)


def test_who_is_under_age_is_sent_no_offers_and_is_a_member_all_the_same(session: Session, talk: Talk) -> None:
    said = words(talk.tap("join"))
    assert AGE in said
    assert ASKED not in said
    said = words(talk.tap("age", answer="younger"))
    assert "ต่ำกว่า 20 ปี" in said
    assert ASKED not in said
    talk.tap("offers", answer="yes")
    assert not offers(session)
    assert session.scalars(select(Consent)).all() == []
    assert "100 แต้ม" in words(talk.say("แต้ม"))
    for again in (talk.tap("age", answer="adult"), talk.tap("want_offers"), talk.say("อยากรับโปรโมชั่นทางไลน์ค่ะ")):
        assert "ตั้งแต่วันที่" in words(again), "nobody comes of age in a minute"
        assert "age?answer=adult" not in actions_of(again)
    assert not offers(session)
    talk.now = NOW + timedelta(days=181)
    assert AGE in words(talk.tap("want_offers"))
    talk.tap("age", answer="adult")
    talk.tap("want_offers")
    assert offers(session)
    talk.tap("age", answer="younger")
    assert not offers(session)


def test_who_joined_before_is_asked_the_age_first(session: Session, talk: Talk) -> None:
    talk.tap("join")
    assert AGE in words(talk.tap("want_offers"))
    assert not offers(session)


@pytest.mark.parametrize(
    ("said", "kind", "until"),
    [
        ("ขอสำเนาข้อมูลของฉัน", "copy", "5 มี.ค. 2569"),
        ("can i get a copy of my data", "copy", "5 มี.ค. 2569"),
        ("แก้ไขข้อมูลของฉัน", "correction", "5 มี.ค. 2569"),
        ("ยืนยันขอลบข้อมูล", "erasure", "4 พ.ค. 2569"),
    ],
)
def test_a_request_is_noted_with_its_deadline_once(
    session: Session, talk: Talk, said: str, kind: str, until: str
) -> None:
    assert until in words(talk.say(said))
    request = only(session, PrivacyRequest)
    assert (request.kind, request.state, request.asked_at) == (kind, "open", NOW)
    assert until in words(talk.tap({"copy": "copy_data", "correction": "correct_data"}.get(kind, "erase_data_yes")))
    assert only(session, PrivacyRequest).id == request.id


def test_erasure_says_first_what_it_takes_and_can_be_taken_back(session: Session, talk: Talk) -> None:
    assert "เรียกคืนไม่ได้" in words(talk.say("ลบข้อมูลของฉันให้หมดเลยค่ะ"))
    assert session.scalars(select(PrivacyRequest)).all() == []
    talk.tap("erase_data_yes")
    assert "4 พ.ค. 2569" in words(talk.say("ลบข้อมูล"))
    assert "ยกเลิกคำขอแล้ว" in words(talk.tap("keep_data"))
    assert only(session, PrivacyRequest).state == "withdrawn"
    assert "ยังอยู่เหมือนเดิม" in words(talk.tap("keep_data"))


@pytest.mark.parametrize("yes", ["ใช่", "ใช่ค่ะ", "ยืนยัน", "Yes", "yes please"])
def test_erasure_is_asked_for_by_a_typed_yes(session: Session, talk: Talk, yes: str) -> None:
    talk.say("ลบข้อมูล")
    assert "4 พ.ค. 2569" in words(talk.say(yes))
    assert only(session, PrivacyRequest).state == "open"
    talk.say(yes)  # once: it is no answer to anything now
    assert only(session, PrivacyRequest).state == "open"


@pytest.mark.parametrize("no", ["ไม่", "ไม่ใช่ค่ะ", "no", "No, thanks"])
def test_a_typed_no_keeps_the_data(session: Session, talk: Talk, no: str) -> None:
    talk.say("ลบข้อมูล")
    assert "ยังอยู่เหมือนเดิม" in words(talk.say(no))
    talk.say("ใช่")
    assert session.scalars(select(PrivacyRequest)).all() == []


def test_a_yes_to_somebody_else_erases_nothing(session: Session, talk: Talk) -> None:
    talk.say("ใช่")
    talk.say("ลบข้อมูล")
    talk.say("แต้ม")
    talk.say("ขอคุยกับแอดมิน")
    talk.say("ใช่")  # to the team
    assert session.scalars(select(PrivacyRequest)).all() == []
    talk.tap("help")
    talk.say("ลบข้อมูล")
    talk.now += timedelta(hours=1)
    talk.say("ใช่")
    assert session.scalars(select(PrivacyRequest)).all() == []


def test_what_is_to_be_corrected_is_left_to_people(talk: Talk) -> None:
    talk.say("แก้ไขข้อมูล")
    assert "ทีมงานจะอ่านและแก้ไขให้" in words(talk.say("ชื่อต้องเป็น มะลิ ไม่ใช่ มาลี"))
    assert "ทีมงานจะอ่านและแก้ไขให้" not in words(talk.say("แต้ม"))


@pytest.mark.parametrize(
    "said",
    [
        "ขอแก้ไขข้อมูลส่วนตัว", "ชื่อผิดค่ะ ขอแก้ไขข้อมูล", "please correct my data, my name is wrong",
        "i want to correct my personal data", "please fix my personal data", "ขอแก้ชื่อค่ะ", "อยากแก้ไขเบอร์โทร",
        "เปลี่ยนเบอร์โทร", "ขอเปลี่ยนเบอร์โทรศัพท์ค่ะ", "เปลี่ยนเบอร์โทรของฉัน", "change my phone number",
        "i want to change my phone number", "เบอร์โทรเปลี่ยนแล้วค่ะ",
    ],
)  # fmt: skip
def test_a_correction_is_asked_for_in_ones_own_words(session: Session, talk: Talk, said: str) -> None:
    assert "ต้องการแก้ไขข้อมูลส่วนไหน" in words(talk.say(said))
    assert only(session, PrivacyRequest).kind == "correction"
