"""The clinic's tiers side by side: what each asks and gives, and what is missing to it."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from bot.cards import tiers as cards
from loyalty import payments, rolling, standing
from loyalty.standing import Standing
from loyalty.tiers import tier_name
from models.clinic_settings import Tier
from runtime.language import Language
from web.portal.pages import Pages
from web.portal.visit import Missing, Page, Visit

EXAMPLE = 1_000
"""Baht of a bill by which tiers are compared."""

pages = Pages()


@dataclass(frozen=True)
class Step:
    """A tier in words; `mine` is empty but for one's own."""

    key: str
    name: str
    asks: str
    gives: Sequence[str]
    mine: str


@pages.show("/tiers")
def tiers(visit: Visit) -> Page:
    profile = visit.profile
    if profile is None:
        raise Missing
    held = standing.of(visit.session, profile, visit.now)
    steps = [_step(visit, tier, held) for tier in visit.clinic.settings.tiers.steps]
    return Page("tiers.html", {"steps": steps, "how": cards.how(visit.t, visit.clinic), "kept": _kept(visit, held)})


def gives(t: Language, tier: Tier, per_baht: Decimal) -> list[str]:
    """What holding a tier brings."""
    said = [t("{discount}% off", discount=tier.discount)] if tier.discount else []
    earned = int(EXAMPLE * per_baht * tier.multiplier)
    if earned:
        points = t.n("{count} point", "{count} points", earned)
        said.append(t("{baht} of treatments earn {points}", baht=t.baht(EXAMPLE), points=points))
    return said


def _step(visit: Visit, tier: Tier, held: Standing) -> Step:
    t, mine = visit.t, tier.name == held.tier.name
    stands = "" if mine else _way(visit, tier, held)
    asks = " · ".join(filter(None, (_asks(visit, tier), stands)))
    given = gives(t, tier, visit.clinic.settings.points.per_baht)
    return Step(tier.name, tier_name(tier.name, t), asks, given, cards.missing(t, tier, held) if mine else "")


def _asks(visit: Visit, tier: Tier) -> str:
    t = visit.t
    if not tier.threshold:
        return t("For every member")
    points = t.number(tier.threshold)
    if rolling.applies(visit.clinic):
        return t("from {points} points in 12 months", points=points)
    return t("from {points} points", points=points)


def _way(visit: Visit, tier: Tier, held: Standing) -> str:
    """Whether it is reached, else what is missing: in points, and in baht where spending earns any."""
    said, missing = cards.missing(visit.t, tier, held), tier.threshold - held.deciding
    baht = payments.baht_for(visit.clinic, held.tier, missing) if tier.threshold > held.tier.threshold else None
    if baht is None:
        return said
    return visit.t("{points}: {baht} of treatments", points=said, baht=visit.t.baht(baht))


def _kept(visit: Visit, held: Standing) -> str:
    """Under the twelve months, what is missing to keep the tier when they are looked at."""
    missing = held.tier.threshold - held.deciding
    if not rolling.applies(visit.clinic) or missing <= 0:
        return ""
    t = visit.t
    points = t.n("{count} point", "{count} points", missing)
    return t("{points} more keep you in {tier}.", points=points, tier=tier_name(held.tier.name, t))
