"""What one customer may receive or do for another, as the clinic's system tells it of who has no LINE."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from facts import granted
from models.grants import Grant, What
from web.api.loyalty import lookups
from web.http.operations import RequestContext, Resource
from web.http.problems import Problem
from web.http.values import CustomerId, Day, Id, RequestModel, ResponseModel

resource = Resource(
    "Grants", "What one customer may receive or do for another who has no LINE, and its end.", prefix="/api/facts"
)


class NewGrant(RequestModel):
    owner_id: Annotated[CustomerId, Field(description="Whose data it is")]
    holder_id: Annotated[CustomerId, Field(description="Who may")]
    what: Annotated[
        What,
        Field(
            description="`reminders`: is reminded of appointments; `bookings`: may book, move and cancel; `billing`: "
            "hears of bills. Never treatments, comments or points"
        ),
    ]
    reason: Literal["parent_of_minor", "written_authority"]
    until: Annotated[
        Day | None, Field(description="The first day without it; of a minor the 20th birthday, which is needed then")
    ] = None


class GrantPath(RequestModel):
    id: Id


class GrantAnswer(ResponseModel):
    id: UUID
    owner_id: UUID
    holder_id: UUID
    what: What
    reason: Literal["own_word", "parent_of_minor", "written_authority"]
    until: date | None
    ended: bool


@resource.post(
    "/grants",
    scope="facts:write",
    answer=GrantAnswer,
    refusals=("unknown_customer", "same_person", "owner_is_a_friend", "end_date_needed", "end_date_wrong"),
)
def give_grant(context: RequestContext, body: NewGrant) -> GrantAnswer:
    """Let one customer receive or do something for another

    Both are told in LINE where they are friends, and either may end it there. Who is a friend gives it by their own
    word, so it is refused for them. The same again is the same grant; another `until` replaces the first.
    """
    owner, holder = lookups.customer(context, body.owner_id), lookups.customer(context, body.holder_id)
    grant = granted.give(
        context.session, owner, holder, body.what, context.now, by=context.actor, reason=body.reason, until=body.until
    )
    return _answer(grant)


@resource.post("/grants/<id>/end", scope="facts:write", answer=GrantAnswer, refusals=("unknown_grant",))
def end_grant(context: RequestContext, path: GrantPath) -> GrantAnswer:
    """End a grant

    One that has ended stays so.
    """
    found = context.session.get(Grant, (UUID(path.id), context.clinic.id))
    if found is None:
        raise Problem("unknown_grant")
    granted.end(context.session, found, "staff", context.now, by=context.actor)
    return _answer(found)


def _answer(grant: Grant) -> GrantAnswer:
    return GrantAnswer(
        id=grant.id,
        owner_id=grant.owner_id,
        holder_id=grant.holder_id,
        what=grant.what,
        reason=grant.reason,
        until=grant.until,
        ended=grant.ended_at is not None,
    )
