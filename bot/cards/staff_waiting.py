"""What waits for somebody of the staff, as `today` and the digest list it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from bot.cards import staff_pauses, staff_requests
from bot.cards.sources import named
from bot.cards.staff_till import who_is
from bot.words import wording
from channels.line.flex import Flex, Palette, button, message
from customers import handover, pauses, payments, staff, staff_notices, ties
from customers.handover import Wish
from followups import tasks
from loyalty import referrals
from models.access import StaffGroup
from models.clinics import Clinic
from models.consents import PrivacyRequest
from models.preferences import Pause
from models.ties import CardTie
from privacy import requests
from runtime.language import Language

BUTTONS = 3


@dataclass(frozen=True)
class Waiting:
    people: Sequence[Wish]
    doubts: int
    referrals: int
    requests: Sequence[PrivacyRequest]
    calls: int
    ties: Sequence[CardTie]
    """Questions to members that wait for their answer; of a day that is over, those that came to nothing."""
    untold: int
    pauses: Sequence[Pause]
    """Of offers to somebody, open for long; in no digest, which comes every day."""
    now: datetime


def of(
    session: Session, clinic: Clinic, now: datetime, *, group: StaffGroup | None = None, over: date | None = None
) -> Waiting:
    """`group`: who asks. `over`: for the digest of this day, which is itself one of the notices that are told."""
    heard = staff.heard_in(staff.groups(session, clinic), group) if group is not None else None
    asked = ties.unmade(session, clinic, over, now) if over else ties.waiting(session, clinic, now)
    return Waiting(
        handover.waiting(session, clinic, now, heard),
        len(payments.doubted(session, clinic)),
        len(referrals.in_review(session, clinic)),
        requests.waiting(session, clinic),
        len(tasks.open_(session, clinic, now)),
        asked,
        staff_notices.waiting(session, clinic, now, heard) if heard is not None else 0,
        () if over else pauses.long(session, clinic, now),
        now,
    )


def counts(t: Language, waiting: Waiting) -> list[tuple[str, str]]:
    """Name and number of each that there is."""
    found = [
        (t("Wait for a person"), len(waiting.people)),
        (t("Possible duplicates"), waiting.doubts),
        (t("Referrals to decide"), waiting.referrals),
        (t("Requests about data"), len(waiting.requests)),
        (t("Calls to make"), waiting.calls),
        (t("Questions whose record it is"), len(waiting.ties)),
        (t("Still to be told here"), waiting.untold),
        (t("Offers rest for long"), len(waiting.pauses)),
    ]
    return [(label, t.number(count)) for label, count in found if count]


def lines(t: Language, waiting: Waiting) -> list[str]:
    """Who waits for a person, and who has to be answered soon about their data; and whose yes a system waits for."""
    asked = [
        staff_requests.aged(t, one, waiting.now) for one in waiting.requests if staff_requests.soon(t, one, waiting.now)
    ]
    people = [waits_since(t, one, waiting.now) for one in waiting.people]
    resting = [rests_since(t, one) for one in waiting.pauses]
    return [*people, *asked, *(_tie(t, one, waiting.now) for one in waiting.ties), *resting]


def rests_since(t: Language, one: Pause) -> str:
    why = staff_pauses.reason(t, one.reason)
    return t("{name}: offers rest since {date} ({why})", name=who_is(t, one.customer), date=t.date(one.since), why=why)


def waits_since(t: Language, wish: Wish, now: datetime) -> str:
    """By the hour of today, or the day before it."""
    name, since = who_is(t, wish.customer), wish.notice.due_at
    at = t.time(since)
    if since.astimezone(t.zone).date() == now.astimezone(t.zone).date():
        return t("{name} waits for a person since {time}", name=name, time=at)
    return t("{name} waits for a person since {date}, {time}", name=name, date=t.date(since), time=at)


def buttons(t: Language, waiting: Waiting, palette: Palette) -> list[Flex]:
    """As many as a bubble takes; the rest is counted above them, and asked for by its words."""
    ways: list[Flex] = []
    if waiting.doubts:
        ways.append(button(t("Show duplicates"), message(wording(t, "doubted")), palette, "secondary"))
    if waiting.referrals:
        ways.append(button(t("Show referrals"), message(wording(t, "review_referrals")), palette, "secondary"))
    if waiting.requests:
        ways.append(button(t("Show requests"), message(wording(t, "data_requests")), palette, "secondary"))
    if waiting.calls:
        ways.append(button(t("Show calls"), message(wording(t, "tasks")), palette, "secondary"))
    if waiting.pauses:
        ways.append(button(t("Show pauses"), message(wording(t, "paused")), palette, "secondary"))
    return ways[:BUTTONS]


def _tie(t: Language, tie: CardTie, now: datetime) -> str:
    name, system = who_is(t, tie.customer), named(t, tie.kind.rpartition(":")[2])
    if tie.state == "declined":
        return t("{name}: said that the record of {system} is not theirs", name=name, system=system)
    if tie.state == "refused":
        return t("{name}: the record of {system} could not be made theirs", name=name, system=system)
    if tie.until <= now:
        return t("{name}: did not answer whether the record of {system} is theirs", name=name, system=system)
    return t("{name}: is asked in LINE whether the record of {system} is theirs", name=name, system=system)
