"""What waits for somebody of the staff, as `today` and the digest list it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from bot.cards import staff_requests
from bot.cards.staff_till import who_is
from bot.words import wording
from channels.line.flex import Flex, Palette, button, message
from customers import payments, staff, staff_notices, ties
from loyalty import referrals
from models.access import StaffGroup
from models.clinics import Clinic
from models.consents import PrivacyRequest
from models.ties import CardTie
from privacy import requests
from runtime.language import Language


@dataclass(frozen=True)
class Waiting:
    doubts: int
    referrals: int
    requests: Sequence[PrivacyRequest]
    ties: Sequence[CardTie]
    """Questions to members that wait for their answer; of a day that is over, those that came to nothing."""
    untold: int
    now: datetime


def of(
    session: Session, clinic: Clinic, now: datetime, *, group: StaffGroup | None = None, over: date | None = None
) -> Waiting:
    """`group`: who asks. `over`: for the digest of this day, which is itself one of the notices that are told."""
    asked = ties.unmade(session, clinic, over, now) if over else ties.waiting(session, clinic, now)
    return Waiting(
        len(payments.doubted(session, clinic)),
        len(referrals.in_review(session, clinic)),
        requests.waiting(session, clinic),
        asked,
        _untold(session, clinic, group, now) if group is not None else 0,
        now,
    )


def _untold(session: Session, clinic: Clinic, group: StaffGroup, now: datetime) -> int:
    return staff_notices.waiting(session, clinic, now, staff.heard_in(staff.groups(session, clinic), group))


def counts(t: Language, waiting: Waiting) -> list[tuple[str, str]]:
    """Name and number of each that there is."""
    found = [
        (t("Possible duplicates"), waiting.doubts),
        (t("Referrals to decide"), waiting.referrals),
        (t("Requests about data"), len(waiting.requests)),
        (t("Questions whose record it is"), len(waiting.ties)),
        (t("Still to be told here"), waiting.untold),
    ]
    return [(label, t.number(count)) for label, count in found if count]


def lines(t: Language, waiting: Waiting) -> list[str]:
    """Who asks for what about their data, and since when; and whose yes a system waits for."""
    asked = [staff_requests.aged(t, one, waiting.now) for one in waiting.requests]
    return [*asked, *(_tie(t, one, waiting.now) for one in waiting.ties)]


def buttons(t: Language, waiting: Waiting, palette: Palette) -> list[Flex]:
    ways: list[Flex] = []
    if waiting.doubts:
        ways.append(button(t("Show duplicates"), message(wording(t, "doubted")), palette, "secondary"))
    if waiting.referrals:
        ways.append(button(t("Show referrals"), message(wording(t, "review_referrals")), palette, "secondary"))
    if waiting.requests:
        ways.append(button(t("Show requests"), message(wording(t, "data_requests")), palette, "secondary"))
    return ways


def _tie(t: Language, tie: CardTie, now: datetime) -> str:
    name, system = who_is(t, tie.customer), tie.kind.rpartition(":")[2]
    if tie.state == "declined":
        return t("{name}: said that the record of {system} is not theirs", name=name, system=system)
    if tie.state == "refused":
        return t("{name}: the record of {system} could not be made theirs", name=name, system=system)
    if tie.until <= now:
        return t("{name}: did not answer whether the record of {system} is theirs", name=name, system=system)
    return t("{name}: is asked in LINE whether the record of {system} is theirs", name=name, system=system)
