"""What an operation, and one due row of each daily job, touches at a thousand customers and at a million.

Blocks, not seconds: they are counted by PostgreSQL and the same on a busy machine. A block is 8 kB, found in memory or
read.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

import psycopg
from sqlalchemy import select
from sqlalchemy.orm import Session

from benchmarks import crowd
from benchmarks.report import Row
from benchmarks.stage import Stage
from customers.clinics import new_clinic
from customers.people import meet_on_line
from facts.paid import paid
from facts.refunded import refunded
from local.place import prepare
from local.postgres import Postgres
from local.server import Running
from loyalty import points, redemptions, rewards, standing
from loyalty.defaults import achievements
from loyalty.defaults import rewards as rewards_of_a_clinic
from loyalty.merge import merge_customers
from models import migrations
from models.clinics import Clinic
from models.customers import Customer
from models.facts import Payment
from models.loyalty import LoyaltyProfile
from models.rewards import Reward
from runtime import database, limits
from runtime.keys import Vault
from runtime.settings import Settings
from runtime.work import Batch, Place
from workers import daily

SMALL, LARGE = 1_000, 1_000_000
MORE, BESIDES = 1.5, 10
"""A million may touch so many times what a thousand touch, and so many blocks besides: an index is a level deeper."""
REPEATS = 20
ROWS = 40
"""Of a job, from its beginning, where most is due; each in a batch of its own: many at once share blocks in a small
clinic, where they are neighbours, and none in a large one."""
REVIEW_WITHIN, ORDINARY_WITHIN = 120.0, 10.0
"""Seconds for the first review of all who hold a tier, and for the next one."""
ZONE = ZoneInfo("Asia/Bangkok")
DAY = date(2026, 7, 15)
NOW = datetime(2026, 7, 15, 12, tzinfo=ZONE)
FIRST, SECOND = date(2026, 8, 1), date(2026, 9, 1)
SHARED = ("shared_preload_libraries=pg_stat_statements", "shared_buffers=1GB", "max_wal_size=8GB")


@dataclass
class Found:
    """Blocks for one time of each operation and one row of each job; seconds of the reviews with their rows."""

    blocks: dict[str, float]
    reviews: list[tuple[int, float]]


class Town:
    """A database with a clinic of so many customers, of whom a few are known by name."""

    def __init__(self, stage: Stage, postgres: Postgres, people: int) -> None:
        url = postgres.ensure_database(f"town_{people}")
        migrations.upgrade(url)
        settings = Settings.model_validate({**stage.settings.model_dump(), "database_url": url})
        self.engine, self.sessions = database.connect(settings, Vault.from_settings(settings), limits.COMMAND)
        address = url.replace("postgresql+psycopg://", "postgresql://", 1)
        self.raw = psycopg.connect(address, autocommit=True)
        self.raw.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")
        if people == SMALL:
            # Small tables are read whole, which costs less than their indexes, or more: what grows is the indexes.
            name = self.raw.info.dbname
            self.raw.execute(f"ALTER DATABASE {name} SET enable_seqscan = off".encode())
        with self.sessions.begin() as session:
            own = {"tiers": {"policy": "rolling_12_months"}}
            clinic = new_clinic(session, "town", "Aura Clinic", NOW, own)
            achievements.seed(session, clinic)
            rewards_of_a_clinic.seed(session, clinic)
            self.clinic = clinic.id
            self.known = [self._meet(session, number) for number in range(REPEATS * 2)]
        began = time.monotonic()
        crowd.fill(self.raw, self.clinic, people, NOW, DAY)
        print(f"growth: {people:,} customers made in {time.monotonic() - began:.0f} s")

    def _meet(self, session: Session, number: int) -> UUID:
        customer = meet_on_line(session, session.get_one(Clinic, self.clinic), f"U{number:032x}", NOW).customer
        points.create_loyalty_profile(session, customer, NOW - timedelta(days=90))
        points.award_points(session, customer, 2_000, "x", now=NOW - timedelta(days=60))
        return customer.id

    def blocks(self) -> int:
        """Touched since the last time this was asked."""
        row = self.raw.execute(
            "SELECT coalesce(sum(shared_blks_hit + shared_blks_read), 0) FROM pg_stat_statements s JOIN pg_database d "
            "ON d.oid = s.dbid WHERE d.datname = current_database() AND query !~ 'pg_stat_statements'"
        ).fetchone()
        self.raw.execute("SELECT pg_stat_statements_reset()")
        assert row is not None
        return int(row[0])

    def close(self) -> None:
        self.raw.close()
        self.engine.dispose()


def run(stage: Stage) -> list[Row]:
    postgres = Postgres(prepare(stage.place.data / "growth", stage.place.binaries), durable=False, more=SHARED)
    server = Running(postgres, stage.place.logs / "growth.log")
    try:
        small, large = (_measure(stage, postgres, people) for people in (SMALL, LARGE))
    finally:
        server.stop()
    rows = []
    for name, before in small.blocks.items():
        after, most = large.blocks[name], MORE * before + BESIDES
        goal = f"≤ {MORE:g} × + {BESIDES}"
        rows.append(
            Row(f"blocks: {name}", f"{after:,.1f}", f"{before:,.1f}", f"{after / before:.2f}", goal, after <= most)
        )
    for (people, seconds), name, within in zip(
        large.reviews, ("first tier review", "the next tier review"), (REVIEW_WITHIN, ORDINARY_WITHIN), strict=True
    ):
        rows.append(
            Row(f"{name}, {people:,} looked at", f"{seconds:.1f} s", "-", "-", f"< {within:g} s", seconds < within)
        )
    return rows


def _measure(stage: Stage, postgres: Postgres, people: int) -> Found:
    town = Town(stage, postgres, people)
    blocks = {}
    for name, operation in OPERATIONS.items():
        _warm(town, operation)
        town.blocks()
        for at in range(REPEATS):
            with town.sessions.begin() as session:
                operation(session, session.get_one(Customer, (town.known[at], town.clinic)), at)
        blocks[name] = town.blocks() / REPEATS
        print(f"growth: {people:,}: {name}: {blocks[name]:,.1f} blocks")
    reviews = []
    for name, day in _jobs():
        town.raw.execute("VACUUM loyalty_profiles")  # as autovacuum does in the weeks between reviews
        town.blocks()
        rows = _do(town, name, day, size=1, most=ROWS)
        label = f"{name}, a row" if day != SECOND else f"{name} a month later, a row"
        if rows:
            blocks[label] = town.blocks() / rows
            print(f"growth: {people:,}: {name} on {day}: {rows} rows, {blocks[label]:,.1f} blocks each")
        if name == "review_tiers":
            began = time.monotonic()
            rows += _do(town, name, day)
            reviews.append((rows, time.monotonic() - began))
            print(f"growth: {people:,}: {name} on {day}: {rows:,} rows, {reviews[-1][1]:.1f} s")
    town.close()
    return Found(blocks, reviews)


def _jobs() -> Iterator[tuple[str, date]]:
    for name in daily.jobs:
        if name == "review_tiers":
            yield from ((name, FIRST), (name, SECOND))
        elif name == "warn_expiry":
            yield name, FIRST - timedelta(days=1)
        elif name == "warn_tiers":
            yield name, SECOND - timedelta(days=30)
        else:
            yield name, DAY


def _do(town: Town, name: str, day: date, *, size: int | None = None, most: int | None = None) -> int:
    """The batches of a job, as the calendar does them or of another size, until so many rows are done; how many."""
    job, rows = daily.jobs[name], 0
    after: Place | None = None
    now = datetime(day.year, day.month, day.day, 12, tzinfo=ZONE)
    while True:
        batch = Batch(size or job.most, after=after)
        with town.sessions.begin() as session:
            job.batch(session, session.get_one(Clinic, town.clinic), day, now, batch)
        rows, after = rows + len(batch.ids), batch.last
        if not batch.ids or (most is not None and rows >= most):
            return rows


def _warm(town: Town, operation: Callable[[Session, Customer, int], object]) -> None:
    """Once by somebody else, so that catalogues are read."""
    with town.sessions.begin() as session:
        operation(session, session.get_one(Customer, (town.known[-1], town.clinic)), REPEATS)


def _pay(session: Session, customer: Customer, at: int) -> None:
    paid(
        session, customer, source="bench", external_id=f"pay-{at}", amount=Decimal(500), paid_at=NOW,
        service_code=None, now=NOW,
    )  # fmt: skip


def _refund(session: Session, customer: Customer, at: int) -> None:
    payment = session.scalars(
        select(Payment).where(
            Payment.clinic_id == customer.clinic_id, Payment.source == "bench", Payment.external_id == f"pay-{at}"
        )
    ).one()
    refunded(session, payment, external_id=f"back-{at}", amount=payment.amount, refunded_at=NOW, now=NOW)


def _look(session: Session, customer: Customer, _at: int) -> None:
    profile = session.get_one(LoyaltyProfile, (customer.id, customer.clinic_id))
    standing.of(session, profile, NOW)
    points.history(session, customer)


def _redeem(session: Session, customer: Customer, _at: int) -> None:
    reward = session.scalars(
        select(Reward).where(Reward.clinic_id == customer.clinic_id).order_by(Reward.points)
    ).first()
    assert reward is not None
    redemption = rewards.redeem(session, customer, reward.id, NOW)
    redemptions.cancel(session, redemption, NOW, actor="bench")


def _merge(session: Session, customer: Customer, _at: int) -> None:
    link = meet_on_line(session, customer.clinic, f"V{customer.id.hex}", NOW)
    points.award_points(session, link.customer, 50, "x", now=NOW)
    merge_customers(session, link.customer, customer, NOW, actor="bench")


OPERATIONS: dict[str, Callable[[Session, Customer, int], object]] = {
    "award": lambda session, customer, _at: points.award_points(session, customer, 10, "x", now=NOW),
    "payment": _pay,
    "full refund": _refund,
    "profile and history": _look,
    "redeem and cancel": _redeem,
    "merge": _merge,
}
