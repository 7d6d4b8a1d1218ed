"""Points, tiers, rewards and referrals over the API, and the facts that tills tell."""

from web.api.loyalty import (
    achievements,
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
)

PROBLEMS = problems.PROBLEMS
RESOURCES = tuple(
    one.resource
    for one in (
        customers,
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
