"""Customers as the clinic's other systems know them, so that a till can begin."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from customers import families, names
from customers.people import identify, known_as, new_customer
from facts import customers as told
from facts.told import ConsentTold
from models.customers import Customer
from privacy.held import Became
from web.api.loyalty import lookups
from web.http.operations import RequestContext, Resource
from web.http.problems import Problem
from web.http.values import (
    CustomerId,
    Email,
    ExternalCustomerId,
    Instant,
    Name,
    Phone,
    RequestModel,
    ResponseModel,
)

resource = Resource(
    "Customers", "Telling us of a customer, by the id that your system has for them.", prefix="/api/loyalty"
)


class TellConsent(RequestModel):
    """One that the clinic holds, or that was withdrawn; without a time and evidence a granted one is a note."""

    purpose: Literal["marketing", "health_personalisation", "ai_abroad", "survey"]
    channel: Literal["line", "sms", "email"]
    granted: bool
    given_at: Annotated[Instant | None, Field(description="When it was given or withdrawn")] = None
    evidence: Annotated[Name | None, Field(description="How: a form, its number, where it is kept")] = None
    version: Annotated[Name | None, Field(description="Of the text that they agreed to")] = None


class NewCustomer(RequestModel):
    external_id: ExternalCustomerId
    customer_id: Annotated[
        CustomerId | None, Field(description="A customer who is known already and shall have this id too")
    ] = None
    name: Name | None = None
    phone: Phone | None = None
    email: Email | None = None
    consents: Annotated[
        tuple[TellConsent, ...],
        Field(max_length=20, description="Also of a customer who is known; the newest decision of each holds"),
    ] = ()


class Known(ResponseModel):
    customer_id: UUID
    created: bool = Field(description="false when the customer was known already: then only consents are taken")
    consents: list[Literal["kept", "known", "noted"]] = Field(
        description="What became of each, in your order; `noted`: it lacks a time or evidence, and gives nothing"
    )


@resource.post(
    "/customers",
    scope="facts:write",
    answer=Known,
    refusals=("unknown_customer", "identity_taken", "given_in_the_future"),
)
def make_customer(context: RequestContext, body: NewCustomer) -> Known:
    """Make a customer, or link your id to one who is known

    The same id again is the same customer. A phone number or e-mail address is kept as what your system says of them:
    other customers may have the same, as families do, so it is never refused and nobody is found or joined by it. If
    you know that somebody is one person with a customer whom we know, send that one's id as `customerId`.
    """
    abroad = lookups.external(body.external_id)
    if abroad is None:
        raise AssertionError("the pattern of external ids lets only these through")
    kind = lookups.kind_of(abroad[0])
    known = known_as(context.session, context.clinic, kind, abroad[1])
    if known is not None:
        person = lookups.customer(context, body.external_id)
        if body.customer_id is not None and lookups.customer(context, body.customer_id).id != person.id:
            raise Problem(
                "identity_taken",
                "Another customer of the clinic has this externalId.",
                field="externalId",
                customerId=str(person.id),
            )
        return Known(customer_id=person.id, created=False, consents=_consents(context, person, body, abroad[0]))
    if kind == lookups.LINE:
        raise Problem("unknown_customer", "Nobody can be known by a LINE user id whom the LINE account has not met.")
    customer = _person(context, body)
    identify(context.session, customer, kind, abroad[1], None)
    if body.phone is not None:
        families.told(context.session, customer, "phone", body.phone, source=abroad[0], now=context.now)
    if body.email is not None:
        families.told(context.session, customer, "email", body.email, source=abroad[0], now=context.now)
    context.session.flush()
    became = _consents(context, customer, body, abroad[0])
    return Known(customer_id=customer.id, created=body.customer_id is None, consents=became)


def _consents(context: RequestContext, customer: Customer, body: NewCustomer, source: str) -> list[Became]:
    given = [ConsentTold(**one.model_dump()) for one in body.consents]
    return told.consents(context.session, customer, given, context.now, source=source, actor=context.actor)


def _person(context: RequestContext, body: NewCustomer) -> Customer:
    if body.customer_id is not None:
        return lookups.customer(context, body.customer_id)
    customer = new_customer(context.session, context.clinic, context.now)
    if body.name is not None:
        names.call(context.session, customer, body.name)
    return customer
