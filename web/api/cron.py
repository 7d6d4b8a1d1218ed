"""For an outer scheduler: what is due is done now. Nothing needs it: the workers and their calendar do the same."""

from collections.abc import Iterator

import structlog

from loyalty import expiry
from runtime.database import lost
from runtime.work import Batch
from web.api.followup.execute import Executed, in_time, said_now
from web.http.operations import ClinicContext, Resource

cron = Resource(
    "For a scheduler",
    "What is due is done now: with an API key in the key's clinic, with `Authorization: Bearer` and the server's "
    "`CRON_SECRET` in all. No scheduler is needed: the workers do the same by themselves.",
    prefix="/api/cron",
)

AT_ONCE = 100
"""Profiles of one batch."""

log = structlog.get_logger(__name__)


@cron.everywhere("/process-followups", scope="cron", answer=Executed)
def process_followups(context: ClinicContext) -> Executed:
    """Say what is due now

    As `/api/followup/execute`. Two seconds a clinic at most, five in all; what is left waits for the next time.
    """
    return said_now(context)


@cron.everywhere("/expire-points", scope="cron", answer=Executed)
def expire_points(context: ClinicContext) -> Executed:
    """Post the points that have expired, and those that have matured

    How many customers had some. The calendar does it each night; asked again, nothing is posted twice. Whoever is being
    served just then is left to the next time.
    """
    return Executed(executed=in_time(_posted(context)))


def _posted(context: ClinicContext) -> Iterator[int]:
    """A batch that raises is halved until it is one customer, who is passed over: the calendar books them."""
    size, batch = AT_ONCE, Batch(AT_ONCE)
    while True:
        done = 0
        try:
            with context.session.begin_nested():
                done = expiry.post_due(context.session, context.clinic, context.now, batch)
        except Exception as error:
            if lost(error) or not batch.ids:
                raise
            if len(batch.ids) > 1:
                size, batch = len(batch.ids) // 2, Batch(len(batch.ids) // 2, after=batch.after)
                continue
            log.error("points not posted", row=str(*batch.ids), exc_info=error)
        if not batch.ids:
            return
        yield done
        batch = Batch(size, after=batch.last)


RESOURCES = (cron,)
SCOPES = {"cron": "Have done what is due, as a scheduler does"}
