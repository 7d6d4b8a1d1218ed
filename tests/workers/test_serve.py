"""A job that runs out of time ends its process, and leaves nothing behind."""

import json
import subprocess
from pathlib import Path

import httpx
import psycopg
from pydantic import SecretStr
from redis import Redis
from rq import Queue
from sqlalchemy.orm import Session

from local.child import end, mortal, spawn
from local.plan import FLASK
from runtime.settings import Settings
from tests.fixtures.servers import libpq
from tests.fixtures.waiting import eventually, free_port
from tests.workers.failing import waits
from workers.serve import OVERRUN

LEFT = """
    SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
    AND (state = 'active' OR state LIKE 'idle in transaction%')
"""


def environment(settings: Settings, **more: str) -> dict[str, str]:
    """What a process of the product is told by its environment to have these settings."""
    values = {name.upper(): getattr(settings, name) for name in Settings.model_fields}
    plain = {name: one.get_secret_value() if isinstance(one, SecretStr) else str(one) for name, one in values.items()}
    return {name: one for name, one in {**plain, **more}.items() if one}


def test_its_alarm_ends_the_process_inside_a_wait_for_the_database(
    session: Session, settings: Settings, tmp_path: Path
) -> None:
    session.commit()
    production = environment(settings, APP_ENV="production", PUBLIC_URL="https://aura.example")
    log = tmp_path / "worker.log"
    with psycopg.connect(libpq(settings.database_url), autocommit=True) as database, log.open("wb") as output:
        worker = spawn(mortal([*FLASK, "worker", "chat"]), env=production, output=output)
        try:
            with Redis.from_url(settings.redis_url) as redis:
                Queue("chat", connection=redis).enqueue(waits, libpq(settings.database_url), job_timeout=1)
            assert worker.wait(timeout=60) == OVERRUN
        except subprocess.TimeoutExpired:
            worker.kill()
            raise
        # The server sees that nobody listens any more: nothing of it stays, in whatever state.
        eventually(lambda: database.execute(LEFT).fetchone() == (0,))
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert (lines[-1]["event"], lines[-1]["level"], lines[-1]["seconds"]) == ("job ran out of time", "critical", 1)


def test_a_worker_shows_its_own_counters(session: Session, settings: Settings, tmp_path: Path) -> None:
    session.commit()
    port = free_port()
    log = tmp_path / "worker.log"
    with log.open("wb") as output:
        worker = spawn(
            mortal([*FLASK, "worker", "chat"]), env=environment(settings, METRICS_PORT=str(port)), output=output
        )
        try:
            shown = eventually(lambda: metrics(port), within=30)
        finally:
            end(worker)
    assert "aura_events_total" in shown


def metrics(port: int) -> str:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/metrics", trust_env=False).text
    except httpx.TransportError:
        return ""
