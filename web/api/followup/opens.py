"""How many people have seen what a rule has said in LINE, and followed a link of it: never who."""

from datetime import timedelta
from typing import Annotated

from pydantic import Field

from channels.base import ChannelError, Seen
from followups import opens
from followups.opens import Month
from web.api.followup.rules import Rule, named
from web.http.operations import RequestContext, Resource
from web.http.problems import Problem
from web.http.values import RequestModel, ResponseModel

resource = Resource(
    "Follow-up opens", "How many people have seen what a rule has said in LINE, as LINE counts them.",
    prefix="/api/followup",
)  # fmt: skip

AGAIN = timedelta(minutes=1)


class Wanted(RequestModel):
    months: Annotated[
        int, Field(ge=1, le=12, description="The last so many months, this one among them; LINE is asked once for each")
    ] = 2


class Opened(ResponseModel):
    month: str = Field(description="Of the clinic's zone", examples=["2026-11"])
    unit: str = Field(description="Under which name LINE counts (`customAggregationUnits`); deliveries have it too")
    sent: int = Field(description="How many pushes have gone under it, each to one person")
    opened: int | None = Field(description="How many people have seen some of it; null: fewer than 20")
    clicked: int | None = Field(description="How many people have opened an address in it; null: fewer than 20")
    not_enough_data: bool = Field(description="Fewer than 20 people have seen it: LINE tells nothing of them")


class Opens(ResponseModel):
    items: list[Opened] = Field(description="The newest month first; none of a month in which nothing has gone")


@resource.get("/rules/<id>/opens", scope="followup:read", answer=Opens, refusals=("unknown_rule", "line_not_asked"))
def list_opens(context: RequestContext, path: Rule, query: Wanted) -> Opens:
    """How many have seen what it has said in LINE?

    Month by month, as LINE tells it now: its figures are of yesterday, and grow for 14 days after a push. LINE counts
    phones, not computers. Where several follow-ups travelled in one push it is counted for the one of the highest
    priority, and not here for the others.
    """
    rule = named(context, path)
    asked = context.session, context.channels, context.clinic
    found = opens.months(*asked, rule, context.now, query.months)
    try:
        seen = opens.seen(*asked, found)
    except ChannelError as error:
        seconds = round((error.retry_after or AGAIN).total_seconds())
        raise Problem(
            "line_not_asked", f"What came of it: {error}.", headers={"Retry-After": str(seconds)}, retryAfter=seconds
        ) from error
    return Opens(items=[_shown(month, of_it) for month, of_it in zip(found, seen, strict=True)])


def _shown(one: Month, seen: Seen) -> Opened:
    return Opened(
        month=f"{one.month:%Y-%m}",
        unit=one.unit,
        sent=one.sent,
        opened=seen.opened,
        clicked=seen.clicked,
        not_enough_data=seen.opened is None,
    )
