"""What is answered, event by event, in one transaction each. The same through real processes: tests/stories."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.listen import Outcome
from channels.line.flex import check
from channels.line.messages import Card, Text
from channels.line.render import wire
from loyalty import points
from models.clinics import Clinic
from models.consents import Consent, Notice
from models.conversations import ConversationState, InboxEvent
from models.customers import Customer, JourneyEvent, LineLink
from models.loyalty import LoyaltyProfile, PointTransaction
from tests.fixtures.clinic import NOW, Talk, make_clinic
from tests.fixtures.menus import looked_at, menu_of


def words(outcome: Outcome) -> str:
    """Everything the answer says; each message also within LINE's limits."""
    for message in wire(outcome.reply) if outcome.reply.messages else []:
        check(message)
    return " / ".join(
        message.alt if isinstance(message, Card) else str(getattr(message, "text", "")) for message in outcome.reply
    )


def only(session: Session, table: type[Any]) -> Any:
    return session.scalars(select(table)).one()


def count(session: Session, table: type[Any]) -> int:
    return session.scalar(select(func.count()).select_from(table)) or 0


def test_following_greets_and_offers_membership(session: Session, talk: Talk) -> None:
    outcome = talk.event("follow")
    assert "ยินดีต้อนรับสู่ Aura Clinic" in words(outcome)
    link = only(session, LineLink)
    assert (menu_of(session, link), link.user_id, link.heard_at) == ("guest-th", talk.user_id, NOW)
    assert link.profile_due_at is not None
    assert count(session, LoyaltyProfile) == 0


def test_joining_gives_the_welcome_points_and_asks_about_offers_by_itself(session: Session, talk: Talk) -> None:
    talk.event("follow")
    looked_at(session, only(session, LineLink))
    said = words(talk.tap("join"))
    assert "ยินดีต้อนรับสมาชิกใหม่" in said
    assert "คุณอายุ 20 ปีขึ้นไปใช่ไหมคะ" in said
    assert "ข้อเสนอ" not in said
    assert "ให้ Aura Clinic ส่งข่าวสารและข้อเสนอทาง LINE ได้ไหม" in words(talk.tap("age", answer="adult"))
    assert only(session, LoyaltyProfile).available_points == 100
    assert only(session, Notice).language == "th"
    assert count(session, Consent) == 0  # membership asks none
    assert menu_of(session, only(session, LineLink)) == "bronze-th"


def test_joining_twice_joins_once(session: Session, talk: Talk) -> None:
    talk.tap("join")
    assert "คุณเป็นสมาชิกอยู่แล้ว" in words(talk.tap("join"))
    assert only(session, LoyaltyProfile).total_points == 100
    assert count(session, PointTransaction) == 1


@pytest.mark.parametrize(("answer", "granted"), [("yes", True), ("no", False)])
def test_the_marketing_answer_is_kept_with_what_was_asked(
    session: Session, talk: Talk, answer: str, granted: bool
) -> None:
    talk.tap("join")
    talk.tap("age", answer="adult")
    talk.tap("offers", answer=answer)
    talk.tap("offers", answer=answer)
    consent = only(session, Consent)
    assert (consent.granted, consent.purpose, consent.channel) == (granted, "marketing", "line")
    assert len(consent.text_hash) == 64


def test_a_changed_mind_is_a_new_line(session: Session, talk: Talk) -> None:
    talk.tap("join")
    talk.tap("age", answer="adult")
    talk.tap("offers", answer="yes")
    talk.tap("offers", answer="no")
    assert count(session, Consent) == 2


def test_points_of_a_guest_are_an_offer_to_join(talk: Talk) -> None:
    said = words(talk.say("แต้มค่ะ"))
    assert said.startswith("คุณยังไม่ได้เป็นสมาชิก")
    assert "ยินดีต้อนรับสู่ Aura Clinic" in said


def test_points_of_a_member(session: Session, talk: Talk) -> None:
    talk.tap("join")
    customer = only(session, Customer)
    looked_at(session, only(session, LineLink))
    points.award_points(session, customer, 1_150, "HydraFacial", now=NOW, source="treatment")
    assert "คุณมี 1,250 แต้ม ให้ใช้ ระดับสมาชิก ซิลเวอร์" in words(talk.say("แต้ม"))
    assert menu_of(session, only(session, LineLink)) == "silver-th"


def test_history_is_paged_to_its_end(session: Session, talk: Talk) -> None:
    talk.tap("join")
    customer = only(session, Customer)
    for number in range(20):
        points.award_points(session, customer, number + 1, f"visit {number}", now=NOW + timedelta(hours=number))
    seen: list[str] = []
    outcome = talk.say("ประวัติ")
    while True:
        card = outcome.reply.messages[0]
        assert isinstance(card, Card)
        words(outcome)
        seen += [row["contents"][0]["contents"][0]["text"] for row in card.contents["body"]["contents"][1:]]
        (ways,) = card.contents["footer"]["contents"]
        buttons = [button["action"]["data"] for button in ways["contents"]]
        if not buttons[0].startswith("history?"):
            break
        outcome = talk.event("postback", postback={"data": buttons[0]})
    assert seen == [f"visit {number}" for number in reversed(range(20))] + ["แต้มต้อนรับ"]


def test_history_of_somebody_else_is_no_place_to_continue(
    session: Session, talk: Talk, talks: Callable[[str], Talk]
) -> None:
    talk.tap("join")
    theirs = only(session, PointTransaction).id
    other = talks("U" + "c" * 32)
    other.tap("join")
    card = other.tap("history", before=theirs).reply.messages[0]
    assert isinstance(card, Card)
    assert len(card.contents["body"]["contents"]) == 2  # the title, and the one line of their own


def test_tiers_say_what_is_missing(talk: Talk) -> None:
    talk.tap("join")
    card = talk.say("ระดับ").reply.messages[0]
    assert isinstance(card, Card)
    assert "อีก 900 แต้ม" in str(card.contents)


def test_the_language_changes_at_once_and_the_menu_follows(session: Session, talk: Talk) -> None:
    talk.event("follow")
    looked_at(session, only(session, LineLink))
    assert "From now on we speak English." in words(talk.tap("language", to="en"))
    assert menu_of(session, only(session, LineLink)) == "guest-en"
    assert "How can we help?" in words(talk.say("help"))
    assert "ภาษาไทย" in words(talk.say("ภาษาไทย"))


def test_a_male_persona_speaks_as_one(session: Session, talk: Talk) -> None:
    talk.clinic.own_settings = {"voice": {"persona": "male"}}
    talk.tap("join")
    assert "คุณเป็นสมาชิกอยู่แล้วครับ" in words(talk.tap("join"))


def test_an_unknown_text_is_answered_once_in_twelve_hours(talk: Talk) -> None:
    talk.event("follow")
    assert "ทีมงานจะเข้ามาอ่าน" in words(talk.say("หมออยู่ไหมวันนี้"))
    assert talk.say("อีกเรื่องหนึ่งนะ").reply.silence == "unknown_answered_before"
    talk.say("แต้ม")
    assert talk.say("blah").reply.silence == "unknown_answered_before"
    talk.now += timedelta(hours=12)
    assert words(talk.say("อีกเรื่องหนึ่ง"))


@pytest.mark.parametrize("kind", ["image", "video", "file", "audio", "sticker", "location"])
def test_what_is_no_text_is_answered_like_an_unknown_one(talk: Talk, kind: str) -> None:
    talk.event("follow")
    assert "ทีมงานจะเข้ามาอ่าน" in words(talk.event("message", message={"type": kind, "id": "1"}))


@pytest.mark.parametrize("action", ["points", "help", "clinic", "notice", "languages", "cancel"])
def test_what_is_tapped_in_between_brings_the_unknown_answer_no_sooner(talk: Talk, action: str) -> None:
    talk.tap("join")
    assert "ทีมงานจะเข้ามาอ่าน" in words(talk.say("blah"))
    for kind in ("image", "video", "file", "sticker"):
        assert talk.tap(action).reply.messages
        again = talk.event("message", message={"type": kind, "id": "1"})
        assert again.reply.silence == "unknown_answered_before"
    talk.say("ขอดูแต้ม")
    talk.now += timedelta(hours=11, minutes=59)
    assert talk.say("อีกเรื่องหนึ่งนะ").reply.silence == "unknown_answered_before"
    talk.now += timedelta(minutes=1)
    assert "ทีมงานจะเข้ามาอ่าน" in words(talk.say("อีกเรื่องหนึ่งนะ"))


@pytest.mark.parametrize(
    ("sentence", "said"),
    [
        ("อยากรู้ว่าเหลือแต้มเท่าไหร่คะ", "คุณมี 100 แต้ม"),
        ("ขอดูแต้ม และ ของรางวัลค่ะ", "คุณมี 100 แต้ม"),
        ("หวัดดีจ้าาา", "มีอะไรให้ช่วยไหมคะ"),
        ("ขอบคุณที่ช่วยนะคะ", "ยินดีค่ะ"),
        ("เปลี่ยนภาษายังไงคะ", "In which language shall we speak?"),
        ("ไม่ต้องส่งโปรมาแล้วนะคะ", "เราจะไม่ส่งข้อเสนอ"),
        ("can i check the level of the pool", "หมายถึงข้อไหนคะ"),
    ],
)
def test_a_sentence_is_answered_by_what_it_is_about(talk: Talk, sentence: str, said: str) -> None:
    talk.event("follow")
    talk.tap("join")
    assert said in words(talk.say(sentence))


def test_a_question_about_a_treatment_is_left_to_people(talk: Talk) -> None:
    talk.event("follow")
    assert "ทีมแพทย์ของเราจะเป็นผู้ตอบ" in words(talk.say("หลังทำเลเซอร์โดนแดดได้มั้ยคะ"))


def test_the_first_contact_of_an_old_friend_is_answered_and_greeted(session: Session, talk: Talk) -> None:
    said = words(talk.say("ระดับ"))
    assert said.startswith("ระดับสมาชิกของเรา")
    assert "ยินดีต้อนรับสู่ Aura Clinic" in said
    assert menu_of(session, only(session, LineLink)) == "guest-th"


@pytest.mark.parametrize("data", ["redeem?reward=1", "history?before=not-an-id", "\u0000", "points?x=1"])
def test_old_and_forged_buttons_are_answered(talk: Talk, data: str) -> None:
    assert "ปุ่มนี้เก่าแล้ว" in words(talk.event("postback", postback={"data": data}))


def test_a_block_closes_the_link_and_leaves_consent(session: Session, talk: Talk) -> None:
    talk.tap("join")
    talk.tap("age", answer="adult")
    talk.tap("offers", answer="yes")
    talk.event("unfollow", at=NOW + timedelta(minutes=1))
    link = only(session, LineLink)
    link.linked_menu = "richmenu-1"
    looked_at(session, link)
    assert not link.reachable
    assert only(session, Consent).granted
    talk.event("follow", at=NOW + timedelta(minutes=2))
    assert link.reachable
    assert menu_of(session, link) == "bronze-th"
    assert link.linked_menu is None


def test_a_follow_that_arrives_after_a_later_block_changes_nothing(session: Session, talk: Talk) -> None:
    talk.event("follow", at=NOW)
    talk.event("unfollow", at=NOW + timedelta(minutes=5))
    outcome = talk.event("follow", at=NOW + timedelta(minutes=3))
    assert outcome.reply.silence == "older_than_known"
    assert not only(session, LineLink).reachable


def test_an_unsent_message_is_forgotten(session: Session, talk: Talk) -> None:
    talk.event("message", message={"type": "text", "id": "m1", "text": "ความลับ"})
    stored = talk.row
    assert stored.raw is not None
    talk.event("unsend", unsend={"messageId": "m1"})
    session.refresh(stored)
    assert stored.raw is None


def test_events_of_a_customer_are_under_their_own_key(session: Session, talk: Talk) -> None:
    talk.say("สวัสดี")
    customer = only(session, Customer)
    event = only(session, InboxEvent)
    assert event.raw is not None
    customer.data_key = None
    assert event.raw is None
    assert customer.display_name is None


def test_cancel_leaves_an_open_question(session: Session, talk: Talk) -> None:
    talk.event("follow")
    state = ConversationState(clinic_id=talk.clinic.id, user_index=only(session, LineLink).user_index, data={})
    session.merge(state)
    held = only(session, ConversationState)
    held.step, held.expires_at = "comment", NOW + timedelta(minutes=5)
    assert "ยกเลิกให้แล้ว" in words(talk.say("ยกเลิก"))
    assert held.step is None
    assert "ไม่มีรายการให้ยกเลิก" in words(talk.say("cancel"))


def test_groups_are_not_customers(session: Session, talk: Talk) -> None:
    group = {"type": "group", "groupId": "C1", "userId": talk.user_id}
    assert "ยังไม่ได้เชื่อม" in words(talk.event("join", source=group))
    assert talk.event("message", source=group, message={"type": "text", "text": "แต้ม"}).reply.silence
    assert count(session, Customer) == 0


def test_two_clinics_know_one_person_apart(session: Session, talk: Talk) -> None:
    """Nobody's clinic: the same LINE id there is another customer, who sees nothing of the first."""
    talk.tap("join")
    elsewhere: Clinic = make_clinic(session, slug="nobody", name="Nobody")
    there = Talk(session, elsewhere, talk.table, talk.user_id)
    assert "ยินดีต้อนรับสู่ Nobody" in words(there.say("แต้ม"))
    assert count(session, Customer) == 2
    assert count(session, LoyaltyProfile) == 1


def test_a_silent_answer_says_why(talk: Talk) -> None:
    talk.event("follow")
    assert talk.event("beacon", beacon={}).reply.silence == "unanswered_event_type"


def test_plain_texts_are_texts(talk: Talk) -> None:
    talk.event("follow")
    assert isinstance(talk.tap("later").reply.messages[0], Text)


def test_what_happened_is_on_the_journey(session: Session, talk: Talk) -> None:
    talk.event("follow")
    talk.tap("join")
    talk.event("unfollow", at=NOW + timedelta(minutes=1))
    types = session.scalars(select(JourneyEvent.type).order_by(JourneyEvent.id)).all()
    assert types == ["line_followed", "joined", "line_unfollowed"]
