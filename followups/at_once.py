"""What is due is said within a request, beside the workers: by the same door, and in the request's own transaction."""

from collections.abc import Iterator
from datetime import datetime

import structlog
from sqlalchemy.orm import Session

from channels import fence
from channels.base import Channels
from followups import dispatch, due
from models.clinics import Clinic

log = structlog.get_logger(__name__)


def said(session: Session, channels: Channels, clinic: Clinic, now: datetime) -> Iterator[int]:
    """A customer a step, those in a worker's hand passed over: how many executions were given to a channel.

    Nobody, where a restored database may not send yet (`channels/fence.py`). What raises is undone and put off by
    itself; the caller commits the rest.
    """
    if fence.stands(session):
        log.error("fenced")
        return
    while batch := due.of(session, clinic.id, now, most=1):
        theirs = [one for each in batch for one in each]
        ids = [one.id for one in theirs]
        try:
            with session.begin_nested():
                dispatch.say(session, channels, batch, now)
        except Exception as error:
            log.error("follow-ups not said", executions=len(ids), exc_info=error)
            dispatch.postpone(session, clinic.id, ids, error, now)
            session.flush()
            yield 0
        else:
            yield sum(one.status == "sent" for one in theirs)
