"""What a guardian allows for somebody under age, as a manager has seen it and records it in the clinic's system."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from models.consents import GuardianConsent
from privacy import guardians
from web.api.loyalty import lookups
from web.http.operations import RequestContext, Resource
from web.http.problems import Problem
from web.http.values import CustomerId, Day, Id, Name, RequestModel, ResponseModel

resource = Resource(
    "Guardians' consents", "What a guardian allows for somebody under 20, with the evidence.", prefix="/api/facts"
)


class NewGuardianConsent(RequestModel):
    customer_id: CustomerId
    guardian: Annotated[Name, Field(description="Who it is")]
    kind: Literal["signed_form", "in_person", "recorded_call"]
    evidence: Annotated[Name, Field(description="Where it is kept, or its number")]
    until: Annotated[Day, Field(description="The first day without it: the 20th birthday at the latest")]


class GuardianPath(RequestModel):
    id: Id


class GuardianAnswer(ResponseModel):
    id: UUID
    customer_id: UUID
    kind: Literal["signed_form", "in_person", "recorded_call"]
    until: date
    ended: bool


@resource.post(
    "/guardian-consents",
    scope="facts:write",
    answer=GuardianAnswer,
    refusals=("unknown_customer", "of_age", "who_needed", "evidence_needed", "end_date_wrong"),
)
def record_guardian_consent(context: RequestContext, body: NewGuardianConsent) -> GuardianAnswer:
    """Record that a guardian agrees to a minor's consents

    It is no consent by itself: with it, what the minor has agreed to counts as it does for who is of age, until its
    end. Whom you record it for is known as under 20 from then on. The same again is the same one.
    """
    customer = lookups.customer(context, body.customer_id)
    found = guardians.record(
        context.session, customer, guardian=body.guardian, kind=body.kind, evidence=body.evidence, until=body.until,
        now=context.now, by=context.actor,
    )  # fmt: skip
    return _answer(found)


@resource.post(
    "/guardian-consents/<id>/end", scope="facts:write", answer=GuardianAnswer, refusals=("unknown_guardian_consent",)
)
def end_guardian_consent(context: RequestContext, path: GuardianPath) -> GuardianAnswer:
    """End a guardian's consent

    One that has ended stays so.
    """
    found = context.session.get(GuardianConsent, (UUID(path.id), context.clinic.id))
    if found is None:
        raise Problem("unknown_guardian_consent")
    guardians.end(context.session, found, context.now, by=context.actor)
    return _answer(found)


def _answer(found: GuardianConsent) -> GuardianAnswer:
    return GuardianAnswer(
        id=found.id,
        customer_id=found.customer_id,
        kind=found.kind,
        until=found.until,
        ended=found.ended_at is not None,
    )
