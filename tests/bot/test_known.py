"""What is known with an event: whether an older answer to the same person has still to go before the next."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from bot.known import known
from models.conversations import OutgoingReply
from runtime.clock import database_now
from runtime.timing import Timing
from tests.fixtures.clinic import Talk

TIMING = Timing()
SOON = timedelta(milliseconds=500)


@pytest.mark.parametrize(
    ("attempts", "error", "lease", "behind"),
    [
        (0, None, timedelta(0), True),
        (1, None, TIMING.reply_lease - SOON, True),
        (1, None, TIMING.reply_lease - TIMING.call_patience - SOON, False),
        (1, None, -SOON, False),
        (1, "unknown 500", SOON, True),
        (2, "unknown 500", SOON, False),
    ],
    ids=["not tried", "on its way", "on its way for long", "lost", "waits to be tried again", "has failed twice"],
)
def test_the_next_answer_waits_for_one_that_will_go_soon(
    session: Session, talk: Talk, attempts: int, error: str | None, lease: timedelta, behind: bool
) -> None:
    """A worker that is killed with an answer on its way keeps the same person's next one for no longer than a call."""
    talk.say("แต้ม")
    event, now = talk.row, database_now(session)
    session.add(
        OutgoingReply(
            clinic_id=talk.clinic.id,
            clinic=talk.clinic,
            customer_id=event.customer_id,
            customer=event.customer,
            inbox_id=event.id,
            body=b"[]",
            token="t",
            recipient=talk.user_id,
            received_at=now,
            state="open",
            attempts=attempts,
            lease_until=now + lease,
            error=error,
        )
    )
    session.flush()
    assert known(session, [event], TIMING)[event.id].behind is behind
