"""When something may be said: the quiet hours of the purpose, of the clinic and of the customer, and days without any.

Hours are local hours of the clinic, by the clock on the wall: where it is put back, an hour is gone through twice.
"""

import hashlib
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, DateTime, Time, and_, case, cast, func, literal, or_

from models.clinic_channels import FIRST_OFFER, LAST_OFFER
from models.clinics import Clinic
from models.followups import Purpose
from runtime.language import BANGKOK

Window = tuple[time, time]
"""From and until; where it begins later than it ends, it wraps midnight."""
CARE_HOURS: Window = (time(21), time(8))
OFFER_HOURS: Window = (time(20), time(9))
"""From and until nothing of care and of appointments is said, and no offer; the clinic's and the customer's own hours
only narrow."""
NO_SMS_OFFERS: Window = (LAST_OFFER, FIRST_OFFER)
"""Of Thailand's own clock, whatever a clinic sets."""
SOON = timedelta(hours=2)
"""What would be held until later than so long before it has lost its use is said before, at the end of open hours."""
LAST = timedelta(minutes=30)
"""So long before they end: a worker may be late."""
SPREAD = timedelta(minutes=15)
"""Over so long is said what was held until one moment."""
AHEAD = timedelta(days=30)
"""So far somebody looks for an hour that is not quiet."""
_DAY = 24 * 60


def quiet_until(now: datetime, zone: ZoneInfo, hours: Window) -> datetime | None:
    """The end of the quiet hours, if `now` is in them."""
    local, (begins, ends) = now.astimezone(zone), hours
    at = local.time()
    if not (begins <= at < ends if begins < ends else at >= begins or at < ends):
        return None
    day = local.date() if at < ends else local.date() + timedelta(days=1)
    end = datetime.combine(day, ends, zone)
    # In the hour that is gone through twice the end of the first time may have passed.
    return end if end.astimezone(UTC) > now.astimezone(UTC) else end.replace(fold=1)


def windows(clinic: Clinic, purpose: Purpose, own: Window | None) -> list[Window]:
    of_purpose = OFFER_HOURS if purpose == "marketing" else CARE_HOURS
    return [of_purpose, clinic.settings.customers.quiet, *([own] if own else [])]


def opens(
    at: datetime, zone: ZoneInfo, quiet: Sequence[Window], closed: Callable[[date], bool] = lambda _: False
) -> datetime | None:
    """The first moment from `at` on, itself or later, in none of these hours and on no closed day; None where there is
    none within `AHEAD`."""
    found = at
    while found.astimezone(UTC) - at.astimezone(UTC) < AHEAD:
        more = next((end for hours in quiet if (end := quiet_until(found, zone, hours))), None)
        if more is None and closed(day := found.astimezone(zone).date()):
            more = datetime.combine(day + timedelta(days=1), time(), zone)
        if more is None:
            return found
        found = more
    return None


def sms_opens(clinic: Clinic, at: datetime) -> datetime | None:
    """The first moment from `at` on at which an SMS may offer something there; None where there is none."""
    zone, quiet = clinic.settings.voice.zone, clinic.settings.channels.sms.quiet
    found: datetime | None = at
    while found is not None and found - at < AHEAD:
        began = found
        lawful = opens(found, BANGKOK, [NO_SMS_OFFERS])
        found = None if lawful is None else opens(lawful, zone, [quiet])
        if found == began:
            return found
    return None


def sms_closes(clinic: Clinic, at: datetime) -> datetime:
    """The first moment behind `at` from which no SMS offers anything there."""
    quiet = clinic.settings.channels.sms.quiet[0]
    return min(_next(at, BANGKOK, NO_SMS_OFFERS[0]), _next(at, clinic.settings.voice.zone, quiet))


def _next(at: datetime, zone: ZoneInfo, clock: time) -> datetime:
    local = at.astimezone(zone)
    day = local.date() + timedelta(days=local.time() >= clock)
    return datetime.combine(day, clock, zone)


def spread(customer: UUID, at: datetime) -> timedelta:
    """How much later than all others this customer is told; the same for all that is told to them then."""
    digest = hashlib.blake2b(f"{customer}@{at.timestamp():.0f}".encode(), digest_size=4).digest()
    return timedelta(seconds=int.from_bytes(digest) % int(SPREAD.total_seconds()))


def joined(quiet: Sequence[Window]) -> list[Window]:
    """The same hours without overlaps; none where they leave no hour of the day."""
    spans: list[tuple[int, int]] = []
    for begins, ends in ((_minutes(one), _minutes(other)) for one, other in quiet):
        spans += [(begins, ends)] if begins < ends else [(begins, _DAY), (0, ends)]
    merged: list[tuple[int, int]] = []
    for begins, ends in sorted(spans):
        if merged and begins <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], ends))
        elif begins < ends:
            merged.append((begins, ends))
    if merged == [(0, _DAY)]:
        return []
    if len(merged) > 1 and merged[0][0] == 0 and merged[-1][1] == _DAY:
        merged = [*merged[1:-1], (merged[-1][0], merged[0][1])]
    return [(_time(begins), _time(ends)) for begins, ends in merged]


def before(due: datetime, not_after: datetime, zone: ZoneInfo, quiet: Sequence[Window]) -> datetime:
    """`due`; where that is in quiet hours whose end would leave no time for what it is about, before they begin."""
    for begins, ends in joined(quiet):
        end = quiet_until(due, zone, (begins, ends))
        if end is not None and not_after - SOON < end.astimezone(UTC):
            local = due.astimezone(zone)
            day = local.date() if local.time() >= begins else local.date() - timedelta(days=1)
            return datetime.combine(day, begins, zone) - LAST
    return due


def before_in_sql(
    due: ColumnElement[datetime], not_after: ColumnElement[datetime], zone: ZoneInfo, quiet: Sequence[Window]
) -> ColumnElement[datetime]:
    """The same of many at once."""
    local = func.timezone(str(zone), due)
    clock, day = cast(local, Time), func.date_trunc("day", local)
    one_day = func.make_interval(0, 0, 0, 1)
    found: list[tuple[ColumnElement[bool], ColumnElement[datetime]]] = []
    for begins, ends in joined(quiet):
        first, last = literal(begins, Time), literal(ends, Time)
        tonight = day if begins < ends else case((clock >= first, day), else_=day - one_day)
        morning = day if begins < ends else case((clock >= first, day + one_day), else_=day)
        inside = and_(clock >= first, clock < last) if begins < ends else or_(clock >= first, clock < last)
        opens_at = cast(func.timezone(str(zone), morning + last), DateTime(timezone=True))
        shuts_at = cast(func.timezone(str(zone), tonight + first), DateTime(timezone=True))
        found.append((and_(inside, opens_at > not_after - _interval(SOON)), shuts_at - _interval(LAST)))
    return case(*found, else_=due) if found else due


def _interval(lasting: timedelta) -> ColumnElement[timedelta]:
    """A time of which the database knows the type before it knows the value."""
    return func.make_interval(0, 0, 0, 0, 0, int(lasting.total_seconds()) // 60)


def _minutes(at: time) -> int:
    return at.hour * 60 + at.minute


def _time(minutes: int) -> time:
    return time(minutes // 60 % 24, minutes % 60)
