"""The staff's LINE group: bound by a code once, and then a place to use customers' codes."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from bot.routes import Table
from customers import cards, staff
from loyalty import redemptions, rewards
from models.access import StaffGroup
from models.clinics import Clinic
from models.customers import Customer, LineLink
from models.rewards import Redemption
from runtime import codes
from runtime.settings import Settings
from tests.bot.room import GROUP, PLOY, Room
from tests.fixtures.clinic import NOW, Talk, make_clinic
from tests.fixtures.rewards import enrich, make_reward


def halved(mark: str) -> Callable[[str], str]:
    return lambda code: f"{code[:4]}{mark}{code[4:]}"


HALVED = [halved(mark) for mark in ("–", ".", "_", "・", "/", " - ", "：")]


@pytest.fixture
def redemption(session: Session, clinic: Clinic, mali: LineLink) -> Redemption:
    """Mali has redeemed a mask for 800 points."""
    mali.customer.display_name = "คุณMali Srisuk"
    enrich(session, mali.customer, 1_000)
    return rewards.redeem(session, mali.customer, make_reward(session, clinic).id, NOW)


@pytest.mark.parametrize("form", ["bind {}", "ผูกกลุ่ม {}", "ผูกกลุ่ม{}", "  BIND   {} ", "Bind: {}"])
@pytest.mark.parametrize("shown", [str, str.lower, codes.spaced, *HALVED])
def test_a_code_binds_the_group_it_is_sent_in(
    session: Session, clinic: Clinic, room: Room, form: str, shown: Any
) -> None:
    code = staff.make_code(session, clinic, NOW)
    assert "เชื่อมกลุ่มนี้กับ Aura Clinic แล้วค่ะ" in room.hears(form.format(shown(code)))
    group = session.scalars(select(StaffGroup)).one()
    assert (group.group_id, group.bound_at, group.code_hash, group.code_expires_at) == (GROUP, NOW, None, None)


def test_the_code_is_kept_as_a_hash_and_binds_one_group(
    session: Session, clinic: Clinic, table: Table, room: Room
) -> None:
    code = staff.make_code(session, clinic, NOW)
    row = session.scalars(select(StaffGroup)).one()
    assert code.encode() not in (row.code_hash or b"")
    room.write(f"bind {code}")
    other = Room(session, clinic, table, "C" + "2" * 32)
    assert "โค้ดนี้ใช้ไม่ได้ค่ะ" in other.hears(f"bind {code}")
    assert not staff.bound(session, clinic, "C" + "2" * 32)
    assert "เชื่อมกับ Aura Clinic อยู่แล้วค่ะ" in room.hears(f"bind {code}")


def test_a_binding_code_lives_a_day(session: Session, clinic: Clinic, room: Room) -> None:
    code = staff.make_code(session, clinic, NOW)
    room.talk.now = NOW + timedelta(hours=24)
    assert "โค้ดนี้ใช้ไม่ได้ค่ะ" in room.hears(f"bind {code}")
    staff.make_code(session, clinic, room.talk.now)
    assert len(session.scalars(select(StaffGroup)).all()) == 1  # the old one is forgotten


def test_another_clinics_code_binds_nothing_here(session: Session, room: Room) -> None:
    code = staff.make_code(session, make_clinic(session, "other"), NOW)
    assert "โค้ดนี้ใช้ไม่ได้ค่ะ" in room.hears(f"bind {code}")


def test_a_code_is_used_in_the_group_and_by_whom_is_kept(
    session: Session, clinic: Clinic, bound: Room, redemption: Redemption
) -> None:
    said = bound.hears(f" {codes.spaced(redemption.code).lower()} ")
    for part in ("ใช้โค้ดแล้ว", "รางวัล mask", '"Mali"', '"800"', codes.spaced(redemption.code)):
        assert part in said
    assert "Srisuk" not in said
    index = session.info["vault"].index(clinic.id, "line", PLOY)
    assert (redemption.state, redemption.settled_at, redemption.settled_by) == ("used", NOW, f"staff:{index.hex()}")


def test_the_same_code_again_says_when_it_was_used(bound: Room, redemption: Redemption) -> None:
    bound.write(redemption.code)
    bound.talk.now = NOW + timedelta(days=1)
    assert "ถูกใช้ไปแล้วค่ะ เมื่อ 3 ก.พ. 2569 เวลา 11:30 น." in bound.hears(redemption.code)
    assert redemption.settled_at == NOW


def test_a_cancelled_an_expired_and_an_unknown_code_say_so(
    session: Session, clinic: Clinic, bound: Room, redemption: Redemption
) -> None:
    unknown = "AAAA2222" if redemption.code != "AAAA2222" else "AAAA3333"
    assert "ไม่พบโค้ด AAAA" in bound.hears(unknown)
    bound.talk.now = redemption.expires_at
    assert "หมดอายุแล้วค่ะ ใช้ได้ถึง 5 มี.ค. 2569" in bound.hears(redemption.code)
    redemptions.cancel(session, redemption, NOW, actor="customer")
    assert "ถูกยกเลิกเมื่อ 3 ก.พ. 2569 เวลา 11:30 น." in bound.hears(redemption.code)


@pytest.mark.parametrize("text", ["สวัสดีค่ะ", "payments", "0812345678", "bind", "bind them", "binder 22", "แต้ม", "join"])
def test_people_may_talk_in_their_group(session: Session, bound: Room, text: str) -> None:
    assert bound.hears(text) == "group_talk"
    assert session.scalars(select(Customer)).all() == []


@pytest.mark.parametrize(
    ("type_", "fields", "reason"),
    [
        ("message", {"message": {"type": "sticker", "id": "1"}}, "not_for_groups"),
        ("postback", {"postback": {"data": "join"}}, "not_for_groups"),
        ("postback", {"postback": {"data": "redemptions?before=x"}}, "not_for_groups"),
        ("memberJoined", {"joined": {"members": []}}, "member_joined_group"),
        ("leave", {}, "left_group"),
    ],
)
def test_everything_else_in_a_group_is_silence_with_its_reason(
    bound: Room, type_: str, fields: dict[str, Any], reason: str
) -> None:
    assert bound.event(type_, **fields).reply.silence == reason


def test_an_unbound_group_uses_nothing_and_learns_how_to_be_bound(room: Room, redemption: Redemption) -> None:
    """Whether it is a code of the clinic's is not told: what only looks like one is answered alike."""
    for text in (redemption.code, "AAAA2222", f"ลูกค้าใช้ {redemption.code} ค่ะ", f"{cards.new_number()} 3500"):
        assert "ผูกกลุ่ม โค้ด" in room.hears(text)
    assert redemption.state == "issued"


def test_another_clinics_group_uses_nothing(session: Session, table: Table, redemption: Redemption) -> None:
    theirs = Room(session, make_clinic(session, "other", "Nobody"), table)
    assert "ผูกกลุ่ม โค้ด" in theirs.hears(redemption.code)
    theirs.write(f"bind {staff.make_code(session, theirs.talk.clinic, NOW)}")
    assert "ไม่พบโค้ด" in theirs.hears(redemption.code)
    assert redemption.state == "issued"


def test_a_chat_of_two_uses_and_binds_nothing(
    session: Session, clinic: Clinic, talk: Talk, redemption: Redemption
) -> None:
    code = staff.make_code(session, clinic, NOW)
    talk.say(redemption.code)
    said = talk.say(f"bind {code}").reply.messages[0]
    assert "กลุ่ม LINE ของทีมงาน" in str(said)
    assert redemption.state == "issued"
    assert session.scalars(select(StaffGroup)).one().bound_at is None


def test_a_group_the_account_was_taken_out_of_is_no_longer_the_clinics(bound: Room, redemption: Redemption) -> None:
    bound.event("leave")
    bound.event("join")
    assert "ผูกกลุ่ม โค้ด" in bound.hears(redemption.code)
    assert redemption.state == "issued"


def test_line_does_not_always_tell_who_wrote_and_then_nothing_is_done(bound: Room, redemption: Redemption) -> None:
    bound.source = {"type": "group", "groupId": GROUP}
    for text in (redemption.code, f"ใช้ {redemption.code}", f"{redemption.code} ได้ไหม"):
        assert "LINE ไม่ได้แจ้งว่าใคร" in bound.hears(text)
    assert redemption.state == "issued"


def own(text: str, name: str = "@Aura Clinic", nth: int = 0) -> dict[str, Any]:
    """How LINE marks the account's name in a text: by UTF-16 units."""
    before = name.join(text.split(name)[: nth + 1])
    index, length = (len(part.encode("utf-16-le")) // 2 for part in (before, name))
    return {"index": index, "length": length, "type": "user", "userId": "U" + "b" * 32, "isSelf": True}


@pytest.mark.parametrize(
    "form", ["@Aura Clinic {}", "{} @Aura Clinic", "@Aura Clinic{}", "@Aura Clinic {} @Aura Clinic", "@Aura Clinic\n{}"]
)
def test_a_code_written_to_the_account_by_its_name_is_used(bound: Room, redemption: Redemption, form: str) -> None:
    text = form.format(codes.spaced(redemption.code))
    marks = [own(text, nth=nth) for nth in range(text.count("@"))]
    assert "ใช้โค้ดแล้ว" in bound.hears(text, *marks)
    assert redemption.state == "used"


def test_a_group_is_bound_by_name(session: Session, clinic: Clinic, room: Room) -> None:
    text = f"@🌸 ออร่า ผูกกลุ่ม {staff.make_code(session, clinic, NOW)}"
    assert "เชื่อมกลุ่มนี้กับ Aura Clinic แล้วค่ะ" in room.hears(text, own(text, "@🌸 ออร่า"))


def test_what_is_said_to_somebody_else_is_asked_about_and_not_done(bound: Room, redemption: Redemption) -> None:
    text = f"@Aura Clinic {redemption.code}"
    assert "เลยไหมคะ" in bound.hears(text, own(text) | {"isSelf": False})
    assert redemption.state == "issued"
    assert bound.hears("@Ploy สวัสดีค่ะ", own("@Ploy สวัสดีค่ะ", "@Ploy") | {"isSelf": False}) == "group_talk"


@pytest.mark.parametrize(
    "sentence",
    [
        "ลูกค้าใช้โค้ด {} ค่ะ",
        "ใช้โค้ด{}ค่ะ",
        "please use {}, thank you",
        "สวัสดีค่ะ {}",
        "✨{}✨",
        "(รหัส: {})",
    ],
)
@pytest.mark.parametrize("shown", [str, str.lower, codes.spaced, *HALVED])
def test_a_code_in_a_sentence_is_used(bound: Room, redemption: Redemption, sentence: str, shown: Any) -> None:
    assert "ใช้โค้ดแล้ว" in bound.hears(sentence.format(shown(redemption.code)))
    assert redemption.state == "used"


@pytest.mark.parametrize(
    "sentence",
    """
    ใช้ {} | ใช้โค้ด {} ค่ะ | {} ใช้เลยค่ะ | ลูกค้าใช้ {} ค่ะ
    ขอใช้สิทธิ์ {} ค่ะ | ลูกค้าแลกรางวัล {} ครับผม | แลก {} ให้หน่อยค่ะ
    ช่วยใช้ {} ด้วยนะคะ 🙏 | รบกวนใช้โค้ด{}ให้หน่อยครับ ขอบคุณค่ะ | ลูกค้ามาใช้{}ค่ะ
    รับสิทธิ์ {} จ้า | ใช้คูปอง {} นะคะ ❤️
    use {} please | please use code {} now | redeem {} | Apply {}, thanks | customer uses {} | Hello, {}
    {} 👍🏽 | {}!!!
    use {} for the customer | {} pls | {} ขอบคุณมากค่ะ | โค้ด {} | Code: {} | {} | {}... | {} {}
    """.replace("\n", "|").split("|")[1:-1],
)
def test_what_says_nothing_but_to_use_a_code_uses_it(bound: Room, redemption: Redemption, sentence: str) -> None:
    assert "ใช้โค้ดแล้ว" in bound.hears(sentence.replace("{}", redemption.code))
    assert redemption.state == "used"


ASKED = [
    sentence.strip()
    for sentence in """
    อย่าเพิ่งใช้ {} นะคะ | {} ใช้ได้ไหมคะ | don't use {} yet | {}?
    ยกเลิก {} ให้หน่อยค่ะ | {} ลูกค้าขอเลื่อน | เลื่อน {} ไปอาทิตย์หน้า
    โค้ดลูกค้า {} ค่ะ เก็บไว้ก่อน | ลูกค้าถามว่า {} ใช้ได้ถึงเมื่อไหร่ | {} ลูกค้าเปลี่ยนใจ
    คืนแต้ม {} | {} ผิดคน | ลูกค้าส่ง {} มาผิด
    {} หมดอายุแล้ว | เช็ค {} ให้หน่อย | ใครรู้จัก {} บ้าง | {} จองไว้วันศุกร์ | {} มีปัญหา
    wrong code: {} | {} is expired | hold {}
    refund {} | please void {} | {} already used yesterday | what is {} | check {} | {} test
    {} 👎 | อย่าใช้ {} | ยังไม่ใช้ {}
    ใช้ {} ได้ไหม | ใช้ {} พรุ่งนี้ | do not use {} | don’t use {} | ใช้ {} ไปแล้ว
    {} ใช้แล้ว | {} ใช้ไม่ได้ | ห้ามใช้ {} | งดใช้ {}
    เลิกใช้ {} | ใช้ {} ผิด | ใช้ {} ทำไม | ใช้ {} เหรอ | ใช้ {} ปะ | ใช้ {}？ | ใช้ {} ⁇ | {} ❌
    🚫 {} | ใช้ {} 🤔 | {} ✋ | {} ⏳
    ลูกค้าจะใช้ {} | ลูกค้าเคยใช้ {} | ลูกค้าไม่ได้ใช้ {} | ใคร ใช้ {} | ใช้ {} ตอนเย็น
    ใช้ {} หรือยัง | ลองใช้ {} | รอใช้ {}
    use {}? | use {} tomorrow | used {} | {} used | never use {} | not {} | no {}
    use {} or not | who uses {} | stop using {}
    reuse {} | misuse {} | unused {} | can customer use {} | customer may use {}
    use {} on Friday | {} for Ploy | {} x | {} ok
    {} คุณมะลิ | Mask 2pcs, code {} | ลูกค้า {} | รางวัล {} | {} = mask | {} → | ¿{} | {} 0
    ไม่ใช่ {} | ใช่ {} | {} ใช้ได้เลย
    """.replace("\n", "|").split("|")
    if sentence.strip()
]


@pytest.mark.parametrize("sentence", ASKED)
def test_a_code_with_any_other_word_is_asked_about(bound: Room, redemption: Redemption, sentence: str) -> None:
    text = sentence.format(redemption.code)
    for part in (codes.spaced(redemption.code), "รางวัล mask", "Mali"):
        assert part in bound.hears(text)
    (said,) = bound.buttons(text)
    assert redemption.settled_at is None
    assert "ใช้โค้ดแล้ว" in bound.hears(said)
    assert (redemption.settled_by or "").startswith("staff:")
    assert "ถูกใช้ไปแล้วค่ะ" in bound.hears(said)


@pytest.mark.parametrize("sentence", ["ยกเลิก {}", "ไม่ใช่ {}", "{} คืออะไรคะ", "check {}", "@Ploy {}"])
def test_of_a_used_code_nobody_is_asked_whether_to_use_it(bound: Room, redemption: Redemption, sentence: str) -> None:
    bound.write(redemption.code)
    reply = bound.write(sentence.format(redemption.code)).reply
    assert "ถูกใช้ไปแล้วค่ะ เมื่อ 3 ก.พ. 2569 เวลา 11:30 น." in str(reply.messages)
    assert reply.choices == ()


def test_a_button_that_comes_late_or_was_forged_is_harmless(bound: Room, redemption: Redemption) -> None:
    assert "ไม่พบโค้ด" in str(bound.tap("use_code?code=%27%20or%201").reply.messages)
    bound.talk.now = redemption.expires_at
    assert "หมดอายุแล้วค่ะ" in str(bound.tap(f"use_code?code={redemption.code}").reply.messages)


def test_several_codes_are_sent_one_at_a_time(
    session: Session, clinic: Clinic, mali: LineLink, bound: Room, redemption: Redemption
) -> None:
    enrich(session, mali.customer, 1_000)
    other = rewards.redeem(session, mali.customer, make_reward(session, clinic, "other").id, NOW)
    said = bound.hears(f"{redemption.code} และ {other.code}")
    assert codes.spaced(redemption.code) in said
    assert codes.spaced(other.code) in said
    assert {redemption.state, other.state} == {"issued"}


def test_a_used_and_an_unknown_code_in_a_sentence_are_answered(bound: Room, redemption: Redemption) -> None:
    unknown = "AAAA2222" if redemption.code != "AAAA2222" else "AAAA3333"
    assert "ไม่พบโค้ด AAAA" in bound.hears(f"ลูกค้าใช้ {unknown} ค่ะ")
    bound.write(redemption.code)
    assert "ถูกใช้ไปแล้วค่ะ" in bound.hears(f"ลูกค้าใช้ {redemption.code} ค่ะ")


@pytest.mark.parametrize("text", ["ลูกค้าซื้อ mask 2pcs ค่ะ", "ห้อง B2 ว่าง", "โทร 081-234-5678", "reception"])
def test_what_only_looks_like_a_code_is_talk(bound: Room, text: str) -> None:
    assert bound.hears(text) == "group_talk"


@pytest.mark.parametrize("sentence", ["สวัสดีค่ะ ขอผูกกลุ่ม {} ด้วยค่ะ", "please bind {} thanks", "โค้ด bind {} ให้แล้ว"])
@pytest.mark.parametrize("shown", [str, str.lower, codes.spaced, *HALVED])
def test_a_binding_code_in_a_sentence_binds(
    session: Session, clinic: Clinic, room: Room, sentence: str, shown: Any
) -> None:
    code = staff.make_code(session, clinic, NOW)
    assert "เชื่อมกลุ่มนี้กับ Aura Clinic แล้วค่ะ" in room.hears(sentence.format(shown(code)))


@pytest.mark.parametrize("said", ["bind {}", "ผูกกลุ่ม {}", "BIND {} please", "ช่วย bind {} ให้ด้วย", "bind"])
@pytest.mark.parametrize("shown", [str, codes.spaced, *HALVED])
def test_a_binding_code_in_a_chat_of_two_is_told_where_it_belongs(
    session: Session, clinic: Clinic, talk: Talk, said: str, shown: Any
) -> None:
    talk.event("follow")
    code = staff.make_code(session, clinic, NOW)
    assert "กลุ่ม LINE ของทีมงาน" in str(talk.say(said.format(shown(code))).reply.messages)
    assert session.scalars(select(StaffGroup)).one().bound_at is None


def test_talk_stays_unanswered_before_the_group_is_bound(room: Room) -> None:
    for text in ("bind", "bind them", "สวัสดีค่ะ"):
        assert room.hears(text) == "group_not_bound"


def test_the_command_prints_a_code_that_binds(
    settings: Settings, make_app: Any, sessions: sessionmaker[Session], table: Table
) -> None:
    with sessions.begin() as session:
        make_clinic(session)
    app: Flask = make_app(settings)
    result = app.test_cli_runner().invoke(args=["groups", "code", "aura"])
    assert result.exit_code == 0, result.output
    with sessions() as session:
        clinic = session.scalars(select(Clinic)).one()
        room = Room(session, clinic, table)
        room.talk.now = session.scalars(select(StaffGroup.created_at)).one()
        assert "Aura Clinic แล้วค่ะ" in room.hears(result.output.strip().splitlines()[-1])
    unknown = app.test_cli_runner().invoke(args=["groups", "code", "nowhere"])
    assert unknown.exit_code == 1
    assert "There is no clinic 'nowhere'" in unknown.output
