"""Mali has asked for somebody, and the staff's group quotes what it was told of her."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from channels.line.messages import Reply
from channels.line.render import wire
from models.customers import Customer
from models.staff_notices import StaffNotice
from tests.bot.room import Room
from tests.bot.test_conversation import only
from tests.fixtures.clinic import Talk

ASK = "ขอคุยกับเจ้าหน้าที่หน่อยค่ะ"
ANSWER = "พรุ่งนี้บ่ายสองว่างค่ะคุณมะลิ"


def told(session: Session, bound: Room, message_id: str = "m1") -> None:
    """What waits for the group rides in an answer there, which LINE then knows by this id."""
    bound.write("คำสั่ง")
    for notice in session.scalars(select(StaffNotice).where(StaffNotice.message_id.is_(None))):
        notice.message_id = message_id
    session.flush()


def asked(session: Session, talk: Talk, bound: Room) -> StaffNotice:
    """Mali, a member, has asked for somebody, and the group has read it."""
    talk.tap("join")
    customer = only(session, Customer)
    customer.display_name = "Mali Srisuk"
    talk.say(ASK)
    told(session, bound)
    return session.scalars(select(StaffNotice)).one()


def quote(room: Room, text: str = ANSWER, message_id: str = "m1", **message: Any) -> str:
    said = {"type": "text", "id": "2", "text": text, "quotedMessageId": message_id} | message
    reply = room.event("message", message=said).reply
    return reply.silence or words_of(reply)


def words_of(reply: Reply) -> str:
    return "\n".join(str(one.get("altText", one.get("text"))) for one in wire(reply))


def say(room: Room, text: str) -> str:
    reply = room.write(text).reply
    return reply.silence or words_of(reply)
