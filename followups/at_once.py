"""What is due is said within a request, beside the workers: by the same door, and in the request's own transaction."""

from collections.abc import Iterator
from datetime import datetime

import structlog
from sqlalchemy.orm import Session

from channels.base import Channels
from followups import dispatch
from models.clinics import Clinic

log = structlog.get_logger(__name__)


def said(session: Session, channels: Channels, clinic: Clinic, now: datetime) -> Iterator[int]:
    """A customer a step, those in a worker's hand passed over: how many executions were given to a channel.

    What raises is undone and put off by itself; the caller commits the rest.
    """
    while due := dispatch.due_of(session, clinic.id, now):
        ids = [one.id for one in due]
        try:
            with session.begin_nested():
                dispatch.say(session, channels, due, now)
        except Exception as error:
            log.error("follow-ups not said", executions=len(ids), exc_info=error)
            dispatch.postpone(session, clinic.id, ids, error, now)
            session.flush()
            yield 0
        else:
            yield sum(one.status == "sent" for one in due)
