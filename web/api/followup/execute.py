"""What is due is said at once, as the workers do by themselves."""

import time
from collections.abc import Iterator

from pydantic import Field

from followups import at_once
from web.http.operations import ClinicContext, RequestContext, Resource
from web.http.problems import Problem
from web.http.values import ResponseModel

resource = Resource("Follow-ups now", "What is due is said at once.", prefix="/api/followup")

SECONDS, MOST = 2.0, 500
"""Of one clinic; what is left waits for the next time, and the workers say it meanwhile."""
PER_MINUTE = 30


class Executed(ResponseModel):
    executed: int = Field(description="How many were done now; 0 where nothing was due")


@resource.post("/execute", scope="followup:write", answer=Executed)
def execute_followups(context: RequestContext) -> Executed:
    """Say what is due now

    The workers do so by themselves within seconds: this waits for nobody. What a gate holds back or ends is not
    counted; the executions say why. Two seconds at most, and 500 customers; 30 times a minute. Asked again, or while
    the workers are at it, nothing is said twice.
    """
    if wait := context.rates.over(f"execute:{context.clinic.id.hex}", PER_MINUTE):
        raise Problem("too_many_requests", headers={"Retry-After": str(wait)}, retryAfter=wait)
    return said_now(context)


def said_now(context: ClinicContext) -> Executed:
    steps = at_once.said(context.session, context.channels, context.clinic, context.now, MOST)
    return Executed(executed=in_time(steps))


def in_time(steps: Iterator[int]) -> int:
    """The sum of the steps that there is time for."""
    until, done = time.monotonic() + SECONDS, 0
    for each in steps:
        done += each
        if time.monotonic() > until:
            break
    return done
