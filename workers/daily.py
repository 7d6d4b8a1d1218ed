"""The daily jobs: when each is due, and the rule that does a batch of it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial

import structlog
from prometheus_client import Counter
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from customers import meters, staff, staff_members
from facts import granted
from followups import plan
from loyalty import birthdays, expiry, feedback, reconcile, redemptions, referral_pay, terms, tier_review
from models.calendar import CalendarRun
from models.clinics import Clinic
from privacy import retention
from runtime.clock import real
from runtime.registry import Registry
from runtime.work import Batch

log = structlog.get_logger(__name__)
_drifted = Counter("aura_points_drifted", "Profiles whose cached points were not the sums", ["clinic"])


@dataclass(frozen=True)
class Daily:
    """`at`: local time from which it is due. `batch` does a part in its own transaction: it takes due rows by its
    `Batch` and returns how many of them it did; a row that somebody holds is left for the next tick.

    It is given the local date it is done for and business time, which is later when days are made up. `each_day`:
    every day that was missed has its own work; else the newest day's does it all. `most`: rows of one batch. `warns`:
    of what other jobs bring about, so its days are made up before theirs; else nobody would hear of what has passed.
    """

    at: time
    batch: Callable[[Session, Clinic, date, datetime, Batch], int]
    each_day: bool = False
    most: int = 1_000
    warns: bool = False


jobs: Registry[Daily] = Registry("daily job")


def _settle_points(session: Session, clinic: Clinic, _day: date, now: datetime, batch: Batch) -> int:
    return expiry.post_due(session, clinic, now, batch)


def _warn_expiry(session: Session, clinic: Clinic, day: date, _now: datetime, batch: Batch) -> int:
    return expiry.warn(session, clinic, day, batch)


def _begin_tiers(session: Session, clinic: Clinic, day: date, now: datetime, batch: Batch) -> int:
    return terms.begin_due(session, clinic, day, now, batch)


def _review_tiers(session: Session, clinic: Clinic, day: date, now: datetime, batch: Batch) -> int:
    return tier_review.review(session, clinic, day, now, batch)


def _warn_tiers(session: Session, clinic: Clinic, day: date, _now: datetime, batch: Batch) -> int:
    return tier_review.warn(session, clinic, day, batch)


def _reconcile_points(session: Session, clinic: Clinic, day: date, _now: datetime, batch: Batch) -> int:
    """Drift is told and left: whoever repairs it should first know why it came."""
    nights = (CalendarRun.clinic_id == clinic.id, CalendarRun.job == "reconcile_points", CalendarRun.local_date < day)
    last = session.scalar(select(func.max(CalendarRun.local_date)).where(*nights))
    for drift in reconcile.check_night(session, clinic, last or day - timedelta(days=1), day, batch):
        _drifted.labels(clinic.slug).inc()
        log.error("points have drifted", clinic=clinic.slug, **drift.figures)
    return len(batch.ids)


def _forget(table: str, session: Session, clinic: Clinic, _day: date, _now: datetime, batch: Batch) -> int:
    return retention.forget(session, clinic, real(), table, batch)


def _expire_redemptions(session: Session, clinic: Clinic, _day: date, now: datetime, batch: Batch) -> int:
    return redemptions.expire_due(session, clinic, now, batch)


def _pay_referrals(session: Session, clinic: Clinic, _day: date, now: datetime, batch: Batch) -> int:
    return referral_pay.pay_due(session, clinic, now, batch)


def _birthday_points(session: Session, clinic: Clinic, day: date, _now: datetime, batch: Batch) -> int:
    return birthdays.reward_due(session, clinic, day, batch)


def _congratulate(session: Session, clinic: Clinic, day: date, now: datetime, batch: Batch) -> int:
    return birthdays.congratulate_due(session, clinic, day, now, batch)


def _ask_feedback(session: Session, clinic: Clinic, day: date, now: datetime, batch: Batch) -> int:
    return feedback.ask_due(session, clinic, day, now, batch)


def _plan_day(session: Session, clinic: Clinic, _day: date, now: datetime, batch: Batch) -> int:
    """One statement a rule, whatever day is made up: what the day before would have brought is too late."""
    return plan.of_the_day(session, clinic, now, batch)


def _end_grants(session: Session, clinic: Clinic, day: date, now: datetime, batch: Batch) -> int:
    return granted.end_due(session, clinic, day, now, batch)


def _ask_memberships(session: Session, clinic: Clinic, _day: date, now: datetime, batch: Batch) -> int:
    asked = staff_members.ask_again(session, clinic, batch)
    if not asked and staff.groups(session, clinic):
        meters.ask(session, clinic, now)
    return asked


jobs.add("ask_memberships", Daily(time(6, 0), _ask_memberships))
jobs.add("end_grants", Daily(time(0, 3), _end_grants))
jobs.add("plan_day", Daily(time(0, 6), _plan_day, most=1))
jobs.add("settle_points", Daily(time(0, 5), _settle_points, most=expiry.BATCH))
jobs.add("expire_redemptions", Daily(time(0, 10), _expire_redemptions, most=redemptions.BATCH))
jobs.add("birthday_points", Daily(time(9, 0), _birthday_points, each_day=True, most=birthdays.BATCH))
jobs.add("congratulate", Daily(birthdays.WISHED_FROM, _congratulate, most=birthdays.WISHES))
jobs.add("pay_referrals", Daily(time(9, 15), _pay_referrals, most=referral_pay.BATCH))
jobs.add("begin_tiers", Daily(time(0, 1), _begin_tiers, most=terms.BATCH))
jobs.add("review_tiers", Daily(time(0, 15), _review_tiers, each_day=True, most=tier_review.BATCH))
jobs.add("warn_tiers", Daily(time(9, 40), _warn_tiers, each_day=True, most=tier_review.BATCH))
jobs.add("ask_feedback", Daily(time(11, 0), _ask_feedback, most=feedback.BATCH))
jobs.add("warn_expiry", Daily(time(9, 30), _warn_expiry, each_day=True, most=expiry.BATCH, warns=True))
jobs.add("reconcile_points", Daily(time(4, 0), _reconcile_points))
for _table in retention.dated():
    jobs.add(f"forget_{_table}", Daily(time(3, 30), partial(_forget, _table)))
