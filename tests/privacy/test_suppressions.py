"""Where nothing is sent, and to whom offers rest, by command."""

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.clinics import Clinic
from models.customers import LineLink
from models.preferences import Pause, Suppression
from privacy import suppressions
from tests.fixtures.clinic import make_clinic


def told(app: Flask, *words: str, given: str = "") -> tuple[int, str]:
    result = app.test_cli_runner().invoke(args=list(words), input=given)
    return result.exit_code, result.output


def test_an_address_is_known_by_its_keyed_hash_alone(session: Session, app: Flask, clinic: Clinic) -> None:
    session.commit()
    assert told(app, "suppressions", "add", "aura", "email", given="Mali@Example.com\n")[0] == 0
    assert suppressions.holds(session, clinic, "email", "mali@example.com")
    assert not suppressions.holds(session, clinic, "sms", "mali@example.com")
    assert not suppressions.holds(session, clinic, "line", "mali@example.com")
    row = session.scalars(select(Suppression)).one()
    assert b"mali" not in row.value_index
    assert not suppressions.holds(session, make_clinic(session, "b", "B"), "email", "mali@example.com")
    assert told(app, "suppressions", "add", "aura", "email", given="\n")[0] == 2
    assert told(app, "suppressions", "lift", "aura", "email", given="mali@example.com")[0] == 0
    assert told(app, "suppressions", "lift", "aura", "email", given="mali@example.com")[0] == 1


def test_a_pause_is_set_listed_and_ended(session: Session, app: Flask, mali: LineLink) -> None:
    session.commit()
    who = str(mali.customer_id)
    assert told(app, "pauses", "set", "aura", who, "complaint")[0] == 0
    row = session.scalars(select(Pause)).one()
    code = row.id.hex[-6:].upper()
    said = told(app, "pauses", "list", "aura")[1]
    assert f"{code}: customer {who}, complaint, since" in said and "1 rest." in said
    assert told(app, "pauses", "end", "aura", code)[0] == 0
    assert told(app, "pauses", "end", "aura", code)[0] == 1
    assert told(app, "pauses", "set", "aura", str(row.id), "complaint")[0] == 1
