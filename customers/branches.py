"""The clinic's places: when they are open, and how they are called."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from customers import public_holidays
from customers.contacts import spelling
from customers.public_holidays import Rests, never
from models.branches import Branch, Service
from models.clinics import Clinic
from runtime.language import FIRST

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
AHEAD = 30
"""So many days on somebody looks for the next time that a branch opens."""
Span = tuple[time, time]
"""From and until, of one day; until 00:00 is its end."""
DAYTIME = (time(9), time(21))
"""When a clinic that has not said its hours is taken to be open."""


@dataclass(frozen=True)
class Opening:
    """`until`: when it closes, of a branch that is open; `opens`: when it opens next, of one that is not and that will
    within `AHEAD` days."""

    open: bool
    until: datetime | None = None
    opens: datetime | None = None


def active(session: Session, clinic: Clinic) -> Sequence[Branch]:
    """In the clinic's order."""
    mine = Branch.clinic_id == clinic.id, Branch.active
    return session.scalars(select(Branch).where(*mine).order_by(Branch.position, Branch.code)).all()


def services(session: Session, clinic: Clinic) -> Sequence[Service]:
    """What the clinic offers now, in its order."""
    mine = Service.clinic_id == clinic.id, Service.active
    return session.scalars(select(Service).where(*mine).order_by(Service.position, Service.code)).all()


def in_words(words: dict[str, str], language: str, plain: str = "") -> str:
    """What is said in this language, else in the first, else in any."""
    return words.get(language) or words.get(FIRST) or next(iter(words.values()), plain)


def hours_on(branch: Branch, day: date, rests: Rests = never) -> list[Span]:
    """When it is open on this day; nothing on a holiday, and where the clinic has not said."""
    if day.isoformat() in branch.holidays or rests(day):
        return []
    return [span_of(text) for text in branch.hours.get(WEEKDAYS[day.weekday()], ())]


def opening(branch: Branch, at: datetime, zone: ZoneInfo, rests: Rests = never) -> Opening | None:
    """Whether it is open at this moment; None where the clinic has not said its hours. `rests`: days on which it is
    not, besides its own."""
    if not branch.hours:
        return None
    today = at.astimezone(zone).date()
    days = [today + timedelta(days=ahead) for ahead in range(AHEAD)]
    spans = [one for day in days for one in _spans(hours_on(branch, day, rests), day, zone)]
    for begins, ends in spans:
        if begins <= at < ends:
            return Opening(open=True, until=ends)
        if at < begins:
            return Opening(open=False, opens=begins)
    return Opening(open=False)


def closed_days(session: Session, clinic: Clinic, days: Sequence[date], rests: Rests) -> frozenset[date]:
    """Those on which all rests, or no branch is open; where none has said its hours, the former alone."""
    said = [one for one in active(session, clinic) if one.hours]
    return frozenset(day for day in days if rests(day) or (said and not any(hours_on(one, day) for one in said)))


def closed_until(session: Session, clinic: Clinic, at: datetime, rests: Rests) -> datetime | None:
    """When somebody is there again; None while a branch is open. Where none has said its hours, somebody is there on
    every day on which not all rests."""
    zone = clinic.settings.voice.zone
    openings = [opening(one, at, zone, rests) for one in active(session, clinic)]
    said = [one for one in openings if one is not None]
    if any(one.open for one in said):
        return None
    today = at.astimezone(zone).date()
    if not said and rests(today):
        days = (today + timedelta(days=ahead) for ahead in range(AHEAD))
        return next((datetime.combine(day, DAYTIME[0], zone) for day in days if not rests(day)), None)
    return min((one.opens for one in said if one.opens is not None), default=None)


def after_open_hours(session: Session, clinic: Clinic, at: datetime, lasting: timedelta) -> datetime:
    """When the clinic will have been open for so long since then, by its first branch that has said its hours; the end
    of `AHEAD` days where it will not have been."""
    branch = next((one for one in active(session, clinic) if one.hours), None)
    zone, left, rests = clinic.settings.voice.zone, lasting, public_holidays.closes(clinic)
    today = at.astimezone(zone).date()
    for day in (today + timedelta(days=ahead) for ahead in range(AHEAD)):
        for begins, ends in _spans(hours_on(branch, day, rests) if branch else [DAYTIME], day, zone):
            open_for = max(ends - max(begins, at), timedelta(0))
            if open_for >= left:
                return ends - open_for + left
            left -= open_for
    return at + timedelta(days=AHEAD)


def span_of(text: str) -> Span:
    """`10:00-20:00`; `24:00` is the end of the day. Raises `ValueError`."""
    begins, separator, ends = text.replace("–", "-").partition("-")
    if not separator:
        raise ValueError("no span of time")
    first, last = _time(begins), _time(ends)
    if last != time() and last <= first:
        raise ValueError("it ends before it begins")
    return first, last


def dialled(phone: str) -> str:
    """The phone as a link calls it: `tel:+6621234567`."""
    number = "".join(char for char in phone if char.isdigit() or char == "+")
    return f"tel:{spelling('phone', number)}"


def _spans(hours: Sequence[Span], day: date, zone: ZoneInfo) -> list[tuple[datetime, datetime]]:
    found = []
    for begins, ends in hours:
        last = day + timedelta(days=1) if ends == time() else day
        found.append((datetime.combine(day, begins, zone), datetime.combine(last, ends, zone)))
    return found


def _time(text: str) -> time:
    hour, separator, minute = text.strip().replace(".", ":").partition(":")
    if not separator or len(minute) != 2 or not (hour + minute).isascii():
        raise ValueError("no time")
    return time() if (hour, minute) == ("24", "00") else time(int(hour), int(minute))
