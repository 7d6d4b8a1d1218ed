"""Points, tiers, rewards and referrals over the API, and the facts that tills tell."""

from web.api.loyalty import (
    achievements,
    cards,
    check_in,
    customers,
    facts,
    points,
    problems,
    profile,
    reconcile,
    redemptions,
    referrals,
    rewards,
    ties,
)

SCOPES = {
    "loyalty:read": "See points, tiers, rewards, achievements and referrals",
    "loyalty:write": "Award points, redeem rewards and cancel redemptions",
    "facts:write": "Tell of customers, bookings, courses, money, visits; find customers by their card, as tills do",
    "staff": "Adjust points, confirm codes, decide referrals, reconcile",
    "counter": "Show the day's check-in picture, and nothing else",
}
PROBLEMS = problems.PROBLEMS
RESOURCES = tuple(
    one.resource
    for one in (
        customers,
        cards,
        ties,
        profile,
        facts,
        points,
        rewards,
        redemptions,
        achievements,
        referrals,
        check_in,
        reconcile,
    )
)
