"""LINE takes no more of one clinic, for now or in this month: nobody else's messages wait, and it is told which."""

import json
from typing import Any

import pytest
from sqlalchemy import select

from channels import outbox
from customers.people import meet_on_line
from models.clinics import Clinic
from models.conversations import Send
from models.customers import LineLink
from models.meters import LineMeter
from tests.fixtures.house import House, clinic_of
from tests.fixtures.waiting import eventually

OTHER = "2000000077"
"""The account of the clinic `glow`."""
PEOPLE, EACH = 8, 3
MANY = PEOPLE * EACH
"""Of each clinic: more than a batch."""


@pytest.fixture
def people(house: House) -> dict[str, list[LineLink]]:
    """Of each clinic, which has an account of its own; each of them is to be told something."""
    glow, secret = clinic_of(house, "glow"), "another-secret"
    account = {"id": OTHER, "secret": secret, "name": "Glow", "webhook_url": f"{house.simulator.app_url}/glow"}
    house.simulator.call("POST", "channels", account)
    glow.line_channel_id, glow.line_channel_secret = OTHER, secret
    house.session.commit()
    return {
        slug: [told(house, clinic_of(house, slug), channel) for _ in range(PEOPLE)]
        for slug, channel in (("aura", house.simulator.channel_id), ("glow", OTHER))
    }


def told(house: House, clinic: Clinic, channel: str) -> LineLink:
    user_id = str(house.simulator.call("POST", "people", {"name": "Mali", "language": "th"})["user_id"])
    house.simulator.call("POST", f"people/{user_id}/follow", {"channel": channel})
    link, line = meet_on_line(house.session, clinic, user_id, house.noon), house.aura.context.outbox.channels["line"]
    house.session.flush()
    for n in range(EACH):
        body = json.dumps([{"type": "text", "text": f"no. {n}"}]).encode()
        outbox.write(house.session, line, clinic, link.customer, user_id, body, "said")
    house.session.commit()
    return link


def sends(house: House, clinic: Clinic) -> list[Send]:
    house.session.expire_all()
    return list(house.session.scalars(select(Send).where(Send.clinic_id == clinic.id, Send.reason == "said")))


def pushes(house: House, channel: str) -> list[int]:
    """What LINE has answered to each push of this account."""
    entries: list[Any] = house.simulator.call("GET", "log")["entries"]
    own = [one for one in entries if one.get("path") == "/v2/bot/message/push" and one["channel"] == channel]
    return [one["status"] for one in own]


def refuse(house: House, kind: str, **more: int) -> None:
    """Each push of `aura`, and nobody else's."""
    fault = {"kind": kind, "on": "push", "times": 10_000, "channel": house.simulator.channel_id, **more}
    house.simulator.call("POST", "faults", fault)


def test_too_fast_waits_by_itself_and_goes_once_when_line_takes_it(
    house: House, people: dict[str, list[LineLink]]
) -> None:
    aura, glow = (clinic_of(house, slug) for slug in ("aura", "glow"))
    refuse(house, "rate_429", ms=60_000)
    eventually(lambda: worked(house) and states(house, glow) == {"sent"}, within=60)
    assert arrived(house, people["glow"], OTHER) == MANY
    waiting = sends(house, aura)
    assert {(one.state, one.attempts) for one in waiting} == {("queued", 0)}
    assert "rate 429" in {one.error for one in waiting} <= {"rate 429", "not tried", None}
    assert 0 < len(pushes(house, house.simulator.channel_id)) < MANY, "its breaker leaves the rest unasked"
    meter = house.session.get(LineMeter, aura.id)
    assert meter is None or meter.refused_at is None, "it is not the month that is used up"
    house.simulator.call("DELETE", "faults")
    eventually(lambda: worked(house, again=True) and states(house, aura) == {"sent"}, within=60)
    assert arrived(house, people["aura"], house.simulator.channel_id) == MANY


def test_a_month_that_is_used_up_is_final_and_that_clinics_alone(
    house: House, people: dict[str, list[LineLink]]
) -> None:
    aura, glow = (clinic_of(house, slug) for slug in ("aura", "glow"))
    refuse(house, "quota_429")
    eventually(lambda: worked(house) and "queued" not in states(house, aura) | states(house, glow), within=60)
    assert {(one.state, one.error) for one in sends(house, glow)} == {("sent", None)}
    assert {(one.state, one.error) for one in sends(house, aura)} == {("failed", "quota 429")}
    house.simulator.call("DELETE", "faults")
    worked(house, again=True)
    assert pushes(house, house.simulator.channel_id) == [429] * MANY, "each was asked for once"
    assert arrived(house, people["aura"], house.simulator.channel_id) == 0
    assert arrived(house, people["glow"], OTHER) == MANY


def worked(house: House, *, again: bool = False) -> bool:
    if again:
        house.later()
    house.work()
    return True


def states(house: House, clinic: Clinic) -> set[str]:
    return {one.state for one in sends(house, clinic)}


def arrived(house: House, people: list[LineLink], channel: str) -> int:
    """How many of them stand in the chats."""
    chats = [house.simulator.call("GET", f"people/{link.user_id}/chat?channel={channel}")["items"] for link in people]
    said = [one["message"].get("text", "") for items in chats for one in items if one["from"] == "bot"]
    return sum(text.startswith("no. ") for text in said)
