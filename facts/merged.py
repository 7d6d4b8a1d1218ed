"""Two customers made one: their points, how they are known, and the conversation they were having."""

from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from customers import appointments, families, journey
from customers.line_accounts import menus_due
from customers.payments import counted_for_both
from facts import days, paid
from loyalty.merge import CannotMerge, merge_customers
from models.conversations import ConversationState
from models.customers import Customer, LineLink
from models.followups import FollowupExecution


def merge(session: Session, duplicate: Customer, survivor: Customer, now: datetime, *, actor: str) -> None:
    """From here on `duplicate` is `survivor`. Raises `CannotMerge`, or `CustomerMerged` when somebody was quicker."""
    if duplicate.data_key is None or survivor.data_key is None:
        # Without a key nothing of theirs can be read, and nothing may be written about them.
        raise CannotMerge("these two cannot be merged: the data of one of them was erased")
    clinic = duplicate.clinic_id
    accounts = session.scalars(
        select(LineLink.user_index).where(LineLink.clinic_id == clinic, LineLink.customer_id == duplicate.id)
    ).all()
    twins = counted_for_both(session, duplicate, survivor)
    days_of_both = appointments.days_of_both(session, duplicate, survivor)
    merge_customers(session, duplicate, survivor, now, actor=actor)
    for day in days_of_both:  # what was told of each is one day's: one visit, and an appointment that was kept
        days.settle(session, survivor, day, now, actor=actor)
    for earlier, later in twins:
        paid.doubt(session, later, earlier, now)
    # What was planned of the record itself is of the survivor, whose next visit changes it.
    theirs = FollowupExecution.clinic_id == clinic, FollowupExecution.customer_id == survivor.id
    of_record = update(FollowupExecution).where(*theirs, FollowupExecution.about_id == duplicate.id)
    session.execute(of_record.values(about_id=survivor.id).execution_options(synchronize_session=False))
    # A question that was open is forgotten: its answer would be heard as one of the survivor.
    asked = (ConversationState.clinic_id == clinic, ConversationState.user_index.in_(accounts))
    session.execute(delete(ConversationState).where(*asked))
    menus_due(session, survivor)
    families.made_one(session, survivor, now, actor=actor)
    journey.write(session, survivor, "merged", now, key=f"merged:{duplicate.id}", data={"duplicate": str(duplicate.id)})
