"""What was planned and said by the rules, to whom, and what became of it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from followups import listed, responses
from models.followups import FollowupDelivery, FollowupExecution, FollowupRule, FollowupTemplate, Status
from web.api.loyalty import lookups
from web.http.operations import RequestContext, Resource
from web.http.problems import Problem
from web.http.values import CustomerId, Id, Instant, RequestModel, ResponseModel, ShortText

resource = Resource("Follow-up executions", "One rule, applied to one customer, with its fate.", prefix="/api/followup")


class Wanted(RequestModel):
    customer_id: CustomerId | None = None
    rule_id: Id | None = None
    status: Status | None = None
    reason: Annotated[ShortText | None, Field(description="Why it was held back or not said; only with `status`")] = (
        None
    )
    workflow_id: ShortText | None = None
    before: Annotated[Id | None, Field(description="The `next` of the page before")] = None


class Told(RequestModel):
    opened: Annotated[bool, Field(strict=True)] = False
    clicked: Annotated[bool, Field(strict=True)] = False
    responded: Annotated[bool, Field(strict=True)] = False
    sentiment: Annotated[ShortText | None, Field(description="Kept as it is told")] = None
    at: Annotated[Instant | None, Field(description="When, between its saying and now; else now")] = None


class Response(RequestModel):
    execution_id: ShortText
    response: Told


class Attempt(ResponseModel):
    channel: str
    state: str = Field(description="queued, sent, failed, unknown, dropped, or skipped: passed over")
    reason: str | None
    unit: str | None = Field(
        description="Under which name LINE counts how many have seen it (`customAggregationUnits`: a rule and month); "
        "null: not measurable, as what travelled with one of higher priority"
    )
    in_answer: bool = Field(
        description="Whether it went in the answer to what the customer wrote, which costs no message of the month"
    )
    created_at: datetime
    clicked_at: datetime | None = Field(description="When a person first followed one of its links")
    clicks: int = Field(description="How often people followed its links")
    loaded_at: datetime | None = Field(
        description="When a mail was first opened, or loaded by a program that opens all mail: unverified"
    )
    machine_clicks: int = Field(description="How often previews, scanners and the like did; these are no clicks")


class Execution(ResponseModel):
    id: UUID
    rule_id: UUID
    rule_name: str
    rule_version: int
    type: str
    customer_id: UUID
    anchor: str = Field(description="What it counts from")
    step: int
    status: Status
    reason: str | None
    template_version: int | None = Field(description="Of the text that was said; null: the kind's own words")
    due_at: datetime
    not_after: datetime
    deliveries: list[Attempt]
    opened_at: datetime | None
    clicked_at: datetime | None
    responded_at: datetime | None
    response: dict[str, Any] | None
    workflow_id: str | None
    created_at: datetime
    settled_at: datetime | None


class Executions(ResponseModel):
    items: list[Execution]
    next: UUID | None = Field(
        description="Ask with `before` set to this for older ones; null at the end. Where several things are asked for "
        "at once, a page may be short, or empty, and there are older ones all the same"
    )


@resource.get(
    "/executions",
    scope="followup:read",
    answer=Executions,
    refusals=("unknown_customer", "unknown_execution", "reason_of_what"),
)
def list_executions(context: RequestContext, query: Wanted) -> Executions:
    """What was planned and said, the newest first

    Each has the reason for which it was held back or not said.
    """
    if query.reason is not None and query.status is None:
        raise Problem("reason_of_what", field="status")
    wanted = listed.Wanted(
        customer_id=None if query.customer_id is None else lookups.customer(context, query.customer_id).id,
        rule_id=None if query.rule_id is None else UUID(query.rule_id),
        status=query.status,
        reason=query.reason,
        workflow_id=query.workflow_id,
    )
    before = None if query.before is None else _execution(context, query.before)
    found, next_ = listed.page(context.session, context.clinic.id, wanted, before)
    tried = listed.deliveries(context.session, found)
    return Executions(items=[_shown(context, one, tried[one.id]) for one in found], next=next_)


@resource.post(
    "/track-response",
    scope="followup:write",
    answer=Execution,
    refusals=("unknown_execution", "not_said", "not_then"),
)
def track_response(context: RequestContext, body: Response) -> Execution:
    """Tell what a customer did with what was said

    What was told before stays, and the first time of each counts. It must have been said, and before the response.
    """
    one = _execution(context, body.execution_id)
    told = body.response
    responses.track(
        one, opened=told.opened, clicked=told.clicked, responded=told.responded, sentiment=told.sentiment,
        at=told.at or context.now, now=context.now,
    )  # fmt: skip
    return to_execution(context, one)


def _execution(context: RequestContext, id_: str) -> FollowupExecution:
    try:
        key = (UUID(id_), context.clinic.id)
    except ValueError:
        raise Problem("unknown_execution") from None
    found = context.session.get(FollowupExecution, key)
    if found is None:
        raise Problem("unknown_execution")
    return found


def _version(context: RequestContext, one: FollowupExecution) -> int | None:
    if one.template_id is None:
        return None
    return context.session.get_one(FollowupTemplate, (one.template_id, one.clinic_id)).version


def to_execution(context: RequestContext, one: FollowupExecution) -> Execution:
    return _shown(context, one, listed.deliveries(context.session, [one])[one.id])


def _shown(context: RequestContext, one: FollowupExecution, tried: Sequence[FollowupDelivery]) -> Execution:
    rule = context.session.get_one(FollowupRule, (one.rule_id, one.clinic_id))
    return Execution(
        id=one.id,
        rule_id=rule.id,
        rule_name=rule.name,
        rule_version=one.rule_version,
        type=rule.type,
        customer_id=one.customer_id,
        anchor=one.anchor,
        step=one.step,
        status=one.status,
        reason=one.reason,
        template_version=_version(context, one),
        due_at=one.due_at,
        not_after=one.not_after,
        deliveries=[
            Attempt(
                channel=each.channel,
                state=each.state,
                reason=each.reason,
                unit=each.unit,
                in_answer=each.inbox_id is not None,
                created_at=each.created_at,
                clicked_at=each.clicked_at,
                clicks=each.clicks,
                loaded_at=each.loaded_at,
                machine_clicks=each.machine_clicks,
            )
            for each in tried
        ],
        opened_at=one.opened_at,
        clicked_at=one.clicked_at,
        responded_at=one.responded_at,
        response=one.response,
        workflow_id=one.workflow_id,
        created_at=one.created_at,
        settled_at=one.settled_at,
    )
