"""News in a push that LINE does not take."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from channels.base import ChannelError, Receipt, channels
from channels.calls import Calls, Lane
from channels.line.channel import LineChannel
from channels.line.client import Line
from channels.outbox import Claim, Ended, Outbox
from followups import notifications as telling
from models.clinics import Clinic
from models.customers import LineLink
from runtime.context import Runtime
from runtime.timing import Timing
from tests.fixtures.clinic import NOW
from tests.fixtures.waiting import carry
from tests.followups.news import drain, sends, states


class Refusing(LineChannel):
    """LINE takes nothing more."""

    def send(self, clinic: Clinic, address: str, body: bytes, key: UUID, unit: str | None = None) -> Receipt:
        raise ChannelError(self.says, permanent=self.permanent)

    permanent, says = True, "400 refused"


def send_all(runtime: Runtime, channel: LineChannel, clinic_id: UUID, now: datetime) -> None:
    calls, lane = Calls(Timing()), Lane[Claim](lambda: None)

    def settled(session: Session, ended: Sequence[Ended]) -> None:
        for one in ended:
            telling.settled(session, one.send, now)

    assert carry(Outbox(runtime.sessions, channels(channel), calls, Timing(), lane, settled), clinic_id)


@pytest.mark.parametrize(("permanent", "state"), [(True, ("dead", "send_failed")), (False, ("sent", None))])
def test_news_in_a_send_that_failed_has_told_nobody(
    session: Session, runtime: Runtime, paid: LineLink, permanent: bool, state: tuple[str, str | None]
) -> None:
    drain(runtime, NOW + timedelta(minutes=1))
    channel = Refusing(Line())
    channel.permanent = permanent
    send_all(runtime, channel, paid.clinic_id, NOW)
    assert [send.state for send in sends(session)] == ["failed" if permanent else "queued"]
    assert states(session) == {state}


def test_news_for_which_no_message_is_left_this_month_is_tried_on_each_day(
    session: Session, runtime: Runtime, paid: LineLink
) -> None:
    channel = Refusing(Line())
    channel.says = "quota 429"
    for day in range(3):
        at = NOW + timedelta(days=day, minutes=1)
        assert drain(runtime, at) == 1
        send_all(runtime, channel, paid.clinic_id, at)
        assert [send.state for send in sends(session)] == ["dropped"] * (day + 1)
        assert states(session) == {("open", "quota")}
        assert drain(runtime, at + timedelta(hours=23)) == 0
    at = NOW + timedelta(days=3, minutes=1)
    drain(runtime, at)
    assert states(session) == {("sent", None)}
    assert "1,200" in json.dumps(json.loads(sends(session)[-1].body or b""), ensure_ascii=False)
