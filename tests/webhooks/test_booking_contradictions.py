"""What cannot be, however true its signature: it is given up at once, with what was wrong, and stops nothing."""

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import Aura
from models.appointments import Appointment
from models.courses import Course
from models.invoices import Invoice
from tests.webhooks.booking import Sender, payloads
from tests.webhooks.test_booking import aura, became, sender, work
from tests.webhooks.test_booking_money import WHO, standard

__all__ = ["aura", "sender"]

BOOKED: dict[str, Any] = {"id": "A-1", "customer": WHO, "startsAt": "2026-02-05T14:00:00+07:00"}
SOLD: dict[str, Any] = {"id": "CO-1", "customer": WHO, "sessions": 10, "soldOn": "2026-02-01"}
BILL: dict[str, Any] = {"id": "INV-1", "customer": WHO, "amount": 3_000}


@pytest.mark.parametrize(
    ("kind", "data", "why"),
    [
        ("appointment.booked", BOOKED | {"endsAt": "2026-02-05T13:00:00+07:00"}, "the end lies before the beginning"),
        ("appointment.booked", BOOKED | {"version": -1}, "data.version: write a whole number"),
        ("appointment.booked", BOOKED | {"version": "2"}, "data.version: write a whole number"),
        ("course.sold", SOLD | {"endsOn": "2026-01-31"}, "the end lies before the day of the sale"),
        ("course.sold", SOLD | {"soldOn": "2027-02-01"}, "the day of the sale is still to come"),
        ("course.sold", SOLD | {"version": 1.5}, "data.version: write a whole number"),
        ("invoice.created", BILL | {"version": True}, "data.version: write a whole number"),
        ("treatment.performed", {"id": "T-1", "customer": WHO, "version": []}, "data.version: write a whole number"),
    ],
)
def test_what_contradicts_itself_is_given_up_with_what_is_wrong(
    session: Session, aura: Aura, sender: Sender, kind: str, data: dict[str, Any], why: str
) -> None:
    sender.send("standard", standard(kind, **data))
    sender.send("standard", standard("appointment.booked", **BOOKED | {"id": "A-2"}))
    work(session, aura)
    (state, reason), after = became(session)
    assert (state, after) == ("dead", ("done", None))
    assert (reason or "").startswith(why)
    assert [one.external_id for one in session.scalars(select(Appointment))] == ["A-2"]
    assert not [*session.scalars(select(Course)), *session.scalars(select(Invoice))]


def test_so_is_it_of_every_system(session: Session, aura: Aura, sender: Sender) -> None:
    booked = payloads("calcom")["created"]
    turned = booked["payload"] | {"startTime": booked["payload"]["endTime"], "endTime": booked["payload"]["startTime"]}
    sender.send("calcom", booked | {"payload": turned})
    booked = payloads("calendly")["created"]
    event = booked["payload"]["scheduled_event"]
    event = event | {"start_time": event["end_time"], "end_time": event["start_time"]}
    sender.send("calendly", booked | {"payload": booked["payload"] | {"scheduled_event": event}})
    work(session, aura)
    why = "the end lies before the beginning: look which of the two times is wrong"
    assert became(session) == [("dead", why), ("dead", why)]


def test_what_ends_on_its_own_day_or_is_due_already_is_meant(session: Session, aura: Aura, sender: Sender) -> None:
    sender.send("standard", standard("appointment.booked", **BOOKED | {"endsAt": BOOKED["startsAt"]}))
    sender.send("standard", standard("course.sold", **SOLD | {"endsOn": SOLD["soldOn"]}))
    sender.send("standard", standard("invoice.created", **BILL | {"dueOn": "2026-02-01"}))
    work(session, aura)
    assert {state for state, _ in became(session)} == {"done"}, "a bill is told when it is overdue, too"
