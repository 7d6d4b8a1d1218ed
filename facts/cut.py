"""Two records that were made one and are not one person: taken apart again, for thirty days.

What was the record's goes back to it: its facts and ids, what is left of its points, and what its own ids have told of
since. What was told of the person in the chat, by their card or in the staff's group stays with them.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, or_, select, update
from sqlalchemy.orm import Session, aliased

from customers import apart, appointments, families, journey, payments
from customers.line_accounts import menus_due
from facts import days
from facts.group_till import SOURCE
from facts.shared import OF_STAFF
from loyalty import apart as purse
from loyalty import ledger, notifications
from loyalty.apart import Returned
from models.appointments import Appointment
from models.courses import Course
from models.customers import Customer, CustomerIdentity, JourneyData, JourneyEvent
from models.facts import Payment, Visit
from models.followups import FollowupExecution
from models.invoices import Invoice
from models.joined_records import JoinedRecord
from models.loyalty import PendingPoints
from models.treatments import Treatment
from models.visits import Telling

CUT_WITHIN = timedelta(days=30)
TOLD = (Payment, Telling, Treatment, Appointment, Course, Invoice)
"""What sources tell of, under their own ids."""


class CannotCut(Exception):
    """Nothing was changed. `why`: nothing, too_late, again (one of the two was made one with another since),
    erased."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def of(session: Session, person: Customer, now: datetime) -> JoinedRecord:
    """The last merge of this person, if it can be taken apart. Raises `CannotCut`."""
    joined = apart.last(session, person)
    if joined is None:
        ever = exists().where(Customer.clinic_id == person.clinic_id, Customer.merged_into == person.id)
        raise CannotCut("too_late" if session.scalar(select(ever)) else "nothing")
    _may(session, joined, now)
    return joined


def cut(session: Session, joined: JoinedRecord, now: datetime, *, actor: str) -> Returned:
    """From here on they are two. Raises `CannotCut`."""
    duplicate, survivor = joined.duplicate, joined.survivor
    for one in sorted((duplicate, survivor), key=lambda each: each.id):
        ledger.lock(session, one)
    session.refresh(joined, with_for_update=True)
    for one in (duplicate, survivor):
        session.refresh(one)
    _may(session, joined, now)
    purse.of(session, duplicate).merged_into = None
    source, target = ledger.open_profile(session, survivor, now), ledger.open_profile(session, duplicate, now)
    told = _with_later(session, joined)
    returned = purse.give_back(session, joined, source, target, told, now, actor=actor)
    apart.part(session, joined)
    of_record = FollowupExecution.customer_id == duplicate.id, FollowupExecution.about_id == survivor.id
    back = update(FollowupExecution).where(FollowupExecution.clinic_id == joined.clinic_id, *of_record)
    session.execute(back.values(about_id=duplicate.id).execution_options(synchronize_session=False))
    payments.no_longer_alike(session, joined.clinic_id, (duplicate.id, survivor.id))
    _visits(session, joined)
    purse.reckon(session, source, target)
    for day in _mixed(session, joined):
        for one in (survivor, duplicate):
            for visit in days.settle(session, one, day, now, actor=actor).new:
                visit.ask_on = None  # how it was has been asked, or is past
    purse.look_again(session, source, target, returned, joined.joined_at, now, actor=actor)
    purse.untell(session, source, target, joined.joined_at)
    joined.cut_by, joined.cut_at = actor, now
    families.taken_apart(session, duplicate, survivor, now, actor=actor)
    menus_due(session, survivor)
    data: JourneyData = {"by": actor, "duplicate": str(duplicate.id), "points": returned.points}
    for one in (survivor, duplicate):
        journey.write(session, one, "unlinked", now, key=f"unlinked:{joined.id}:{one.id}", data=data)
    notifications.write(session, survivor, "unlinked", now, key=f"unlinked:{joined.id}")
    session.flush()
    return returned


def _may(session: Session, joined: JoinedRecord, now: datetime) -> None:
    duplicate, survivor = joined.duplicate, joined.survivor
    if joined.cut_at is not None:
        raise CannotCut("nothing")
    if duplicate.data_key is None or survivor.data_key is None:
        raise CannotCut("erased")
    either = JoinedRecord.duplicate_id.in_((duplicate.id, survivor.id)), JoinedRecord.survivor_id == survivor.id
    later = JoinedRecord.clinic_id == joined.clinic_id, JoinedRecord.id > joined.id, JoinedRecord.cut_at.is_(None)
    again = session.scalar(select(exists().where(*later, or_(*either))))
    if again or duplicate.merged_into != survivor.id or survivor.merged_into is not None:
        raise CannotCut("again")
    if now - joined.joined_at > CUT_WITHIN:
        raise CannotCut("too_late")


def _with_later(session: Session, joined: JoinedRecord) -> list[UUID]:
    """Add to what was handed over what the record's own ids have told of since, where the survivor has none of that
    source's; the payments among all that goes back."""
    sources = _sources(session, joined)
    rows = {name: list(keys) for name, keys in joined.rows.items()}
    ids: dict[str, list[str]] = {}
    for model in TOLD:
        name = f"{model.__tablename__}.customer_id"
        since = model.source.in_(sources), model.created_at >= joined.joined_at
        theirs = [model.clinic_id == joined.clinic_id, model.customer_id == joined.survivor_id]
        if model is Course:  # what staff shared, they shared with the friend
            theirs.append(~Course.external_id.startswith(OF_STAFF))
        found = session.scalars(select(model.id).where(*theirs, *since)).all() if sources else []
        rows[name] = list(dict.fromkeys([*rows.get(name, []), *map(str, found)]))
        ids[model.__tablename__] = rows[name]
    for name, found in _follows(session, joined, ids).items():
        rows[name] = list(dict.fromkeys([*rows.get(name, []), *map(str, found)]))
    joined.rows = {name: keys for name, keys in rows.items() if keys}
    session.flush()
    return [UUID(one) for one in ids["payments"]]


def _follows(session: Session, joined: JoinedRecord, ids: dict[str, list[str]]) -> dict[str, Sequence[UUID]]:
    """What of the survivor's is about these rows: points that wait, the journey, what was to be said of them."""

    def of(model: type[PendingPoints | JourneyEvent | FollowupExecution], about: ColumnElement[bool]) -> Sequence[UUID]:
        theirs = model.clinic_id == joined.clinic_id, model.customer_id == joined.survivor_id
        return session.scalars(select(model.id).where(*theirs, about)).all()

    told = [
        JourneyEvent.data[word].astext.in_(ids[table])
        for word, table in (
            ("payment", "payments"), ("appointment", "appointments"), ("treatment", "treatments"),
            ("course", "courses"), ("invoice", "invoices"),
        )
    ]  # fmt: skip
    every = [UUID(one) for keys in ids.values() for one in keys]
    return {
        "pending_points.customer_id": of(PendingPoints, PendingPoints.reference.in_(ids["payments"])),
        "customer_journey_events.customer_id": of(JourneyEvent, or_(*told)),
        "followup_executions.customer_id": of(FollowupExecution, FollowupExecution.about_id.in_(every)),
    }


def _sources(session: Session, joined: JoinedRecord) -> set[str]:
    """Those by whose ids only the record was known."""
    theirs = CustomerIdentity.clinic_id == joined.clinic_id, CustomerIdentity.customer_id == joined.survivor_id
    noted = set(joined.rows.get("customer_identities.customer_id", []))
    back, stays = set[str](), {SOURCE}
    for id_, kind in session.execute(select(CustomerIdentity.id, CustomerIdentity.kind).where(*theirs)):
        if kind.startswith("booking:"):
            (back if str(id_) in noted else stays).add(kind.removeprefix("booking:"))
    return back - stays


def _visits(session: Session, joined: JoinedRecord) -> None:
    """A visit of since then of which only the record's tellers tell is the record's."""
    telling = aliased(Telling)

    def told_of(customer_id: UUID) -> ColumnElement[bool]:
        of_it = telling.clinic_id == Visit.clinic_id, telling.visit_id == Visit.id
        return exists().where(*of_it, telling.customer_id == customer_id)

    since = Visit.customer_id == joined.survivor_id, Visit.created_at >= joined.joined_at
    only = told_of(joined.duplicate_id), ~told_of(joined.survivor_id)
    theirs = update(Visit).where(Visit.clinic_id == joined.clinic_id, *since, *only)
    session.execute(theirs.values(customer_id=joined.duplicate_id).execution_options(synchronize_session=False))
    session.expire_all()


def _mixed(session: Session, joined: JoinedRecord) -> list[datetime]:
    """A moment of each day of which something was told of both, or whose visit is the other's by now."""
    zone = joined.survivor.clinic.settings.voice.zone
    both = joined.duplicate_id, joined.survivor_id
    strange = and_(Telling.customer_id.in_(both), Visit.customer_id.in_(both), Telling.customer_id != Visit.customer_id)
    same = and_(Visit.clinic_id == Telling.clinic_id, Visit.id == Telling.visit_id)
    found = session.scalars(
        select(Telling.at).join(Visit, same).where(Telling.clinic_id == joined.clinic_id, strange)
    ).all()
    told = [*found, *appointments.days_of_both(session, joined.duplicate, joined.survivor)]
    by_day = {at.astimezone(zone).date(): at for at in told}
    return [by_day[day] for day in sorted(by_day)]
