"""What LINE tells once, in whatever order, and while somebody else speaks: it is done, and nothing is said."""

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.listen import Outcome
from customers import staff
from models.clinics import Clinic
from models.conversations import InboxEvent
from models.customers import Customer, LineLink
from models.loyalty import LoyaltyProfile
from tests.bot.room import GROUP, Room
from tests.fixtures.clinic import NOW, Talk, make_clinic

MESSAGES: dict[str, dict[str, Any]] = {
    "text": {"type": "text", "id": "m1", "text": "words that were taken back"},
    "location": {"type": "location", "id": "m1", "address": "an address"},
    "file": {"type": "file", "id": "m1", "fileName": "a name.pdf"},
}


@pytest.mark.parametrize("message", MESSAGES)
@pytest.mark.parametrize("order", ["unsend first", "message first", "unsend twice"])
@pytest.mark.parametrize("group", [False, True])
def test_no_text_is_kept_of_what_was_taken_back(
    session: Session, talk: Talk, message: str, order: str, group: bool
) -> None:
    talk.event("follow")
    source: dict[str, Any] = {"source": {"type": "group", "groupId": GROUP, "userId": talk.user_id}} if group else {}
    rows: list[InboxEvent] = []

    def take_back() -> None:
        assert talk.event("unsend", unsend={"messageId": "m1"}, **source).reply.silence == "unsent"

    def arrive() -> str:
        said = talk.event("message", message=MESSAGES[message], **source).reply.silence
        rows.append(talk.row)
        return said

    if order == "message first":
        arrive()
        take_back()
    else:
        take_back()
        if order == "unsend twice":
            take_back()
        assert arrive() == "unsent"
    session.refresh(rows[0])
    assert rows[0].raw is None


def test_it_is_forgotten_in_its_clinic_only(session: Session, talk: Talk) -> None:
    there = Talk(session, make_clinic(session, "other"), talk.table)
    there.event("unsend", unsend={"messageId": "m1"})
    assert talk.event("message", message=MESSAGES["text"]).reply.messages
    assert talk.row.raw is not None


@pytest.mark.parametrize("order", ["unsend first", "message first"])
@pytest.mark.parametrize("group", [False, True])
def test_nobody_takes_back_what_another_person_wrote(session: Session, talk: Talk, order: str, group: bool) -> None:
    def source(user_id: str) -> dict[str, Any]:
        where: dict[str, Any] = {"type": "group", "groupId": GROUP} if group else {"type": "user"}
        return {"source": {**where, "userId": user_id}}

    other = Talk(session, talk.clinic, talk.table, "U" + "9" * 32)
    if order == "unsend first":
        other.event("unsend", unsend={"messageId": "m1"}, **source(other.user_id))
    talk.event("message", message=MESSAGES["text"], **source(talk.user_id))
    row = talk.row
    if order == "message first":
        other.event("unsend", unsend={"messageId": "m1"}, **source(other.user_id))
    session.flush()
    session.refresh(row)
    assert row.reason != "unsent"
    assert row.raw is not None


@pytest.mark.parametrize("order", ["unsend first", "message first"])
@pytest.mark.parametrize("where", [GROUP, "C" + "7" * 32])
def test_where_line_tells_the_group_alone_it_is_taken_back_in_that_group(
    session: Session, talk: Talk, order: str, where: str
) -> None:
    bare: dict[str, Any] = {"source": {"type": "group", "groupId": where}}
    if order == "unsend first":
        talk.event("unsend", unsend={"messageId": "m1"}, **bare)
    full: dict[str, Any] = {"source": {"type": "group", "groupId": GROUP, "userId": talk.user_id}}
    talk.event("message", message=MESSAGES["text"], **full)
    row = talk.row
    if order == "message first":
        talk.event("unsend", unsend={"messageId": "m1"}, **bare)
    session.flush()
    session.refresh(row)
    assert (row.raw is None) == (where == GROUP)


def test_an_unsend_that_names_nothing_is_malformed(talk: Talk) -> None:
    assert talk.event("unsend", unsend={}).reply.silence == "malformed"


STANDBY: dict[str, Any] = {"mode": "standby", "replyToken": None}


@pytest.mark.parametrize("mode", ["standby", "activated-by-nobody"])
def test_in_standby_a_message_taken_back_is_forgotten(session: Session, talk: Talk, mode: str) -> None:
    talk.event("message", message=MESSAGES["text"], mode=mode, replyToken=None)
    row = talk.row
    assert row.raw is not None
    talk.event("unsend", unsend={"messageId": "m1"}, mode=mode, replyToken=None)
    session.refresh(row)
    assert row.raw is None


def test_in_standby_a_block_and_the_way_back_are_noted(session: Session, talk: Talk) -> None:
    assert talk.event("follow", **STANDBY).reply.silence == "standby"
    link = session.scalars(select(LineLink)).one()
    assert (link.followed_at, link.reachable, link.menu_due_at is not None) == (NOW, True, True)
    assert talk.event("unfollow", **STANDBY).reply.silence == "standby"
    assert not link.reachable
    later = NOW.replace(hour=20)
    assert talk.event("follow", at=later, **STANDBY).reply.silence == "standby"
    assert (link.reachable, link.followed_at) == (True, later)


def test_in_standby_a_group_that_is_left_is_no_longer_the_clinics(
    session: Session, clinic: Clinic, bound: Room
) -> None:
    assert bound.event("memberJoined", joined={"members": []}, **STANDBY).reply.silence == "member_joined_group"
    assert bound.event("leave", **STANDBY).reply.silence == "left_group"
    assert not staff.bound(session, clinic, GROUP)
    assert bound.event("join", **STANDBY).reply.silence == "standby"


@pytest.mark.parametrize(
    ("type_", "fields"),
    [
        ("message", {"message": {"type": "text", "id": "1", "text": "join"}}),
        ("postback", {"postback": {"data": "join"}}),
        ("message", {"message": {"type": "sticker", "id": "1"}}),
        ("beacon", {}),
    ],
)
def test_in_standby_words_are_left_to_whoever_is_speaking(
    session: Session, talk: Talk, type_: str, fields: dict[str, Any]
) -> None:
    assert talk.event(type_, **fields, **STANDBY).reply.silence == "standby"
    assert session.scalars(select(Customer)).all() == []
    assert session.scalars(select(LoyaltyProfile)).all() == []


def test_in_standby_no_group_is_bound(session: Session, clinic: Clinic, room: Room) -> None:
    code = staff.make_code(session, clinic, NOW)
    outcome = room.event("message", message={"type": "text", "id": "1", "text": f"bind {code}"}, **STANDBY)
    assert outcome.reply.silence == "standby"
    assert not staff.bound(session, clinic, GROUP)


def test_who_comes_back_is_asked_for_again(session: Session, talk: Talk) -> None:
    """LINE said 404 once: of a friend, and of one who writes after some days, it is asked again."""
    talk.event("follow")
    link = session.scalars(select(LineLink)).one()
    link.profile_due_at, link.profile_error, link.profile_asked_at = None, "refused", NOW

    def asked(outcome: Outcome) -> bool:
        del outcome
        due, link.profile_due_at = link.profile_due_at, None
        return due is not None

    assert not asked(talk.say("แต้ม"))
    talk.now = NOW.replace(day=NOW.day + 3)
    assert asked(talk.say("แต้ม"))
    assert asked(talk.event("follow", **STANDBY))
