"""Buttons in a group: routed whoever LINE says it was, in the clinic's own groups."""

from uuid import UUID

import pytest
from prometheus_client import REGISTRY
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.chat import GroupChat, StaleAction
from bot.routes import build
from channels.line.messages import Reply, say
from channels.line.render import wire
from models.base import new_id
from models.clinics import Clinic
from models.customers import Customer
from tests.bot.pretend import beside_the_product
from tests.bot.room import GROUP, PLOY, Room


class Tapped:
    """A pretend subject: a task of the staff, claimed by a button."""

    def __init__(self) -> None:
        self.by: list[tuple[UUID, str | None, str]] = []
        hear = beside_the_product()
        hear.postback("claim", group=True)(self.claim)
        hear.postback("look", group=True, unbound=True)(self.look)
        self.table = build(hear)

    def claim(self, group: GroupChat, task: UUID) -> Reply:
        self.by.append((task, group.user_id, group.actor))
        return say("claimed")

    def look(self, group: GroupChat, page: int) -> Reply:
        if page > 1:
            raise StaleAction("there is one page")
        return say("one page" if group.bound else "nothing to see yet")


@pytest.fixture
def tapped(room: Room) -> Tapped:
    tapped = Tapped()
    room.talk.table = tapped.table
    return tapped


def test_a_tap_that_line_does_not_say_whose_is_routed(
    session: Session, clinic: Clinic, tapped: Tapped, bound: Room
) -> None:
    task = new_id()
    outcome = bound.tap(f"claim?task={task}")
    assert (wire(outcome.reply)[0]["text"], outcome.recipient, bool(outcome.token)) == ("claimed", GROUP, True)
    index = session.info["vault"].index(clinic.id, "line", GROUP)
    assert tapped.by == [(task, None, f"group:{index.hex()}")]
    assert session.scalars(select(Customer)).all() == []


def test_a_tap_whose_person_is_told_names_them(session: Session, clinic: Clinic, tapped: Tapped, bound: Room) -> None:
    task = new_id()
    bound.event("postback", postback={"data": f"claim?task={task}"})
    index = session.info["vault"].index(clinic.id, "line", PLOY)
    assert tapped.by == [(task, PLOY, f"staff:{index.hex()}")]


def test_only_a_bound_group_is_heard_unless_a_route_says_otherwise(tapped: Tapped, room: Room) -> None:
    for data in (f"claim?task={new_id()}", "claim", "nobody", "look?page=2"):
        assert room.tap(data).reply.silence == "group_not_bound"
    assert tapped.by == []
    assert wire(room.tap("look?page=1").reply)[0]["text"] == "nothing to see yet"


@pytest.mark.parametrize(
    ("data", "action"),
    [
        ("claim", "claim"),
        ("claim?task=x", "claim"),
        ("look?page=2", "look"),
        ("nobody?x=1", "unknown"),
        ("?", "unknown"),
    ],
)
def test_a_button_that_has_grown_old_is_answered_and_counted(
    tapped: Tapped, bound: Room, data: str, action: str
) -> None:
    before = REGISTRY.get_sample_value("aura_stale_buttons_total", {"action": action}) or 0
    assert "ปุ่มนี้เก่าแล้วค่ะ" in str(bound.tap(data).reply.messages)
    assert (bound.talk.row.reason, tapped.by) == (f"stale_button:{action}", [])
    assert REGISTRY.get_sample_value("aura_stale_buttons_total", {"action": action}) == before + 1
