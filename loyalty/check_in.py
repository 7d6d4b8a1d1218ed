"""Checking in: a picture at the counter says the day's text, and sending it proves that one is there."""

import hmac
from datetime import date, datetime, time, timedelta

from sqlalchemy.orm import Session

from customers import journey
from customers.people import vault_of
from loyalty import achievements, entries, ledger
from loyalty.entries import Cause
from loyalty.errors import EarningRefused
from models.clinics import Clinic
from models.customers import Customer, JourneyData
from runtime.actors import CUSTOMER

PREFIX = "CHECKIN-"
TOKEN_BYTES = 6
GRACE = timedelta(minutes=10)
"""After midnight yesterday's picture still hangs at the counter of a clinic that closes late."""
OLD_DAYS = 7
"""How far back a picture is recognised as an old one, and not as a wrong one."""


def day_text(clinic: Clinic, session: Session, day: date) -> str:
    """What the day's picture at the clinic says: `CHECKIN-` and twelve letters that only this clinic and day have."""
    return PREFIX + vault_of(session).index(clinic.id, "check_in", day.isoformat())[:TOKEN_BYTES].hex().upper()


def ends(clinic: Clinic, now: datetime) -> datetime:
    """When another day begins at the clinic, and with it another text; this one holds `GRACE` longer."""
    zone = clinic.settings.voice.zone
    return datetime.combine(now.astimezone(zone).date() + timedelta(days=1), time(), zone)


def by_text(session: Session, customer: Customer, text: str, now: datetime) -> int:
    """The customer shows the day's text (or what follows `CHECKIN-`) once a day; how many points it earned.

    Raises `EarningRefused`: not_a_member, unknown_code, old_code, already_checked_in.
    """
    return on_day(session, customer, day_of(session, customer.clinic, text, now), now)


def on_day(session: Session, customer: Customer, day: date, now: datetime, *, actor: str = CUSTOMER) -> int:
    """The customer is there on this local day: seen by staff, or proved by the day's text. Raises `EarningRefused`."""
    if customer.joined_at is None:
        raise EarningRefused("not_a_member")
    profile = ledger.open_profile(session, customer, now)
    keys = [f"check_in:{id_}:{day.isoformat()}" for id_ in entries.records_of(session, customer)]
    key, said = keys[0], JourneyData(day=day.isoformat(), by=actor)
    if journey.known(session, customer.clinic_id, keys) or not journey.write(
        session, customer, "checked_in", now, key=key, data=said
    ):
        raise EarningRefused("already_checked_in")
    points = customer.clinic.settings.points.check_in
    if points:
        ledger.earn(session, profile, points, Cause("check_in", key=key, actor=actor), now)
    achievements.check(session, profile, now, changed={"check_ins"})
    return points


def day_of(session: Session, clinic: Clinic, text: str, now: datetime) -> date:
    """The local day whose text this is, if it still counts. Raises `EarningRefused`."""
    given = text.strip().upper().removeprefix(PREFIX).encode()
    local = now.astimezone(clinic.settings.voice.zone)

    def shows(day: date) -> bool:
        return hmac.compare_digest(given, day_text(clinic, session, day).removeprefix(PREFIX).encode())

    today, yesterday = local.date(), (local - GRACE).date()
    if shows(today):
        return today
    if shows(yesterday):
        return yesterday
    if any(shows(today - timedelta(days=back)) for back in range(1, OLD_DAYS + 1)):
        raise EarningRefused("old_code")
    raise EarningRefused("unknown_code")
