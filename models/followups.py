"""What the clinic says unasked: the rules, their texts, and each saying of one to one customer, with its fate."""

from datetime import datetime
from typing import Any, Literal, TypedDict
from uuid import UUID

from sqlalchemy import Index, SmallInteger, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Identified, Word
from models.clinics import OfClinic, belongs_to, related
from models.customers import Customer
from models.lifecycle import MOVE_UNLESS_HAD, WHILE_KNOWN

Purpose = Literal["care", "transactional", "marketing"]
Priority = Literal["high", "normal", "low"]
Delivery = Literal["first", "all"]
"""Over the first channel by which the customer can be reached, or over each."""
Reentry = Literal["once", "each_anchor"] | int
"""How often a rule speaks to the same customer: once, once an anchor, or at another anchor after so many days."""
Status = Literal["planned", "sent", "failed", "unknown", "missed", "skipped", "cancelled", "superseded"]
"""Planned: it is still ahead, and `reason` says what held it back last. Sent: given to a channel. Missed: too late to
be said. Skipped: a gate has said no. Cancelled: the world has changed. Superseded: its rule has. All but `planned` are
ends, of which only the last two may be taken back."""
TRIAL = "trial:"
"""How the anchor of what is tried on the staff begins: no customer's, and of no number that is told of customers."""
RESTS = "rule_rests"
"""The reason of an execution that was due while its rule rested."""
DeliveryState = Literal["queued", "sent", "delivered", "failed", "unknown", "dropped", "skipped"]
"""As the send that carries it; delivered: its provider reports that it has arrived; skipped: the channel was passed
over, and nothing went."""


class LinkWords(TypedDict):
    """A button that opens an address."""

    label: str
    url: str


class Words(TypedDict, total=False):
    """What is said in one language. Its variables stand in braces: `{customerName}`."""

    subject: str
    message: str
    sms: str
    """The same in few words, with nothing that a stranger should read."""
    links: list[LinkWords]


Fallback = str | dict[str, str]
"""In every language, or by language: the first of ours stands for those that are not there."""


class FollowupTemplate(OfClinic, Identified):
    """One version of a text. What it says is never changed: what was said can be read again."""

    __tablename__ = "followup_templates"
    __table_args__ = (
        UniqueConstraint("clinic_id", "first_id", "version"),
        Index(
            "ix_followup_templates_name", "clinic_id", "name", unique=True,
            postgresql_where=text("version = 1 AND ended_at IS NULL"),
        ),
    )  # fmt: skip

    first_id: Mapped[UUID | None] = belongs_to("followup_templates")
    """Of its first version, by whose id all of them are called; None: it is the first."""
    name: Mapped[str | None]
    """By which rules share it; None: it is the text of one rule."""
    version: Mapped[int]
    type: Mapped[str]
    """The kind of the rules that it is for: it says which variables there are."""
    texts: Mapped[dict[str, Words]] = mapped_column(JSONB(none_as_null=True))
    """By language; in one that is not there the kind's own words are said."""
    fallbacks: Mapped[dict[str, Fallback]] = mapped_column(JSONB(none_as_null=True), default=dict)
    """Variable → what stands in its place where there is no value for it."""
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    """When it was deleted, with all its versions: no rule may name it any more."""


class FollowupRule(OfClinic, Identified):
    """When to speak to whom, and how. Its executions carry the version that planned them."""

    __tablename__ = "followup_rules"
    __table_args__ = (
        Index("ix_followup_rules_kind", "clinic_id", "type", postgresql_where=text("ended_at IS NULL")),
        Index(
            "ix_followup_rules_code",
            "clinic_id",
            "code",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index("ix_followup_rules_to_plan", "clinic_id", "id", postgresql_where=text("to_plan")),
    )

    code: Mapped[str | None]
    """By which the clinic's file knows it; of one that was written over the API it is its id."""
    name: Mapped[str]
    type: Mapped[str]
    """A kind: `followups/kinds/`."""
    version: Mapped[int] = mapped_column(default=1)
    """Another one for each change of what is planned, and when."""
    conditions: Mapped[dict[str, Any]]
    """As they were written; the kind reads them."""
    channels: Mapped[list[str]] = mapped_column(ARRAY(Text))
    """In the order in which they are preferred."""
    delivery: Mapped[Delivery] = mapped_column(Word, default="first")
    reentry: Mapped[Reentry] = mapped_column(JSONB(none_as_null=True), default="each_anchor")
    priority: Mapped[Priority] = mapped_column(Word, default="normal")
    active: Mapped[bool] = mapped_column(default=False)
    active_since: Mapped[datetime | None]
    """What was ahead then was planned, and what has come since; nothing that lay in the past."""
    ai_personalization: Mapped[bool] = mapped_column(default=False)
    template_id: Mapped[UUID | None] = belongs_to("followup_templates")
    """None: the kind's own words."""
    to_plan: Mapped[bool] = mapped_column(default=False)
    """It has changed since everything ahead was planned by it."""
    parts: Mapped[int | None]
    part: Mapped[int] = mapped_column(default=0, server_default="0")
    """Into how many what is ahead was divided, and how many of them are planned."""
    plan_error: Mapped[str | None]
    """Why that could not be; it is left to a person."""
    workflow_id: Mapped[str | None]
    """What an outer automation calls it; its executions carry it on."""
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    """When it was deleted; what it has said stays."""

    template: Mapped[FollowupTemplate | None] = related(template_id, viewonly=True)


class FollowupExecution(OfClinic, Identified):
    """One rule applied to one customer for one anchor: the intention to speak, and its fate."""

    __tablename__ = "followup_executions"
    retention = WHILE_KNOWN
    __table_args__ = (
        # The customer comes last but one: of a merged person's two records one anchor stays one.
        UniqueConstraint("clinic_id", "rule_id", "anchor", "customer_id", "step", name="uq_followup_executions_once"),
        Index("ix_followup_executions_due", "clinic_id", "due_at", postgresql_where=text("status = 'planned'")),
        # Of all clinics at once, however much lies ahead.
        Index("ix_followup_executions_waiting", "due_at", "clinic_id", postgresql_where=text("status = 'planned'")),
        Index(
            "ix_followup_executions_broken", "clinic_id", "id",
            postgresql_where=text("status = 'failed' AND failing_since IS NOT NULL"),
        ),
        Index("ix_followup_executions_about", "clinic_id", "about_id"),
        Index("ix_followup_executions_ahead", "rule_id", "status", "rule_version"),
        Index("ix_followup_executions_customer", "customer_id", "created_at"),
        Index(
            "ix_followup_executions_open_customer", "clinic_id", "customer_id",
            postgresql_where=text("status = 'planned'"),
        ),
        Index("ix_followup_executions_newest", "clinic_id", "created_at", "id"),
        Index("ix_followup_executions_status", "clinic_id", "status", "created_at", "id"),
        Index(
            "ix_followup_executions_reason", "clinic_id", "status", "reason", "created_at", "id",
            postgresql_where=text("reason IS NOT NULL"),
        ),
        Index(
            "ix_followup_executions_workflow", "clinic_id", "workflow_id", "created_at", "id",
            postgresql_where=text("workflow_id IS NOT NULL"),
        ),
        Index("ix_followup_executions_rule", "rule_id", "created_at", "id"),
        # What a rule has said to a customer, of whose executions that may be the least.
        Index(
            "ix_followup_executions_said", "rule_id", "customer_id", "settled_at",
            postgresql_where=text("status IN ('sent', 'unknown')"),
        ),
    )  # fmt: skip

    rule_id: Mapped[UUID] = belongs_to("followup_rules")
    rule_version: Mapped[int]
    customer_id: Mapped[UUID] = belongs_to("customers", merge=MOVE_UNLESS_HAD)
    """Whom it is about."""
    anchor: Mapped[str]
    """What it counts from, with the time where that may move: told again it is the same, moved it is another."""
    about_id: Mapped[UUID]
    """The row of the anchor: an appointment, a treatment, an invoice; else the customer's own."""
    purpose: Mapped[Purpose] = mapped_column(Word)
    """Of its kind: what a person may have of it is counted over all rules."""
    step: Mapped[int] = mapped_column(SmallInteger, default=0)
    """Which of several offsets."""
    status: Mapped[Status] = mapped_column(Word, default="planned")
    reason: Mapped[str | None]
    template_id: Mapped[UUID | None] = belongs_to("followup_templates")
    """The version of the text that was said; None: the kind's own words, or nothing yet."""
    due_at: Mapped[datetime]
    not_after: Mapped[datetime]
    """When it has lost its use."""
    held: Mapped[int] = mapped_column(SmallInteger, default=0)
    """How often a gate has moved it."""
    said_index: Mapped[bytes | None]
    """Keyed hash of the words, so that the same are not said twice."""
    failing_since: Mapped[datetime | None]
    workflow_id: Mapped[str | None]
    created_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    opened_at: Mapped[datetime | None]
    clicked_at: Mapped[datetime | None]
    responded_at: Mapped[datetime | None]
    response: Mapped[dict[str, Any] | None]
    """As it was told by `track-response`; `button`: which was pressed first below it."""

    rule: Mapped[FollowupRule] = related(rule_id, viewonly=True)
    customer: Mapped[Customer] = related(customer_id, viewonly=True)


class FollowupDelivery(OfClinic, Identified):
    """One attempt to carry an execution over one channel. Several may point at one send, which went as one push."""

    __tablename__ = "deliveries"
    __table_args__ = (
        UniqueConstraint("clinic_id", "execution_id", "channel"),
        Index("ix_deliveries_send_id", "send_id", postgresql_where=text("send_id IS NOT NULL")),
        Index("ix_deliveries_unit", "clinic_id", "unit", postgresql_where=text("unit IS NOT NULL")),
        Index("ix_deliveries_inbox_id", "inbox_id", postgresql_where=text("inbox_id IS NOT NULL")),
    )

    execution_id: Mapped[UUID] = belongs_to("followup_executions")
    channel: Mapped[str]
    send_id: Mapped[UUID | None]
    """Of `sends`, which are kept for a shorter time."""
    inbox_id: Mapped[UUID | None]
    """Of `inbox`: the event in whose answer it rode; with a `send_id`, that answer went as a push."""
    unit: Mapped[str | None]
    """Under which name the channel counts how many have seen it; null: that is not known of this one. Of several that
    went as one push it is counted for the first, which has the highest priority."""
    state: Mapped[DeliveryState] = mapped_column(Word)
    reason: Mapped[str | None]
    created_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    clicked_at: Mapped[datetime | None]
    """When a person first followed one of its links."""
    clicks: Mapped[int] = mapped_column(default=0, server_default="0")
    """How often people did."""
    machine_clicks: Mapped[int] = mapped_column(default=0, server_default="0")
    """How often previews, scanners and the like did, as far as they can be told."""
    loaded_at: Mapped[datetime | None]
    """When its provider first reported that it was opened, or loaded by a program: nobody can tell which."""
    last_link: Mapped[int | None] = mapped_column(SmallInteger)
    """Which link a person followed last, and when: two at once are a machine's."""
    last_click_at: Mapped[datetime | None]
