"""News of a customer, told as a worker tells it."""

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from channels.base import channels
from channels.line.channel import LineChannel
from channels.line.client import Line
from followups import notifications as telling
from models.conversations import Send
from models.loyalty import Notification
from runtime.context import Runtime
from tests.fixtures.clinic import At

BANGKOK = ZoneInfo("Asia/Bangkok")
CHANNELS = channels(LineChannel(Line()))
"""Nothing is sent here: messages are drawn and frozen."""


def drain(runtime: Runtime, at: datetime) -> int:
    runtime, merged = replace(runtime, clock=At(at)), 0
    with runtime.sessions() as session:
        clinics = session.scalars(telling.OPEN).all()
    for clinic_id in clinics:
        while telling.merge_one(runtime, CHANNELS, clinic_id):
            merged += 1
    return merged


def sends(session: Session) -> list[Send]:
    session.expire_all()
    return list(session.scalars(select(Send).order_by(Send.id)))


def states(session: Session) -> set[tuple[str, str | None]]:
    return {(one.state, one.reason) for one in session.scalars(select(Notification))}
