"""A booking system has told of an appointment: booked, confirmed, moved, cancelled, come, or not come."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from customers import abroad, appointments, journey
from customers.appointments import rank
from customers.people import vault_of
from facts import days, knows
from facts.told import AppointmentTold, Details, NotYet
from facts.whose import about as about_whom
from facts.whose import friend, named, whose
from loyalty import ledger
from models.appointments import Appointment, AppointmentState
from models.clinics import Clinic
from models.customers import Customer, JourneyData


def told(session: Session, clinic: Clinic, source: str, fact: AppointmentTold, now: datetime) -> Appointment:
    """The appointment as it is after the fact; told again, late or in another order it ends the same.

    Raises `NotYet` for what is about one that nobody has told of yet, `NeverAgain` where nobody is named, and
    `Contradiction`.
    """
    if fact.details is not None:
        fact.details.check()
    owner = appointments.whose(session, clinic, source, fact.external_id)
    if owner is not None:
        ledger.lock(session, owner)  # before the appointment, as whoever settles a day does
    found = appointments.of_source(session, clinic, source, fact.external_id)
    before = None if found is None else (found.state, found.starts_at)
    was = knows.before(session, found, now)
    if found is not None and of_a_guest(session, found, fact):
        return found
    if found is None:
        found = _first(session, clinic, source, fact, now)
    elif fact.details is not None:
        _say(session, clinic, found, fact, fact.details, now)
        _detail(session, clinic, found, fact, fact.details)
    if before is not None and rank(fact.order, fact.state) > rank(found.state_order, found.told_state):
        found.told_state, found.state_order, found.told_at = fact.state, fact.order, max(found.told_at, fact.at)
    old, others = appointments.replaced_by(session, found), appointments.in_its_place(session, found)
    _inherit(session, found, old, others)
    _keep_with_who_booked(session, clinic, found, old, others, fact, now)
    beside = _stand(session, found, old, others, fact.order)
    knows.after(session, found, old, others, was, fact, now)
    if before is None or found.state != before[0]:
        _write(session, found, found.state, fact.order)
    elif found.starts_at != before[1]:
        _write(session, found, "moved", fact.order)
    _settle(session, found, beside, now)
    return found


def of_a_guest(session: Session, appointment: Appointment, fact: AppointmentTold) -> bool:
    """Whether it tells of somebody else who was to come with them, of whom we keep nothing."""
    index = _index(session, appointment.clinic_id, fact.attendee)
    return None not in (index, appointment.attendee_index) and index != appointment.attendee_index


def _index(session: Session, clinic_id: UUID, email: str | None) -> bytes | None:
    address = abroad.email_of(email or "")
    return vault_of(session).index(clinic_id, "email", address) if address is not None else None


def _first(session: Session, clinic: Clinic, source: str, fact: AppointmentTold, now: datetime) -> Appointment:
    if fact.details is None:
        raise NotYet(f"{source} has not told of this appointment yet")
    old = None
    if fact.details.person.nobody:
        # Told with nobody's name, it is of whoever had the one that it replaces; without that, it was told too early.
        old = appointments.of_source(session, clinic, source, fact.details.replaces or "")
        if old is None:
            raise NotYet(f"{source} has not told yet whose this appointment is: data.customer, or the one it replaces")
        customer, about = old.customer, old.about
    else:
        customer, about = whose(session, clinic, source, fact.details.person, now, fact.at)
    ledger.lock(session, customer)
    made = Appointment(
        clinic_id=clinic.id,
        customer_id=customer.id,
        customer=customer,
        source=source,
        external_id=fact.external_id,
        state=fact.state,
        told_state=fact.state,
        starts_at=fact.details.starts_at,
        state_order=fact.order,
        person_order=fact.order if old is None else None,
        details_order=fact.order,
        told_at=fact.at,
        created_at=now,
    )
    _describe(session, clinic, made, fact.details)
    made.about, made.replaces = about, fact.details.replaces
    made.attendee_index = _index(session, clinic.id, fact.details.person.email)
    session.add(made)
    session.flush()
    return made


def _say(
    session: Session, clinic: Clinic, appointment: Appointment, fact: AppointmentTold, details: Details, now: datetime
) -> None:
    """Who comes, as the source says last: it need not say so each time."""
    known = appointment.person_order
    if details.person.nobody or (known is not None and fact.order <= known):
        return
    by_link = friend(session, clinic, details.person, now, fact.at) is not None
    if appointment.by_link and details.person.ours is None and not by_link:
        customer, about = appointment.customer, named(appointment.customer, details.person)
    else:
        customer, about = whose(session, clinic, appointment.source, details.person, now, fact.at)
    appointment.person_order = fact.order
    appointment.attendee_index = _index(session, clinic.id, details.person.email)
    _hand(session, appointment, customer, about)


def _hand(session: Session, appointment: Appointment, customer: Customer, about: str | None) -> None:
    """What names things and people is sealed anew, for the new owner."""
    service = appointment.service
    if customer is not appointment.customer:
        ledger.lock(session, customer)
        appointment.customer_id, appointment.customer = customer.id, customer
    appointment.service, appointment.about = service, about


def _describe(session: Session, clinic: Clinic, appointment: Appointment, details: Details) -> None:
    """When and what for, as the source says now."""
    branch = appointments.branch_of(session, clinic, appointment.source, details.branch)
    if appointment.starts_at != details.starts_at:
        appointment.listed_as = None
    appointment.starts_at, appointment.ends_at = details.starts_at, details.ends_at
    appointment.branch_id = None if branch is None else branch.id
    appointment.service_code = appointments.service_code(session, clinic, appointment.source, details.service)
    appointment.service = details.service_name or details.service


def _detail(
    session: Session, clinic: Clinic, appointment: Appointment, fact: AppointmentTold, details: Details
) -> None:
    if (fact.order, details.starts_at) > (appointment.details_order, appointment.starts_at):
        _describe(session, clinic, appointment, details)
        appointment.details_order, appointment.told_at = fact.order, max(appointment.told_at, fact.at)
    if fact.order == appointment.details_order:
        _told_again(session, clinic, appointment, details)
    appointment.replaces = appointment.replaces or details.replaces  # what came later need not say it again


def _told_again(session: Session, clinic: Clinic, appointment: Appointment, details: Details) -> None:
    """The file may know by now what for and where it is."""
    if appointment.service_code is None:
        appointment.service_code = appointments.service_code(session, clinic, appointment.source, details.service)
    if appointment.branch_id is None:
        branch = appointments.branch_of(session, clinic, appointment.source, details.branch)
        appointment.branch_id = None if branch is None else branch.id


def _inherit(
    session: Session, appointment: Appointment, old: Appointment | None, others: Sequence[Appointment]
) -> None:
    """One that names nobody is of whoever has the one that it replaces; so are those in its place that name nobody."""
    unnamed = appointment.person_order is None and not appointment.by_link
    if unnamed and old is not None and (old.customer is not appointment.customer or old.about != appointment.about):
        _hand(session, appointment, old.customer, old.about)
    for one in others:
        if one.person_order is None and not one.by_link and one.customer is not appointment.customer:
            _hand(session, one, appointment.customer, appointment.about)
            _inherit(session, one, appointment, appointments.in_its_place(session, one))


def _settle(session: Session, found: Appointment, beside: Sequence[Appointment], now: datetime) -> None:
    """What has come of it, and of those that stand with it in one place."""
    session.flush()
    for one in (found, *beside):
        if days.open_for(session, one, now):
            days.settle(session, one.customer, one.starts_at, now)
        days.look(one, now)


def _keep_with_who_booked(
    session: Session, clinic: Clinic, appointment: Appointment, old: Appointment | None, others: Sequence[Appointment],
    fact: AppointmentTold, now: datetime,
) -> None:  # fmt: skip
    """What was booked by a customer's link stays theirs when it is moved: sources give the token back once only. So
    do those that stand in its place, whichever was told first."""
    holder = friend(session, clinic, fact.details.person, now, fact.at) if fact.details is not None else None
    if holder is None and old is not None and old.by_link:
        holder = old.customer
    if holder is not None:
        _give(session, appointment, others, holder)


def _give(session: Session, appointment: Appointment, others: Sequence[Appointment], customer: Customer) -> None:
    """With all that stand in its place; what names things and people is sealed anew, for the new owner."""
    if appointment.by_link:
        return
    name = appointment.about or appointment.customer.display_name
    appointment.by_link = True
    _hand(session, appointment, customer, about_whom(customer, name))
    for one in others:
        _give(session, one, appointments.in_its_place(session, one), customer)


def _stand(
    session: Session, found: Appointment, old: Appointment | None, others: Sequence[Appointment], order: int
) -> list[Appointment]:
    """Of those that stand in one place only the new one does, whichever was told first; of some that replace each
    other all round, the one that the oldest of them was to replace. What each is else, its source has said.

    Those beside it.
    """
    circle = appointments.circle(session, found) if others and old is not None else []
    least = appointments.oldest(circle) if circle else None
    found.state = "moved" if any(one is not least for one in others) else found.told_state
    beside = list(dict.fromkeys([*others, *([old] if old is not None else []), *circle]))
    beside = [one for one in beside if one is not found]
    for one in beside:
        if one is not old and one not in circle:
            continue  # what replaces it stands as it did
        before, instead = one.state, [found] if one is old else []
        if circle:
            session.flush()
            instead = list(appointments.in_its_place(session, one))
        one.state = "moved" if any(other is not least for other in instead) else one.told_state
        if one.state != before:
            _write(session, one, one.state, found.details_order if one.state == "moved" else order)
    return beside


def _write(session: Session, appointment: Appointment, what: AppointmentState, order: int) -> None:
    session.flush()
    data: JourneyData = {
        "appointment": str(appointment.id),
        "service": appointment.service_code,
        "starts_at": appointment.starts_at.isoformat(),
        "by": appointment.source,
    }
    journey.write(
        session,
        appointment.customer,
        f"appointment_{what}",
        appointment.told_at,
        key=f"appointment:{appointment.id}:{order}:{what}",
        data=data,
    )
