"""A service that the clinic's file does not know stops nothing, and is done once more when it knows it."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import Aura
from models.appointments import Appointment
from models.branches import Service
from models.clinics import Clinic
from models.conversations import InboxEvent
from models.courses import Course
from models.facts import Payment
from models.invoices import Invoice
from models.treatments import Treatment
from tests.webhooks.booking import Sender, payloads
from tests.webhooks.test_booking import aura, became, sender, work
from tests.webhooks.test_booking_money import WHO, standard

__all__ = ["aura", "sender"]


def test_a_service_that_the_file_does_not_know_does_not_stop_the_booking(
    session: Session, aura: Aura, sender: Sender
) -> None:
    body = payloads("standard")["booked"]
    sender.send("standard", body | {"data": body["data"] | {"service": "NEW-LASER"}})
    work(session, aura)
    assert became(session) == [("done", "unmapped_service")]
    [one] = session.scalars(select(Appointment))
    assert (one.state, one.service_code, one.service) == ("booked", None, "NEW-LASER")


def test_a_service_that_was_not_known_is_known_after_a_replay(
    session: Session, aura: Aura, sender: Sender, clinic: Clinic
) -> None:
    booked = payloads("standard")["booked"]
    for body in (
        booked | {"data": booked["data"] | {"service": "NEW-LASER"}},
        standard("invoice.created", id="INV-1", customer=WHO, amount=500, service="NEW-LASER"),
        standard("payment.paid", id="P-1", customer=WHO, amount=500, service="NEW-LASER"),
        standard("treatment.performed", id="T-1", customer=WHO, service="NEW-LASER"),
    ):
        sender.send("standard", body)
    work(session, aura)
    assert became(session) == [("done", "unmapped_service")] * 4
    session.add(
        Service(clinic_id=clinic.id, code="LASER", names={"th": "เลเซอร์"}, booked_as={"standard": ["NEW-LASER"]})
    )
    session.commit()
    replayed = aura.flask.test_cli_runner().invoke(args=["booking", "replay", clinic.slug])
    assert replayed.output == "4 events are done once more.\n"
    work(session, aura)
    assert became(session) == [("done", None)] * 4
    for code in (Appointment.service_code, Invoice.service_code, Payment.service_code, Treatment.service_code):
        assert list(session.scalars(select(code))) == ["LASER"]


def test_what_was_given_up_is_done_once_more_when_its_course_was_told(
    session: Session, aura: Aura, sender: Sender, clinic: Clinic
) -> None:
    told = payloads("standard_courses")
    sender.send("standard", told["used"])
    work(session, aura)
    why = "standard has not told of this course yet"
    assert became(session) == [("dead", why)]
    cli = aura.flask.test_cli_runner()
    listed = cli.invoke(args=["booking", "events", clinic.slug]).output
    assert f"standard course.used, 1 dead: {why}" in listed
    assert why in cli.invoke(args=["work", "show", "inbox"]).output
    sender.send("standard", told["sold"])
    cli.invoke(args=["booking", "replay", clinic.slug, "--reason", why])
    work(session, aura)
    assert became(session) == [("done", None)] * 2
    assert session.scalars(select(Course)).one().used == 1


def test_what_was_passed_over_is_listed_one_by_one_and_done_again_by_its_id(
    session: Session, aura: Aura, sender: Sender, clinic: Clinic
) -> None:
    cli, booked = aura.flask.test_cli_runner(), payloads("standard")["booked"]
    none = cli.invoke(args=["booking", "list", clinic.slug]).output
    sender.send("calcom", payloads("calcom")["ended"])
    sender.send("standard", booked)
    sender.send("standard", booked | {"data": booked["data"] | {"startsAt": "soon"}})
    work(session, aura)
    wrong, ended = cli.invoke(args=["booking", "list", clinic.slug]).output.splitlines()
    assert none == "There are none.\n"
    assert "standard appointment.booked, dead: data.startsAt: write a date and time" in wrong
    assert "calcom MEETING_ENDED, ignored: scheduled_time_only" in ended
    kept = session.scalars(select(InboxEvent).where(InboxEvent.source == "calcom")).one()
    assert ended.startswith(f"{kept.received_at:%Y-%m-%d %H:%M}") and ended.endswith(f"[{kept.id.hex[-8:]}]")
    only = cli.invoke(args=["booking", "list", clinic.slug, "--state", "ignored"]).output
    assert only == cli.invoke(args=["booking", "list", clinic.slug, "--source", "calcom"]).output == f"{ended}\n"
    done = cli.invoke(args=["booking", "list", clinic.slug, "--state", "done"]).output
    assert "standard appointment.booked, done  [" in done
    again = cli.invoke(args=["booking", "replay", clinic.slug, "--event", kept.id.hex[-8:]]).output
    assert again == "1 event is done once more.\n"
    session.refresh(kept)
    assert (kept.state, kept.reason) == ("new", None)
    kept.raw_sealed, kept.state, kept.reason = None, "ignored", "forgotten"
    session.commit()
    assert "[forgotten: not again]" in cli.invoke(args=["booking", "list", clinic.slug]).output
    again = cli.invoke(args=["booking", "replay", clinic.slug, "--event", str(kept.id)]).output
    assert again == "0 events are done once more.\n"
    assert "is no id" in cli.invoke(args=["booking", "replay", clinic.slug, "--event", "%"]).output
