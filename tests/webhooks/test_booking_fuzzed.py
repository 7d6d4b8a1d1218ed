"""Bodies that no booking system means: never a server's error, and what cannot be read names what is wrong."""

import copy
import random
import re
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy.orm import Session

from app import Aura
from tests.webhooks.booking import KEYS, Sender, payloads
from tests.webhooks.test_booking import aura, became, sender, work
from tests.webhooks.test_booking_money import standard

__all__ = ["aura", "sender"]

EACH = 30
ODD: tuple[Any, ...] = (
    None, True, 0, -1, 1.5, 10**30, 2**63, "", " ", "\0", "a\0b", "\ud800", "x" * 5_000, "\uff19\uff19", [], [[]],
    [None], {}, {"a": {}}, "9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00", "2026-02-30T10:00:00Z", "NaN",
    "1e9999", "'; --", "\u202e",
)  # fmt: skip
NAMELESS = re.compile(r"[A-Z]\w*")
"""The name of an exception alone, which tells nobody what to write instead."""
MORE = [
    standard("treatment.performed", id="T", customer={"id": "C"}, service="HYDRA", performedAt="2026-02-03T10:00:00Z",
             staff="A", appointment="A-1", branch="siam", workflowId="w", version=1),
    standard("treatment.voided", id="T", version=2),
    standard("visit.recorded", id="V", customer={"id": "C"}, branch="siam"),
    standard("payment.paid", id="B", customer={"id": "C"}, amount=100, online=True, branch="siam", workflowId="w"),
    standard("appointment.moved", id="M", replaces="A-1", startsAt="2026-02-03T10:00:00Z"),
]  # fmt: skip


def places(body: Any, above: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where something stands in it."""
    if isinstance(body, dict | list):
        for key, value in body.items() if isinstance(body, dict) else enumerate(body):
            yield (*above, key)
            yield from places(value, (*above, key))


def spoilt(body: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    """With one to three of its values odd, or gone."""
    made = copy.deepcopy(body)
    for _ in range(chance.randint(1, 3)):
        *above, last = chance.choice(list(places(made)))
        holder: Any = made
        for key in above:
            holder = holder[key]
        if chance.random() < 0.2 and isinstance(holder, dict):
            del holder[last]
        else:
            holder[last] = chance.choice(ODD)
        if not made:
            break
    return made


@pytest.mark.parametrize("file", [*KEYS, "standard_invoices", "standard_courses", "square_invoices"])
def test_whatever_stands_in_a_body_it_is_read_or_named(session: Session, aura: Aura, sender: Sender, file: str) -> None:
    chance, source = random.Random(file), file.partition("_")[0]
    known = [*payloads(file).values(), *(MORE if file == "standard" else [])]
    if file != source:  # what it is about is known
        sender.send(source, known[0])
    for _ in range(EACH):
        assert sender.send(source, spoilt(chance.choice(known), chance)) == 200
    work(session, aura)
    ended = became(session)
    assert ended, "something was kept"
    assert {state for state, _ in ended} <= {"done", "ignored", "dead"}
    assert [reason for state, reason in ended if state == "dead" and NAMELESS.fullmatch(reason or "")] == []
