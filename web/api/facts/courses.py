"""Courses, for a system that calls the API rather than sending webhooks."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BeforeValidator, Field
from sqlalchemy import select

from customers import courses as kept
from facts import courses
from facts.told import CourseTold, Person, RefundTold, Sale, SessionTold, ShareTold, micros
from models.courses import Course, CourseSaid, CourseState, SessionState
from web.api.loyalty import lookups
from web.http.operations import RequestContext, Resource
from web.http.problems import Problem
from web.http.values import (
    Baht,
    Code,
    CustomerId,
    Day,
    ExternalId,
    FactId,
    Instant,
    Money,
    Name,
    RequestModel,
    ResponseModel,
    Source,
    Version,
    whole,
)

resource = Resource("Courses", "Sessions bought together, and what became of them.", prefix="/api/facts")

MOST = 50
At = Annotated[Instant, Field(description="When this was so")]
Sessions = Annotated[int, Field(ge=1, le=1_000, strict=True), BeforeValidator(whole)]
Shared = Annotated[
    int, Field(ge=0, le=1_000, strict=True, description="Of this sharing in all; 0: taken back"), BeforeValidator(whole)
]


class NewCourse(RequestModel):
    customer_id: CustomerId
    id: ExternalId
    source: Source = "standard"
    at: At
    version: Version = None
    sessions: Annotated[Sessions, Field(description="That were bought")]
    sold_on: Annotated[Day | None, Field(description="Left out: the day of `at`")] = None
    ends_on: Annotated[Day | None, Field(description="The last day on which a session can be had")] = None
    name: Annotated[Name | None, Field(description="What people call it")] = None
    service_code: Code | None = None
    price: Annotated[Baht | None, Field(description="Of all of it. It earns nothing: payments do")] = None
    contract: Annotated[Name | None, Field(description="The clinic's reference of the contract")] = None
    under_contract_rules: Annotated[
        bool | None,
        Field(strict=True, description="Whether the rules of contracts for beauty services hold for it: then it may be "
        "cancelled within seven days, unused, and the customer is shown that"),
    ] = None  # fmt: skip


class CoursePath(RequestModel):
    id: FactId


class ToldSession(RequestModel):
    id: Annotated[ExternalId, Field(description="Your id of the session, within the course")]
    at: At
    version: Version = None
    state: SessionState
    starts_at: Annotated[Instant | None, Field(description="Of one that is planned: for when; left out it is `at`")] = (
        None
    )
    appointment: Annotated[ExternalId | None, Field(description="Your id of the appointment in which it is had")] = None


class Returned(RequestModel):
    id: ExternalId
    payment: Annotated[ExternalId, Field(description="Your id of the payment")]
    amount: Baht


class ToldState(RequestModel):
    at: At
    version: Version = None
    state: Annotated[CourseSaid, Field(description="`active`: what was frozen goes on")]
    refund: Annotated[Returned | None, Field(description="With `refunded`: money of a payment that was given back")] = (
        None
    )


class Extension(RequestModel):
    at: At
    version: Version = None
    ends_on: Annotated[Day, Field(description="The new end: what had ended goes on")]


class Sharing(RequestModel):
    id: Annotated[ExternalId, Field(description="Your id of what the other customer has of it")]
    customer_id: CustomerId
    at: At
    version: Version = None
    sessions: Shared


class Whose(RequestModel):
    customer_id: CustomerId


class CourseAnswer(ResponseModel):
    id: UUID = Field(description="Our id of the course")
    customer_id: UUID
    source: str
    external_id: str
    shared_from: UUID | None = Field(description="The course that its sessions came from")
    state: CourseState = Field(description="With what was told and, of an end that has passed, the clinic's day")
    name: str | None
    service_code: str | None
    bought: int
    used: int
    given_back: int
    shared: int = Field(description="With another customer")
    left: int
    price: Money | None
    sold_on: date
    ends_on: date | None
    contract: str | None
    under_contract_rules: bool | None
    may_cancel_until: date | None = Field(description="The last day of the right to cancel, while it stands")


class Courses(ResponseModel):
    courses: list[CourseAnswer]


@resource.post(
    "/courses",
    scope="facts:write",
    answer=CourseAnswer,
    refusals=("unknown_customer", "fact_refused", "contradiction"),
)
def tell_course(context: RequestContext, body: NewCourse) -> CourseAnswer:
    """A course that was sold, as it is now

    The same source and id again is the same course. What is told late changes nothing that is newer, here and with all
    that is told of a course.
    """
    customer = lookups.customer(context, body.customer_id)
    sale = Sale(
        person=Person(ours=customer.id),
        sessions=body.sessions,
        sold_on=body.sold_on or _day(context, body.at),
        name=body.name,
        service=body.service_code,
        price=body.price,
        contract=body.contract,
        controlled=body.under_contract_rules,
    )
    fact = CourseTold(body.id, _order(body.at, body.version), body.at, sale=sale, ends_on=body.ends_on)
    return _answer(context, courses.told(context.session, context.clinic, body.source, fact, context.now))


@resource.post("/courses/<id>/sessions", scope="facts:write", answer=CourseAnswer, refusals=("unknown_course",))
def tell_session(context: RequestContext, path: CoursePath, body: ToldSession) -> CourseAnswer:
    """A session that is planned, was used, or is to be had again

    A no-show takes a session only when this says that it was used.
    """
    planned = body.state == "planned" and body.starts_at is not None
    at = body.starts_at if planned and body.starts_at is not None else body.at
    return _tell(context, path, body, session=SessionTold(body.id, body.state, at, body.appointment))


@resource.post(
    "/courses/<id>/state",
    scope="facts:write",
    answer=CourseAnswer,
    refusals=("unknown_course", "unknown_payment", "fact_refused"),
)
def tell_state(context: RequestContext, path: CoursePath, body: ToldState) -> CourseAnswer:
    """A course that was frozen, goes on, has ended, or was given back

    What is left of one that has ended stays visible. A `refund` takes back points as one under `/payments` does, and
    told both ways, with one id, it is one.
    """
    course = _found(context, path.id)
    back = body.refund
    if back is not None:
        lookups.payment(context, f"ext:{course.source}:{back.payment}")
    refund = RefundTold(back.id, back.payment, back.amount, body.at) if back is not None else None
    return _tell(context, path, body, state=body.state, refund=refund)


@resource.post("/courses/<id>/extensions", scope="facts:write", answer=CourseAnswer, refusals=("unknown_course",))
def extend_course(context: RequestContext, path: CoursePath, body: Extension) -> CourseAnswer:
    """A course that ends on another day"""
    return _tell(context, path, body, ends_on=body.ends_on, extends=True)


@resource.post(
    "/courses/<id>/shares",
    scope="facts:write",
    answer=CourseAnswer,
    refusals=("unknown_course", "unknown_customer", "fact_refused"),
)
def share_course(context: RequestContext, path: CoursePath, body: Sharing) -> CourseAnswer:
    """Sessions that are another customer's now

    They have them as a course of their own, of the id that is given; both are told in the chat.
    """
    _found(context, path.id)
    customer = lookups.customer(context, body.customer_id)
    return _tell(context, path, body, share=ShareTold(body.id, Person(ours=customer.id), body.sessions))


@resource.get("/courses", scope="facts:write", answer=Courses, refusals=("unknown_customer",))
def customers_courses(context: RequestContext, query: Whose) -> Courses:
    """The courses of a customer of which something is left, the soonest end first"""
    customer = lookups.customer(context, query.customer_id)
    found = kept.of_customer(context.session, customer, _day(context, context.now), MOST)
    return Courses(courses=[_answer(context, one) for one in found])


def _tell(
    context: RequestContext,
    path: CoursePath,
    body: ToldSession | ToldState | Extension | Sharing,
    **said: Any,
) -> CourseAnswer:
    course = _found(context, path.id)
    fact = CourseTold(course.external_id, _order(body.at, body.version), body.at, **said)
    return _answer(context, courses.told(context.session, context.clinic, course.source, fact, context.now))


def _found(context: RequestContext, reference: str) -> Course:
    """Raises `Problem` (unknown_course)."""
    chosen = select(Course).where(Course.clinic_id == context.clinic.id)
    abroad = lookups.external(reference)
    if abroad is not None:
        chosen = chosen.where(Course.source == abroad[0], Course.external_id == abroad[1])
    else:
        chosen = chosen.where(Course.id == UUID(reference))
    found = context.session.scalars(chosen).one_or_none()
    if found is None or found.customer.data_key is None:
        raise Problem("unknown_course")
    return found


def _order(at: datetime, version: int | None) -> int:
    return micros(at) if version is None else version


def _day(context: RequestContext, at: datetime) -> date:
    return at.astimezone(context.clinic.settings.voice.zone).date()


def _answer(context: RequestContext, one: Course) -> CourseAnswer:
    today = _day(context, context.now)
    return CourseAnswer(
        id=one.id,
        customer_id=one.customer_id,
        source=one.source,
        external_id=one.external_id,
        shared_from=one.from_id,
        state=kept.state_on(one, today),
        name=kept.name_of(one),
        service_code=kept.service_of(one),
        bought=kept.sessions_of(one),
        used=one.used,
        given_back=one.given_back,
        shared=kept.shared(one),
        left=kept.left(one),
        price=one.price,
        sold_on=one.sold_on,
        ends_on=kept.ends_on(one),
        contract=one.contract,
        under_contract_rules=one.controlled,
        may_cancel_until=kept.may_cancel_until(one, today),
    )
