"""Follow-ups that leave: said by the one door, carried by the outbox to the pretend LINE over HTTP."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

import followups.kinds  # noqa: F401
from channels.base import Channel, channels
from channels.calls import Calls, Lane
from channels.line.channel import LineChannel
from channels.line.client import Access, Line
from channels.outbox import Ended, Outbox
from customers import meters
from customers.people import meet_on_line
from facts import appointments
from facts.told import AppointmentTold, Details, Person
from facts.visited import visited
from followups import dispatch, fates, leaving, planner, rules
from followups.rules import Draft
from models.appointments import AppointmentState
from models.clinics import Clinic
from models.conversations import Send
from models.customers import LineLink
from models.followups import FollowupDelivery, FollowupExecution, FollowupRule
from privacy import consent
from runtime.clock import DATABASE_NOW, real
from runtime.context import Runtime
from runtime.timing import Timing
from tests.fixtures.clinic import NOW, At
from tests.fixtures.running import RunningSimulator
from tests.fixtures.waiting import carry

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
TIMING = replace(Timing(), breaker_rest=timedelta(0))


@dataclass
class Post:
    """`also`: channels besides LINE."""

    session: Session
    runtime: Runtime
    clinic: Clinic
    simulator: RunningSimulator
    also: tuple[Channel, ...] = ()
    calls: Calls = field(default_factory=lambda: Calls(TIMING))
    told: int = 0

    def __post_init__(self) -> None:
        access = Access(self.simulator.channel_id, self.simulator.channel_secret)
        self.line = Line(self.simulator.url, {self.clinic.slug: access})
        self.channels = channels(LineChannel(self.line), *self.also)

    def friend(self, name: str = "Mali") -> LineLink:
        """Of the clinic, on the pretend LINE."""
        user_id = str(self.simulator.call("POST", "people", {"name": name, "language": "th"})["user_id"])
        self.simulator.follow(user_id)
        link = meet_on_line(self.session, self.clinic, user_id, NOW)
        self.session.commit()
        return link

    def rule(self, kind: str, *over: str, **more: Any) -> FollowupRule:
        draft = Draft(name=kind, channels=list(over) or ["line"], active=True, **more)
        made = rules.make(self.session, self.clinic, kind, draft, NOW)
        self.session.commit()
        return made

    def tell(self, link: LineLink, id_: str, state: AppointmentState, at: datetime | None, when: datetime) -> None:
        """A fact of an appointment, told then."""
        details = None if at is None else Details(Person(ours=link.customer_id), at)
        self.told += 1
        fact = AppointmentTold(id_, state, self.told, when, details)
        appointments.told(self.session, self.clinic, "standard", fact, when)
        self.session.commit()

    def say(self, now: datetime) -> None:
        """All that is due then is planned, and given to the outbox."""
        self.session.commit()
        runtime = replace(self.runtime, clock=At(now))
        while planner.step(runtime, self.clinic.id):
            pass
        while dispatch.step(runtime, self.channels, self.clinic.id):
            pass
        self.session.expire_all()

    def outbox(self, now: datetime) -> Outbox:
        sessions: sessionmaker[Session] = self.runtime.sessions
        why_not = partial(leaving.why_not, At(now).now, self.channels)
        settled = partial(self._settled, now)
        return Outbox(sessions, self.channels, self.calls, TIMING, Lane(lambda: None), settled, why_not)

    @staticmethod
    def _settled(now: datetime, session: Session, ended: Sequence[Ended]) -> None:
        sends = [one.send for one in ended]
        meters.refused_pushes(session, sends, now)
        fates.settled(session, sends, now)

    def leave(self, now: datetime) -> None:
        """What waits leaves then, once; what backs off may be tried at once the next time."""
        self.session.commit()
        for send in self.session.scalars(select(Send).where(Send.state == "queued")):
            send.due_at = real()
        self.session.commit()
        carry(self.outbox(now), self.clinic.id)
        self.session.expire_all()

    def fates(self) -> list[tuple[str, str | None]]:
        found = self.session.scalars(select(FollowupExecution).order_by(FollowupExecution.due_at))
        return [(one.status, one.reason) for one in found]

    def deliveries(self) -> list[tuple[str, str, str | None]]:
        found = self.session.scalars(select(FollowupDelivery).order_by(FollowupDelivery.created_at))
        return [(one.channel, one.state, one.reason) for one in found]

    def sends(self) -> list[tuple[str, str | None]]:
        found = self.session.scalars(select(Send).order_by(Send.id))
        return [(one.state, one.error) for one in found]

    def arrived(self, link: LineLink) -> list[str]:
        """What stands on the phone, as it is read on its locked screen."""
        items: list[Any] = self.simulator.call("GET", f"people/{link.user_id}/chat")["items"]
        said = [one["message"] for one in items if one["from"] == "bot"]
        return [str(one.get("altText") or one.get("text")) for one in said]

    def used(self) -> int:
        """How many messages of the month LINE has counted."""
        access = self.line.access(self.clinic)
        return int(
            self.line.call(access, "GET", "/v2/bot/message/quota/consumption", name="consumption").data["totalUsage"]
        )

    def pushed(self) -> list[dict[str, Any]]:
        """The last push that the pretend LINE was asked for."""
        entries: list[Any] = self.simulator.call("GET", "log")["entries"]
        pushes = [one["body"] for one in entries if one.get("path") == "/v2/bot/message/push"]
        return [json.loads(one) if isinstance(one, str) else one for one in pushes][-1:]

    def waits(self) -> list[tuple[datetime, datetime]]:
        """When each that waits is tried again, and the time by the same clock."""
        return [(row[0], row[1]) for row in self.session.execute(select(Send.due_at, DATABASE_NOW))]


def visited_long_ago(post: Post, link: LineLink) -> None:
    """So long that they are asked to come again in an hour."""
    at, told = NOW - 60 * DAY + HOUR, NOW - DAY
    visited(post.session, link.customer, source="till", external_id="V", visited_at=at, service_code=None, now=told)
    post.session.commit()


def decide(post: Post, link: LineLink, purpose: str, *, granted: bool = True, channel: str = "line") -> None:
    customer = link.customer
    customer.adult = True
    consent.decide(post.session, customer, purpose=purpose, channel=channel, granted=granted, text="?", now=NOW)
    post.session.commit()
