"""What loyalty refuses, by the code of its refusal, and what to do about it."""

from web.http.problems import Kind, Kinds

PROBLEMS: Kinds = {
    "unknown_customer": Kind(
        404,
        "The clinic knows no such customer",
        "Use our id or `ext:<source>:<id>`, and make the customer with POST /api/loyalty/customers first.",
    ),
    "unknown_card": Kind(
        404,
        "The clinic has no such card",
        "Read it again from the customer's screen: they may have shown another clinic's.",
    ),
    "given_in_the_future": Kind(
        409, "A consent was given in the future", "Look at the clock of the sending system, and at `givenAt`."
    ),
    "card_mistyped": Kind(
        404, "This is no card", "Send the number, `M` and eight digits, the five signs beside the QR code, or both."
    ),
    "card_over": Kind(
        409,
        "The code of this card is over",
        "Have the customer open their card again, or send the number alone and ask for their name.",
    ),
    "too_many_wrong_cards": Kind(
        429, "Too many wrong cards were tried with this API key", "Wait as many seconds as `Retry-After` says."
    ),
    "code_needed": Kind(
        409,
        "A number alone may be another's",
        "Send the code of the card, or the five signs beside it: have the customer open their card.",
    ),
    "unknown_tie": Kind(404, "The clinic has asked no such question", "Ask with POST /api/loyalty/ties."),
    "tied_to_another": Kind(
        409,
        "This customer of yours is another friend of the clinic's LINE account",
        "Look which record is open and whose card it is. If both are one person, who runs the server can merge them.",
    ),
    "friend_unreachable": Kind(
        409, "No message reaches this member in LINE", "Have them unblock the clinic's account, and ask again."
    ),
    "too_many_questions": Kind(
        429, "The member is asked enough already", "Wait for the answers, or as many seconds as `Retry-After` says."
    ),
    "unknown_transaction": Kind(404, "The customer has no such transaction", "Begin again without `before`."),
    "unknown_payment": Kind(
        404, "The clinic knows no such payment", "Use our id or `ext:<source>:<id>` of a payment that was sent before."
    ),
    "unknown_reward": Kind(404, "The clinic offers no such reward", "List the rewards and choose one."),
    "unknown_redemption": Kind(404, "The clinic has issued no such code", "Read it again from the customer's screen."),
    "unknown_referral": Kind(404, "The clinic knows no such referral", "List those in review and choose one."),
    "identity_taken": Kind(
        409,
        "This belongs to another customer of the clinic",
        "Leave `customerId` out, or send the one that is named here.",
    ),
    "not_enough_points": Kind(409, "The customer has too few points", "`missing` says how many more it takes."),
    "limit_reached": Kind(
        409, "This is more than a customer can have", "`limit` says the most, `of` of what: look for a zero too many."
    ),
    "fact_refused": Kind(
        409, "This does not fit what was told before", "Compare it with what was sent for the same id."
    ),
    "bad_time": Kind(422, "This time is in the future", "Look at the clock of the sending system."),
    "reward_not_yet": Kind(409, "The reward cannot be redeemed yet", "`at` says from when."),
    "reward_over": Kind(409, "The reward cannot be redeemed any more", "Offer another one."),
    "reward_stock": Kind(409, "None of this reward is left", "Offer another one."),
    "reward_limit": Kind(409, "The customer has had this reward as often as they may", "`limit` says how often."),
    "reward_tier": Kind(409, "The reward takes a higher tier", "`tier` says which."),
    "reward_points": Kind(
        409, "The customer has too few points for this reward", "`missing` says how many more it takes."
    ),
    "reward_price_changed": Kind(409, "The reward has another price now", "Show the customer the new one."),
    "redemption_used": Kind(409, "The code was used before", "Ask the customer for another one."),
    "redemption_cancelled": Kind(409, "The redemption was cancelled, its points went back", "Redeem again."),
    "redemption_expired": Kind(409, "The code has expired", "Redeem again."),
    "not_in_review": Kind(409, "The referral waits for no decision", "`state` says where it stands."),
    "bad_points": Kind(
        422, "This is no number of points", "Give a whole number up to 1,000,000, and a reason for an adjustment."
    ),
}
