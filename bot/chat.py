"""What a handler is given: one customer's conversation at one moment."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Unpack
from uuid import UUID

from sqlalchemy.orm import Session

from bot.known import Known
from channels.base import Channel, Channels
from channels.line.events import IncomingEvent
from channels.pictures import PictureAddress
from customers import staff, staff_members, staff_notices
from customers.line_accounts import speak
from customers.voice import addressed, language_of
from loyalty import points
from models.access import StaffGroup
from models.clinics import Clinic
from models.conversations import ConversationState, StepData
from models.customers import Customer, LineLink
from models.loyalty import LoyaltyProfile
from models.staff import StaffMember
from models.staff_notices import StaffNotice
from runtime.language import Language

STEP_LIFE = timedelta(minutes=30)
"""How long a question waits for its answer before the same words are heard as something new."""
JUST = timedelta(minutes=2)
"""How long a yes is surely meant for it: nobody of the clinic has asked something meanwhile."""


class StaleAction(Exception):
    """The button refers to something that no longer holds; the customer is told so, with the menu."""


class NotMeant(Exception):
    """Words that open a request go on otherwise, or are no answer to what was asked: the text is heard as any other."""


@dataclass(frozen=True)
class Opened:
    """What a text of a group begins with, that goes on otherwise than it takes."""

    phrase: str
    behind: str
    """Plain words, perhaps none."""


@dataclass
class GroupChat:
    """A group the clinic's account sits in. Nobody there is a customer to us; what is answered, all of them read."""

    session: Session
    clinic: Clinic
    heard: IncomingEvent
    now: datetime
    group_id: str
    event_id: UUID
    """The stored event."""
    channel: Channel
    """Over which a customer is written to."""
    opened: Opened | None = None
    listed: set[UUID] = field(default_factory=set)
    """What the answer shows of what waits for the staff: of that they are told by it."""

    @cached_property
    def t(self) -> Language:
        return language_of(self.clinic, None)

    @property
    def user_id(self) -> str | None:
        """Who did it. LINE promises to tell for messages only: who taps a button may be unknown."""
        return self.heard.user_id

    @cached_property
    def actor(self) -> str:
        """Who did it, for the record, as a blind index; the group itself where LINE does not tell."""
        return staff.actor(self.session, self.clinic, self.group_id, self.user_id)

    @cached_property
    def ours(self) -> StaffGroup | None:
        """The group, if it was the clinic's own when this event came."""
        return staff.bound(self.session, self.clinic, self.group_id)

    @property
    def bound(self) -> bool:
        return self.ours is not None

    @cached_property
    def quoted(self) -> Sequence[StaffNotice]:
        """What this group was told in the message that is quoted; empty where that is any other, or none is."""
        if self.heard.quoted is None or self.ours is None:
            return ()
        return staff_notices.told_in(self.session, self.ours, self.heard.quoted)

    @property
    def known(self) -> StaffMember | None:
        """Who did it, if they are known here: allowed to act, or not yet."""
        if self.ours is None or self.user_id is None:
            return None
        return staff_members.find(self.session, self.ours, self.user_id)

    @property
    def member(self) -> StaffMember | None:
        """Who did it, if they may act here."""
        known = self.known
        return known if known is not None and known.role != "unknown" else None


@dataclass
class Chat:
    """One customer's conversation. Handlers read and write through `session` and return what to say."""

    session: Session
    clinic: Clinic
    customer: Customer
    link: LineLink
    heard: IncomingEvent
    now: datetime
    """Business time of this event."""
    picture: PictureAddress
    """Where LINE's app fetches a picture that an answer shows."""
    known: Known
    """What was loaded with the event; held here so that `profile` and `state` are found in the session."""
    channels: Channels
    """By which somebody may be reached besides this chat."""
    event_id: UUID | None = None
    """The stored event."""
    understood: bool = False
    """Whether a route has answered."""
    answered: set[str] = field(default_factory=set)
    """Names of routes by which what was heard is answered, as far as it is a phrase, a subject or a button."""
    t: Language = field(init=False)

    def __post_init__(self) -> None:
        self.t = language_of(self.clinic, self.customer)

    @property
    def first_contact(self) -> bool:
        return self.known.link is None

    @property
    def member(self) -> bool:
        return self.customer.joined_at is not None

    @property
    def name(self) -> str | None:
        """What to call the customer, with one title where the language has them."""
        return addressed(self.customer, self.t)

    @cached_property
    def profile(self) -> LoyaltyProfile | None:
        return points.profile_of(self.session, self.customer)

    @cached_property
    def state(self) -> ConversationState:
        """Where the conversation stands; made on first use."""
        state = self.known.state
        if state is None:
            state = ConversationState(clinic_id=self.clinic.id, user_index=self.link.user_index, data={})
            self.session.add(state)
        return state

    def speak(self, language: str) -> None:
        """Change the customer's language, by their own choice, from this very answer on."""
        speak(self.session, self.customer, language)
        self.t = language_of(self.clinic, self.customer)

    def ask(self, step: str, **data: Unpack[StepData]) -> None:
        """Let the next free text be heard by `@hear.step(step)`."""
        self.state.step, self.state.data, self.state.expires_at = step, data, self.now + STEP_LIFE

    @property
    def just_asked(self) -> bool:
        """Whether the open question is so young that a yes is surely meant for it, also while people answer."""
        expires_at = self.state.expires_at
        return expires_at is not None and self.now < expires_at - STEP_LIFE + JUST

    def leave_step(self) -> bool:
        """Forget the open question, if there is one."""
        had = self.open_step is not None
        self.state.step, self.state.data, self.state.expires_at = None, {}, None
        return had

    @property
    def with_people(self) -> bool:
        """Whether the customer has asked for somebody, who answers what they write."""
        state = self.known.state
        return state is not None and state.people_until is not None and state.people_until > self.now

    def leave_people(self) -> None:
        """The bot answers again."""
        if self.with_people:
            self.state.people_until = None

    @property
    def open_step(self) -> str | None:
        state = self.state
        return state.step if state.expires_at is not None and state.expires_at > self.now else None
