"""A database restored from a backup: what was said since is not said again, and nothing of it is silently forgotten."""

from collections.abc import Iterator
from datetime import timedelta

import psycopg
import pytest
from sqlalchemy import select, text

from channels import outbox
from channels.fence import HERE
from facts import appointments
from facts.told import AppointmentTold, Details, Person
from followups import rules
from followups.rules import Draft
from models.conversations import Send
from models.customers import LineLink
from models.followups import FollowupExecution
from models.loyalty import Notification
from runtime.clock import real
from tests.fixtures.house import House, clinic_of
from tests.fixtures.servers import libpq
from tests.fixtures.waiting import eventually

DAY = timedelta(days=1)
RESTORED = """
    UPDATE sends SET state = 'queued', attempts = 0, first_tried_at = NULL, lease_until = NULL, request_id = NULL
     WHERE reason = 'test';
    UPDATE notifications SET state = 'open', send_id = NULL, reason = NULL WHERE send_id IS NOT NULL;
    DELETE FROM deliveries;
    DELETE FROM sends WHERE reason <> 'test';
    UPDATE followup_executions SET status = 'planned', settled_at = NULL, said_index = NULL;
    UPDATE installation SET database = 'the one before'
"""


@pytest.fixture
def mali(house: House) -> LineLink:
    """She was sent something, and reminded of her appointment; then the database was put back to what it was before."""
    session, clinic = house.session, clinic_of(house, "aura")
    link = house.person(clinic)
    rules.make(
        session, clinic, "appointment_reminder", Draft(name="R", channels=["line"], active=True), house.noon - DAY
    )
    details = Details(Person(ours=link.customer_id), house.noon + DAY - timedelta(minutes=1))
    fact = AppointmentTold("A", "booked", 1, house.noon - DAY / 2, details)
    appointments.told(session, clinic, "standard", fact, house.noon - DAY / 2)
    session.commit()
    eventually(lambda: worked(house) and said(house) == [("appointment_reminder", "sent"), ("test", "sent")], within=30)
    session.execute(text(RESTORED))
    session.commit()
    session.expire_all()
    return link


def worked(house: House) -> bool:
    house.work()
    return True


def said(house: House) -> list[tuple[str, str]]:
    rows = house.session.execute(
        select(Send.reason, Send.state).where(Send.reason.in_(("test", "appointment_reminder")))
    )
    return sorted((row[0], row[1]) for row in rows)


def arrived(house: House, link: LineLink) -> int:
    items = house.simulator.call("GET", f"people/{link.user_id}/chat")["items"]
    return sum(one["from"] == "bot" for one in items)


def fates(house: House) -> list[tuple[str, str | None]]:
    house.session.expire_all()
    return [(one.status, one.reason) for one in house.session.scalars(select(FollowupExecution))]


def test_nothing_leaves_to_customers_until_somebody_says_that_it_may(house: House, mali: LineLink) -> None:
    before, clinic = arrived(house, mali), clinic_of(house, "aura")
    line = house.aura.context.outbox.channels["line"]
    outbox.write(house.session, line, clinic, None, "C" + "0" * 32, b'[{"type": "text", "text": "!"}]', "urgent")
    house.session.commit()
    house.work()
    assert (arrived(house, mali), said(house), fates(house)) == (before, [("test", "queued")], [("planned", None)])
    assert house.session.scalars(select(Send.state).where(Send.reason == "urgent")).one() != "queued"
    assert "nothing leaves to customers" in house.flask("fence", "show")


def test_what_was_said_since_is_on_line_once_and_what_may_have_been_is_left_to_a_person(
    house: House, mali: LineLink
) -> None:
    before = arrived(house, mali)
    told = house.flask("fence", "lift", "--said-until", f"{real() + timedelta(minutes=1):%Y-%m-%dT%H:%M}+0000")
    assert "1 follow-ups" in told
    house.work()
    house.later()
    house.work()
    assert arrived(house, mali) == before
    assert (said(house), fates(house)) == ([("test", "sent")], [("unknown", "restored")])
    assert set(house.session.scalars(select(Notification.reason).where(Notification.state == "dead"))) == {"restored"}


def test_where_nothing_was_said_since_all_goes_on(house: House, mali: LineLink) -> None:
    before = arrived(house, mali)
    house.flask("fence", "lift", "--nothing-said")
    eventually(lambda: worked(house) and fates(house) == [("sent", None)], within=30)
    # The frozen one has its key; the reminder and the news are told anew.
    assert arrived(house, mali) == before + 2
    assert "may leave from here" in house.flask("fence", "show")


@pytest.fixture
def elsewhere(database_url: str) -> Iterator[str]:
    """Another database of the same server."""
    name = "elsewhere_" + database_url.rsplit("/", 1)[1].partition("?")[0]
    with psycopg.connect(libpq(database_url), autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"'.encode())
        yield name
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())


def test_a_copy_is_another_database(database_url: str, elsewhere: str) -> None:
    asked = f"SELECT {HERE}".encode()
    with psycopg.connect(libpq(database_url)) as here, psycopg.connect(libpq(database_url), dbname=elsewhere) as there:
        names = [connection.execute(asked).fetchone() for connection in (here, here, there)]
    assert names[0] == names[1] != names[2]
