"""The gates of the one door out: each may let go, hold until, or end an execution, always with a reason.

They are asked in this order, when it is due and not when it was planned: what holds at that moment decides.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from sqlalchemy.orm import Session

from customers import meters
from followups import had, preferences
from followups.kind import Conditions, Kind
from followups.notifications import quiet_until
from models.clinics import Clinic
from models.customers import Customer
from models.followups import RESTS, FollowupExecution, FollowupRule, Status
from models.preferences import CustomerPreferences
from privacy import consent

CARE_HOURS, OFFER_HOURS = (time(21), time(8)), (time(20), time(9))
"""From and until nothing of care and of appointments is said, and no offer; the clinic's and the customer's own hours
only narrow."""
SOON = timedelta(hours=2)
"""What would be held until later than so long before it has lost its use is said before, at the end of open hours."""


@dataclass(frozen=True)
class Asked:
    """What a gate looks at."""

    session: Session
    clinic: Clinic
    customer: Customer
    rule: FollowupRule
    kind: Kind[Conditions]
    execution: FollowupExecution
    preferences: CustomerPreferences | None
    now: datetime


@dataclass(frozen=True)
class Hold:
    until: datetime
    reason: str


@dataclass(frozen=True)
class End:
    status: Status
    reason: str


Verdict = Hold | End | None
"""None: it may pass."""
Gate = Callable[[Asked], Verdict]


def of_use(asked: Asked) -> Verdict:
    return End("missed", "too_late") if asked.now > asked.execution.not_after else None


def rule_active(asked: Asked) -> Verdict:
    """A rule that rests consumes nothing; going on, it takes up what is still of use (`followups/plan.py`)."""
    if asked.rule.ended_at is not None:
        return End("superseded", "rule_deleted")
    return None if asked.rule.active else Hold(asked.execution.not_after + timedelta(microseconds=1), RESTS)


def known(asked: Asked) -> Verdict:
    return End("skipped", "erased") if asked.customer.data_key is None else None


def world(asked: Asked) -> Verdict:
    why = asked.kind.why_not(asked.session, asked.execution, asked.now)
    return End("cancelled", why) if why else None


def wanted(asked: Asked) -> Verdict:
    """Not by who has stopped all that they did not ask for."""
    return End("skipped", "stopped") if consent.stopped(asked.session, asked.customer) else None


def unpaused(asked: Asked) -> Verdict:
    """Marketing rests while a complaint is open or somebody is not well; looked at again on the next day."""
    if asked.kind.purpose != "marketing":
        return None
    open_ = preferences.paused(asked.session, asked.customer, asked.now)
    return Hold(asked.now + timedelta(days=1), f"paused:{open_[0].reason}") if open_ else None


def awake(asked: Asked) -> Verdict:
    """Held to the end of the quiet hours of the purpose and of the clinic, whichever is later."""
    zone, own = asked.clinic.settings.voice.zone, preferences.quiet(asked.preferences)
    of_purpose = OFFER_HOURS if asked.kind.purpose == "marketing" else CARE_HOURS
    windows = [of_purpose, asked.clinic.settings.customers.quiet, *([own] if own else [])]
    until, found = asked.now, False
    while more := next((end for hours in windows if (end := quiet_until(until, zone, hours))), None):
        if more - asked.now > timedelta(days=1):
            return End("skipped", "never_open")  # the windows leave no hour of the day
        until, found = more, True
    return Hold(until, "quiet_hours") if found else None


CAPS: tuple[tuple[timedelta, int], ...] = ((timedelta(hours=24), 1), (timedelta(days=7), 2), (timedelta(days=30), 4))
"""Of marketing, over all rules and channels: windows that roll, not days of the calendar."""


def seldom(asked: Asked) -> Verdict:
    """Held until the oldest of what fills a window has left it."""
    if asked.kind.purpose != "marketing":
        return None
    told = had.since(asked.session, asked.clinic, asked.customer, asked.now - CAPS[-1][0])
    offers = [one.at for one in told if one.purpose == "marketing"]
    free = [
        at + window for window, most in CAPS if len(offers) >= most and (at := offers[most - 1]) > asked.now - window
    ]
    return Hold(max(free), "frequency_cap") if free else None


def allowed(asked: Asked) -> Verdict:
    """Marketing of any kind is over for who has no consent to it over any channel of the rule."""
    if asked.kind.by_health and not consent.decision(asked.session, asked.customer, consent.HEALTH, "line"):
        return End("skipped", "no_health_consent")
    if all(not_over(asked, channel) for channel in asked.rule.channels):
        return End("skipped", not_over(asked, asked.rule.channels[0]) or "no_channel")
    return None


def not_over(asked: Asked, channel: str) -> str | None:
    """Why not over this channel, whoever is reached by it: marketing needs a consent to each."""
    if asked.kind.purpose != "marketing" or consent.may_send_offers(asked.session, asked.customer, channel, asked.now):
        return None
    return "no_consent"


def in_reserve(asked: Asked) -> Verdict:
    """Where LINE has nothing left for this month, it is tried again on each day of it: more may have been bought."""
    if meters.used_up(asked.session, asked.clinic, asked.now):
        return Hold(asked.now + timedelta(days=1), "line_quota")
    return None


GATES: tuple[Gate, ...] = (of_use, rule_active, known, world, wanted, allowed, unpaused, awake, seldom)


def verdict(asked: Asked) -> Verdict:
    """What the first gate says that does not let it pass; None: it may go."""
    return next((said for gate in GATES if (said := gate(asked)) is not None), None)
