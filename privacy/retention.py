"""What is kept no longer than needed."""

from datetime import datetime, timedelta

from sqlalchemy import delete, select, tuple_, update
from sqlalchemy.orm import Session

from models.access import ApiRequest
from models.clinics import Clinic
from models.conversations import InboxEvent, OutgoingReply, Send
from models.loyalty import Notification

RAW_EVENTS_LIFE = timedelta(days=30)
API_ANSWERS_LIFE = timedelta(days=30)
"""How long a repeated API request is recognised."""
BATCH = 1_000


def forget_conversation(session: Session, clinic: Clinic, real_now: datetime) -> int:
    """Delete one batch of settled events, with their answers, and of settled sends; how many rows went.

    Open and dead events stay: they are work that somebody still has to look at.
    """
    before = real_now - RAW_EVENTS_LIFE
    old = (
        select(InboxEvent.id)
        .where(
            InboxEvent.clinic_id == clinic.id,
            InboxEvent.state.in_(("done", "ignored")),
            InboxEvent.received_at < before,
        )
        .limit(BATCH)
    )
    ids = session.scalars(old).all()
    session.execute(delete(OutgoingReply).where(OutgoingReply.inbox_id.in_(ids)))
    session.execute(delete(InboxEvent).where(InboxEvent.id.in_(ids)))
    sends = (
        select(Send.id)
        .where(Send.clinic_id == clinic.id, Send.state != "queued", Send.created_at < before)
        .limit(BATCH)
    )
    send_ids = session.scalars(sends).all()
    session.execute(update(Notification).where(Notification.send_id.in_(send_ids)).values(send_id=None))
    session.execute(delete(Send).where(Send.id.in_(send_ids)))
    return len(ids) + len(send_ids)


def forget_api_requests(session: Session, clinic: Clinic, real_now: datetime) -> int:
    """Delete one batch of the answers kept for `Idempotency-Key`; how many went."""
    old = (
        select(ApiRequest.api_key_id, ApiRequest.key)
        .where(ApiRequest.clinic_id == clinic.id, ApiRequest.created_at < real_now - API_ANSWERS_LIFE)
        .limit(BATCH)
    )
    gone = session.scalars(
        delete(ApiRequest).where(tuple_(ApiRequest.api_key_id, ApiRequest.key).in_(old)).returning(ApiRequest.key)
    )
    return len(gone.all())
