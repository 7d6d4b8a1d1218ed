"""What a customer has."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from pydantic import Field

from loyalty import points, rolling, standing, tiers
from loyalty.standing import Standing, Stored
from models.clinic_settings import ClinicSettings
from models.customers import Customer
from web.api.loyalty import lookups
from web.api.loyalty.values import Factor
from web.http.at_once import AtOnce, Row
from web.http.operations import RequestContext, Resource
from web.http.problems import Problem
from web.http.values import CustomerId, Money, RequestModel, ResponseModel

resource = Resource("Profile", "Points, tier and referral code of a customer.", prefix="/api/loyalty")


class OfCustomer(RequestModel):
    customer_id: CustomerId


class NextTier(ResponseModel):
    name: str
    points_required: int = Field(description="Total points from which it holds")
    points_missing: int


class Expiry(ResponseModel):
    at: datetime = Field(description="The first instant at which they are gone")
    points: int


class Profile(ResponseModel):
    customer_id: UUID = Field(description="Our id; after two records were merged, that of the one that goes on")
    member: bool = Field(description="Whether the customer has joined the programme")
    total_points: int = Field(description="Earned in all; decides the tier")
    available_points: int = Field(ge=0, description="To be spent now")
    owed: int = Field(
        ge=0,
        description="What a refund took beyond what there was; the next points fill it before any are available",
    )
    pending_points: int = Field(description="Promised, not yet to be spent")
    current_tier: str
    tier_progress: int = Field(ge=0, le=100, description="Percent of the way to the next tier; 100 at the top")
    discount_percent: int
    multiplier: Factor = Field(description="Of the points that a treatment earns")
    next_tier: NextTier | None = Field(description="null at the top")
    next_expiry: Expiry | None
    total_spent: Money
    total_visits: int
    referral_code: str | None = Field(description="null until the customer has earned or joined")


@dataclass(frozen=True)
class Held:
    """What is told of who has a profile."""

    standing: Standing
    spent: Decimal
    visits: int
    referral_code: str


def _values(query: OfCustomer, now: datetime) -> dict[str, Any] | None:
    """None for an id of another system's: its blind index is the clinic's, which is not known yet."""
    if lookups.external(query.customer_id) is not None:
        return None
    return {"customer": UUID(query.customer_id), "since": rolling.year_before(now)}


def _of_row(row: Row, settings: ClinicSettings, now: datetime) -> Profile:
    if row["person"] is None:
        raise Problem("unknown_customer")
    held = None
    if row["referral_code"] is not None:
        ahead = list(zip(row["at"] or (), row["points"] or (), row["held"] or (), strict=True))
        stored = Stored(row["total_points"], row["available_points"], row["current_tier"], ahead, row["counted_since"])
        held = Held(
            standing.reckon(settings.tiers, stored, now), row["total_spent"], row["total_visits"], row["referral_code"]
        )
    return _told(row["person"], row["member"], held, settings)


_AT_ONCE = AtOnce(
    columns="person.id AS person, person.joined_at IS NOT NULL AS member, p.total_spent, p.total_visits, "
    f"p.referral_code, {standing.COLUMNS}",
    joins="""
    LEFT JOIN customers asked ON asked.clinic_id = clinic.id AND asked.id = :customer
    LEFT JOIN customers person ON person.clinic_id = clinic.id AND person.id = coalesce(asked.merged_into, asked.id)
        AND person.data_key IS NOT NULL
    LEFT JOIN loyalty_profiles p ON p.clinic_id = clinic.id AND p.customer_id = person.id
    """
    + standing.AHEAD,
    values=_values,
    answer=_of_row,
)


@resource.get("/profile", scope="loyalty:read", answer=Profile, refusals=("unknown_customer",), at_once=_AT_ONCE)
def get_profile(context: RequestContext, query: OfCustomer) -> Profile:
    """A customer's points, tier and progress

    Computed for this moment: expired points are gone, matured ones are there. A customer without any points yet has
    zeros and no referral code.
    """
    return to_profile(context, lookups.customer(context, query.customer_id))


def to_profile(context: RequestContext, customer: Customer) -> Profile:
    profile, held = points.profile_of(context.session, customer), None
    if profile is not None:
        stands = standing.of(context.session, profile, context.now)
        held = Held(stands, profile.total_spent, profile.total_visits, profile.referral_code)
    return _told(customer.id, customer.joined_at is not None, held, customer.clinic.settings)


def _told(customer_id: UUID, member: bool, held: Held | None, settings: ClinicSettings) -> Profile:
    stands = held.standing if held else _nothing_yet(settings)
    above, expiry = stands.next_tier, stands.next_expiry
    return Profile(
        customer_id=customer_id,
        member=member,
        total_points=stands.total,
        available_points=stands.available,
        owed=stands.owed,
        pending_points=stands.pending,
        current_tier=stands.tier.name,
        tier_progress=stands.progress,
        discount_percent=stands.tier.discount,
        multiplier=stands.tier.multiplier,
        next_tier=above
        and NextTier(
            name=above.name, points_required=above.threshold, points_missing=above.threshold - stands.deciding
        ),
        next_expiry=expiry and Expiry(at=expiry[0], points=expiry[1]),
        total_spent=held.spent if held else Decimal(0),
        total_visits=held.visits if held else 0,
        referral_code=held.referral_code if held else None,
    )


def _nothing_yet(settings: ClinicSettings) -> Standing:
    steps = settings.tiers.steps
    return Standing(0, 0, 0, 0, tiers.tier_for(steps, 0), tiers.next_tier(steps, 0), 0, None, 0)
