"""Feedback: one question about a visit, asked once, when the customer has had time to see what came of it.

Whether it is asked is decided by the daily job, and looked at once more when it is said.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Literal
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from customers import courses
from customers import visits as kept
from loyalty import notifications
from loyalty.reviews import LOW
from models.clinics import Clinic
from models.consents import PrivacyRequest
from models.conversations import ConversationState
from models.customers import LineLink
from models.facts import Feedback, Review, Visit
from models.followups import FollowupExecution, FollowupRule
from models.loyalty import NotificationData
from runtime.work import Batch

SURVEY = "satisfaction_survey"
"""The kind of rule that asks the same of a treatment."""
BATCH = 250
REMEMBERED = timedelta(days=14)
"""How long after a visit people still know how it was; then they are not asked any more."""
COMPLAINT = timedelta(days=30)
"""For so long a low rating is a complaint that somebody looks after: nobody is asked meanwhile how the next one was."""

Fate = Feedback | Literal["later"]
"""Later: they are talking to the clinic's people just now."""


def ask_due(session: Session, clinic: Clinic, day: date, now: datetime, batch: Batch | None = None) -> int:
    """Have the customers asked about the visits of one batch, or say on each why not; how many, without those that
    somebody holds.

    Of several visits that have come due together the last one is asked about.
    """
    batch = batch or Batch(BATCH)
    due = batch.take(session, select(Visit.ask_on, Visit.id).where(Visit.clinic_id == clinic.id, Visit.ask_on <= day))
    visits = session.scalars(
        select(Visit)
        .where(Visit.clinic_id == clinic.id, Visit.id.in_(due), Visit.ask_on <= day)
        .order_by(Visit.id)
        .with_for_update(skip_locked=True)
    ).all()
    world, news = _world(session, clinic, visits, day, now), []
    for visit in visits:
        fate = _fate(clinic, visit, world, now)
        if fate == "later":
            visit.ask_on = day + timedelta(days=1)
            continue
        visit.ask_on, visit.feedback = None, fate
        if fate == "asked":
            about: NotificationData = {"visit": str(visit.id)}
            news.append(notifications.News(visit.customer_id, about, f"feedback:{visit.id}"))
    session.flush()
    notifications.write_all(session, clinic, "feedback_asked", now, news, purpose="care")
    return len(visits)


def why_not(session: Session, clinic: Clinic, visit_id: UUID, now: datetime) -> Fate | None:
    """Why a question that is about to be said is not asked after all, which is noted on the visit; None: ask."""
    visit = session.get_one(Visit, (visit_id, clinic.id))
    day = now.astimezone(clinic.settings.voice.zone).date()
    fate = _fate(clinic, visit, _world(session, clinic, [visit], day, now), now)
    if fate != "later":
        visit.feedback = fate
    return None if fate == "asked" else fate


@dataclass
class _World:
    """What is so with the people of some visits."""

    reviewed: set[UUID] = field(default_factory=set)
    """Visits."""
    surveyed: set[UUID] = field(default_factory=set)
    """Visits about which a rule asks."""
    bought: set[UUID] = field(default_factory=set)
    """Visits at which a course was bought, and nothing else."""
    complaining: set[UUID] = field(default_factory=set)
    talking: set[UUID] = field(default_factory=set)
    erasing: set[UUID] = field(default_factory=set)
    on_line: set[UUID] = field(default_factory=set)
    ahead: dict[UUID, list[Visit]] = field(default_factory=dict)
    """Customer → visits that they are, or were, asked about."""


def _world(session: Session, clinic: Clinic, visits: Sequence[Visit], day: date, now: datetime) -> _World:
    world, people = _World(), {visit.customer_id for visit in visits}
    if not people:
        return world
    given = select(Review).where(Review.clinic_id == clinic.id, Review.customer_id.in_(people))
    for review in session.scalars(given.where(Review.created_at > now - COMPLAINT)):
        world.reviewed.add(review.visit_id)
        if review.rating <= LOW:
            world.complaining.add(review.customer_id)
    theirs = select(Visit).where(Visit.clinic_id == clinic.id, Visit.customer_id.in_(people))
    for visit in session.scalars(theirs.where(Visit.visited_at > now - REMEMBERED, Visit.uncounted.is_(None))):
        if visit.feedback == "asked" or (visit.ask_on is not None and visit.ask_on <= day):
            world.ahead.setdefault(visit.customer_id, []).append(visit)
    all_ = {one.id: one for some in (visits, *world.ahead.values()) for one in some}
    world.bought = _bought(session, clinic, all_.values())
    links = select(LineLink.customer_id, ConversationState.people_until).outerjoin(
        ConversationState,
        (ConversationState.clinic_id == LineLink.clinic_id) & (ConversationState.user_index == LineLink.user_index),
    )
    for customer_id, until in session.execute(
        links.where(LineLink.clinic_id == clinic.id, LineLink.customer_id.in_(people))
    ):
        world.on_line.add(customer_id)
        if until is not None and until > now:
            world.talking.add(customer_id)
    world.erasing = set(session.scalars(_erasing(clinic, people)))
    world.surveyed = set(session.scalars(_surveyed(clinic, [visit.id for visit in visits])))
    return world


def _surveyed(clinic: Clinic, visits: Collection[UUID]) -> Select[UUID]:
    """One that was held back for good, or whose rule rests, asks nobody."""
    table, speaks = FollowupExecution, FollowupRule.active & FollowupRule.ended_at.is_(None)
    said = table.status.in_(("sent", "unknown")) | ((table.status == "planned") & speaks)
    of_rules = FollowupRule.type == SURVEY, FollowupRule.clinic_id == clinic.id, table.clinic_id == clinic.id
    return select(table.about_id).join(table.rule).where(*of_rules, table.about_id.in_(visits), said)


def _bought(session: Session, clinic: Clinic, visits: Collection[Visit]) -> set[UUID]:
    """Those that only payments tell of, of no more than the courses cost that the customer bought on that day: nothing
    was done that they could say anything of. Cost: no more than one statement where nobody bought any."""
    zone = clinic.settings.voice.zone
    days = {visit.id: (visit.customer_id, visit.visited_at.astimezone(zone).date()) for visit in visits}
    sold = courses.sold(session, clinic, set(days.values()))
    paid = kept.only_paid(session, clinic, [id_ for id_, day in days.items() if day in sold])
    return {id_ for id_, amount in paid.items() if (price := sold[days[id_]]) is None or amount <= price}


def _erasing(clinic: Clinic, people: Collection[UUID]) -> Select[UUID]:
    asked = PrivacyRequest.kind == "erasure", PrivacyRequest.state == "open"
    return select(PrivacyRequest.customer_id).where(
        PrivacyRequest.clinic_id == clinic.id, PrivacyRequest.customer_id.in_(people), *asked
    )


def _fate(clinic: Clinic, visit: Visit, world: _World, now: datetime) -> Fate:
    person = visit.customer_id
    ahead = [one for one in world.ahead.get(person, ()) if one.id not in world.bought]
    reasons: tuple[tuple[Fate, bool], ...] = (
        ("off", not clinic.settings.customers.ask_feedback),
        ("void", visit.uncounted is not None),
        ("too_late", visit.visited_at <= now - REMEMBERED),
        ("reviewed", visit.id in world.reviewed),
        ("survey", visit.id in world.surveyed),
        ("sale", visit.id in world.bought),
        ("another_visit", any(_instead(clinic, one, visit) for one in ahead)),
        ("complaint", person in world.complaining),
        ("erasure", person in world.erasing),
        ("no_line", person not in world.on_line),
        ("later", person in world.talking),
    )
    return next((fate for fate, holds in reasons if holds), "asked")


def _instead(clinic: Clinic, one: Visit, visit: Visit) -> bool:
    """Whether the question about the one stands for the other too: it was later, or on the same day."""
    if one.id == visit.id:
        return False
    zone = clinic.settings.voice.zone
    same_day = one.visited_at.astimezone(zone).date() == visit.visited_at.astimezone(zone).date()
    return (one.visited_at, one.id) > (visit.visited_at, visit.id) or (same_day and one.feedback == "asked")
