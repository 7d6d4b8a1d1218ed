"""The meter of a clinic's LINE account: how much of the month is used, how much of it by pushes to the staff, and what
is kept back for what is urgent.

Asking LINE goes beside the profiles of friends, in the same lane (`customers/profiles.py`): claims and records, no call
is made here but `read`, which is given to a pool.
"""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from channels.line.client import Access, Line
from customers import staff, staff_notices
from models.access import StaffGroup
from models.clinics import Clinic
from models.conversations import Send
from models.customers import Customer
from models.meters import LineMeter
from runtime import wake
from runtime.clock import DATABASE_NOW
from runtime.timing import Timing, after_failure

USUAL = 28
"""Days of which it is asked how much customers are usually sent."""
MORE = 1.1
"""What is usual may be a tenth more."""
ALARMS = 20
"""So many messages to all of the staff are kept back for what is urgent."""

REFUSED_FOR = timedelta(days=1)
"""After LINE has refused a push for the month's sake nothing is pushed so long; then one may find out whether more was
bought."""
LINE_QUOTA = "line_quota"
"""The kind of notice by which the staff hear of it, once a month."""

TRIES = 6


@dataclass(frozen=True)
class Claim:
    """Which account and groups are asked about, and until when the claim stands."""

    clinic_id: UUID
    access: Access
    groups: Mapping[UUID, str]
    attempts: int
    lease: datetime


@dataclass(frozen=True)
class Reading:
    """`allowed` None: no limit. `members`: people in each group."""

    allowed: int | None
    used: int
    members: Mapping[UUID, int]


def ask(session: Session, clinic: Clinic, now: datetime) -> None:
    """Have LINE asked soon."""
    row = {"clinic_id": clinic.id, "month": month_of(clinic, now), "used": 0, "staff": 0, "before": 0}
    asked = {"ask_due_at": DATABASE_NOW, "ask_attempts": 0}
    written = insert(LineMeter).values(**row, **asked)
    session.execute(written.on_conflict_do_update(index_elements=[LineMeter.clinic_id], set_=asked))
    wake.after(session, "profiles")


def month_of(clinic: Clinic, now: datetime) -> date:
    return now.astimezone(clinic.settings.voice.zone).date().replace(day=1)


def reserve(meter: LineMeter, members: int, today: date) -> int:
    """Messages that are kept for customers until the month is over, and for alarms to the staff.

    What customers are usually sent is taken from the meter itself: this month's so far, and of the month before as many
    days as are missing.
    """
    gone = today.day
    usual = (max(0, meter.used - meter.staff) + meter.before * max(0, USUAL - gone) / USUAL) / max(USUAL, gone)
    left = (today.replace(day=1) + timedelta(days=32)).replace(day=1) - today
    return math.ceil(usual * left.days * MORE) + ALARMS * members


def enough(session: Session, clinic: Clinic, now: datetime) -> bool:
    """Whether something that is not urgent may be pushed to the staff; also where LINE has not told."""
    if used_up(session, clinic, now):
        return False
    meter = session.get(LineMeter, clinic.id)
    if meter is None or meter.read_at is None or meter.allowed is None or meter.month != month_of(clinic, now):
        return True
    return meter.allowed - meter.used > kept_back(session, clinic, meter, now)


def enough_for_offers(session: Session, clinic: Clinic, now: datetime, offers: Collection[str]) -> bool:
    """Whether an offer may be pushed: what is left of the month covers what customers are usually sent besides offers,
    and alarms. `offers`: the reasons of those sends. Cost: only where it may not be is anything counted, and no further
    than to the answer."""
    meter = session.get(LineMeter, clinic.id)
    if enough(session, clinic, now) or meter is None or meter.allowed is None:
        return True
    today = now.astimezone(clinic.settings.voice.zone).date()
    left = (today.replace(day=1) + timedelta(days=32)).replace(day=1) - today
    room = meter.allowed - meter.used - ALARMS * sum(group.members or 0 for group in _groups(session, clinic))
    if room <= 0:
        return False
    most = math.ceil(room * USUAL / (left.days * MORE))
    had = (
        select(Send.id)
        .where(Send.clinic_id == clinic.id, Send.created_at > DATABASE_NOW - timedelta(days=USUAL))
        .where(Send.state == "sent", Send.channel == "line", Send.customer_id.is_not(None), Send.reason.not_in(offers))
        .limit(most)
    )
    return len(session.scalars(had).all()) < most


def told(session: Session, customer: Customer, kind: str, since: datetime, now: datetime) -> bool:
    """Whether the staff have heard something of this kind about a customer since then, or hear it in this moment: what
    waits for the next answer in their group, such as where few messages of the month are left, nobody has heard."""
    clinic = customer.clinic
    if not staff.told_of(session, clinic, kind):
        return False
    said, pushed = staff_notices.heard(session, customer, kind, since, now)
    return said or (pushed and enough(session, clinic, now))


def used_up(session: Session, clinic: Clinic, now: datetime) -> bool:
    """Whether, as far as LINE has told, or has refused, nothing more may be pushed in this month."""
    meter = session.get(LineMeter, clinic.id)
    if meter is None:
        return False
    month = month_of(clinic, now)
    if meter.refused_at is not None and now - meter.refused_at < REFUSED_FOR:
        return month_of(clinic, meter.refused_at) == month
    known = meter.read_at is not None and meter.month == month
    return known and meter.allowed is not None and meter.used >= meter.allowed


def refused_in(session: Session, clinic: Clinic, when: datetime) -> bool:
    """Whether LINE has refused a push for the sake of that month, and no more was bought since."""
    meter = session.get(LineMeter, clinic.id)
    refused_at = meter.refused_at if meter else None
    return refused_at is not None and month_of(clinic, refused_at) == month_of(clinic, when)


def for_want_of_messages(send: Send) -> bool:
    """Whether a push has failed because the month's messages are used up: at the next try it would again."""
    return send.state == "failed" and (send.error or "").startswith("quota")


def refused_pushes(session: Session, sends: Sequence[Send], now: datetime) -> None:
    """What has become of pushes is known: where LINE has refused one for the month's sake, LINE is asked, nothing more
    is pushed for a day, and the staff hear of it, once a month."""
    for clinic in {send.clinic for send in sends if for_want_of_messages(send)}:
        _refused(session, clinic, now)


def _refused(session: Session, clinic: Clinic, now: datetime) -> None:
    ask(session, clinic, now)
    meter = session.get_one(LineMeter, clinic.id, with_for_update=True, populate_existing=True)
    _roll(meter, month_of(clinic, now))
    meter.refused_at = now
    key = f"{LINE_QUOTA}:{meter.month.isoformat()}"
    staff_notices.write(session, clinic, LINE_QUOTA, now, key=key, rides=True)


def kept_back(session: Session, clinic: Clinic, meter: LineMeter, now: datetime) -> int:
    """The reserve as it stands today."""
    members = sum(group.members or 0 for group in _groups(session, clinic))
    return reserve(meter, members, now.astimezone(clinic.settings.voice.zone).date())


def count(session: Session, send: Send, now: datetime) -> None:
    """A push to a group of the staff has arrived: it counts once for each of them, and LINE is asked."""
    group = staff.bound(session, send.clinic, send.recipient) if send.recipient is not None else None
    if group is None:
        return
    ask(session, send.clinic, now)
    meter = session.get_one(LineMeter, send.clinic_id, with_for_update=True, populate_existing=True)
    _roll(meter, month_of(send.clinic, now))
    meter.staff += group.members or 1
    meter.used += group.members or 1


def claim(session: Session, clinic_id: UUID, line: Line, timing: Timing) -> tuple[bool, Claim | None]:
    """Whether it was due, and the claim; None when there is nothing to ask, and the row then says why."""
    found = session.execute(
        select(LineMeter, DATABASE_NOW)
        .where(LineMeter.clinic_id == clinic_id, LineMeter.ask_due_at <= DATABASE_NOW)
        .with_for_update(skip_locked=True)
    ).one_or_none()
    if found is None:
        return False, None
    meter, now = found
    meter.ask_attempts += 1
    meter.ask_due_at = lease = now + timing.profile_lease
    clinic = session.get_one(Clinic, clinic_id)
    groups = {group.id: group.group_id for group in _groups(session, clinic) if group.group_id is not None}
    return True, Claim(clinic_id, line.access(clinic), groups, meter.ask_attempts, lease)


def read(line: Line, claim: Claim) -> Reading:
    """What LINE says. Raises `LineError`."""
    quota = line.call(claim.access, "GET", "/v2/bot/message/quota", name="quota").data
    used = line.call(claim.access, "GET", "/v2/bot/message/quota/consumption", name="consumption").data
    members = {id_: line.members(claim.access, group_id) for id_, group_id in claim.groups.items()}
    allowed = int(quota["value"]) if quota.get("type") == "limited" else None
    return Reading(allowed, int(used["totalUsage"]), members)


def keep(session: Session, claim: Claim, reading: Reading, now: datetime) -> None:
    """Where nobody has asked since."""
    if (meter := _claimed(session, claim)) is None:
        return
    clinic = session.get_one(Clinic, claim.clinic_id)
    _roll(meter, month_of(clinic, now))
    if reading.allowed is None or reading.allowed > (meter.allowed or reading.allowed):
        meter.refused_at = None  # more was bought
    meter.allowed, meter.used, meter.read_at = reading.allowed, reading.used, DATABASE_NOW
    meter.ask_due_at, meter.ask_attempts, meter.ask_error = None, 0, None
    for group in _groups(session, clinic):
        group.members = reading.members.get(group.id, group.members)


def refused(session: Session, claim: Claim, reason: str, timing: Timing, *, for_good: bool) -> timedelta | None:
    """LINE did not say. How long until the next try; None when it is left to whoever asks next."""
    if (meter := _claimed(session, claim)) is None:
        return None
    meter.ask_error = reason
    wait = None if for_good or claim.attempts >= TRIES else after_failure(timing.profile_backoff, claim.attempts)
    meter.ask_due_at = None if wait is None else DATABASE_NOW + wait
    return wait


def _claimed(session: Session, claim: Claim) -> LineMeter | None:
    meter = session.get_one(LineMeter, claim.clinic_id, with_for_update=True)
    return meter if meter.ask_due_at == claim.lease else None


def _roll(meter: LineMeter, month: date) -> None:
    """A month begins: the counts do too."""
    if meter.month != month:
        adjoins = (meter.month + timedelta(days=32)).replace(day=1) == month
        meter.before = max(0, meter.used - meter.staff) if adjoins else 0
        meter.month, meter.used, meter.staff = month, 0, 0


def _groups(session: Session, clinic: Clinic) -> Sequence[StaffGroup]:
    ours = StaffGroup.clinic_id == clinic.id, StaffGroup.group_index.is_not(None)
    return session.scalars(select(StaffGroup).where(*ours).order_by(StaffGroup.id)).all()
