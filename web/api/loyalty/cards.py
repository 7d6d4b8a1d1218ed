"""Who stands at the counter, by the card that they show."""

from typing import Annotated, Literal
from uuid import UUID

from limits import RateLimitItemPerHour, RateLimitItemPerMinute
from pydantic import Field, StringConstraints

from customers import cards
from customers.cards import Holder
from customers.voice import first_name
from web.api.loyalty.profile import Profile, to_profile
from web.http.operations import RequestContext, Resource
from web.http.problems import Problem
from web.http.values import RequestModel, ResponseModel

resource = Resource("Cards", "Who stands at the counter, by the card that they show.", prefix="/api/loyalty")

WRONG = RateLimitItemPerMinute(10), RateLimitItemPerHour(60)
"""Wrong cards of one key. Of ten million numbers a clinic has given some thousands: who guesses finds a first name in
hours, and whose it is only by being asked."""


Number = Annotated[
    str,
    StringConstraints(strict=True, min_length=1, max_length=60),
    Field(
        description="What was scanned or typed: the number, the code that lives some minutes, or that code's last five "
        "signs alone, as they are read out; in any case, with spaces or dashes or without",
        examples=["M48291372-K7QXP", "M 4829 1372", "K7QXP"],
    ),
]


class Shown(RequestModel):
    card: Number


class Identified(ResponseModel):
    customer_id: UUID
    number: str = Field(description="Of the card, as it is shown: `M 4829 1372`")
    first_name: str = Field(description="Empty where it is not known")
    by: Literal["code", "number"]
    confirm: bool = Field(
        description="true for a bare number, which others may know, and for five signs alone, which may be mistyped: "
        "ask for the first name before you go on"
    )
    profile: Profile


@resource.post(
    "/customers/identify",
    scope="facts:write",
    answer=Identified,
    refusals=("card_mistyped", "unknown_card", "card_over", "too_many_wrong_cards"),
    reads=True,
)
def identify_customer(context: RequestContext, body: Shown) -> Identified:
    """Whose card is this?

    Members show their card in LINE: a number that stays, and a QR code that lives five to ten minutes and may be read
    as often as you like meanwhile; its last five signs stand beside it, to be read out. Nothing is written. After two
    records were merged the numbers of both lead to the one that goes on. After 10 wrong cards in a minute, or 60 in an
    hour, the key has to wait.
    """
    held = found(context, body.card)
    number = held.customer.member_number or ""
    return Identified(
        customer_id=held.customer.id,
        number=cards.spaced(number) if number else "",
        first_name=first_name(held.customer),
        by="code" if held.proof == "living" else "number",
        confirm=held.proof != "living" or held.until is not None,
        profile=to_profile(context, held.customer),
    )


def found(context: RequestContext, shown: str) -> Holder:
    """Who holds it; a wrong one counts. Raises `Problem` (card_mistyped, unknown_card, card_over,
    too_many_wrong_cards)."""
    who = f"card:{context.key.id.hex}"
    if wait := context.rates.spent(who, *WRONG):
        raise Problem("too_many_wrong_cards", headers={"Retry-After": str(wait)}, retryAfter=wait)
    card = cards.read(shown)
    held = None if card is None else cards.holder(context.session, context.clinic, card, context.now)
    if held is not None and held.proof in ("living", "none"):
        return held
    context.rates.tried(who, *WRONG)
    if card is None or card.mistyped:
        raise Problem("card_mistyped")
    if held is not None and held.proof == "over":
        raise Problem("card_over")
    raise Problem("unknown_card", "No number or no code is like this one.")
