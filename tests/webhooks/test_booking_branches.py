"""Where it is: the clinic's file says what each system calls its branches."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import Aura
from models.appointments import Appointment
from models.branches import Branch
from models.clinics import Clinic
from models.facts import Payment, Visit
from models.treatments import Treatment
from tests.webhooks.booking import Sender, payloads
from tests.webhooks.test_booking import aura, became, sender, work
from tests.webhooks.test_booking_money import WHO, square, standard, thb

__all__ = ["aura", "sender"]

NAMES = {"calcom": ["Aura Siam"], "calendly": ["12 Rama I"], "square": ["L9R0X9X5SGDBJ"], "standard": ["Branch 2"]}
STARTS = datetime(2026, 2, 5, 7, tzinfo=UTC)


def places(session: Session, clinic: Clinic, *, known: bool = True) -> Branch:
    """A second one, which has names at the systems."""
    siam = Branch(
        clinic_id=clinic.id, code="siam", name="Siam", booked_as=NAMES if known else {}, position=1, created_at=STARTS
    )
    session.add(siam)
    session.commit()
    return siam


def booked(source: str) -> dict[str, Any]:
    if source == "standard":
        starts_at = STARTS.isoformat()
        return standard("appointment.booked", id="A-1", customer=WHO, startsAt=starts_at, branch="Branch 2")
    told = payloads(source)["created"]
    if source == "calcom":
        return told | {"payload": told["payload"] | {"location": "Aura Siam"}}
    if source == "calendly":
        place = {"type": "physical", "location": "12 Rama I"}
        event = told["payload"]["scheduled_event"] | {"location": place}
        return told | {"payload": told["payload"] | {"scheduled_event": event}}
    return told


@pytest.mark.parametrize("source", NAMES)
def test_each_system_names_the_branch_in_its_own_way(
    session: Session, aura: Aura, clinic: Clinic, sender: Sender, source: str
) -> None:
    siam = places(session, clinic)
    sender.send(source, booked(source))
    work(session, aura)
    assert became(session) == [("done", None)]
    assert session.scalars(select(Appointment)).one().branch_id == siam.id


def test_an_unknown_place_stops_nothing_is_seen_and_is_known_after_a_replay(
    session: Session, aura: Aura, clinic: Clinic, sender: Sender
) -> None:
    siam = places(session, clinic, known=False)
    sender.send("square", booked("square"))
    sender.send(
        "square",
        square(
            "payment.created", "e1", id="P-1", customer_id="C-9", amount_money=thb(900), location_id="L9R0X9X5SGDBJ"
        ),
    )
    sender.send("standard", standard("visit.recorded", id="V-1", customer={"id": "X"}, branch="Branch 2"))
    sender.send(
        "standard", standard("treatment.performed", id="T-1", customer={"id": "Y"}, service="HYDRA", branch="Branch 2")
    )
    work(session, aura)
    assert became(session) == [("done", "unmapped_branch")] * 4
    assert {one.branch_id for one in session.scalars(select(Visit))} == {None}
    siam.booked_as = NAMES
    session.commit()
    run = aura.flask.test_cli_runner()
    assert "4 events are done once more" in run.invoke(args=["booking", "replay", clinic.slug]).output
    work(session, aura)
    assert became(session) == [("done", None)] * 4
    for kept in (Appointment.branch_id, Payment.branch_id, Treatment.branch_id):
        assert set(session.scalars(select(kept))) == {siam.id}
    assert [one.branch_id for one in session.scalars(select(Visit))] == [siam.id] * 3


def test_where_there_is_one_branch_no_name_of_it_is_missing(session: Session, aura: Aura, sender: Sender) -> None:
    sender.send("square", booked("square"))
    work(session, aura)
    assert became(session) == [("done", None)]


def test_a_call_or_a_meeting_in_the_net_is_at_no_place(
    session: Session, aura: Aura, clinic: Clinic, sender: Sender
) -> None:
    places(session, clinic)
    told, said = payloads("calcom")["created"], payloads("calendly")["created"]
    for at, where in enumerate(("integrations:daily", "https://meet.example/x", "+66812345678")):
        sender.send("calcom", told | {"payload": told["payload"] | {"uid": f"u{at}", "location": where}})
    place = {"type": "outbound_call", "location": "+66812345678"}
    event = said["payload"]["scheduled_event"] | {"location": place}
    sender.send("calendly", said | {"payload": said["payload"] | {"scheduled_event": event}})
    work(session, aura)
    assert became(session) == [("done", None)] * 4
