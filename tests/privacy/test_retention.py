"""What is settled and old goes; what somebody still has to look at stays."""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.conversations import InboxEvent, Send
from models.loyalty import Notification
from tests.fixtures.clinic import Talk
from tests.fixtures.retention import forget


def test_old_settled_events_go_and_open_and_dead_ones_stay(session: Session, talk: Talk) -> None:
    for state in ("done", "ignored", "new", "dead"):
        talk.say("แต้ม")
        talk.row.state = state
    session.flush()
    assert forget(session, talk.clinic, talk.now + timedelta(days=29)) == 0
    assert forget(session, talk.clinic, talk.now + timedelta(days=31)) == 2
    assert set(session.scalars(select(InboxEvent.state))) == {"new", "dead"}


def test_a_send_that_carried_a_notification_goes_and_the_notification_stays(session: Session, talk: Talk) -> None:
    talk.say("แต้ม")
    who = talk.row.customer
    assert who is not None
    send = Send(
        clinic_id=talk.clinic.id,
        clinic=talk.clinic,
        customer_id=who.id,
        customer=who,
        channel="line",
        recipient="U" + "a" * 32,
        body=b"[]",
        reason="notification",
        state="sent",
        due_at=talk.now,
        created_at=talk.now,
    )
    session.add(send)
    session.flush()
    told = Notification(
        clinic_id=talk.clinic.id,
        customer_id=who.id,
        kind="points_earned",
        purpose="transactional",
        data={"points": 1},
        due_at=talk.now,
        state="sent",
        send_id=send.id,
        created_at=talk.now,
    )
    session.add(told)
    session.flush()
    forget(session, talk.clinic, talk.now + timedelta(days=31))
    session.refresh(told)
    assert (told.state, told.send_id) == ("sent", None)
    assert session.scalars(select(Send)).all() == []
