"""Which LINE friend a customer of the till's is: asked with their card, answered by them in the chat."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import Field

from customers import ties
from customers.ties import OPEN, TieRefused
from facts import tied
from models.ties import CardTie
from web.api.loyalty import lookups
from web.api.loyalty.cards import Number, found
from web.http.operations import RequestContext, Resource
from web.http.problems import Problem
from web.http.values import ExternalCustomerId, Id, RequestModel, ResponseModel

resource = Resource("Ties", "Which LINE friend a customer of your system is, by their own word.", prefix="/api/loyalty")


class NewTie(RequestModel):
    external_id: ExternalCustomerId
    card: Number


class TiePath(RequestModel):
    id: Id


class Tie(ResponseModel):
    id: UUID
    customer_id: UUID = Field(description="Whose card it is; with the state `tied` your id leads to them")
    state: Literal["asked", "tied", "declined", "expired", "replaced", "refused", "untold"] = Field(
        description="`asked`: we wait for their answer; `expired`: none came in time; `replaced`: the same id was "
        "asked about anew; `refused`: they said yes, and `reason` says why it could not be; `untold`: LINE took no "
        "message"
    )
    reason: str | None
    asked_at: datetime
    until: datetime = Field(description="When the question is over")
    answered_at: datetime | None


@resource.post(
    "/ties",
    scope="facts:write",
    answer=Tie,
    refusals=(
        "card_mistyped", "unknown_card", "card_over", "too_many_wrong_cards", "code_needed", "unknown_customer",
        "tied_to_another", "friend_unreachable", "too_many_questions",
    ),
)  # fmt: skip
def ask_for_tie(context: RequestContext, body: NewTie) -> Tie:
    """Ask the holder of a card whether your customer is them

    Takes the living code of the card, which says that they stand there. They are asked in LINE, with two buttons, for
    ten minutes: ask for the state until it is no longer `asked`. With their yes your id leads to them, and a record
    that you have told of before becomes one with theirs. The same id and card again is the same question
    while it waits; the same id with another card replaces it. Where your id is theirs already, the state is `tied` at
    once.
    """
    held = found(context, body.card)
    if held.proof != "living":
        raise Problem("code_needed")
    abroad = lookups.external(body.external_id)
    if abroad is None:
        raise AssertionError("the pattern of external ids lets only these through")
    kind = lookups.kind_of(abroad[0])
    if kind == lookups.LINE:
        raise Problem("unknown_customer", "A LINE user id is the friend's own already.")
    try:
        tie = tied.ask(context.session, held.customer, kind, abroad[1], context.now, actor=context.actor)
    except TieRefused as refused:
        if refused.code != "too_many_questions":
            raise
        wait = int(ties.ANSWERED_WITHIN.total_seconds())
        raise Problem(
            "too_many_questions", f"{OPEN} wait for an answer.", headers={"Retry-After": str(wait)}, retryAfter=wait
        ) from refused
    return _told(context, tie)


@resource.get("/ties/<id>", scope="facts:write", answer=Tie, refusals=("unknown_tie",))
def get_tie(context: RequestContext, path: TiePath) -> Tie:
    """What has become of a question"""
    tie = context.session.get(CardTie, (UUID(path.id), context.clinic.id))
    if tie is None:
        raise Problem("unknown_tie")
    return _told(context, tie)


def _told(context: RequestContext, tie: CardTie) -> Tie:
    return Tie(
        id=tie.id,
        customer_id=tie.customer_id,
        state=ties.state_of(context.session, tie, context.now),
        reason=tie.reason,
        asked_at=tie.asked_at,
        until=tie.until,
        answered_at=tie.answered_at,
    )
