"""Appointments, for a system that calls the API rather than sending webhooks."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from customers import appointments as kept
from facts import appointments
from facts.told import AppointmentTold, Details, Person, micros
from models.appointments import Appointment, AppointmentState, Outcome, Teller
from web.api.loyalty import lookups
from web.http.operations import RequestContext, Resource
from web.http.values import (
    BranchCode,
    CustomerId,
    ExternalId,
    Instant,
    Name,
    RequestModel,
    ResponseModel,
    Source,
    Version,
)

resource = Resource("Appointments", "Who comes when, as a booking system tells it.", prefix="/api/facts")

MOST = 50


class NewAppointment(RequestModel):
    customer_id: CustomerId
    id: ExternalId
    source: Source = "standard"
    state: Annotated[AppointmentState, Field(description="`moved`: another one, whose `replaces` names it, stands now")]
    at: Annotated[Instant, Field(description="When this was so")]
    version: Version = None
    starts_at: Instant
    ends_at: Instant | None = None
    service: Name | None = None
    service_name: Name | None = None
    branch: BranchCode | None = None
    about: Annotated[Name | None, Field(description="For whom it is, where that is not the customer")] = None
    replaces: ExternalId | None = None


class Whose(RequestModel):
    customer_id: CustomerId


class AppointmentAnswer(ResponseModel):
    id: UUID = Field(description="Our id of the appointment")
    customer_id: UUID
    source: str
    external_id: str
    state: AppointmentState
    starts_at: datetime
    ends_at: datetime | None
    service_code: str | None = Field(description="null: the clinic's file names no such service")
    service: str | None
    about: str | None
    outcome: Outcome | None = Field(description="What came of it, by all that is known; null: it is open or called off")
    outcome_by: Teller | None = Field(description="Who says so; `visit`: the customer was there on that day")


class Coming(ResponseModel):
    appointments: list[AppointmentAnswer]


@resource.post(
    "/appointments", scope="facts:write", answer=AppointmentAnswer, refusals=("unknown_customer", "contradiction")
)
def tell_appointment(context: RequestContext, body: NewAppointment) -> AppointmentAnswer:
    """An appointment as it is now: booked, moved, confirmed, cancelled, come or not come

    The same source and id again is the same appointment. What is told late changes nothing that is newer, so it may be
    sent twice and in any order; the answer is the appointment as it stands.
    """
    customer = lookups.customer(context, body.customer_id)
    fact = AppointmentTold(
        external_id=body.id,
        state=body.state,
        order=micros(body.at) if body.version is None else body.version,
        at=body.at,
        details=Details(
            person=Person(ours=customer.id, name=body.about),
            starts_at=body.starts_at,
            ends_at=body.ends_at,
            service=body.service,
            service_name=body.service_name,
            branch=body.branch,
            replaces=body.replaces,
        ),
    )
    return _answer(appointments.told(context.session, context.clinic, body.source, fact, context.now))


@resource.get("/appointments", scope="facts:write", answer=Coming, refusals=("unknown_customer",))
def next_appointments(context: RequestContext, query: Whose) -> Coming:
    """The customer's next appointments, the soonest first"""
    customer = lookups.customer(context, query.customer_id)
    coming = kept.ahead(context.session, customer, context.now, MOST)
    return Coming(appointments=[_answer(one) for one in coming])


def _answer(one: Appointment) -> AppointmentAnswer:
    return AppointmentAnswer(
        id=one.id,
        customer_id=one.customer_id,
        source=one.source,
        external_id=one.external_id,
        state=one.state,
        starts_at=one.starts_at,
        ends_at=one.ends_at,
        service_code=one.service_code,
        service=one.service,
        about=one.about,
        outcome=one.outcome,
        outcome_by=one.outcome_by,
    )
