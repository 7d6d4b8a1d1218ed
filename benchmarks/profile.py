"""GET /api/loyalty/profile, against a bare Flask view on the same server: key, one INCR, one SELECT."""

import json
from http.client import HTTPConnection
from uuid import UUID

from benchmarks.load import sustained
from benchmarks.people import SLUG, Request
from benchmarks.report import Round, Row, numbered, rates
from benchmarks.stage import Stage
from models.clinics import Clinic
from runtime import database, limits
from runtime.clock import real
from runtime.keys import Vault
from web.http import keys
from web.http.rates import PER_MINUTE

REQUESTS = PER_MINUTE
"""As many as one key may ask in a minute; the count begins anew in each round."""
ROUNDS = 7
GOAL = 0.45


def run(stage: Stage) -> list[Row]:
    """One row: requests a second over eight connections."""
    engine, sessions = database.connect(stage.settings, Vault.from_settings(stage.settings), limits.WEB)
    with sessions.begin() as session:
        clinic = session.get_one(Clinic, stage.one("SELECT id FROM clinics WHERE slug = %s", SLUG))
        mine = "SELECT customer_id FROM loyalty_profiles WHERE clinic_id = %s"
        people = [row[0] for row in stage.database.execute(mine, (clinic.id,))]
        _, secret = keys.create(session, clinic, "bench", ["loyalty:read"], real())
    engine.dispose()
    web = stage.start_web()
    bare, bare_port = stage.start_bare()
    rounds = []
    for number in numbered(ROUNDS):
        stage.redis.flushdb()
        ours = sustained(stage.port, _ask(people, stage.port, secret))
        limit = sustained(bare_port, _ask(people, bare_port, secret))
        if number:
            rounds.append(Round(ours, limit))
            print(f"profile {number}/{ROUNDS}: {ours:,.0f}/s, bare {limit:,.0f}/s")
    stage.redis.flushdb()
    for customer in people[:: len(people) // 20]:
        _check(stage, customer, secret)
    stage.stop(bare)
    stage.stop(web)
    return [rates("profile: GET with key, scope, rate and tier", rounds, "/s", GOAL)]


def _check(stage: Stage, customer: UUID, secret: str) -> None:
    """What is answered is this customer's, and so much that it could not be any 200."""
    line = HTTPConnection("127.0.0.1", stage.port)
    line.request("GET", f"/api/loyalty/profile?customerId={customer}", headers={"Authorization": f"Bearer {secret}"})
    told = json.loads(line.getresponse().read())
    line.close()
    rows = stage.database.execute(
        "SELECT total_points, available_points, referral_code FROM loyalty_profiles WHERE customer_id = %s", (customer,)
    )
    answered = (told["customerId"], told["totalPoints"], told["availablePoints"], told["referralCode"])
    assert [answered] == [(str(customer), *row) for row in rows], f"{told} of {customer}"


def _ask(people: list[UUID], port: int, secret: str) -> list[Request]:
    return [
        Request(
            "",
            f"GET /api/loyalty/profile?customerId={people[number % len(people)]} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
            f"Authorization: Bearer {secret}\r\n\r\n".encode(),
        )
        for number in range(REQUESTS)
    ]
