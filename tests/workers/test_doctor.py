"""The doctor says what is wrong in plain words, with the cure, and ends with a status for monitors."""

import re
from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise
from uuid import UUID

import pytest
from flask import Flask
from pydantic import SecretStr
from redis import Redis
from rq import Queue, Worker
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from customers.people import new_customer
from models.base import new_id
from models.clinics import Clinic
from models.customers import JourneyEvent
from runtime import connections
from runtime.clock import real
from runtime.settings import Settings
from tests.fixtures.clinic import make_clinic
from tests.fixtures.running import RunningSimulator
from workers import daily
from workers.serve import QUEUES

DONE = """
    INSERT INTO calendar_runs (clinic_id, job, local_date, finished_at)
    SELECT clinics.id, job, CURRENT_DATE + 1, now() FROM clinics, unnest(CAST(:jobs AS text[])) job
"""


@pytest.fixture
def ill(
    session: Session, settings: Settings, simulator: RunningSimulator, make_app: Callable[..., Flask]
) -> Callable[..., tuple[int, str]]:
    """What the doctor says of a clinic at the simulator, with these settings besides."""
    clinic = make_clinic(session)
    session.commit()
    assert clinic.slug == "aura"
    theirs = {
        "line_api_base": simulator.url,
        "line_channel_id": simulator.channel_id,
        "line_channel_secret": SecretStr(simulator.channel_secret),
        "public_url": simulator.app_url,
    }

    def look(**more: object) -> tuple[int, str]:
        app = make_app(settings.model_copy(update={**theirs, **more}))
        result = app.test_cli_runner().invoke(args=["doctor"])
        assert result.exception is None or isinstance(result.exception, SystemExit), result.output
        return result.exit_code, result.output

    return look


def wrong(said: str) -> list[str]:
    return re.findall(r"^WRONG ([^:]+):", said, re.MULTILINE)


def test_who_is_well_is_told_so(session: Session, settings: Settings, ill: Callable[..., tuple[int, str]]) -> None:
    jobs = {"jobs": list(daily.jobs)}
    session.execute(text(DONE), jobs)
    session.commit()
    with Redis.from_url(settings.redis_url) as redis:
        for queue in QUEUES:
            Worker([Queue(queue, connection=redis)], connection=redis).register_birth()  # type: ignore[no-untyped-call]
        status, said = ill()
    assert (wrong(said), status) == ([], 0), said
    assert "line aura: lets us in, and its webhook comes here" in said


@pytest.mark.parametrize(("told", "late"), [(timedelta(0), False), (timedelta(minutes=5), True)])
def test_a_fact_is_late_by_when_it_was_told_and_not_by_what_it_tells(
    session: Session, ill: Callable[..., tuple[int, str]], told: timedelta, late: bool
) -> None:
    clinic = session.scalars(select(Clinic)).one()
    customer = new_customer(session, clinic, real())
    id_ = UUID(int=(int((real() - told).timestamp() * 1000) << 80) | new_id().int & ((1 << 80) - 1))
    session.add(
        JourneyEvent(
            id=id_, clinic_id=clinic.id, customer_id=customer.id, type="treatment_performed", data={},
            occurred_at=real() - timedelta(days=300), unplanned=True,
        )
    )  # fmt: skip
    session.commit()
    _, said = ill()
    assert ("queue planning" in wrong(said)) is late
    assert re.search(
        r"queue planning: 1 wait, 0 are stuck" + ("; the oldest for 30. seconds" if late else "$"), said, re.M
    )


def test_each_thing_that_is_wrong_has_its_cure(session: Session, ill: Callable[..., tuple[int, str]]) -> None:
    make_clinic(session, "glow")
    session.flush()
    session.execute(text("""UPDATE clinics SET settings = '{"voice": {"zone": "Nowhere"}}' WHERE slug = 'glow'"""))
    newest = session.execute(text("SELECT version_num FROM alembic_version")).scalar_one()
    session.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    session.commit()
    try:
        status, said = ill(redis_url="redis://127.0.0.1:1/0", public_url="https://elsewhere.example")
    finally:
        session.execute(text("UPDATE alembic_version SET version_num = :it"), {"it": newest})
        session.commit()
    assert status == 1
    assert wrong(said) == ["settings", "tables", "redis", "clinic glow", "calendar", "line aura"]
    assert said.count("do: ") == 6
    assert "settings: voice.zone" in said
    assert "Nowhere" not in said
    assert "set it to https://elsewhere.example/webhooks/line/aura" in said


def test_an_account_that_may_open_too_few_files_is_told_the_number(
    ill: Callable[..., tuple[int, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "FILES", 2**40)
    said = ill()[1]
    assert "open files" in wrong(said)
    assert f"allow the web server {2**40}" in said


def test_a_database_that_is_away_is_said_and_the_rest_is_looked_at(ill: Callable[..., tuple[int, str]]) -> None:
    status, said = ill(database_url="postgresql+psycopg://nobody@127.0.0.1:1/none")
    assert status == 1
    first, cure = next((a, b) for a, b in pairwise(said.splitlines()) if a.startswith("WRONG"))
    assert first == "WRONG database: could not be looked at (OperationalError)"
    assert cure.startswith("      do: start PostgreSQL, or correct DATABASE_URL")
    assert "redis: reached" in said


@pytest.fixture
def unlooked(session: Session) -> None:
    """Three clinics at which no drain has looked yet, and one that was mended since."""
    for slug in ("zoneless", "keyless", "tokenless", "mended"):
        make_clinic(session, slug)
    session.flush()
    for slug, broken in {
        "zoneless": """settings = '{"voice": {"zone": "Nowhere"}}'""",
        "keyless": "data_key = decode('00', 'hex') || data_key",
        "tokenless": "line_bot_token_sealed = 'x'",
        "mended": "aside_reason = 'data_key: CannotOpen', aside_since = now(), aside_until = now() + interval '1 hour'",
    }.items():
        session.execute(text(f"UPDATE clinics SET {broken} WHERE slug = '{slug}'"))
    session.commit()


def test_what_is_said_of_clinics_is_true_before_any_drain_has_looked(
    session: Session, ill: Callable[..., tuple[int, str]], unlooked: None
) -> None:
    _, said = ill()
    assert [about for about in wrong(said) if about.startswith("clinic")] == [
        "clinic keyless", "clinic tokenless", "clinic zoneless",
    ]  # fmt: skip
    assert "restore clinics.data_key from a backup" in said
    assert "answered 503" in said
    (calendar,) = re.findall(r"calendar: (\d+) days of jobs are due", said)
    assert int(calendar) == 5 * len(list(daily.jobs)), "whoever is set aside is behind all the same"
    reasons = session.execute(text("SELECT slug, aside_reason FROM clinics WHERE aside_reason IS NOT NULL"))
    assert {slug for slug, _ in reasons} == {"keyless", "tokenless", "zoneless"}


def test_what_waits_is_listed_with_the_clinics_as_they_are(
    session: Session, settings: Settings, make_app: Callable[..., Flask], unlooked: None
) -> None:
    said = make_app(settings).test_cli_runner().invoke(args=["work"]).output
    aside = re.findall(r"^(\w+) is set aside since \d{4}-\d\d-\d\d \d\d:\d\d UTC: (\w+)", said, re.MULTILINE)
    assert aside == [("keyless", "data_key"), ("tokenless", "line_credentials"), ("zoneless", "settings")]
    behind = set(re.findall(r"^(\w+) is behind", said, re.MULTILINE))
    assert behind == {"keyless", "mended", "tokenless", "zoneless"}


def test_a_sender_that_is_not_whole_or_lets_nobody_in_is_told(
    simulator: RunningSimulator, ill: Callable[..., tuple[int, str]]
) -> None:
    _, said = ill()
    assert "sms aura: none is sent, no provider is chosen" in said
    assert "email aura: none is sent, no provider is chosen" in said
    mail = {"smtp_host": "127.0.0.1", "smtp_port": simulator.call("GET", "mail")["port"]}
    sms = {"sms_provider": "thaibulksms", "sms_sender": "AuraClinic"}
    _, said = ill(**mail, **sms)
    assert {"sms aura", "email aura"} <= set(wrong(said))
    assert "this is missing: sms.key" in said
    assert "this is missing: channels.email.sender" in said
    whole = {"email_from": "hello@aura.example", "sms_provider_api_key": SecretStr("key:secret")}
    _, said = ill(**mail, **sms, **whole)
    assert {"sms aura", "email aura"}.isdisjoint(wrong(said))
    _, said = ill(**whole | mail | {"smtp_port": 1})
    assert "email aura" in wrong(said)
    assert "does not let us in (away)" in said
