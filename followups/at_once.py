"""What is due is said within a request, beside the workers: by the same door, and in the request's own transaction."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from uuid import UUID

import structlog
from sqlalchemy.orm import Session

from channels import fence
from channels.base import Channels
from followups import dispatch, due
from models.clinics import Clinic
from models.followups import FollowupExecution
from runtime.database import lost

STEP = 50
"""Executions by which the customers of a step are found: what is said in a tenth of a second."""

log = structlog.get_logger(__name__)


def said(session: Session, channels: Channels, clinic: Clinic, now: datetime, most: int) -> Iterator[int]:
    """Some customers a step, `most` in all, those in a worker's hand passed over: how many executions were given to a
    channel.

    Nobody, where a restored database may not send yet (`channels/fence.py`). What raises is undone and put off by
    itself; the caller commits the rest.
    """
    if fence.stands(session):
        log.error("fenced")
        return
    while most > 0 and (batch := due.of(session, clinic.id, now, most=min(STEP, most))):
        most -= len(batch)
        yield _said(session, channels, clinic.id, batch, now)


def _said(
    session: Session, channels: Channels, clinic_id: UUID, batch: Sequence[Sequence[FollowupExecution]], now: datetime
) -> int:
    """Of what breaks it nothing remains, and the batch is halved until that customer is found."""
    ids = [one.id for theirs in batch for one in theirs]
    customers = [theirs[0].customer_id for theirs in batch]
    try:
        with session.begin_nested():
            dispatch.say(session, channels, batch, now)
    except Exception as error:
        if lost(error):
            raise
        if len(batch) == 1:
            log.error("follow-ups not said", executions=len(ids), exc_info=error)
            dispatch.postpone(session, clinic_id, ids, error, now)
            session.flush()
            return 0
        halves = customers[: len(customers) // 2], customers[len(customers) // 2 :]
        again = (due.of(session, clinic_id, now, most=len(ids), those=half) for half in halves)
        return sum(_said(session, channels, clinic_id, half, now) for half in again)
    return sum(one.status == "sent" for theirs in batch for one in theirs)
