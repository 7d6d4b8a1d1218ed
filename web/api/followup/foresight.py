"""What a rule would say before it does: to one customer, to the staff, and to whom in the next days."""

import json
from collections import Counter
from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from channels.sms.text import measure
from followups import forecast, preview, trial
from followups.kind import SMS
from followups.preview import Drawn, Fate
from web.api.followup.executions import Execution, to_execution
from web.api.followup.rules import Rule, named
from web.api.loyalty import lookups
from web.http.operations import RequestContext, Resource
from web.http.problems import Problem
from web.http.values import CustomerId, Id, RequestModel, ResponseModel

resource = Resource(
    "Follow-ups ahead", "What a rule would say, to whom, and why not. Nothing is sent to customers.",
    prefix="/api/followup",
)  # fmt: skip

TRIALS = 10
"""A minute."""


class About(RequestModel):
    customer_id: CustomerId


class Ahead(RequestModel):
    after: Annotated[Id | None, Field(description="The `next` of the page before")] = None
    limit: Annotated[int, Field(ge=1, le=100, description="How many at most")] = 50


class Held(ResponseModel):
    reason: str
    until: datetime


class Ended(ResponseModel):
    status: str = Field(description="skipped, cancelled, missed or superseded; of one that was settled also its own")
    reason: str


class Measured(ResponseModel):
    alphabet: str = Field(description="gsm: 160 units in one part, 153 in each of several. ucs2, as Thai is: 70 and 67")
    units: int = Field(description="Of the alphabet; of ucs2 those of UTF-16")
    parts: int = Field(description="Each is paid for")
    left: int = Field(description="Units that fit without another part")
    baht: Decimal | None = Field(description="What it costs; null: the clinic's file does not say what a part does")


class Says(ResponseModel):
    channel: str
    language: str
    chosen: bool = Field(description="Whether it would go this way")
    why_not: str | None = Field(description="Why not over this channel")
    title: str | None
    message: str | None
    buttons: list[str]
    sms: Measured | None = Field(description="Of an SMS; null: it is none")
    drawn: Any = Field(description="As the channel carries it; null where the server has no such channel")


class Preview(ResponseModel):
    anchor: str = Field(description="What it would count from: what is next, else what was last")
    due_at: datetime
    at: datetime = Field(description="When it would be said, or end")
    held: list[Held] = Field(description="By which gates, in their order, and until when")
    end: Ended | None = Field(description="Why it would not be said; null: it would")
    active: bool = Field(description="A draft is looked at as if it spoke")
    says: list[Says] = Field(description="Over each channel, in each language; the customer's first")


class Expected(ResponseModel):
    customer_id: UUID
    anchor: str
    due_at: datetime
    at: datetime
    held: list[Held]
    end: Ended | None = Field(description="null: it would be said")


class Forecast(ResponseModel):
    until: datetime
    many: int = Field(description="How many come into question until then; more than 10,000 are not counted")
    more: bool = Field(description="There are more than were counted")
    said: int = Field(description="Of this page, how many would be said")
    not_said: dict[str, int] = Field(description="Of this page, how many would not, by reason")
    items: list[Expected]
    next: UUID | None = Field(description="Ask with `after` set to this for more; null at the end")


@resource.post(
    "/rules/<id>/preview", scope="followup:read", answer=Preview, reads=True,
    refusals=("unknown_rule", "unknown_customer", "nothing_to_say", "bad_rule"),
)  # fmt: skip
def preview_rule(context: RequestContext, path: Rule, body: About) -> Preview:
    """What would it say to this customer?

    By the real way to the last step: the same words, drawn by the same hands, asked of the same gates. Nothing is
    written or sent, no message of the month is used. What holds now is taken to hold when it is due.
    """
    rule, customer = named(context, path), lookups.customer(context, body.customer_id)
    one = preview.pretended(context.session, context.clinic, rule, customer, context.now)
    about = preview.asked(context.session, one, max(one.due_at, context.now))
    fate = preview.fate(context.channels, about)
    baht = context.clinic.settings.channels.sms.segment_baht
    says = [_says(drawn, baht) for drawn in preview.drawn(context.channels, about)]
    return Preview(anchor=one.anchor, due_at=one.due_at, active=rule.active, says=says, **_fate(fate))


@resource.get(
    "/rules/<id>/forecast", scope="followup:read", answer=Forecast, refusals=("unknown_rule", "too_much_ahead")
)
def forecast_rule(context: RequestContext, path: Rule, query: Ahead) -> Forecast:
    """Who would be spoken to in the next 30 days, and who not, and why?

    Of what is known today: an appointment that will be booked tomorrow is in tomorrow's answer. A draft is looked at as
    if it spoke. Each of a page is asked of the same gates as when it is due, each for itself: of several offers to one
    customer a cap may hold back more. What the rule would have said by then counts for its `reentry`. By customer.
    """
    rule = named(context, path)
    many = forecast.many(context.session, context.clinic, rule, context.now)
    after = None if query.after is None else UUID(query.after)
    page = forecast.page(
        context.session, context.channels, context.clinic, rule, context.now, after=after, most=query.limit
    )  # fmt: skip
    items = [
        Expected(customer_id=one.customer_id, anchor=one.anchor, due_at=one.due_at, **_fate(one.fate))
        for one in page.items
    ]
    ends = [one.end for one in items]
    return Forecast(
        until=context.now + forecast.AHEAD,
        many=min(many, forecast.COUNTED),
        more=many > forecast.COUNTED,
        said=ends.count(None),
        not_said=Counter(end.reason for end in ends if end is not None),
        items=items,
        next=page.next,
    )


@resource.post(
    "/rules/<id>/test", scope="followup:activate", answer=Execution,
    refusals=("unknown_rule", "unknown_customer", "nothing_to_say", "not_of_the_staff"),
)  # fmt: skip
def test_rule(context: RequestContext, path: Rule, body: About) -> Execution:
    """Say it to somebody of the staff, now

    The customer must be in the staff's LINE group, so nobody can write to customers by this. It takes the way that
    everything takes: look at the execution for what became of it. A draft is said too. Its anchor begins with `trial:`.
    Ten times a minute.
    """
    if wait := context.rates.over(f"trial:{context.clinic.id.hex}", TRIALS):
        raise Problem("too_many_requests", headers={"Retry-After": str(wait)}, retryAfter=wait)
    rule, customer = named(context, path), lookups.customer(context, body.customer_id)
    return to_execution(context, trial.say(context.session, context.clinic, rule, customer, context.now))


def _fate(fate: Fate) -> dict[str, Any]:
    held = [Held(reason=one.reason, until=one.until) for one in fate.held]
    end = None if fate.end is None else Ended(status=fate.end.status, reason=fate.end.reason)
    return {"at": fate.at, "held": held, "end": end}


def _says(one: Drawn, baht: Decimal | None) -> Says:
    said = one.message
    return Says(
        channel=one.channel,
        language=one.language,
        chosen=one.chosen,
        why_not=one.why_not,
        title=said.title if said else None,
        message="\n".join(each.text for each in said.paragraphs) if said else None,
        buttons=[each.label for each in said.buttons] if said else [],
        sms=_measured(one.body, baht) if one.channel == SMS and one.body is not None else None,
        drawn=None if one.body is None else _shape(one.body),
    )


def _measured(body: bytes, baht: Decimal | None) -> Measured:
    found = measure(body.decode())
    return Measured(**asdict(found), baht=None if baht is None else baht * found.parts)


def _shape(body: bytes) -> Any:
    """What is said by somebody's voice, or in a short message, is plain text."""
    try:
        return json.loads(body)
    except ValueError:
        return body.decode()
