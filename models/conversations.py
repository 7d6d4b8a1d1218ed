"""What came in, what goes out, and where a conversation stands. Work lives in these rows, not in Redis."""

from datetime import datetime
from typing import Literal, TypedDict
from uuid import UUID

from sqlalchemy import BigInteger, Identity, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Identified, Word, sealed_bytes, sealed_text
from models.clinics import Clinic, OfClinic, belongs_to, related
from models.customers import Customer
from models.lifecycle import RESEAL, after, goes_with

EventState = Literal["new", "done", "ignored", "dead"]
ReplyState = Literal["open", "sent", "pushed", "failed", "dropped"]
SendState = Literal["queued", "sent", "failed", "unknown", "dropped"]


class _AboutSomebody:
    """Sealed under the customer's key where there is a customer, else under the clinic's."""

    clinic: Mapped[Clinic]
    customer: Mapped[Customer | None]
    clinic_id: Mapped[UUID]
    customer_id: Mapped[UUID | None]

    def key_owner(self) -> Clinic | Customer:
        # Asked by the column first: an empty relationship would be looked up each time.
        return self.clinic if self.customer_id is None else self.customer or self.clinic


class InboxEvent(_AboutSomebody, OfClinic, Identified):
    """One event of the outside world, stored once; ignored with a reason, dead with an error."""

    __tablename__ = "inbox"
    retention = after(30, "received_at", states=("done", "ignored"))
    __table_args__ = (
        UniqueConstraint("clinic_id", "source", "event_key"),
        Index("ix_inbox_message", "message_id", postgresql_where=text("message_id IS NOT NULL")),
        Index("ix_inbox_takes_back", "clinic_id", "takes_back", postgresql_where=text("takes_back IS NOT NULL")),
        # Both partial: the drain's cost follows what is open, however much is kept.
        Index("ix_inbox_dead", "clinic_id", postgresql_where=text("state = 'dead'")),
        Index("ix_inbox_over", "clinic_id", "received_at", postgresql_where=text("state IN ('done', 'ignored')")),
        Index("ix_inbox_customer_id", "customer_id", postgresql_where=text("customer_id IS NOT NULL")),
        Index("ix_inbox_open", "clinic_id", "occurred_at", "arrival", postgresql_where=text("state = 'new'")),
        Index(
            "ix_inbox_open_actor",
            "clinic_id",
            "actor_index",
            "occurred_at",
            "arrival",
            postgresql_where=text("state = 'new'"),
        ),
    )

    source: Mapped[str]
    event_key: Mapped[str]
    actor_index: Mapped[bytes]
    """Blind index of who acts; events of one actor are handled in their order, one at a time."""
    arrival: Mapped[int] = mapped_column(BigInteger, Identity(always=True))
    """Orders events of the same millisecond by their place in the request."""
    type: Mapped[str]
    message_id: Mapped[str | None]
    """LINE's id of the message, so that one taken back by its sender can be forgotten."""
    takes_back: Mapped[str | None]
    """The id of the message that its sender takes back by this event, which may come before that message."""
    occurred_at: Mapped[datetime]
    signed_at: Mapped[datetime | None]
    """When the source signed the request, where it says so."""
    received_at: Mapped[datetime]
    raw_sealed: Mapped[bytes | None]
    """The event's own JSON, as bytes: jsonb would refuse what people really send. Under the clinic's key until the
    customer is known, then under theirs."""
    customer_id: Mapped[UUID | None] = belongs_to("customers", merge=RESEAL)
    state: Mapped[EventState] = mapped_column(Word, default="new")
    due_at: Mapped[datetime]
    holds: Mapped[bool] = mapped_column(default=True)
    """Whether later events of the actor wait for this one; false after its first failure."""
    attempts: Mapped[int] = mapped_column(default=0)
    reason: Mapped[str | None]
    handled_at: Mapped[datetime | None]

    customer: Mapped[Customer | None] = related(customer_id, viewonly=True)

    raw = sealed_bytes("inbox.raw")


class OutgoingReply(_AboutSomebody, OfClinic, Identified):
    """An answer, written with what it answers in one transaction."""

    __tablename__ = "replies"
    retention = goes_with("inbox_id")
    __table_args__ = (
        Index("ix_replies_open", "clinic_id", "lease_until", postgresql_where=text("state = 'open'")),
        Index("ix_replies_open_customer", "clinic_id", "customer_id", postgresql_where=text("state = 'open'")),
        Index("ix_replies_failed", "clinic_id", postgresql_where=text("state = 'failed'")),
        Index("ix_replies_customer_id", "customer_id", postgresql_where=text("customer_id IS NOT NULL")),
    )

    customer_id: Mapped[UUID | None] = belongs_to("customers", merge=RESEAL)
    inbox_id: Mapped[UUID] = belongs_to("inbox", unique=True)
    body_sealed: Mapped[bytes]
    """The frozen JSON array of message objects."""
    token_sealed: Mapped[bytes]
    recipient_sealed: Mapped[bytes | None]
    """Where the answer goes as a push when its token was never tried and has grown too old."""
    received_at: Mapped[datetime]
    """Real time; the token's minute counts from here."""
    state: Mapped[ReplyState] = mapped_column(Word, default="open")
    attempts: Mapped[int] = mapped_column(default=0)
    lease_until: Mapped[datetime]
    error: Mapped[str | None]
    request_id: Mapped[str | None]

    customer: Mapped[Customer | None] = related(customer_id, viewonly=True)

    body = sealed_bytes("replies.body")
    token = sealed_text("replies.token")
    recipient = sealed_text("replies.recipient")


class Send(_AboutSomebody, OfClinic, Identified):
    """One request on the wire, frozen. Its id is its retry key."""

    __tablename__ = "sends"
    # What stands on the customer's own page is kept like mail.
    retention = after(30, "created_at", states=("sent", "failed", "unknown", "dropped"), spares=("channel", "in_app"))
    __table_args__ = (
        Index("ix_sends_open", "clinic_id", "due_at", postgresql_where=text("state = 'queued'")),
        Index("ix_sends_open_customer", "clinic_id", "customer_id", postgresql_where=text("state = 'queued'")),
        Index("ix_sends_stuck", "clinic_id", postgresql_where=text("state IN ('failed', 'unknown')")),
        Index(
            "ix_sends_over", "clinic_id", "created_at",
            postgresql_where=text("state IN ('sent', 'failed', 'unknown', 'dropped') AND channel <> 'in_app'"),
        ),
        Index("ix_sends_in_app", "customer_id", "id", postgresql_where=text("channel = 'in_app'")),
        Index("ix_sends_customer_id", "customer_id", postgresql_where=text("customer_id IS NOT NULL")),
        # LINE reports of nothing.
        Index(
            "ix_sends_reported", "clinic_id", "request_id",
            postgresql_where=text("request_id IS NOT NULL AND channel <> 'line'"),
        ),
    )  # fmt: skip

    customer_id: Mapped[UUID | None] = belongs_to("customers", merge=RESEAL)
    channel: Mapped[str] = mapped_column(Word)
    recipient_sealed: Mapped[bytes]
    body_sealed: Mapped[bytes]
    reason: Mapped[str]
    """Why it is said: `reply_expired`, a notification's kind, …"""
    unit: Mapped[str | None]
    """Under which name the provider counts who has seen it; null: it does not."""
    state: Mapped[SendState] = mapped_column(Word, default="queued")
    due_at: Mapped[datetime]
    """Of the next try, real time."""
    attempts: Mapped[int] = mapped_column(default=0)
    not_after: Mapped[datetime | None]
    """When it is not worth saying any more, real time; null: what has happened stays true."""
    lease_until: Mapped[datetime | None]
    """While a process carries it, real time; still set when due again: that process has died."""
    first_tried_at: Mapped[datetime | None]
    """Real time: LINE forgets the key 24 hours later, whatever business time says."""
    error: Mapped[str | None]
    request_id: Mapped[str | None]
    created_at: Mapped[datetime]
    delivered_at: Mapped[datetime | None]
    """When its provider reported that it has arrived, real time; null: nothing was reported."""
    read_at: Mapped[datetime | None]
    """When the customer first opened it on their own page, real time."""

    customer: Mapped[Customer | None] = related(customer_id, viewonly=True)

    recipient = sealed_text("sends.recipient")
    body = sealed_bytes("sends.body")


class StepData(TypedDict, total=False):
    """What a step has to remember until it is answered."""

    visit: str
    """Of `review_comment`: the visit's id."""
    wish: str
    """Of `age`: what the customer wanted that it was asked for; empty for nothing."""
    day: str
    """Of `birthday`: the day that was read and is to be confirmed, in ISO form."""


class ConversationState(OfClinic):
    """Where the chat with one LINE account stands: a step that waits for an answer, when the bot last spoke unasked."""

    __tablename__ = "conversation_states"
    __table_args__ = (
        Index(
            "ix_conversation_states_people", "clinic_id", "people_until",
            postgresql_where=text("people_until IS NOT NULL"),
        ),
    )  # fmt: skip

    user_index: Mapped[bytes] = belongs_to("line_links", key="user_index", primary_key=True)
    step: Mapped[str | None]
    data: Mapped[StepData] = mapped_column(JSONB(none_as_null=True), default=dict)
    expires_at: Mapped[datetime | None]
    unknown_at: Mapped[datetime | None]
    """When an unknown text was last answered."""
    people_until: Mapped[datetime | None]
    """Until then free texts are left to the clinic's people, whom the customer has asked for."""
