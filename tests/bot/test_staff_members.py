"""Being in the group is not being staff: who may act is allowed by a manager, by name and time, and can be ended."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.routes import Table
from customers import memberships, staff, staff_members
from loyalty import rewards
from models.access import StaffGroup
from models.clinics import Clinic
from models.customers import LineLink
from models.rewards import Redemption
from models.staff import StaffMember
from tests.bot.room import GROUP, NID, PLOY, Room
from tests.fixtures.clinic import NOW
from tests.fixtures.rewards import enrich, make_reward


@pytest.fixture
def redemption(session: Session, clinic: Clinic, mali: LineLink) -> Redemption:
    enrich(session, mali.customer, 1_000)
    return rewards.redeem(session, mali.customer, make_reward(session, clinic).id, NOW)


@pytest.fixture
def nid(bound: Room) -> Room:
    """Somebody in the group whom nobody has allowed."""
    return bound.of(NID)


def members(session: Session) -> dict[str, StaffMember]:
    """Who is known, by their LINE id; who has left has none."""
    return {str(one.user_id): one for one in session.scalars(select(StaffMember)).all()}


def named(text: str, user_id: str | None = NID) -> dict[str, Any]:
    """How LINE marks another's name at the end of a text; it may leave out who that is."""
    index = len(text[: text.index("@")].encode("utf-16-le")) // 2
    mention: dict[str, Any] = {"index": index, "length": len(text) - text.index("@"), "type": "user"}
    return mention | ({"userId": user_id} if user_id else {})


def test_who_sends_the_binding_code_is_the_manager_and_hears_what_is_kept(
    session: Session, clinic: Clinic, room: Room
) -> None:
    said = room.hears(f"bind {staff.make_code(session, clinic, NOW)}")
    assert "คุณเป็นผู้จัดการของกลุ่มนี้" in said
    assert "ข้อมูลของทีมงานที่เราเก็บคือชื่อใน LINE หน้าที่ และใครทำอะไรเมื่อไร" in said
    ploy = members(session)[PLOY]
    index = session.info["vault"].index(clinic.id, "line", PLOY).hex()
    assert (ploy.role, ploy.allowed_by, ploy.allowed_at, ploy.code) == ("manager", f"staff:{index}", NOW, None)
    assert ploy.ask_due_at is not None  # for the name


def test_a_code_whose_sender_line_does_not_tell_makes_nobody_manager(
    session: Session, clinic: Clinic, room: Room
) -> None:
    room.source = {"type": "group", "groupId": GROUP}
    assert "LINE ไม่ได้แจ้งว่าใครส่งโค้ด" in room.hears(f"bind {staff.make_code(session, clinic, NOW)}")
    assert session.scalars(select(StaffMember)).all() == []
    ploy = room.of(PLOY)
    assert "ยังไม่มีผู้จัดการ" in ploy.hears("AAAA2222")
    assert "ตอนนี้คุณเป็นผู้จัดการ" in ploy.hears(f"bind {staff.make_code(session, clinic, NOW)}")
    assert members(session)[PLOY].role == "manager"
    assert len(session.scalars(select(StaffGroup)).all()) == 1  # the second code is used up


def test_a_stranger_in_the_group_changes_nothing_and_is_told_what_to_do(
    session: Session, nid: Room, redemption: Redemption
) -> None:
    for text in (redemption.code, f"ใช้ {redemption.code}", f"{redemption.code} ได้ไหม"):
        said = nid.hears(text)
        assert "ทำได้เฉพาะคนที่ผู้จัดการอนุญาตแล้ว" in said
        assert str(members(session)[NID].code) in said
    assert redemption.state == "issued"
    assert members(session)[NID].role == "unknown"


def test_the_button_of_the_refusal_allows_when_a_manager_taps_it(
    session: Session, bound: Room, nid: Room, redemption: Redemption
) -> None:
    (words,) = nid.buttons(redemption.code)
    assert words == f"อนุญาต {members(session)[NID].code}"
    assert "ทำได้เฉพาะคนที่ผู้จัดการอนุญาตแล้ว" in nid.hears(words)  # not by themselves
    assert members(session)[NID].role == "unknown"
    bound.talk.now = NOW + timedelta(minutes=1)
    assert "บันทึกการชำระเงิน การมาใช้บริการ และใช้โค้ดในกลุ่มนี้ได้แล้วค่ะ" in bound.hears(words)
    ploy, member = (members(session)[one] for one in (PLOY, NID))
    assert (member.role, member.allowed_by, member.code) == ("staff", staff_members.actor(ploy), None)
    assert member.allowed_at == bound.talk.now
    nid.write(redemption.code)
    assert (redemption.state, redemption.settled_by) == ("used", staff_members.actor(member))


@pytest.mark.parametrize("text", ["อนุญาต @นิด", "อนุญาต@นิด", "Allow @นิด", "@Aura อนุญาต @นิด"])
def test_a_manager_allows_by_mention(session: Session, bound: Room, text: str) -> None:
    marks = [named(text.replace("@Aura", "_Aura"))]
    if text.startswith("@Aura"):
        marks.append({"index": 0, "length": 5, "type": "user", "isSelf": True, "userId": "U" + "b" * 32})
    assert "ได้แล้วค่ะ" in bound.hears(text, *marks)
    assert members(session)[NID].role == "staff"


@pytest.mark.parametrize("text", ["อนุญาต นิด", "อนุญาต @นิด", "allow NID", "อนุญาต นิด ใจดี"])
def test_a_manager_allows_by_a_name_that_was_typed(session: Session, bound: Room, nid: Room, text: str) -> None:
    nid.write("AAAA2222")
    members(session)[NID].name = "Nid" if "NID" in text else "นิด ใจดี"
    mentions = [named(text, None)] if "@" in text else []  # LINE does not tell of everybody who is mentioned
    assert "ได้แล้วค่ะ" in bound.hears(text, *mentions)
    assert members(session)[NID].role == "staff"


def test_somebody_whose_profile_line_does_not_give_is_allowed_by_the_code(
    session: Session, bound: Room, nid: Room, redemption: Redemption
) -> None:
    """LINE tells of who joins, not what they are called, and may refuse to say."""
    joined = {"members": [{"type": "user", "userId": NID}]}
    assert bound.event("memberJoined", joined=joined).reply.silence == "member_joined_group"
    (words,) = nid.buttons(redemption.code)
    memberships.refused(session, members(session)[NID], "403", NOW, absent=False)
    assert members(session)[NID].name is None
    assert "ได้แล้วค่ะ" in bound.hears(words)
    nid.write(redemption.code)
    assert redemption.state == "used"
    assert "LINE" in bound.hears("ทีมงาน")


def test_a_name_that_two_have_or_nobody_has_allows_nobody(session: Session, bound: Room) -> None:
    for user_id in (NID, "U" + "f" * 32):
        bound.of(user_id).write("AAAA2222")
        members(session)[user_id].name = "นิด"
    assert "มีหลายคนชื่อนี้" in bound.hears("อนุญาต นิด")
    assert "ไม่พบคนชื่อนี้" in bound.hears("อนุญาต โหน่ง")
    assert {one.role for one in members(session).values()} == {"manager", "unknown"}


def test_staff_who_are_no_managers_allow_nobody(session: Session, bound: Room, nid: Room) -> None:
    bound.write("อนุญาต @นิด", named("อนุญาต @นิด"))
    other = "U" + "f" * 32
    assert "ทำได้เฉพาะผู้จัดการของกลุ่ม" in nid.hears("อนุญาต @โอ", named("อนุญาต @โอ", other))
    assert members(session)[other].role == "unknown"
    assert nid.hears("อนุญาตให้ลาได้ค่ะ") == "group_talk"


def test_another_manager_is_made_and_the_last_one_stays(session: Session, bound: Room, nid: Room) -> None:
    assert "ตั้งคนอื่นก่อน" in bound.hears("ถอดสิทธิ์ @พลอย", named("ถอดสิทธิ์ @พลอย", PLOY))
    assert "เป็นผู้จัดการของกลุ่ม" in bound.hears("ตั้งผู้จัดการ @นิด", named("ตั้งผู้จัดการ @นิด"))
    assert "ทำรายการในกลุ่มนี้ไม่ได้แล้ว" in nid.hears("ถอดสิทธิ์ @พลอย", named("ถอดสิทธิ์ @พลอย", PLOY))
    gone = session.scalars(select(StaffMember).where(StaffMember.ended_why == "removed")).one()
    assert (gone.role, gone.ended_by) == ("manager", staff_members.actor(members(session)[NID]))


def leaves(room: Room) -> None:
    room.of(PLOY).event("memberLeft", left={"members": [{"type": "user", "userId": NID}]}, replyToken=None)


def removed(room: Room) -> None:
    room.write("ถอดสิทธิ์ @นิด", named("ถอดสิทธิ์ @นิด"))


@pytest.mark.parametrize(("ends", "why"), [(leaves, "left"), (removed, "removed")])
def test_a_member_who_left_or_was_removed_can_do_nothing_from_that_moment(
    session: Session, bound: Room, nid: Room, redemption: Redemption, ends: Callable[[Room], None], why: str
) -> None:
    bound.write("อนุญาต @นิด", named("อนุญาต @นิด"))
    ends(bound)
    gone = session.scalars(select(StaffMember).where(StaffMember.ended_at.is_not(None))).one()
    assert (gone.ended_why, gone.ended_at, gone.user_id, gone.ask_due_at) == (why, NOW, None, None)
    assert "ทำได้เฉพาะคนที่ผู้จัดการอนุญาตแล้ว" in nid.hears(redemption.code)  # also after coming back
    assert redemption.state == "issued"


def test_when_the_account_leaves_nobody_is_staff_there_any_more(
    session: Session, clinic: Clinic, table: Table, bound: Room
) -> None:
    bound.event("leave")
    gone = session.scalars(select(StaffMember)).one()
    assert (gone.ended_why, gone.user_id) == ("group_left", None)
    again = Room(session, clinic, table, user_id=NID)
    again.write(f"bind {staff.make_code(session, clinic, NOW)}")
    assert {one.role for one in members(session).values() if one.ended_at is None} == {"manager"}
    assert "ทำได้เฉพาะคนที่ผู้จัดการอนุญาตแล้ว" in again.of(PLOY).hears("AAAA2222")


def test_the_team_is_listed_by_name_and_role(session: Session, bound: Room, nid: Room) -> None:
    nid.write("AAAA2222")
    members(session)[PLOY].name, members(session)[NID].name = "พลอย", "นิด"
    said = bound.hears("ทีมงาน")
    for part in ("พลอย", "ผู้จัดการ", "นิด", "ยังไม่ได้อนุญาต"):
        assert part in said
    assert "ยังไม่มีอะไรเปลี่ยน" in nid.hears("ทีมงาน")
