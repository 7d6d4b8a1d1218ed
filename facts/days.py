"""What all that was told of a customer's day comes to: which appointments were kept, what was done, which visits it
was.

It is worked out anew from what is known whenever something of the day is told, so it ends the same in whatever order
that came. Of an appointment holds, in this order: what its source says; that the customer was there on that day, by a
payment, a check-in, a visit or a treatment; what the staff say; and, where the clinic has chosen so, the clock. The
staff's word that somebody did not come holds against what was before it, and not against who comes after it.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from customers import appointments, journey, treatments, visits
from customers.visits import Changed, Word
from facts import implied
from loyalty import achievements, ledger, notifications
from loyalty.notifications import Kind
from models.appointments import Appointment, Outcome, Teller
from models.customers import Customer, JourneyData
from models.facts import Visit
from models.loyalty import LoyaltyProfile
from models.treatments import Treatment
from models.visits import Telling
from runtime.actors import SYSTEM

TAKEN_BACK: tuple[Kind, ...] = ("visit_undone",)
"""What a customer hears who had been told what such a visit brought."""
SEEN = ("visit", "check_in", "payment", "treatment")
"""Tellings by which somebody was there, and not only by the appointment that they are held against."""


def settle(session: Session, customer: Customer, at: datetime, now: datetime, *, actor: str = SYSTEM) -> Changed:
    """Of the local day of this moment. Raises `CustomerMerged`."""
    profile = ledger.open_profile(session, customer, now)
    told = [one for one in visits.of_day(session, customer, at) if one.withdrawn_at is None]
    done, booked = treatments.of_day(session, customer, at), appointments.of_day(session, customer, at)
    day = _Day(
        seen=[one for one in told if one.kind in SEEN],
        spare=Counter(_spare(done)),
        beside=treatments.told_with(session, customer.clinic, booked),
        words=visits.of_appointments(session, customer.clinic, booked),
    )
    made = [_settle_one(session, one, day, now) for one in booked]
    changed = visits.settle(session, customer, at, now)
    _count(session, profile, changed, now, actor)
    _anchor(customer, at, {*done, *filter(None, made)}, changed.told)
    session.flush()
    return changed


def withdraw(session: Session, telling: Telling, now: datetime, *, actor: str = SYSTEM) -> Changed:
    """Whoever told it takes it back: the visit that nothing else tells was none."""
    telling.withdrawn_at = telling.withdrawn_at or now
    customer = session.get_one(Customer, (telling.customer_id, telling.clinic_id))
    return settle(session, customer, telling.at, now, actor=actor)


@dataclass(frozen=True)
class _Day:
    """What of a customer's day is asked for once, however many appointments it has."""

    seen: Sequence[Telling]
    """By which they were there."""
    spare: Counter[str]
    """Treatments that their source has told of by themselves, by service: how many no appointment has yet."""
    beside: Sequence[Treatment]
    """Those that the appointments imply, or at which they were done."""
    words: Mapping[tuple[str, str], Telling]
    """What the appointments have told, by source and its id."""


def _spare(done: Sequence[Treatment]) -> Iterator[str]:
    for one in done:
        if one.appointment_id is None and one.of_appointment is None and one.service_code:
            yield one.service_code


def say(session: Session, customer: Customer, word: Word, now: datetime, *, there: bool) -> None:
    """Have a teller's word stand, or not; the caller settles its day. What it said of another day or person than now is
    settled here."""
    known = visits.telling(session, customer.clinic_id, word.kind, word.source, word.external_id)
    _say(session, customer, word, known, now, there=there)


def _say(
    session: Session, customer: Customer, word: Word, known: Telling | None, now: datetime, *, there: bool
) -> None:
    if known is None:
        if there:
            visits.told(session, customer, word, now)
        return
    begins, ends = visits.bounds(customer.clinic, word.at)
    if known.withdrawn_at is None and not (known.customer_id == customer.id and begins <= known.at < ends):
        withdraw(session, known, now)
    if there:
        known.customer_id, known.at, known.withdrawn_at = customer.id, word.at, None
        known.branch_id, known.service_code, known.by = word.branch_id, word.service_code, word.by
    else:
        known.withdrawn_at = known.withdrawn_at or now
    session.flush()


def outcome(one: Appointment, seen: Sequence[Telling], treated: bool, now: datetime) -> tuple[Outcome, Teller] | None:
    """What came of it, and who says so. `treated`: its source has told of a treatment at it."""
    over = end_of(one) <= now
    said = one.staff_said if one.staff_said_for == one.starts_at else None
    if one.state in ("cancelled", "moved"):
        return None
    if one.state in ("completed", "no_show"):
        return one.state, "source"
    if one.state == "come" or treated:
        return ("completed" if over or treated else "come"), "source"
    since = one.staff_said_at if said == "no_show" else None
    there = any(since is None or telling.at > since for telling in seen)
    if there and over and appointments.for_whom(one) is None:
        return "completed", "visit"
    if said is not None:
        return ("completed", "staff") if said == "come" else ("no_show", "staff")
    return ("completed", "clock") if one.clocked_for == one.starts_at else None


def end_of(one: Appointment) -> datetime:
    return one.ends_at or one.starts_at


def open_for(session: Session, one: Appointment, now: datetime) -> bool:
    """Whether anything can have come of it: else there is nothing to settle yet."""
    said = one.state in ("come", "completed", "no_show") or one.outcome is not None or one.staff_said is not None
    return said or end_of(one) <= now or treatments.at_appointment(session, one)


def look(one: Appointment, now: datetime) -> None:
    """When it is to be looked at again by itself: at its end, and where the clinic has chosen so some hours later."""
    hours = one.customer.clinic.settings.appointments.completed_after_hours
    one.look_at = one.look_error = one.look_failing_since = one.look_again_at = None
    if end_of(one) > now:
        if one.state in ("requested", "booked", "confirmed", "come"):
            one.look_at = end_of(one)
    elif hours is not None and one.outcome is None and one.state in ("booked", "confirmed"):
        one.look_at = end_of(one) + timedelta(hours=hours)


def _settle_one(session: Session, one: Appointment, day: _Day, now: datetime) -> Treatment | None:
    """The appointment's outcome, with the treatment and the visit that it implies; that treatment."""
    named = any(_done_at(treatment, one) for treatment in day.beside)
    before = one.outcome
    one.outcome, one.outcome_by = outcome(one, day.seen, named, now) or (None, None)
    if one.outcome == "completed" != before and one.state != "completed":
        by = one.staff_said_by if one.outcome_by == "staff" else None
        data: JourneyData = {"appointment": str(one.id), "by": by or SYSTEM, "way": one.outcome_by or ""}
        journey.write(session, one.customer, "appointment_completed", now, data=data)
    wanted = one.outcome == "completed" and not named
    if wanted and one.service_code and day.spare[one.service_code] > 0:
        day.spare[one.service_code] -= 1  # the source has told of that treatment by itself
        wanted = False
    known = next((treatment for treatment in day.beside if treatment.appointment_id == one.id), None)
    made = implied.treatment(session, one, known, now, wanted=wanted)
    _tell_visit(session, one, day, now)
    look(one, now)
    return made


def _done_at(treatment: Treatment, one: Appointment) -> bool:
    named = treatment.source, treatment.of_appointment
    return treatment.state == "performed" and named == (one.source, one.external_id)


def _tell_visit(session: Session, one: Appointment, day: _Day, now: datetime) -> None:
    """An appointment that was kept tells of a visit, unless others do already, or it was for somebody else."""
    there = one.outcome in ("come", "completed") and one.outcome_by != "visit" and appointments.for_whom(one) is None
    by = one.staff_said_by if one.outcome_by == "staff" else None
    word = Word(
        "appointment", one.source, one.external_id, one.starts_at, one.branch_id, one.service_code, by or SYSTEM
    )
    _say(session, one.customer, word, day.words.get((one.source, one.external_id)), now, there=there)


def _count(session: Session, profile: LoyaltyProfile, changed: Changed, now: datetime, actor: str) -> None:
    customer = profile.customer
    profile.total_visits += len(changed.new) - len(changed.gone)
    for visit in changed.new:
        data: JourneyData = {"visit": str(visit.id), "service": visit.service_code}
        if actor != SYSTEM:
            data["by"] = actor
        journey.write(session, customer, "visited", visit.visited_at, key=f"visit:{visit.id}", data=data)
    for visit in changed.gone:
        undone: JourneyData = {"visit": str(visit.id), "by": actor}
        journey.write(session, customer, "visit_undone", now, key=f"visit_undone:{visit.id}", data=undone)
    if changed.new:
        achievements.check(session, profile, now, changed={"visits"})
    if changed.gone:
        _take_back(session, profile, changed.gone, now, actor)


def _take_back(session: Session, profile: LoyaltyProfile, gone: Sequence[Visit], now: datetime, actor: str) -> None:
    """What only these visits have unlocked, and its news where nobody has heard them yet; who has hears one line."""
    moments = achievements.take_back(session, profile, min(one.created_at for one in gone), now, actor=actor)
    told = [notifications.withdraw(session, profile.customer, achievements.NEWS, one) for one in moments]
    if any(told):
        notifications.write(session, profile.customer, "visit_undone", now)


def _anchor(customer: Customer, at: datetime, done: Set[Treatment], there: Sequence[Telling]) -> None:
    """Each treatment of the day belongs to the visit of which it tells; one that an appointment implies to that at its
    branch, or to the first that is told of."""
    begins, ends = visits.bounds(customer.clinic, at)
    for one in done:
        if one.state != "performed" or one.customer_id != customer.id or not begins <= one.performed_at < ends:
            continue
        itself = [told for told in there if (told.kind, told.source, told.external_id) == _word_of(one)]
        beside = [told for told in there if told.branch_id is not None and told.branch_id == one.branch_id]
        of_it = next(iter([*itself, *beside, *there]), None)
        one.visit_id = of_it.visit_id if of_it is not None and one.about is None else None


def _word_of(one: Treatment) -> tuple[str, str, str]:
    if one.appointment is not None:
        return "appointment", one.source, one.appointment.external_id
    return "treatment", one.source, one.external_id or ""
