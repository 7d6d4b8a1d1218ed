"""Treatments, for a system that calls the API rather than sending webhooks."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from facts import treated
from facts.told import Performed, Person, TreatmentTold, micros
from models.treatments import Treatment, TreatmentState
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
    WorkflowId,
)

resource = Resource("Treatments", "What was done for a customer.", prefix="/api/facts")


class NewTreatment(RequestModel):
    customer_id: CustomerId
    id: ExternalId
    source: Source = "standard"
    state: Annotated[TreatmentState, Field(description="`voided`: it was told by mistake, and nothing of it is so")] = (
        "performed"
    )
    at: Annotated[Instant | None, Field(description="When this was so; left out: now")] = None
    version: Version = None
    performed_at: Instant
    service: Name | None = None
    service_name: Name | None = None
    staff: Annotated[Name | None, Field(description="Who did it")] = None
    branch: BranchCode | None = None
    appointment: Annotated[ExternalId | None, Field(description="Your id of the appointment at which it was")] = None
    about: Annotated[Name | None, Field(description="For whom it was, where that is not the customer")] = None
    workflow_id: WorkflowId | None = None


class TreatmentAnswer(ResponseModel):
    id: UUID = Field(description="Our id of the treatment")
    customer_id: UUID
    source: str
    external_id: str | None
    state: TreatmentState
    performed_at: datetime
    visit_id: UUID | None = Field(description="All of one visit have the same; null: it was for somebody else, or void")
    service_code: str | None = Field(description="null: the clinic's file names no such service")
    service: str | None
    staff: str | None
    about: str | None
    workflow_id: str | None


@resource.post("/treatments", scope="facts:write", answer=TreatmentAnswer, refusals=("unknown_customer", "bad_time"))
def tell_treatment(context: RequestContext, body: NewTreatment) -> TreatmentAnswer:
    """A treatment that was performed, or that was none after all

    The same source and id again is the same treatment. What is told late changes nothing that is newer, so it may be
    sent twice and in any order. It makes the visit of that day or adds to it, and the appointment that it names counts
    as completed.
    """
    customer, at = lookups.customer(context, body.customer_id), body.at or context.now
    done = Performed(
        person=Person(ours=customer.id, name=body.about),
        at=lookups.past(context, body.performed_at),
        service=body.service,
        service_name=body.service_name,
        staff=body.staff,
        branch=body.branch,
        appointment=body.appointment,
        workflow_id=body.workflow_id,
    )
    order = micros(at) if body.version is None else body.version
    fact = TreatmentTold(body.id, body.state, order, at, done)
    return _answer(treated.told(context.session, context.clinic, body.source, fact, context.now))


def _answer(one: Treatment) -> TreatmentAnswer:
    return TreatmentAnswer(
        id=one.id,
        customer_id=one.customer_id,
        source=one.source,
        external_id=one.external_id,
        state=one.state,
        performed_at=one.performed_at,
        visit_id=one.visit_id if one.state == "performed" else None,
        service_code=one.service_code,
        service=one.service,
        staff=one.staff,
        about=one.about,
        workflow_id=one.workflow_id,
    )
