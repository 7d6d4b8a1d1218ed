"""The first page: what one has, what is next, what one can do."""

from dataclasses import dataclass
from datetime import timedelta

from bot.cards.frame import tier_name
from customers import appointments, booking_links, branches
from customers.branches import in_words
from customers.voice import first_name
from loyalty import payments, standing
from loyalty.standing import Standing
from loyalty.tiers import newly_seen
from models.appointments import Appointment
from models.loyalty import LoyaltyProfile
from runtime.language import Language
from web.portal.news import news
from web.portal.pages import Pages, Place
from web.portal.tiers import gives
from web.portal.visit import Missing, Page, Visit

pages = Pages(place=Place(0, "home", "", "house", lambda t: t("Home")))


@dataclass(frozen=True)
class Coming:
    """An appointment in words; each empty where there is nothing to say."""

    day: str
    hours: str
    what: str
    where: str
    whom: str
    state: str


@pages.show("")
def home(visit: Visit) -> Page:
    profile = visit.profile
    if profile is None:
        raise Missing
    held = standing.of(visit.session, profile, visit.now)
    coming = appointments.ahead(visit.session, visit.customer, visit.now, 1)
    values = {
        "held": held, "tier": tier_name(held.tier.name, visit.t), "way_up": way_up(visit, held),
        "name": first_name(visit.customer), "coming": in_the_words(visit, coming),
        "reached": _reached(visit, profile, held), "expiry": last_day(visit.t, held),
        "booking": booking_links.of_clinic(visit.session, visit.customer, visit.now), "news": news(visit),
        "friends": visit.clinic.settings.referral.enabled,
    }  # fmt: skip
    return Page("home.html", values)


def _reached(visit: Visit, profile: LoyaltyProfile, held: Standing) -> list[str]:
    """What the tier brings that the customer sees here for the first time, which is celebrated; else nothing."""
    if not newly_seen(visit.session, profile, held.tier):
        return []
    return gives(visit.t, held.tier, visit.clinic.settings.points.per_baht) or [visit.t("Thank you for your trust.")]


@dataclass(frozen=True)
class WayUp:
    """To the next tier: its name, the points that are missing, and the baht that would earn them, if any would."""

    tier: str
    points: int
    baht: int | None


def way_up(visit: Visit, held: Standing) -> WayUp | None:
    """None in the highest tier."""
    if held.next_tier is None:
        return None
    missing = held.next_tier.threshold - held.deciding
    return WayUp(tier_name(held.next_tier.name, visit.t), missing, payments.baht_for(visit.clinic, held.tier, missing))


def last_day(t: Language, held: Standing) -> tuple[str, int] | None:
    """The last day on which points can be spent that go next, and how many; what is stored is the moment after it."""
    if held.next_expiry is None:
        return None
    gone_at, amount = held.next_expiry
    return t.date(gone_at - timedelta(microseconds=1)), amount


def in_the_words(visit: Visit, coming: list[Appointment]) -> list[Coming]:
    codes = [one.service_code for one in coming if one.service_code]
    services = appointments.services_by_code(visit.session, visit.clinic, codes)
    places = branches.active(visit.session, visit.clinic)
    t = visit.t

    def words(one: Appointment) -> Coming:
        service = services.get(one.service_code or "")
        branch = next((place for place in places if len(places) > 1 and place.id == one.branch_id), None)
        until = f"–{t.time(one.ends_at)}" if one.ends_at else ""
        return Coming(
            day=f"{t.weekday(one.starts_at)} {t.date(one.starts_at)}",
            hours=f"{t.time(one.starts_at)}{until}",
            what=(service and in_words(service.names, t.code)) or one.service or "",
            where=in_words(branch.names, t.code, branch.name) if branch else "",
            whom=appointments.for_whom(one) or "",
            state=one.state,
        )

    return [words(one) for one in coming]
