"""A new channel is one class that is handed to the product; the outbox and the rules know none by name."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from app import Aura
from channels import outbox
from channels.base import Channel, ChannelError, NoWay
from channels.message import Action, Button, Figure, Message, Paragraph
from customers.voice import language_of
from models.clinics import Clinic
from models.conversations import Send
from models.customers import Customer, LineLink
from runtime.clock import database_now
from runtime.settings import Settings
from tests.channels.pigeon import LOST, Board, Pigeon
from tests.fixtures.waiting import carry
from workers.jobs import drains

NEWS = Message(
    "You received 120 points",
    (Paragraph(text="Thank you for coming."), Paragraph("You are Silver now", "Your benefits have grown with it.")),
    (Figure("120", "points"),),
    buttons=(Button("My points", Action("points")),),
)


@pytest.fixture
def named(session: Session, mali: LineLink) -> Customer:
    mali.customer.display_name = "Mali"
    session.commit()
    return mali.customer


@pytest.fixture
def pigeon() -> Pigeon:
    return Pigeon()


@pytest.fixture
def aura(settings: Settings, make_aura: Callable[..., Aura], pigeon: Pigeon) -> Aura:
    return make_aura(settings, channels=[pigeon, Board()])


def written(session: Session, channel: Channel, customer: Customer) -> Send:
    t = language_of(customer.clinic, customer)
    address = channel.address(session, customer)
    assert isinstance(address, str)
    body = channel.render(NEWS, customer.clinic, t)
    send = outbox.write(session, channel, customer.clinic, customer, address, body, "test")
    session.commit()
    return send


def fate(session: Session, send: Send) -> tuple[str, int, str | None]:
    session.refresh(send)
    return send.state, send.attempts, send.error


def due(session: Session) -> None:
    """Every back-off and every lease is over."""
    session.execute(update(Send).values(due_at=database_now(session) - timedelta(seconds=1)))
    session.commit()


def test_words_say_all_that_a_message_holds() -> None:
    received = "You received 120 points. Thank you for coming. 120 points."
    assert NEWS.plain == f"{received} You are Silver now. Your benefits have grown with it."


def test_a_pretend_channel_carries_a_message(session: Session, aura: Aura, pigeon: Pigeon, named: Customer) -> None:
    send = written(session, pigeon, named)
    drains["send"](aura.context)
    assert fate(session, send) == ("sent", 1, None)
    assert pigeon.flown == [("the loft of Mali", f"Aura Clinic: {NEWS.plain}", send.id)]
    assert send.request_id == "ring-1"


def test_who_has_no_address_there_has_a_reason(session: Session, pigeon: Pigeon, mali: LineLink) -> None:
    assert pigeon.address(session, mali.customer) == NoWay("no_loft")


def test_what_needs_no_wire_is_settled_as_it_is_written(session: Session, aura: Aura, named: Customer) -> None:
    send = written(session, Board(), named)
    assert fate(session, send) == ("sent", 0, None)
    assert drains["send"](aura.context) == 0


def test_a_key_lets_it_be_said_again(session: Session, aura: Aura, pigeon: Pigeon, named: Customer) -> None:
    pigeon.fails = [LOST]
    send = written(session, pigeon, named)
    drains["send"](aura.context)
    assert fate(session, send) == ("queued", 1, "a storm")
    due(session)
    drains["send"](aura.context)
    assert fate(session, send) == ("sent", 2, None)


@pytest.mark.parametrize("error", [LOST, RuntimeError("a provider's surprise")])
def test_without_keys_an_unknown_outcome_stays_unknown(
    session: Session, aura: Aura, pigeon: Pigeon, named: Customer, error: Exception
) -> None:
    pigeon.key_life, pigeon.fails = None, [error]
    send = written(session, pigeon, named)
    drains["send"](aura.context)
    assert fate(session, send)[:2] == ("unknown", 1)
    due(session)
    assert drains["send"](aura.context) == 0
    assert not pigeon.flown


@pytest.mark.parametrize(("life", "state", "flown"), [(timedelta(days=1), "sent", 1), (None, "unknown", 0)])
def test_a_lease_that_ran_out_is_judged_by_the_key(
    session: Session, aura: Aura, pigeon: Pigeon, named: Customer, life: timedelta | None, state: str, flown: int
) -> None:
    pigeon.key_life = life
    send = written(session, pigeon, named)
    # What a process leaves behind that was killed while it carried the send.
    send.attempts, send.lease_until, send.first_tried_at = 1, database_now(session), database_now(session)
    session.commit()
    drains["send"](aura.context)
    assert fate(session, send)[0] == state
    assert len(pigeon.flown) == flown


def test_only_who_holds_the_lease_records(session: Session, aura: Aura, pigeon: Pigeon, named: Customer) -> None:
    """Somebody else has taken the row over while the call was under way."""
    send = written(session, pigeon, named)

    class Slow(Pigeon):
        def send(self, *given: object) -> object:  # type: ignore[override]
            session.execute(update(Send).values(lease_until=database_now(session) + timedelta(minutes=1)))
            session.commit()
            raise ChannelError("refused", permanent=True)

    pigeon.__class__ = Slow
    assert carry(aura.context.outbox, send.clinic_id)
    assert fate(session, send)[0] == "queued"


def test_one_that_cannot_be_opened_stops_nobody(
    session: Session, aura: Aura, pigeon: Pigeon, named: Customer, clinic: Clinic
) -> None:
    broken = written(session, pigeon, named)
    broken.recipient_sealed = b"not sealed by anybody"
    session.commit()
    sound = written(session, pigeon, named)
    nameless = outbox.write(session, pigeon, clinic, None, "the loft", b"hello", "test")
    nameless.channel = "smoke"  # of a channel that this process does not have
    session.commit()
    drains["send"](aura.context)
    assert fate(session, broken) == ("queued", 1, "CannotOpen")
    assert fate(session, nameless) == ("queued", 1, "Unknown")
    assert fate(session, sound)[0] == "sent"


def test_a_flood_in_one_clinic_waits_behind_nobody(
    session: Session, aura: Aura, pigeon: Pigeon, named: Customer
) -> None:
    for _ in range(50):
        written(session, pigeon, named)
    other = Clinic(slug="quiet", name="Quiet Clinic", own_settings={}, created_at=named.created_at)
    other.data_key = session.info["vault"].new_data_key((other.id,))
    session.add(other)
    session.flush()
    outbox.write(session, pigeon, other, None, "the quiet loft", b"hello", "test")
    session.commit()
    drains["send"](aura.context)
    places = [address for address, _, _ in pigeon.flown]
    assert len(places) == 51
    assert places.index("the quiet loft") <= 20
