"""What is settled and old goes; what somebody still has to look at stays."""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.conversations import InboxEvent
from privacy.retention import forget_conversation
from tests.fixtures.clinic import Talk


def test_old_settled_events_go_and_open_and_dead_ones_stay(session: Session, talk: Talk) -> None:
    for state in ("done", "ignored", "new", "dead"):
        talk.say("แต้ม")
        talk.row.state = state
    session.flush()
    assert forget_conversation(session, talk.clinic, talk.now + timedelta(days=29)) == 0
    assert forget_conversation(session, talk.clinic, talk.now + timedelta(days=31)) == 2
    assert set(session.scalars(select(InboxEvent.state))) == {"new", "dead"}
