"""Follow-ups that are due for one customer, and what becomes of them at the gates."""

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

import followups.kinds  # noqa: F401
from channels.base import Channel, channels
from channels.line.channel import LineChannel
from channels.line.client import Line
from facts import treated
from facts.told import Performed, Person, TreatmentTold
from facts.visited import visited
from followups import dispatch, rules
from followups.kind import kinds
from followups.rules import Draft
from models.base import new_id
from models.clinics import Clinic
from models.customers import Customer
from models.facts import Visit
from models.followups import FollowupExecution, FollowupRule
from privacy import consent
from runtime.context import Runtime
from tests.fixtures.clinic import NOW, At

DAY = timedelta(days=1)
OFFER, CARE, HEALTH = "inactive_reactivation", "post_treatment", "upsell_opportunity"
Fate = tuple[str, str | None]


class Gate:
    """`also`: channels besides LINE."""

    def __init__(
        self, session: Session, runtime: Runtime, clinic: Clinic, customer: Customer, also: tuple[Channel, ...] = ()
    ) -> None:
        self.session, self.runtime, self.clinic, self.customer = session, runtime, clinic, customer
        self.channels = channels(LineChannel(Line()), *also)
        visited(
            session, customer, source="till", external_id="V", visited_at=NOW - 90 * DAY, service_code=None, now=NOW
        )
        self.visit_id = session.scalars(select(Visit.id)).one()
        details = Performed(Person(ours=customer.id), NOW - 90 * DAY, service="hydrafacial")
        treated.told(session, clinic, "standard", TreatmentTold("T", "performed", 1, NOW, details), NOW)
        session.commit()

    def rule(self, kind: str, *over: str) -> FollowupRule:
        draft = Draft(name=kind, channels=over or ["line"], active=True)
        return rules.make(self.session, self.clinic, kind, draft, NOW)

    def due(self, rule: FollowupRule, at: datetime, *, worth: timedelta = 7 * DAY) -> UUID:
        kind = kinds[rule.type]
        one = FollowupExecution(
            clinic_id=self.clinic.id,
            rule_id=rule.id,
            rule_version=1,
            customer_id=self.customer.id,
            anchor=f"test:{new_id()}",
            about_id=self.customer.id if kind.name == OFFER else self.visit_id,
            purpose=kind.purpose,
            due_at=at,
            not_after=at + worth,
            created_at=at,
        )
        self.session.add(one)
        self.session.commit()
        return one.id

    def pass_to(self, now: datetime) -> None:
        """All that is due then goes through the gates."""
        self.session.commit()
        while dispatch.step(replace(self.runtime, clock=At(now)), self.channels, self.clinic.id):
            pass
        self.session.expire_all()

    def one(self, id_: UUID) -> FollowupExecution:
        return self.session.get_one(FollowupExecution, (id_, self.clinic.id))

    def fate(self, id_: UUID) -> Fate:
        one = self.one(id_)
        return one.status, one.reason

    def until(self, id_: UUID) -> datetime:
        """When it is looked at again, by the clinic's clock."""
        return self.one(id_).due_at.astimezone(self.clinic.settings.voice.zone)

    def said(self, rule: FollowupRule, at: datetime) -> Fate:
        """What becomes of one that is due then."""
        id_ = self.due(rule, at)
        self.pass_to(at)
        return self.fate(id_)

    def agree(self, *purposes: str, channel: str = "line") -> None:
        self.customer.adult = True
        for purpose in purposes or (consent.MARKETING,):
            self.decide(purpose, granted=True, channel=channel)

    def decide(self, purpose: str, *, granted: bool, channel: str = "line", at: datetime = NOW) -> None:
        consent.decide(self.session, self.customer, purpose=purpose, channel=channel, granted=granted, text="?", now=at)
        self.session.commit()
