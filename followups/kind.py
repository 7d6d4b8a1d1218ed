"""What a kind of follow-up is: one class a kind, one file each in `followups/kinds/`.

A kind names its anchors as one SELECT. From it comes everything that is planned: what a fact has just touched, what was
ahead when a rule began or changed, and who would be spoken to in the next days.
"""

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import ClassVar, Generic, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel
from sqlalchemy import ARRAY, ColumnElement, Select, Uuid, any_, literal, true
from sqlalchemy.orm import InstrumentedAttribute, Session

from channels.message import Button
from customers import journey
from models.clinics import Clinic
from models.followups import FollowupExecution, Purpose, Words
from runtime.language import Language
from runtime.registry import Registry

SMS = "sms"
CHANNELS = ("line", "sms", "email", "in_app", "call")
"""Every way of speaking to a customer that a rule may name."""
CALL = "call"
"""The channel of which a person is a part: nobody is asked to call while the clinic is closed."""
BESIDE = "in_app"
"""The channel that accompanies another one: nobody is told of what stands on their page."""
AT = time(10)
"""The clinic's hour at which is said what follows from a date alone."""


class Conditions(BaseModel):
    """A rule's `triggerConditions`, by kind; what is left out is the kind's own default."""

    model_config = ConfigDict(alias_generator=to_camel, extra="forbid", frozen=True, strict=True)


C = TypeVar("C", bound=Conditions)


@dataclass(frozen=True)
class Offset:
    """From an anchor to the moment of speaking. Days are the clinic's own: the same hour on another date."""

    days: int = 0
    hours: int = 0


@dataclass(frozen=True)
class Anchored:
    """The SELECT of a kind's anchors: one row each.

    Its columns are `customer_id`; `anchor`, a text that is another one once the anchor has moved; `at`, when it is;
    `about_id`, the row that it is; `known_at`, when it became so: what would have been said before is not said; and
    `holds`, whether something is to be said of it at all.
    """

    select: Select[*tuple[object, ...]]


@dataclass(frozen=True)
class When:
    """Which are asked for: those of `touched` rows, else none before `since`. Most kinds leave it to the planner; one
    that adds several rows up to an anchor says itself which it need not read."""

    now: datetime
    since: datetime | None
    touched: Collection[UUID] | None

    def among(self, column: InstrumentedAttribute[UUID]) -> ColumnElement[bool]:
        if self.touched is None:
            return true()
        return column == any_(literal(list(self.touched), ARRAY(Uuid())))


class Kind(ABC, Generic[C]):
    """`hears`: the types of journey events that touch its anchors, each with the name under which the event's data has
    the id of the anchor's row. `channels`: over which it may speak. `ai`: whether a model may word it."""

    name: ClassVar[str]
    purpose: ClassVar[Purpose]
    daily: ClassVar[bool] = False
    """Whether its anchors are of the calendar, and planned each day, rather than told by facts."""
    hears: ClassVar[Mapping[str, str]]
    channels: ClassVar[Sequence[str]] = CHANNELS
    ai: ClassVar[bool] = True
    by_health: ClassVar[bool] = False
    """Whether a treatment chooses or words it: then it needs a consent of its own."""
    worth: ClassVar[timedelta | None]
    """For how long after its moment it is worth saying; None: until the anchor itself."""
    conditions: type[C]
    variables: ClassVar[Sequence[str]]
    needed: ClassVar[Sequence[str]]
    """Of these, those that stand in the kind's own words."""
    private: ClassVar[Sequence[str]] = ()
    """Of these, those that nobody else is to read: no SMS has them, since it stands on the screen of a locked phone."""

    @abstractmethod
    def offsets(self, conditions: C) -> Sequence[Offset]:
        """One a step."""

    def rows(self, session: Session, clinic: Clinic, touched: Collection[UUID]) -> Collection[UUID]:  # noqa: ARG002
        """The rows of the anchors of which these facts have told."""
        return touched

    @abstractmethod
    def anchors(self, clinic: Clinic, conditions: C, when: When) -> Anchored:
        """All there are, of the past too: who asks says which."""

    @abstractmethod
    def why_not(self, session: Session, execution: FollowupExecution, now: datetime) -> str | None:
        """The world, looked at once more before it is said; None: it still holds."""

    @abstractmethod
    def values(self, session: Session, execution: FollowupExecution, t: Language) -> Mapping[str, str]:
        """What its variables are for this customer; one that is missing has no value."""

    @abstractmethod
    def words(self, t: Language, values: Mapping[str, str]) -> Words:
        """What is said where a rule has no text of its own; `sms` by a kind that may go as one."""

    def buttons(self, t: Language) -> tuple[Button, ...]:  # noqa: ARG002 - of kinds that have some
        """Below what is said."""
        return ()

    def buttons_of(self, session: Session, execution: FollowupExecution, t: Language) -> tuple[Button, ...]:  # noqa: ARG002
        """Where they are others by what it is about."""
        return self.buttons(t)


def each_once(given: tuple[int, ...]) -> tuple[int, ...]:
    """Of several offsets, in the order in which they were written: twice the same would say the same twice."""
    return tuple(dict.fromkeys(given))


def greeting(t: Language, name: str | None) -> str:
    """By name, where one is known."""
    return t("Hello {name}", name=name) if name else t("Hello")


kinds: Registry[Kind[Conditions]] = Registry("kind of follow-up")


def kind(made: type[Kind[C]]) -> type[Kind[C]]:
    """Adds a kind, and has the journey keep what it hears for the planner."""
    kinds.add(made.name, made())  # type: ignore[arg-type]
    journey.keep_for_planning(*made.hears)
    return made
