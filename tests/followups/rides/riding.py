"""What is to ride, and whether it does."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from followups import rules
from followups.rules import Draft
from followups.texts import Template
from models.conversations import Send
from models.followups import FollowupDelivery, FollowupRule, Priority
from tests.fixtures.clinic import NOW, Talk
from tests.followups.gate import CARE, Gate

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
HELLO = "สวัสดีค่ะ"
PLANNED, SENT = ("planned", None), ("sent", None)


def rule(
    gate: Gate, kind: str = CARE, *over: str, priority: Priority = "low", says: str = "", **more: Any
) -> FollowupRule:
    template = Template(everywhere={"message": says}) if says else None
    draft = Draft(name=kind, channels=list(over) or ["line"], active=True, priority=priority, template=template, **more)
    return rules.make(gate.session, gate.clinic, kind, draft, NOW)


def rode(talk: Talk, said: str = HELLO) -> int:
    """How many messages more than usual the answer to it has."""
    before = {one.execution_id for one in talk.session.scalars(select(FollowupDelivery))}
    talk.say(said)
    now = {one.execution_id for one in talk.session.scalars(select(FollowupDelivery))}
    return len(now - before)


def deliveries(gate: Gate, id_: UUID) -> list[tuple[str, str, UUID | None]]:
    found = select(FollowupDelivery).where(FollowupDelivery.execution_id == id_).order_by(FollowupDelivery.channel)
    return [(one.channel, one.state, one.inbox_id) for one in gate.session.scalars(found)]


def sends(gate: Gate) -> int:
    return len(gate.session.scalars(select(Send).where(Send.channel == "line")).all())
