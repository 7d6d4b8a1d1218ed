"""How a customer wants to be spoken to, as the clinic's system reads and tells it."""

from datetime import datetime, time
from typing import Annotated, Literal, get_args
from uuid import UUID

from pydantic import Field

from customers.line_accounts import speak
from followups import hours, preferences
from followups.kind import CHANNELS
from models.customers import Customer
from models.followups import Purpose
from privacy import consent
from runtime.language import LANGUAGES
from web.api.loyalty import lookups
from web.http.operations import RequestContext, Resource
from web.http.problems import Problem
from web.http.values import CustomerId, RequestModel, ResponseModel

resource = Resource(
    "Preferences", "Channels, quiet hours and what a customer does not want to hear.", prefix="/api/followup"
)

Channel = Literal["line", "sms", "email", "in_app", "call"]
Clock = Annotated[str, Field(strict=True, pattern="^([01][0-9]|2[0-3]):[0-5][0-9]$", examples=["21:00"])]
TOLD = "As the clinic's system told it"
"""What stands in the place of a text that the customer saw."""


class Whose(RequestModel):
    customer_id: CustomerId


class Hours(RequestModel):
    start: Clock
    end: Clock


class OptOut(RequestModel):
    purpose: Purpose
    channel: Channel


class Wanted(RequestModel):
    channels: Annotated[
        list[Channel] | None, Field(max_length=5, description="The preferred first; empty: as each rule has it")
    ] = None
    quiet_hours: Annotated[
        Hours | None, Field(description="In the clinic's zone, besides the clinic's own; null: none of their own")
    ] = None
    language: Annotated[
        str | None,
        Field(
            description="One of those that the clinic speaks; their own choice",
            max_length=10,
            json_schema_extra={"enum": [*LANGUAGES, None]},
        ),
    ] = None
    opt_out: Annotated[
        list[OptOut] | None, Field(max_length=15, description="What they do not want over a channel; added to the rest")
    ] = None
    opt_in: Annotated[
        list[OptOut] | None,
        Field(max_length=15, description="Of care and transactional: what they want again. Marketing needs a consent"),
    ] = None


class HoursAnswer(ResponseModel):
    start: str
    end: str


class OptOutAnswer(ResponseModel):
    purpose: Purpose
    channel: str


class Preferences(ResponseModel):
    customer_id: UUID
    channels: list[str]
    quiet_hours: HoursAnswer | None
    language: str | None
    opt_out: list[OptOutAnswer] = Field(description="Said so; without a consent no marketing goes out either")
    stopped: bool = Field(description="They have stopped all that they did not ask for")
    no_upsell_until: datetime | None = Field(description="“Not now” was said to an offered treatment")


@resource.get("/preferences", scope="followup:read", answer=Preferences, refusals=("unknown_customer",))
def read_preferences(context: RequestContext, query: Whose) -> Preferences:
    """Read how a customer wants to be spoken to"""
    return _answer(context, lookups.customer(context, query.customer_id))


@resource.patch(
    "/preferences",
    scope="followup:write",
    answer=Preferences,
    refusals=("unknown_customer", "never_open", "consent_needed", "not_spoken"),
)
def change_preferences(context: RequestContext, query: Whose, body: Wanted) -> Preferences:
    """Change how a customer wants to be spoken to

    What is left out stays as it is. The customer has said so to somebody of the clinic; in LINE they do it themselves.
    """
    customer = lookups.customer(context, query.customer_id)
    context.session.refresh(customer, with_for_update=True)
    if body.channels is not None:
        preferences.choose_channels(context.session, customer, list(dict.fromkeys(body.channels)), context.now)
    if body.language is not None:
        if body.language not in context.clinic.settings.voice.languages:
            spoken = ", ".join(context.clinic.settings.voice.languages)
            raise Problem("not_spoken", f"The clinic speaks {spoken}.", field="language")
        speak(context.session, customer, body.language)
    if "quiet_hours" in body.model_fields_set:
        preferences.choose_quiet(context.session, customer, _hours(context, body.quiet_hours), context.now)
    for one in body.opt_out or ():
        _decide(context, customer, one, granted=False)
    for one in body.opt_in or ():
        if one.purpose == "marketing":
            raise Problem("consent_needed")
        _decide(context, customer, one, granted=True)
    context.session.flush()
    return _answer(context, customer)


def _hours(context: RequestContext, given: Hours | None) -> hours.Window | None:
    if given is None:
        return None
    own = time.fromisoformat(given.start), time.fromisoformat(given.end)
    if own[0] == own[1] or not hours.joined(hours.windows(context.clinic, "marketing", own)):
        raise Problem("never_open", field="quietHours")
    return own


def _decide(context: RequestContext, customer: Customer, one: OptOut, *, granted: bool) -> None:
    consent.decide(
        context.session,
        customer,
        purpose=one.purpose,
        channel=one.channel,
        granted=granted,
        text=TOLD,
        now=context.now,
        source="api",
        actor=context.actor,
    )


def _answer(context: RequestContext, customer: Customer) -> Preferences:
    found = preferences.of(context.session, customer)
    own = preferences.quiet(found)
    said_no = [
        OptOutAnswer(purpose=purpose, channel=channel)
        for purpose in get_args(Purpose)
        for channel in CHANNELS
        if consent.decision(context.session, customer, purpose, channel) is False
    ]
    return Preferences(
        customer_id=customer.id,
        channels=list(found.channels) if found else [],
        quiet_hours=HoursAnswer(start=f"{own[0]:%H:%M}", end=f"{own[1]:%H:%M}") if own else None,
        language=customer.language,
        opt_out=said_no,
        stopped=consent.stopped(context.session, customer),
        no_upsell_until=found.no_upsell_until if found else None,
    )
