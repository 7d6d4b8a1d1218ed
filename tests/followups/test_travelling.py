"""What is due together over the pretend LINE: five bubbles are one push, which costs one message."""

import json
import re

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from followups.texts import Template
from models.clinics import Clinic
from models.conversations import Send
from models.followups import FollowupDelivery, FollowupExecution
from runtime.context import Runtime
from tests.fixtures.clinic import NOW
from tests.fixtures.running import RunningSimulator
from tests.followups.post import DAY, HOUR, Post

AT = NOW + 3 * DAY
DUE = AT - DAY


@pytest.fixture
def post(session: Session, runtime: Runtime, clinic: Clinic, simulator: RunningSimulator) -> Post:
    return Post(session, runtime, clinic, simulator)


@pytest.mark.parametrize(("many", "pushes"), [(1, 1), (5, 1), (6, 2)])
def test_five_travel_in_one_push_which_costs_one_message(post: Post, many: int, pushes: int) -> None:
    post.rule("appointment_reminder")
    link = post.friend()
    for number in range(many):
        post.tell(link, f"A{number}", "booked", AT + number * HOUR / 12, NOW)
    post.say(DUE + HOUR)
    sends = post.session.scalars(select(Send)).all()
    assert sorted(len(json.loads(one.body or b"")) for one in sends) == sorted([min(many, 5), *([1] * (pushes - 1))])
    for _ in range(pushes):
        post.leave(DUE + HOUR)
    assert (len(post.arrived(link)), post.used()) == (many, pushes)
    assert post.fates() == [("sent", None)] * many


def test_a_push_repeated_with_its_key_costs_nothing_and_arrives_once(post: Post) -> None:
    post.rule("appointment_reminder")
    link = post.friend()
    post.tell(link, "A", "booked", AT, NOW)
    post.say(DUE)
    post.simulator.call("POST", "faults", {"kind": "timeout_after_accept", "on": "push", "times": 1, "ms": 10})
    post.leave(DUE)
    assert [state for state, _ in post.sends()] == ["queued"]
    post.leave(DUE)
    assert (post.sends()[0][0], len(post.arrived(link)), post.used()) == ("sent", 1, 1)


def test_a_push_is_counted_for_the_rule_of_the_highest_priority(post: Post) -> None:
    other = Template(everywhere={"message": "แล้วพบกัน"})
    low = post.rule("appointment_reminder", priority="low", template=other)
    high = post.rule("appointment_reminder", priority="high")
    link = post.friend()
    post.tell(link, "A", "booked", AT, NOW)
    post.say(DUE)
    send = post.session.scalars(select(Send)).one()
    assert send.unit is not None
    assert re.fullmatch(r"202602_[0-9a-f]{23}", send.unit)
    assert high.id.hex.endswith(send.unit[7:])
    found = select(FollowupExecution.rule_id, FollowupDelivery.unit).join(
        FollowupDelivery, FollowupDelivery.execution_id == FollowupExecution.id
    )
    units = {row[0]: row[1] for row in post.session.execute(found)}
    assert units == {low.id: None, high.id: send.unit}
    post.leave(DUE)
    assert [one["customAggregationUnits"] for one in post.pushed()] == [[send.unit]]
    assert post.fates() == [("sent", None)] * 2
