"""Invites who has not come for long: sixty days, or twice the time that usually lies between two of their visits."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import Field
from sqlalchemy import (
    ARRAY,
    Integer,
    Text,
    Uuid,
    any_,
    case,
    cast,
    extract,
    func,
    literal,
    literal_column,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session, aliased

from channels.message import Action, Button
from customers.voice import addressed
from followups import answers, together
from followups.kind import Anchored, Conditions, Kind, Offset, When, greeting, kind
from followups.together import Together
from models.clinics import Clinic
from models.customers import Customer
from models.facts import Visit
from models.followups import FollowupExecution, Purpose, Words
from runtime.language import Language

VISIT = "visit:"
"""Before the visit's id, the anchor."""
RHYTHM_FROM, LEAST, MOST = 3, 30, 180
"""Visits from which somebody's own rhythm is known; days."""


class After(Conditions):
    days_inactive: Annotated[int, Field(ge=14, le=730)] = 60
    own_rhythm: bool = True
    """Twice the median time between visits, where there were three or more; at least 30 days, at most 180."""


@kind
class InactiveReactivation(Kind[After]):
    """Its anchor is the last visit, so each new one moves it."""

    name = "inactive_reactivation"
    purpose: ClassVar[Purpose] = "marketing"
    hears: ClassVar[Mapping[str, str]] = {"visited": "visit", "visit_undone": "visit", "merged": "duplicate"}
    channels: ClassVar[Sequence[str]] = ("email", "sms", "line")
    worth = timedelta(days=7)
    conditions = After
    variables = ("customerName", "clinicName", "lastVisitDate")
    needed = ("clinicName",)

    def offsets(self, conditions: After) -> Sequence[Offset]:
        return [Offset(days=0 if conditions.own_rhythm else conditions.days_inactive)]

    def rows(self, session: Session, clinic: Clinic, touched: Collection[UUID]) -> Collection[UUID]:
        """Whose visits they are, and who these records have become: of each customer one anchor stands."""
        named = any_(literal(list(touched), ARRAY(Uuid())))
        visits = select(Visit.customer_id).where(Visit.clinic_id == clinic.id, Visit.id == named)
        joined = Customer.clinic_id == clinic.id, Customer.id == named
        return {one for one in session.scalars(visits.union(select(Customer.merged_into).where(*joined))) if one}

    def anchors(self, clinic: Clinic, conditions: After, when: When) -> Anchored:
        last, each = aliased(Visit), aliased(Visit)
        theirs = last.clinic_id == clinic.id, when.among(last.customer_id), last.uncounted.is_(None)
        chosen = select(last.id, last.customer_id, last.visited_at, last.created_at).where(*theirs)
        if when.since is not None:
            chosen = chosen.where(last.visited_at > when.since - timedelta(days=MOST + conditions.days_inactive))
        # The last visits first: their rhythm is asked for once a customer, and of no more customers than are wanted.
        ordered = chosen.ext(distinct_on(last.customer_id)).order_by(last.customer_id, last.visited_at.desc())
        newest = ordered.subquery("newest")
        gaps = (
            select((each.visited_at - func.lag(each.visited_at).over(order_by=each.visited_at)).label("gap"))
            .where(each.clinic_id == clinic.id, each.customer_id == newest.c.customer_id, each.uncounted.is_(None))
            .correlate(newest)
            .subquery()
        )
        middle = func.percentile_cont(literal_column("0.5")).within_group(gaps.c.gap)
        usual = func.least(func.greatest(2 * extract("epoch", middle) / 86_400, LEAST), MOST)
        rhythm = select(
            case((func.count() >= RHYTHM_FROM, cast(usual, Integer)), else_=conditions.days_inactive).label("days")
        ).select_from(gaps).lateral()  # fmt: skip
        days = cast(rhythm.c.days, Integer) if conditions.own_rhythm else literal(0)
        wanted = select(
            newest.c.customer_id,
            func.concat(VISIT, cast(newest.c.id, Text)).label("anchor"),
            (newest.c.visited_at + func.make_interval(0, 0, 0, days)).label("at"),
            newest.c.customer_id.label("about_id"),
            newest.c.created_at.label("known_at"),
            true().label("holds"),
        )
        return Anchored(wanted.join(rhythm, true()) if conditions.own_rhythm else wanted)

    def why_not(self, session: Session, execution: FollowupExecution, now: datetime) -> str | None:
        if answers.ahead(session, execution, now):
            return "appointment_ahead"
        last = _last(session, execution)
        if last is None:
            return "no_visit"
        # A record that has become theirs may bring the plan of an earlier visit with it.
        at = together.of(session, execution).each(_anchored).get(execution.id, last)
        return None if at == last else "came_since"

    def values(self, session: Session, execution: FollowupExecution, t: Language) -> Mapping[str, str]:
        customer, last = execution.customer, _last(session, execution)
        values = {
            "customerName": addressed(customer, t),
            "clinicName": customer.clinic.called(t.code),
            "lastVisitDate": t.date(last) if last else None,
        }
        return {name: value for name, value in values.items() if value}

    def buttons(self, t: Language) -> tuple[Button, ...]:
        return (Button(t("Book"), Action("appointments")), Button(t("My points"), Action("points")))

    def words(self, t: Language, values: Mapping[str, str]) -> Words:
        return {
            "subject": t("We would be glad to see you again"),
            "message": t(
                "{hello}! It has been a while since you came to {clinicName}. Whenever it suits you, we are here for "
                "you, and your points are waiting.",
                hello=greeting(t, values.get("customerName")),
                **values,
            ),
            "sms": t("{clinicName}: it has been a while. Whenever it suits you, we are here for you.", **values),
        }


def _last(session: Session, execution: FollowupExecution) -> datetime | None:
    return together.of(session, execution).each(_visits).get(execution.customer_id)


def _anchored(batch: Together) -> dict[UUID, datetime]:
    """When each was there of whose visit an execution is; one that is tried out is of none."""
    of = {one.id: UUID(one.anchor.removeprefix(VISIT)) for one in batch.executions if one.anchor.startswith(VISIT)}
    named = Visit.clinic_id == batch.clinic_id, Visit.id == any_(literal(list(of.values()), ARRAY(Uuid())))
    at = dict(batch.session.execute(select(Visit.id, Visit.visited_at).where(*named)).all())
    return {id_: at[visit] for id_, visit in of.items() if visit in at}


def _visits(batch: Together) -> dict[UUID, datetime]:
    """The last that counts of each customer."""
    theirs = Visit.clinic_id == batch.clinic_id, batch.of_customers(Visit.customer_id), Visit.uncounted.is_(None)
    last = select(Visit.customer_id, func.max(Visit.visited_at)).where(*theirs).group_by(Visit.customer_id)
    return dict(batch.session.execute(last).all())
