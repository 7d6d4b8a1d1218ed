"""The calendar: what is due is decided by business time and by what `calendar_runs` says was done.

`rq cron` keeps no account of missed ticks and must run once; so a tick may be lost, late or doubled and no daily job is
lost or done twice: not over a restart at midnight, nor when business time is moved a week on.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import structlog
from prometheus_client import Counter
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session, sessionmaker

from loyalty import birthdays, expiry, reconcile, redemptions, referrals, tier_review
from models.clinic_settings import BadSettings
from models.clinics import Clinic
from models.customers import CalendarRun
from privacy import retention
from runtime.clock import real
from runtime.context import Runtime
from runtime.registry import Registry

BATCH = 200

log = structlog.get_logger(__name__)
_drifted = Counter("aura_points_drifted", "Profiles whose cached points were not the sums", ["clinic"])


@dataclass(frozen=True)
class Daily:
    """`at`: local time from which it is due. `batch` does a part in its own transaction; 0 says nothing is left.

    It is given the local date it is done for and business time, which is later when days are made up. `each_day`:
    every day that was missed has its own work; else the newest day's does it all.
    """

    at: time
    batch: Callable[[Session, Clinic, date, datetime], int]
    each_day: bool = False


daily: Registry[Daily] = Registry("daily job")


def _settle_points(session: Session, clinic: Clinic, _day: date, now: datetime) -> int:
    return expiry.post_due(session, clinic, now)


def _warn_expiry(session: Session, clinic: Clinic, day: date, _now: datetime) -> int:
    expiry.warn(session, clinic, day)
    return 0


def _review_tiers(session: Session, clinic: Clinic, day: date, now: datetime) -> int:
    return tier_review.review(session, clinic, day, now)


def _warn_tiers(session: Session, clinic: Clinic, day: date, _now: datetime) -> int:
    tier_review.warn(session, clinic, day)
    return 0


def _reconcile_points(session: Session, clinic: Clinic, _day: date, _now: datetime) -> int:
    """Drift is told and left: whoever repairs it should first know why it came."""
    for drift in reconcile.check(session, clinic):
        _drifted.labels(clinic.slug).inc()
        log.error("points have drifted", clinic=clinic.slug, **drift.figures)
    return 0


def _forget(session: Session, clinic: Clinic, _day: date, _now: datetime) -> int:
    return retention.forget(session, clinic, real())


def _expire_redemptions(session: Session, clinic: Clinic, _day: date, now: datetime) -> int:
    return redemptions.expire_due(session, clinic, now, BATCH)


def _pay_referrals(session: Session, clinic: Clinic, _day: date, now: datetime) -> int:
    return referrals.pay_due(session, clinic, now)


def _birthday_points(session: Session, clinic: Clinic, day: date, _now: datetime) -> int:
    return birthdays.reward_due(session, clinic, day)


daily.add("settle_points", Daily(time(0, 5), _settle_points))
daily.add("expire_redemptions", Daily(time(0, 10), _expire_redemptions))
daily.add("birthday_points", Daily(time(9, 0), _birthday_points, each_day=True))
daily.add("pay_referrals", Daily(time(9, 15), _pay_referrals))
daily.add("review_tiers", Daily(time(0, 15), _review_tiers, each_day=True))
daily.add("warn_tiers", Daily(time(9, 40), _warn_tiers, each_day=True))
daily.add("warn_expiry", Daily(time(9, 30), _warn_expiry, each_day=True))
daily.add("reconcile_points", Daily(time(4, 0), _reconcile_points))
daily.add("forget", Daily(time(3, 30), _forget))


def run_due(runtime: Runtime) -> int:
    """Run what is due and not done, oldest first, for every clinic; how many jobs were finished."""
    sessions, clock = runtime.sessions, runtime.clock
    with sessions() as session:
        now = clock.now(session)
        clinics = list(_with_zones(session))
    return sum(
        _run(sessions, clinic, name, day, now)
        for clinic, zone in clinics
        for name in daily
        for day in _due(sessions, clinic, name, now.astimezone(zone))
    )


def _with_zones(session: Session) -> Iterator[tuple[Clinic, ZoneInfo]]:
    """Without a clinic whose settings cannot be read: its days wait, and are made up once it is mended."""
    for clinic in session.scalars(select(Clinic)):
        try:
            yield clinic, clinic.settings.voice.zone
        except BadSettings as error:
            log.error("settings cannot be read", clinic=clinic.slug, why=str(error))


def _due(sessions: sessionmaker[Session], clinic: Clinic, name: str, local: datetime) -> list[date]:
    """The local dates for which the job is due: from the day after its last run; a new job begins today."""
    last_due = local.date() if local.time() >= daily[name].at else local.date() - timedelta(days=1)
    with sessions() as session:
        done = session.scalar(
            select(func.max(CalendarRun.local_date)).where(CalendarRun.clinic_id == clinic.id, CalendarRun.job == name)
        )
    first = done + timedelta(days=1) if done and daily[name].each_day else last_due
    if done is not None and done >= last_due:
        return []
    return [first + timedelta(days=n) for n in range((last_due - first).days + 1)]


def _run(sessions: sessionmaker[Session], clinic: Clinic, name: str, day: date, now: datetime) -> bool:
    """Do one day of one job in batches, and note it. False when another tick is at it, or has done it."""
    while True:
        with sessions.begin() as session:
            lock = {"key": f"{clinic.id}|{name}"}
            if not session.execute(
                text("SELECT pg_try_advisory_xact_lock(hashtextextended(:key, 2))"), lock
            ).scalar_one():
                return False
            if session.get(CalendarRun, (clinic.id, name, day)) is not None:
                return False
            if daily[name].batch(session, session.get_one(Clinic, clinic.id), day, now):
                continue
            session.add(CalendarRun(clinic_id=clinic.id, job=name, local_date=day, finished_at=real()))
        log.info("daily job done", clinic=clinic.slug, job=name, day=day.isoformat())
        return True
