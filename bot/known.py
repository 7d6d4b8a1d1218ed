"""Who speaks: what nearly every answer asks for, of all people of a batch in one statement, their profiles locked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, ScalarSelect, Uuid, and_, any_, bindparam, func, literal, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session, aliased, contains_eager

from channels.line.replies import bound, waits_for
from followups import due
from models.conversations import ConversationState, InboxEvent
from models.customers import LineLink
from models.loyalty import LoyaltyProfile
from runtime.timing import Timing


@dataclass(frozen=True)
class Known:
    """What is known with an event. A session keeps no row that nobody holds: as long as this is held, `session.get`
    finds these rows without asking the database."""

    link: LineLink | None = None
    """None for somebody we have not met, and for groups."""
    profile: LoyaltyProfile | None = None
    state: ConversationState | None = None
    takers: frozenset[bytes] = frozenset()
    """Who has taken a message of this id back, as actors."""
    behind: bool = False
    """An older answer to the same person has not gone out yet."""
    rides_from: datetime | None = None
    """From when on something waits for them that may ride in an answer, by business time; it may lie ahead."""


def _there(*conditions: ColumnElement[bool]) -> ScalarSelect[bool]:
    """Whether there is such a row. Of an EXISTS the planner may make a table of all rows, for a few people."""
    return select(literal(True)).where(*conditions).limit(1).correlate(InboxEvent, LineLink).scalar_subquery()


_THESE = and_(
    InboxEvent.clinic_id == bindparam("clinic"), InboxEvent.id == any_(bindparam("events", type_=ARRAY(Uuid)))
)
_OF_EVENT = and_(LineLink.clinic_id == InboxEvent.clinic_id, LineLink.user_index == InboxEvent.actor_index)
_locked = (
    select(LoyaltyProfile)
    .where(
        LoyaltyProfile.clinic_id == bindparam("clinic"),
        LoyaltyProfile.customer_id.in_(select(LineLink.customer_id).join(InboxEvent, _OF_EVENT).where(_THESE)),
    )
    # Ascending, as everywhere; key_share, because what points at a profile may be written meanwhile.
    .order_by(LoyaltyProfile.customer_id)
    .with_for_update(skip_locked=True, key_share=True)
    .cte("locked")
)
_Profile = aliased(LoyaltyProfile, _locked)
_Taker = aliased(InboxEvent)
_KNOWN = (
    select(
        InboxEvent.id,
        LineLink,
        _Profile,
        ConversationState,
        select(func.array_agg(_Taker.actor_index))
        .where(_Taker.clinic_id == InboxEvent.clinic_id, _Taker.takes_back == InboxEvent.message_id)
        .correlate(InboxEvent)
        .scalar_subquery(),
        _there(*waits_for(LineLink.clinic_id, LineLink.customer_id)),
        due.rides_from(LineLink.clinic_id, LineLink.customer_id),
        _there(LoyaltyProfile.clinic_id == LineLink.clinic_id, LoyaltyProfile.customer_id == LineLink.customer_id),
    )
    .select_from(InboxEvent)
    .outerjoin(LineLink, _OF_EVENT)
    .outerjoin(LineLink.customer)
    .outerjoin(_Profile, and_(_Profile.clinic_id == LineLink.clinic_id, _Profile.customer_id == LineLink.customer_id))
    .outerjoin(
        ConversationState,
        and_(ConversationState.clinic_id == LineLink.clinic_id, ConversationState.user_index == LineLink.user_index),
    )
    .options(contains_eager(LineLink.customer))
    .where(_THESE)
)


def known(session: Session, events: Sequence[InboxEvent], timing: Timing) -> dict[UUID, Known]:
    """By the id of the event. Whose profile somebody holds is left out: they are looked at again."""
    these = {"clinic": events[0].clinic_id, "events": [event.id for event in events]}
    found = session.execute(_KNOWN, these | bound(timing))
    return {
        event_id: Known(link, profile, state, frozenset(takers or ()), bool(behind), rides_from)
        for event_id, link, profile, state, takers, behind, rides_from, has_profile in found
        if not has_profile or profile is not None
    }
