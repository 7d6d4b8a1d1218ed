"""Keys that wrap data keys are changed by one command, while customers write."""

import threading
from collections.abc import Callable
from uuid import UUID

import pytest
from click.testing import Result
from flask import Flask
from pydantic import SecretStr
from sqlalchemy import delete, select, text, update
from sqlalchemy.orm import Session, sessionmaker

from customers.people import meet_on_line, new_customer
from models.clinics import Clinic
from models.customers import Customer, LineLink
from privacy import rotation
from runtime import database, limits
from runtime.keys import Vault, new_key
from runtime.settings import Settings
from tests.fixtures.clinic import NOW, make_clinic

PEOPLE = 7


@pytest.fixture
def newer(settings: Settings) -> Settings:
    """With a new key before the old one."""
    ring = f"{new_key()},{settings.secret_keys.get_secret_value()}"
    return settings.model_copy(update={"secret_keys": SecretStr(ring)})


@pytest.fixture
def people(session: Session, clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> list[UUID]:
    """Customers of two clinics, more than a batch of them, all under the old key."""
    monkeypatch.setattr(rotation, "BATCH", 3)
    clinic.line_bot_token = "the token"
    other = make_clinic(session, "other")
    made = [new_customer(session, each, NOW) for each in [clinic, other] for _ in range(PEOPLE)]
    for number, customer in enumerate(made):
        customer.display_name = f"Name {number}"
    session.commit()
    return [customer.id for customer in made]


@pytest.fixture
def rotate(make_app: Callable[..., Flask], newer: Settings) -> Callable[[], Result]:
    return lambda: make_app(newer).test_cli_runner().invoke(args=["keys", "rotate"])


def names(settings: Settings, secret: str) -> list[str | None]:
    """Of all customers, as a process with this ring reads them."""
    alone = settings.model_copy(update={"secret_keys": SecretStr(secret)})
    engine, sessions = database.connect(alone, Vault.from_settings(alone), limits.COMMAND)
    with sessions() as session:
        found = [customer.display_name for customer in session.scalars(select(Customer).order_by(Customer.id))]
        assert session.scalars(select(Clinic).where(Clinic.slug == "aura")).one().line_bot_token == "the token"
    engine.dispose()
    return found


def only_newest(newer: Settings) -> str:
    return newer.secret_keys.get_secret_value().partition(",")[0]


def test_what_was_sealed_opens_under_the_new_key_alone(
    people: list[UUID], rotate: Callable[[], Result], newer: Settings
) -> None:
    done = rotate()
    assert done.exit_code == 0, done.output
    assert "clinics: 2 of 2, 2 re-wrapped" in done.stderr
    assert f"customers: 3 of {2 * PEOPLE}, 3 re-wrapped" in done.stderr
    assert f"customers: {2 * PEOPLE} of {2 * PEOPLE}, {2 * PEOPLE} re-wrapped" in done.stderr
    assert done.stdout.splitlines() == [
        "Key 2 of SECRET_KEYS wraps nothing any more and may be dropped.",
        f"Key 1 of SECRET_KEYS wraps {2 * PEOPLE + 2} data keys.",
    ]
    assert names(newer, only_newest(newer)) == [f"Name {number}" for number in range(2 * PEOPLE)]
    again = rotate()
    assert (again.exit_code, again.stdout) == (0, done.stdout)
    assert f"customers: {2 * PEOPLE} of {2 * PEOPLE}, 0 re-wrapped" in again.stderr


def test_it_goes_on_where_it_was_stopped(
    people: list[UUID], rotate: Callable[[], Result], newer: Settings, sessions: sessionmaker[Session]
) -> None:
    customers = next(table for table in rotation.tables() if table.name == "customers")
    begun = rotation.rotate(sessions, Vault.from_settings(newer), customers)
    assert next(begun).rewrapped == 3
    del begun
    assert f"customers: {2 * PEOPLE} of {2 * PEOPLE}, {2 * PEOPLE - 3} re-wrapped" in rotate().stderr


def test_a_row_that_no_key_opens_is_listed_and_stops_nobody(
    people: list[UUID], rotate: Callable[[], Result], newer: Settings, session: Session
) -> None:
    stranger = Vault([b"s" * 32], b"i" * 32)
    mine = session.scalars(select(Customer.data_key).where(Customer.id == people[0])).one()
    wrong = {people[1]: stranger.new_data_key((people[1],)), people[5]: mine, people[6]: b"", people[8]: b"short"}
    for id_, data_key in wrong.items():
        session.execute(update(Customer).where(Customer.id == id_).values(data_key=data_key))
    session.commit()
    done = rotate()
    assert done.exit_code == 1
    listed = [line for line in done.stderr.splitlines() if "no key of SECRET_KEYS opens it" in line]
    assert listed == [f"customers {id_}: no key of SECRET_KEYS opens it" for id_ in wrong]
    assert "Key 2 of SECRET_KEYS still wraps 1 data keys; keep it." in done.stdout
    assert f"{2 * PEOPLE - len(wrong)} re-wrapped" in done.stderr
    session.execute(delete(Customer).where(Customer.id.in_(wrong)))
    session.commit()
    assert rotate().exit_code == 0
    assert len(names(newer, only_newest(newer))) == 2 * PEOPLE - len(wrong)


def test_an_erased_customer_stays_erased(people: list[UUID], rotate: Callable[[], Result], session: Session) -> None:
    session.execute(update(Customer).where(Customer.id == people[0]).values(data_key=None))
    session.commit()
    assert rotate().exit_code == 0
    assert session.scalars(select(Customer.data_key).where(Customer.id == people[0])).one() is None


def test_it_waits_for_nobody_who_writes_and_holds_up_nobody(
    people: list[UUID], rotate: Callable[[], Result], newer: Settings, sessions: sessionmaker[Session]
) -> None:
    """One customer is held, another is written to: the one is said to be left, the other is done."""
    with sessions() as holder, sessions() as writer:
        holder.execute(select(Customer.id).where(Customer.id == people[0]).with_for_update())
        writer.execute(select(Customer.id).where(Customer.id == people[1]).with_for_update(read=True, key_share=True))
        done: list[Result] = []
        running = threading.Thread(target=lambda: done.append(rotate()))
        running.start()
        running.join()
        assert done[0].exit_code == 1
        assert "customers: 1 are held by somebody else; run it again" in done[0].stderr
        assert "Key 2 of SECRET_KEYS still wraps 1 data keys; keep it." in done[0].stdout
    assert rotate().exit_code == 0
    assert len(names(newer, only_newest(newer))) == 2 * PEOPLE


def test_customers_who_write_meanwhile_lose_nothing(
    people: list[UUID], newer: Settings, clinic: Clinic, session: Session
) -> None:
    """Processes with both keys meet new people and write about known ones between the batches."""
    both = Vault.from_settings(newer)
    engine, sessions = database.connect(newer, both, limits.COMMAND)
    customers = next(table for table in rotation.tables() if table.name == "customers")
    for number, _ in enumerate(rotation.rotate(sessions, both, customers)):
        with sessions.begin() as other:
            here = other.get_one(Clinic, clinic.id)
            meet_on_line(other, here, f"U{number:032}", NOW)
            if number < PEOPLE:
                other.get_one(Customer, (people[number], clinic.id)).display_name = f"Changed {number}"
    for _ in rotation.rotate(sessions, both, next(table for table in rotation.tables() if table.name == "clinics")):
        pass
    with sessions() as other:
        assert {link.user_id for link in other.scalars(select(LineLink))} == {f"U{n:032}" for n in range(number + 1)}
        assert other.scalars(text("SELECT count(*) FROM customers WHERE data_key IS NULL")).one() == 0
    engine.dispose()
    read = names(newer, only_newest(newer))
    assert {f"Changed {n}" for n in range(min(number + 1, PEOPLE))} <= set(read)


def test_every_data_key_is_found() -> None:
    assert {table.name for table in rotation.tables()} == {"clinics", "customers"}
