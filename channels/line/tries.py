"""What becomes of the tries of an answer: how each ended, and how that is kept, of many in one statement."""

from collections.abc import Sequence
from dataclasses import astuple, dataclass
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from sqlalchemy import Engine, text

from channels.base import ChannelError
from channels.calls import NOT_TRIED, Landed
from channels.line.client import Access
from channels.line.errors import LineError
from models.conversations import ReplyState
from runtime.database import direct, in_words
from runtime.logs import place
from runtime.timing import Timing

_RECORD = in_words(
    text(
        """
        WITH recorded AS (
            UPDATE replies
            SET state = became.state, attempts = became.attempts, error = coalesce(became.error, replies.error),
                request_id = coalesce(became.request_id, replies.request_id),
                lease_until = CASE became.state WHEN 'open' THEN statement_timestamp() + became.wait
                              ELSE became.lease END
            FROM unnest(CAST(:ids AS uuid[]), CAST(:clinics AS uuid[]), CAST(:leases AS timestamptz[]),
                        CAST(:states AS text[]), CAST(:attempts AS int[]), CAST(:errors AS text[]),
                        CAST(:request_ids AS text[]), CAST(:waits AS interval[]))
                 AS became (id, clinic_id, lease, state, attempts, error, request_id, wait)
            WHERE replies.id = became.id AND replies.clinic_id = became.clinic_id
              AND replies.state = 'open' AND replies.lease_until = became.lease
              -- A row that somebody holds is left to its lease: waiting for it, all the others would be lost to theirs.
              AND replies.id IN (SELECT id FROM replies WHERE id = ANY(CAST(:ids AS uuid[])) FOR UPDATE SKIP LOCKED)
              -- Losing this record costs one repeated call that LINE refuses, so it need not wait for the disk.
              AND set_config('synchronous_commit', 'off', true) = 'off'
        )
        -- What waited behind these, or for room; these themselves are seen here as they were, leased.
        SELECT EXISTS (SELECT FROM replies WHERE state = 'open' AND lease_until <= statement_timestamp())
        """
    )
)

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class PreparedReply:
    """An answer as it goes out, opened while its row was at hand; token and body are None once they were erased."""

    key: tuple[UUID, UUID]
    shared: bool
    """It is said in a group."""
    attempts: int
    lease: datetime
    access: Access
    token: str | None
    body: bytes | None


@dataclass(frozen=True)
class Fate:
    """What a try leaves in the row; an `open` one is due again after `wait`."""

    state: ReplyState
    attempts: int
    error: str | None
    request_id: str | None
    wait: timedelta


_COLUMNS = ("ids", "clinics", "leases", "states", "attempts", "errors", "request_ids", "waits")


def outcome(landed: Landed[PreparedReply], timing: Timing) -> Fate:
    """What a try leaves in the row. While the breaker is open nobody's wait grows."""
    attempts, error = landed.claim.attempts, landed.error
    if error is not None:
        _tell(landed.claim, error)
    wait = landed.pause(timing.reply_backoff, attempts)
    if error is None:
        return Fate("sent", attempts, None, landed.answer.request_id, wait)
    if not isinstance(error, ChannelError):
        return Fate("open", attempts, place(error), None, wait)
    said = None if error is NOT_TRIED else str(error)
    if isinstance(error, LineError) and error.fault == "token" and attempts > 1:
        # The token was spent, and only we have it: an earlier try of unknown outcome arrived.
        return Fate("sent", attempts, said, error.request_id, wait)
    if error.permanent:
        return Fate("failed", attempts, said, error.request_id, wait)
    # LINE was not reached, or said "not now": such a try does not count, so the answer may still go as a push.
    return Fate("open", attempts if error.outcome_unknown else attempts - 1, said, error.request_id, wait)


def record(engine: Engine, fates: Sequence[tuple[PreparedReply, Fate]]) -> bool:
    """Of those whose lease still stands and which nobody holds. Whether others are open, and due."""
    rows = [(*reply.key, reply.lease, *astuple(fate)) for reply, fate in fates]
    values = dict(zip(_COLUMNS, map(list, zip(*rows, strict=True)), strict=True))
    with direct(engine) as connection:
        found = connection.execute(_RECORD, values, prepare=True).fetchone()
    return bool(found and found[0])


def _tell(reply: PreparedReply, error: Exception) -> None:
    if isinstance(error, ChannelError):
        log.warning("reply not accepted", reply=str(reply.key[0]), error=str(error), request_id=error.request_id)
    else:
        log.error("reply broke", reply=str(reply.key[0]), exc_info=error)
