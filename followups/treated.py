"""What follows from treatments: those of one visit are one anchor, so that nobody is asked twice about one day."""

from abc import abstractmethod
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import BeforeValidator, Field
from sqlalchemy import ARRAY, Text, Uuid, any_, cast, func, literal, select
from sqlalchemy.orm import Session

from customers.voice import addressed
from followups import answers, together
from followups.kind import Anchored, C, Kind, When
from followups.together import Together
from models.clinics import Clinic
from models.followups import FollowupExecution
from models.treatments import Treatment
from runtime.language import Language

HEARS: Mapping[str, str] = {"treatment_performed": "treatment", "treatment_voided": "treatment"}


Types = Annotated[
    tuple[Annotated[str, Field(min_length=1, max_length=60)], ...],
    BeforeValidator(lambda given: tuple(given) if isinstance(given, list | tuple) else (given,)),
    Field(max_length=50),
]
"""Codes of services; none: all."""


class OfVisits(Kind[C]):
    """Its anchors are visits at which something was done, from the moment of the last of it."""

    hears: ClassVar[Mapping[str, str]] = HEARS
    variables: ClassVar[Sequence[str]] = ("customerName", "clinicName", "treatmentName", "visitDate")
    needed: ClassVar[Sequence[str]] = ("clinicName",)
    private: ClassVar[Sequence[str]] = ("treatmentName",)

    @abstractmethod
    def types(self, conditions: C) -> Sequence[str]:
        """Codes of the services that count."""

    def rows(self, session: Session, clinic: Clinic, touched: Collection[UUID]) -> Collection[UUID]:
        visits = select(Treatment.visit_id).where(
            Treatment.clinic_id == clinic.id, Treatment.id == any_(literal(list(touched), ARRAY(Uuid())))
        )
        return {id_ for id_ in session.scalars(visits) if id_ is not None}

    def anchors(self, clinic: Clinic, conditions: C, when: When) -> Anchored:
        counts = Treatment.state == "performed"
        if types := self.types(conditions):
            counts &= func.lower(Treatment.service_code).in_([one.lower() for one in types])
        done = func.max(Treatment.performed_at).filter(counts)
        chosen = select(
            Treatment.customer_id,
            func.concat("visit:", cast(Treatment.visit_id, Text)).label("anchor"),
            done.label("at"),
            Treatment.visit_id.label("about_id"),
            func.min(Treatment.told_at).filter(counts).label("known_at"),
            func.coalesce(func.bool_or(counts), False).label("holds"),
        ).where(Treatment.clinic_id == clinic.id, Treatment.visit_id.is_not(None))
        if when.since is not None:
            chosen = chosen.where(Treatment.performed_at > when.since)
        return Anchored(chosen.group_by(Treatment.customer_id, Treatment.visit_id))

    def why_not(self, session: Session, execution: FollowupExecution, now: datetime) -> str | None:  # noqa: ARG002
        return None if done(session, execution) else "treatment_voided"

    def values(self, session: Session, execution: FollowupExecution, t: Language) -> Mapping[str, str]:
        treatments = done(session, execution)
        customer = execution.customer
        names = [name for one in treatments if (name := called(session, execution, one, t))]
        values = {
            "customerName": addressed(customer, t),
            "clinicName": customer.clinic.called(t.code),
            "treatmentName": ", ".join(dict.fromkeys(names)),
            "visitDate": t.date(treatments[-1].performed_at) if treatments else None,
        }
        return {name: value for name, value in values.items() if value}


def done(session: Session, execution: FollowupExecution) -> Sequence[Treatment]:
    """What stands of the visit, in the order in which it was done."""
    return together.of(session, execution).each(_done).get(execution.about_id, ())


def _done(batch: Together) -> dict[UUID, list[Treatment]]:
    """By visit."""
    theirs = Treatment.clinic_id == batch.clinic_id, batch.of_anchors(Treatment.visit_id)
    chosen = select(Treatment).where(*theirs, Treatment.state == "performed").order_by(Treatment.performed_at)
    found: dict[UUID, list[Treatment]] = {}
    for one in batch.session.scalars(chosen):
        if one.visit_id is not None:
            found.setdefault(one.visit_id, []).append(one)
    return found


def called(session: Session, execution: FollowupExecution, one: Treatment, t: Language) -> str | None:
    """As the clinic calls it, else as the source does."""
    service = answers.service(session, execution, one.service_code)
    return (service.names.get(t.code) if service else None) or one.service
