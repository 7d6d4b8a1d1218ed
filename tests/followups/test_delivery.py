"""Over the first channel that reaches the customer, or over each: what becomes of one saying by what becomes of its
sends, whichever is settled first.
"""

from datetime import datetime, timedelta
from itertools import product
from typing import Literal

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from channels.base import NoWay, Recipient
from channels.call import CallChannel
from channels.in_app import InAppChannel
from customers import contacts
from followups import fates, rules
from followups.rules import Draft
from models.branches import Branch
from models.clinics import Clinic
from models.conversations import Send
from models.customers import LineLink
from models.followups import Delivery, FollowupDelivery, FollowupRule
from runtime.context import Runtime
from tests.channels.pigeon import Pigeon
from tests.fixtures.clinic import NOW
from tests.followups.gate import CARE, DAY, Gate

End = Literal["sent", "failed", "unknown", "dropped", "blocked"]
ENDS: tuple[End, ...] = ("sent", "failed", "unknown", "dropped", "blocked")
FATES = {"sent": ("sent", None), "unknown": ("unknown", "send_unknown"), "dropped": ("missed", "too_late")}


class Loftless(Pigeon):
    """Nobody is reached by it."""

    def address(self, session: Session, recipient: Recipient) -> NoWay:
        return NoWay("not_reachable")


def gate_of(session: Session, runtime: Runtime, clinic: Clinic, mali: LineLink, line: End, sms: End) -> Gate:
    mali.customer.display_name = "Mali"
    mali.unfollowed_at = NOW if line == "blocked" else None
    pigeon = (Loftless if sms == "blocked" else Pigeon)("sms")
    return Gate(session, runtime, clinic, mali.customer, (pigeon, InAppChannel(), CallChannel()))


def rule_of(gate: Gate, delivery: Delivery, *over: str) -> FollowupRule:
    draft = Draft(name="Over several", channels=list(over), delivery=delivery, active=True)
    return rules.make(gate.session, gate.clinic, CARE, draft, NOW)


def settle(gate: Gate, ends: dict[str, End], now: datetime) -> bool:
    """Each send that waits gets its end, one after the other. Whether there was any."""
    waiting = gate.session.scalars(select(Send).where(Send.state == "queued")).all()
    for send in sorted(waiting, key=lambda one: list(ends).index(one.channel)):
        end = ends[send.channel]
        assert end != "blocked"
        send.state, send.error = end, None if end == "sent" else f"it {end}"
        fates.settled(gate.session, [send], now)
        gate.session.commit()
    return bool(waiting)


def told(gate: Gate) -> dict[str, tuple[str, str | None]]:
    gate.session.expire_all()
    return {one.channel: (one.state, one.reason) for one in gate.session.scalars(select(FollowupDelivery))}


def kept(end: End, why_not: str) -> tuple[str, str | None]:
    if end == "blocked":
        return "skipped", why_not
    return end, None if end == "sent" else f"it {end}"


@pytest.mark.parametrize(("line", "sms"), list(product(ENDS, ENDS)))
def test_over_the_first_that_does_not_fail(
    session: Session, runtime: Runtime, clinic: Clinic, mali: LineLink, line: End, sms: End
) -> None:
    gate = gate_of(session, runtime, clinic, mali, line, sms)
    id_ = gate.due(rule_of(gate, "first", "line", "sms", "in_app"), NOW)
    gate.pass_to(NOW)
    while settle(gate, {"line": line, "sms": sms}, NOW):
        gate.pass_to(NOW)
    ways = {"line": kept(line, "not_reachable")}
    last = line
    if line in ("failed", "blocked"):
        ways["sms"], last = kept(sms, "not_reachable"), sms
    if last == "blocked" and line == "failed":
        del ways["sms"]  # it had gone by then: nothing was passed over for it
    nothing = ("failed", "send_failed") if "failed" in (line, last) else ("skipped", "not_reachable")
    assert gate.fate(id_) == FATES.get(last, nothing)
    none_went = line == sms == "blocked"
    assert told(gate) == ({} if none_went else ways | {"in_app": ("sent", None)})


@pytest.mark.parametrize(("line", "sms", "later"), list(product(ENDS, ENDS, ("line", "sms"))))
def test_over_each_one_that_arrives_is_enough(
    session: Session, runtime: Runtime, clinic: Clinic, mali: LineLink, line: End, sms: End, later: str
) -> None:
    gate = gate_of(session, runtime, clinic, mali, line, sms)
    id_ = gate.due(rule_of(gate, "all", "line", "sms", "in_app"), NOW)
    gate.pass_to(NOW)
    ends: dict[str, End] = {"line": line, "sms": sms}
    settle(gate, dict(sorted(ends.items(), key=lambda one: one[0] == later)), NOW)
    gate.pass_to(NOW)
    best = next((one for one in ("sent", "unknown", "dropped") if one in (line, sms)), None)
    nothing = ("skipped", "not_reachable") if line == sms == "blocked" else ("failed", "send_failed")
    assert gate.fate(id_) == (FATES[best] if best else nothing)
    ways = {"line": kept(line, "not_reachable"), "sms": kept(sms, "not_reachable"), "in_app": ("sent", None)}
    assert told(gate) == ({} if line == sms == "blocked" else ways)
    assert {one.channel for one in session.scalars(select(Send))} == {
        channel for channel, (state, _) in told(gate).items() if state != "skipped"
    }


def test_while_one_of_several_is_still_on_its_way_nothing_has_failed(
    session: Session, runtime: Runtime, clinic: Clinic, mali: LineLink
) -> None:
    gate = gate_of(session, runtime, clinic, mali, "failed", "sent")
    id_ = gate.due(rule_of(gate, "all", "line", "sms"), NOW)
    gate.pass_to(NOW)
    line = session.scalars(select(Send).where(Send.channel == "line")).one()
    line.state = "failed"
    fates.settled(session, [line], NOW)
    gate.pass_to(NOW)
    assert gate.fate(id_) == ("sent", None)


def test_a_call_that_the_staff_were_asked_for_stands_where_line_fails(
    session: Session, runtime: Runtime, clinic: Clinic, mali: LineLink
) -> None:
    gate = gate_of(session, runtime, clinic, mali, "failed", "blocked")
    contacts.tell(session, mali.customer, "phone", "0812345678", source="standard", now=NOW)
    id_ = gate.due(rule_of(gate, "all", "line", "call"), NOW)
    gate.pass_to(NOW)
    settle(gate, {"line": "failed"}, NOW)
    gate.pass_to(NOW)
    assert (gate.fate(id_), told(gate)) == (("sent", None), {"line": ("failed", "it failed"), "call": ("sent", None)})


@pytest.mark.parametrize("delivery", ["first", "all"])
def test_a_page_of_their_own_is_no_way_by_itself(
    session: Session, runtime: Runtime, clinic: Clinic, mali: LineLink, delivery: Delivery
) -> None:
    gate = gate_of(session, runtime, clinic, mali, "blocked", "blocked")
    assert gate.said(rule_of(gate, delivery, "in_app"), NOW) == ("skipped", "in_app_alone")
    assert gate.said(rule_of(gate, delivery, "line", "in_app"), NOW) == ("skipped", "not_reachable")
    assert told(gate) == {}


@pytest.mark.parametrize("delivery", ["first", "all"])
def test_what_loses_its_use_before_the_clinic_opens_goes_another_way_than_by_a_call(
    session: Session, runtime: Runtime, clinic: Clinic, mali: LineLink, delivery: Delivery
) -> None:
    gate = gate_of(session, runtime, clinic, mali, "sent", "blocked")
    contacts.tell(session, mali.customer, "phone", "0812345678", source="standard", now=NOW)
    session.scalars(select(Branch)).one().hours = {"thu": ["13:00-20:00"]}
    rule = rule_of(gate, delivery, "call", "line")
    in_time, too_late = gate.due(rule, NOW, worth=7 * DAY), gate.due(rule, NOW, worth=timedelta(hours=1))
    gate.pass_to(NOW)
    assert gate.fate(in_time) == ("planned", "closed")
    assert gate.fate(too_late) == ("sent", None)
    assert told(gate) == {"call": ("skipped", "closed"), "line": ("queued", None)}


def test_one_that_arrives_after_all_is_not_said_again(
    session: Session, runtime: Runtime, clinic: Clinic, mali: LineLink
) -> None:
    """Somebody has had a failed one tried once more, with nothing left beside it."""
    gate = gate_of(session, runtime, clinic, mali, "failed", "blocked")
    id_ = gate.due(rule_of(gate, "first", "line"), NOW)
    gate.pass_to(NOW)
    settle(gate, {"line": "failed"}, NOW)
    gate.pass_to(NOW)
    assert gate.fate(id_) == ("failed", "send_failed")
    send = session.scalars(select(Send)).one()
    send.state, send.error = "sent", None
    fates.settled(session, [send], NOW)
    session.commit()
    assert gate.fate(id_) == ("sent", None)
