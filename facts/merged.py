"""Two customers made one: their points, how they are known, and the conversation they were having."""

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from customers.line_accounts import menus_due
from customers.merge import move_identities
from loyalty.merge import CannotMerge, merge_customers
from models.conversations import ConversationState
from models.customers import Customer, LineLink


def merge(session: Session, gone: Customer, stays: Customer, now: datetime, *, actor: str) -> None:
    """From here on `gone` is `stays`. Raises `CannotMerge`, or `CustomerMerged` when somebody was quicker."""
    if gone.data_key is None or stays.data_key is None:
        # Without a key nothing of theirs can be read, and nothing may be written about them.
        raise CannotMerge("these two cannot be merged: the data of one of them was erased")
    # Loyalty first: it locks the profiles, which is what every other act on these two waits for.
    merge_customers(session, gone, stays, now, actor=actor)
    # A question that was open is forgotten: its answer would be heard as one of the customer who stays.
    accounts = select(LineLink.user_index).where(LineLink.clinic_id == gone.clinic_id, LineLink.customer_id == gone.id)
    session.execute(
        delete(ConversationState).where(
            ConversationState.clinic_id == gone.clinic_id, ConversationState.user_index.in_(accounts)
        )
    )
    move_identities(session, gone, stays)
    menus_due(session, stays)
