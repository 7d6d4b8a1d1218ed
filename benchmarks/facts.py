"""A hundred facts a second for a minute, by signed webhooks of our own form: none is lost, and each is true once."""

import base64
import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select

from benchmarks.load import arriving
from benchmarks.people import SLUG, Request
from benchmarks.report import Row, percentile
from benchmarks.stage import Stage, until
from models.clinics import Clinic
from models.secrets import ClinicSecret
from runtime import database, limits
from runtime.keys import Vault

RATE = 100.0
SECONDS = 60
SECRET = "a-secret-of-the-bench"
PEOPLE = 300
KINDS = ("appointment.booked", "payment.paid", "treatment.performed", "visit.recorded", "appointment.completed")
PATIENCE = 600.0
COUNTED = {
    "appointments": "SELECT count(*) FROM appointments WHERE source = 'standard' AND outcome = 'completed'",
    "payments": "SELECT count(*) FROM payments WHERE source = 'standard' AND uncounted IS NULL",
    "treatments": "SELECT count(*) FROM treatments WHERE source = 'standard' AND external_id IS NOT NULL",
    "visits": "SELECT count(*) FROM visits WHERE uncounted IS NULL",
}


def run(stage: Stage, workers: int, seconds: int = SECONDS) -> list[Row]:
    _share_secret(stage)
    web, chat = stage.start_web(), [stage.start_chat() for _ in range(workers)]
    stage.empty()
    count = int(RATE * seconds)
    told = list(facts(stage.port, SLUG, SECRET, count))
    began = time.monotonic()
    arriving(stage.port, told, [number / RATE for number in range(count)])
    sent = time.monotonic()
    until(lambda: not stage.one("SELECT count(*) FROM inbox WHERE state = 'new'"), "every fact", PATIENCE)
    ended = time.monotonic()
    lags = [row[0] for row in stage.database.execute(
        "SELECT extract(epoch FROM handled_at - received_at)::float8 FROM inbox WHERE state = 'done'"
    )]  # fmt: skip
    found = {name: stage.one(query) for name, query in COUNTED.items()}
    lost = count - len(lags)
    expected = {name: count // len(KINDS) for name in ("appointments", "payments", "treatments")}
    wrong = {name: found[name] for name in expected if found[name] != expected[name]}
    print(f"facts: {count} in {sent - began:.0f} s, known {ended - sent:.0f} s after the last; {found}")
    for child in (*chat, web):
        stage.stop(child)
    return [
        Row(
            f"{RATE:g} facts a second for {seconds} s, {workers} chat workers: stored, and true once",
            f"{len(lags)} of {count}, {len(lags) / (ended - began):.0f} /s known; half after "
            f"{percentile(lags, 0.5):.1f} s, 99 % {percentile(lags, 0.99):.1f} s",
            f"sent in {sent - began:.0f} s",
            "-",
            "none lost",
            not lost and not wrong,
        )
    ]


def facts(port: int, slug: str, secret: str, count: int, run_id: str = "") -> Iterator[Request]:
    """As many facts of yesterday, in groups of five of one person: booked, paid, treated, there, completed."""
    now, mark = datetime.now(UTC), run_id or secrets.token_hex(4)
    for number in range(count):
        group, kind = divmod(number, len(KINDS))
        at = now - timedelta(days=1, seconds=group % 3_600)
        id_ = f"{mark}-{group}"
        data: dict[str, Any] = {"id": id_, "customer": {"id": f"{mark}-C{group % PEOPLE}", "name": "Mali"}}
        if KINDS[kind].startswith("appointment"):
            data |= {"startsAt": at.isoformat(), "endsAt": (at + timedelta(minutes=45)).isoformat(), "version": kind}
        if KINDS[kind].startswith("payment"):
            data["amount"] = 500 + group % 50
        yield told(
            port, slug, secret, f"{id_}-{kind}", {"type": KINDS[kind], "timestamp": at.isoformat(), "data": data}
        )


def told(port: int, slug: str, secret: str, id_: str, body: dict[str, Any]) -> Request:
    """Signed as Standard Webhooks says; a secret without its prefix is its own bytes."""
    raw, at = json.dumps(body).encode(), str(int(time.time()))
    key = base64.b64decode(secret.removeprefix("whsec_")) if secret.startswith("whsec_") else secret.encode()
    made = base64.b64encode(hmac.digest(key, f"{id_}.{at}.".encode() + raw, hashlib.sha256)).decode()
    head = (
        f"POST /webhooks/booking/{slug}/standard HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
        f"Content-Type: application/json\r\nwebhook-id: {id_}\r\nwebhook-timestamp: {at}\r\n"
        f"webhook-signature: v1,{made}\r\nContent-Length: {len(raw)}\r\n\r\n"
    )
    return Request(id_, head.encode() + raw, id_)


def _share_secret(stage: Stage) -> None:
    engine, sessions = database.connect(stage.settings, Vault.from_settings(stage.settings), limits.COMMAND)
    with sessions.begin() as session:
        clinic = session.scalars(select(Clinic).where(Clinic.slug == SLUG)).one()
        if session.get(ClinicSecret, (clinic.id, "booking.standard")) is None:
            session.add(ClinicSecret(clinic_id=clinic.id, name="booking.standard", clinic=clinic, value=SECRET))
    engine.dispose()
