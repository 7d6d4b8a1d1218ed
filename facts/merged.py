"""Two customers made one: their points, how they are known, and the conversation they were having."""

from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.orm import Session

from customers.merge import move_identities
from loyalty import tiers
from loyalty.merge import CannotMerge, merge_customers
from models.conversations import ConversationState
from models.customers import Customer
from models.loyalty import LoyaltyProfile


def merge(session: Session, gone: Customer, stays: Customer, now: datetime, *, actor: str) -> None:
    """From here on `gone` is `stays`. Raises `CannotMerge`, or `CustomerMerged` when somebody was quicker."""
    if gone.data_key is None or stays.data_key is None:
        # Without a key nothing of theirs can be read, and nothing may be written about them.
        raise CannotMerge("these two cannot be merged: the data of one of them was erased")
    # Loyalty first: it locks the profiles, which is what every other act on these two waits for.
    merge_customers(session, gone, stays, now, actor=actor)
    move_identities(session, gone, stays)
    # A question that was open is forgotten: its answer would be heard as one of the customer who stays.
    session.execute(delete(ConversationState).where(ConversationState.customer_id == gone.id))
    # The link may have come only now, or its owner have become a member by the other's joining.
    tiers.want_menu(session, session.get_one(LoyaltyProfile, (stays.id, stays.clinic_id)), now)
