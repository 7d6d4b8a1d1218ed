"""The calendar: what is due is decided by business time and by what `calendar_runs` says was done.

Every slow worker ticks, as it looks for all other work. A tick may be lost, late or doubled and no daily job is lost or
done twice: not over a restart at midnight, nor when business time is moved a week on.

What raises stops nothing else. A batch that raises is halved until it is one row; that row is booked in
`calendar_failures` and left out until its next try. So a day is done when nothing of it is due but what is booked.
"""

import random
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal
from uuid import UUID
from zoneinfo import ZoneInfo

import structlog
from prometheus_client import Counter
from sqlalchemy import ColumnElement, delete, func, or_, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from models.calendar import CalendarFailure, CalendarRun
from models.clinic_settings import Voice
from models.clinics import Clinic
from runtime import work
from runtime.clock import DATABASE_NOW, database_now, real
from runtime.context import Runtime
from runtime.database import PATIENCE, locked, lost, transient
from runtime.logs import place
from runtime.timing import after_failure
from runtime.work import Batch, Place
from workers import daily
from workers.daily import Daily

log = structlog.get_logger(__name__)
_failures = Counter("aura_calendar_failures", "Rows and days that a daily job could not do", ["job"])

work.queues.add(
    "calendar",
    work.Queue(
        CalendarFailure.id,
        CalendarFailure.clinic_id,
        waiting=CalendarFailure.next_try_at.is_not(None),
        due=CalendarFailure.next_try_at,
        error=CalendarFailure.error,
        retry={"next_try_at": DATABASE_NOW, "reason": None},
        drop=lambda reason: {"next_try_at": None, "reason": reason},
        wake="calendar",
        also=or_(CalendarFailure.tries > 0, CalendarFailure.next_try_at.is_(None)),
    ),
)

_ALONE = text("SELECT pg_try_advisory_xact_lock(hashtextextended(:key, 2))")
HELD = 3
"""Rows of one job that somebody holds, each of them waited for; then the rest of the day waits for the next look."""

Booked = tuple[date, str | None, bool | None]
"""Date, row and whether it is due again; None: it was given up."""
Outcome = Literal["done", "booked", "held", "more"]
"""Of one day of one job. Held: another tick is at it. More: its turn is over before the day is."""


def run_due(runtime: Runtime, clinic_ids: Sequence[UUID], stopping: threading.Event) -> int:
    """Run what is due and not done for these clinics, each clinic's oldest first; how many days of jobs were finished.

    A round, as every drain is: a clinic with a year to make up gives way to the next one after its turn. Who begins is
    drawn, so that where time is up before the end it is not always the same who come too late. `stopping`: the process
    is asked to end, and turns that have not begun are left.
    """
    with runtime.sessions() as session:
        now = runtime.clock.now(session)
        clinics = session.scalars(select(Clinic).where(Clinic.id.in_(clinic_ids)).order_by(Clinic.id)).all()
        days = list(_open_days(session, clinics, now))
    waiting: dict[UUID, list[tuple[OpenDay, Progress]]] = {
        clinic.id: [] for clinic in random.sample(clinics, len(clinics))
    }
    for one in days:
        waiting[one.clinic_id].append((one, Progress(one.job.most)))
    finished = 0
    deadline = time.monotonic() + runtime.timing.calendar.total_seconds()
    while any(waiting.values()) and time.monotonic() < deadline and not stopping.is_set():
        for clinic_id, theirs in waiting.items():
            if not theirs or stopping.is_set():
                continue
            turn = time.monotonic() + runtime.timing.calendar_turn.total_seconds()
            one, progress = theirs[0]
            outcome = _run(runtime, one, now, min(turn, deadline), progress)
            finished += outcome == "done"
            if outcome == "held":  # and will be at the days after it
                waiting[clinic_id] = [each for each in theirs if each[0].name != one.name]
            elif outcome != "more":
                theirs.pop(0)
    return finished


def behind(runtime: Runtime, session: Session) -> list["OpenDay"]:
    """The days that are due and were not run yet, of all clinics; what is booked of one that was is work.

    Days begin in a clinic's own zone: of one whose settings cannot be read, in the zone of who has chosen none.
    """
    clinics = session.scalars(select(Clinic).order_by(Clinic.slug)).all()
    return [one for one in _open_days(session, clinics, runtime.clock.now(session), Voice().zone) if not one.again]


def days_behind(runtime: Runtime) -> int:
    with runtime.sessions() as session:
        return len(behind(runtime, session))


def late(session: Session, clinic: Clinic, then: datetime) -> bool:
    """Whether a day of a job of this clinic has not been run that was due then already; its first days do not count."""
    return any(not (one.again or one.first) for one in _open_days(session, [clinic], then))


@dataclass(frozen=True)
class OpenDay:
    """A local date for which a job of a clinic is to be run. `again`: it was done, but for what is booked. `first`: the
    job has never been run."""

    clinic_id: UUID
    slug: str
    name: str
    day: date
    again: bool
    first: bool

    @property
    def job(self) -> Daily:
        return daily.jobs[self.name]

    def failures(self) -> list[ColumnElement[bool]]:
        """What is booked against it; a job that does not do each day for itself has one list for all days."""
        found = [CalendarFailure.clinic_id == self.clinic_id, CalendarFailure.job == self.name]
        return [*found, CalendarFailure.local_date == self.day] if self.job.each_day else found


@dataclass
class Progress:
    """How far a day has come: some jobs leave no trace in the rows that they have looked at."""

    size: int
    """Rows of the next batch."""
    after: Place | None = None
    whole: bool = True
    """Whether every row so far was done or booked."""
    suspects: int = 0
    """The rows of a batch that raised which are still to be done: among them the one is looked for."""
    began: datetime | None = None
    held: int = 0


def _open_days(
    session: Session, clinics: Sequence[Clinic], now: datetime, otherwise: ZoneInfo | None = None
) -> Iterator[OpenDay]:
    """Of every job of these clinics, oldest first, and the jobs in the order of their day: what one brings about, such
    as an offer on a birthday, the next one may ask for. `otherwise`: in which zone a clinic lives that cannot be read;
    one without is left out."""
    ids = [clinic.id for clinic in clinics]
    newest = {
        (clinic_id, job): day
        for clinic_id, job, day in session.execute(
            select(CalendarRun.clinic_id, CalendarRun.job, func.max(CalendarRun.local_date))
            .where(CalendarRun.clinic_id.in_(ids))
            .group_by(CalendarRun.clinic_id, CalendarRun.job)
        )
    }
    booked: dict[tuple[UUID, str], list[Booked]] = {}
    for failure, due in session.execute(
        select(CalendarFailure, _due_again()).where(CalendarFailure.clinic_id.in_(ids))
    ):
        found = (failure.local_date, failure.target, due)
        booked.setdefault((failure.clinic_id, failure.job), []).append(found)
    for clinic in clinics:
        zone = _zone(clinic) or otherwise
        if zone is None:  # since the round began; the next one sets the clinic aside
            log.error("clinic not readable", clinic=clinic.slug)
            continue
        local = now.astimezone(zone)
        for name in sorted(daily.jobs, key=lambda name: (not daily.jobs[name].warns, daily.jobs[name].at)):
            done = newest.get((clinic.id, name))
            for day in _days(daily.jobs[name], local, done, booked.get((clinic.id, name), ())):
                again = done is not None and day <= done
                yield OpenDay(clinic.id, clinic.slug, name, day, again, first=done is None)


def _zone(clinic: Clinic) -> ZoneInfo | None:
    try:
        return clinic.settings.voice.zone
    except Exception:  # noqa: BLE001 - whatever it is, this clinic waits and no other does; `aside` tells why
        return None


def _days(job: Daily, local: datetime, done: date | None, booked: Sequence[Booked]) -> list[date]:
    """From the day after its last run; a new job begins today."""
    last = local.date() if local.time() >= job.at else local.date() - timedelta(days=1)
    again = {day for day, _, due in booked if due}
    waiting = {day for day, row, due in booked if row is None and not due}
    if not job.each_day:
        if any(row is None and due is False for _, row, due in booked):
            return []
        return [last] if (done is None or done < last or again) and last not in waiting else []
    first = done + timedelta(days=1) if done else last
    fresh = {first + timedelta(days=n) for n in range((last - first).days + 1)}
    return sorted((fresh | again) - waiting)


def _due_again() -> ColumnElement[bool]:
    """Null for what was given up."""
    return CalendarFailure.next_try_at <= DATABASE_NOW


def _run(runtime: Runtime, one: OpenDay, now: datetime, deadline: float, so_far: Progress) -> Outcome:
    """Do one day of one job, batch after batch until the deadline, one at least, and note it when it is done."""
    while True:
        batch = Batch(so_far.size, after=so_far.after)
        try:
            with runtime.sessions.begin() as session:
                if not _alone(session, one):
                    return "held"
                so_far.began = so_far.began or database_now(session)
                batch.skip = _left_out(session, one)
                done = one.job.batch(session, session.get_one(Clinic, one.clinic_id), one.day, now, batch)
                if not batch.ids and so_far.whole:
                    return _finish(session, one, so_far.began)
        except Exception as error:  # noqa: BLE001 - whatever a job raises is booked with its row, below
            if len(batch.ids) > 1 and not lost(error):
                so_far.size, so_far.suspects = len(batch.ids) // 2, so_far.suspects or len(batch.ids)
                continue
            if not _goes_on(runtime, one, batch, so_far, error):
                return "booked"
            done = 1
        if not batch.ids:
            _book(runtime, one, [], "somebody holds some of its rows", busy=True)
            return "booked"
        so_far.whole, so_far.after = so_far.whole and done >= len(batch.ids), batch.last
        so_far.suspects -= len(batch.ids)
        if so_far.suspects <= 0:
            so_far.size, so_far.suspects = one.job.most, 0
            if time.monotonic() >= deadline:
                return "more"


def _goes_on(runtime: Runtime, one: OpenDay, batch: Batch, so_far: Progress, error: Exception) -> bool:
    """Book the row that raised, or the day as a whole, and say whether the day goes on behind it.

    Raises the error itself when the database is away: then the tick ends, and the next one goes on where it stood.
    """
    if lost(error):
        raise error
    log.error("daily job failed", clinic=one.slug, job=one.name, row=str(*batch.ids), exc_info=error)
    _book(runtime, one, batch.ids, place(error), busy=transient(error))
    so_far.held += locked(error)
    return bool(batch.ids) and so_far.held < HELD


def _alone(session: Session, one: OpenDay) -> bool:
    """Whether this transaction has the job to itself, and nobody has finished the day meanwhile."""
    alone = session.scalar(_ALONE, {"key": _key(one)})
    return bool(alone) and (one.again or session.get(CalendarRun, (one.clinic_id, one.name, one.day)) is None)


def _key(one: OpenDay) -> str:
    return f"{one.clinic_id}|{one.name}"


def _left_out(session: Session, one: OpenDay) -> frozenset[UUID]:
    """The rows that are booked and not to be tried again yet."""
    rows = session.scalars(
        select(CalendarFailure.target).where(
            *one.failures(), CalendarFailure.target.is_not(None), _due_again().is_not(True)
        )
    )
    return frozenset(UUID(row) for row in rows if row is not None)


def _finish(session: Session, one: OpenDay, began: datetime) -> Outcome:
    """Nothing is due any more but what is booked. What was tried again and is not booked anew has been mended."""
    session.execute(delete(CalendarFailure).where(*one.failures(), CalendarFailure.next_try_at <= began))
    session.execute(
        insert(CalendarRun)
        .values(clinic_id=one.clinic_id, job=one.name, local_date=one.day, finished_at=real())
        .on_conflict_do_nothing()
    )
    log.info("daily job done", clinic=one.slug, job=one.name, day=one.day.isoformat())
    return "done"


def _book(runtime: Runtime, one: OpenDay, rows: Sequence[UUID], error: str, *, busy: bool) -> None:
    """Keep one row, or none: the day as a whole, for another try.

    Raises when the database is away.
    """
    row = str(rows[0]) if rows else None
    _failures.labels(one.name).inc()
    with runtime.sessions.begin() as session:
        session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 2))"), {"key": _key(one)})
        found = session.scalars(
            select(CalendarFailure).where(*one.failures(), CalendarFailure.target.is_not_distinct_from(row))
        ).one_or_none()
        now = database_now(session)
        if found is None:
            found = CalendarFailure(
                clinic_id=one.clinic_id, job=one.name, local_date=one.day, target=row, tries=0, failed_at=now
            )
            session.add(found)
        found.error = error
        if busy and now - found.failed_at < PATIENCE:
            found.next_try_at = now + runtime.timing.tick
            return
        found.tries += 1
        found.next_try_at = now + after_failure(runtime.timing.calendar_backoff, found.tries)
