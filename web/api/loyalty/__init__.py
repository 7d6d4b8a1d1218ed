"""Points, tiers, rewards and referrals over the API, and the facts that tills tell."""
