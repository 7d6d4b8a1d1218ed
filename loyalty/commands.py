"""`flask points`: what an operator does with the ledger."""

import click
from flask.cli import AppGroup
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from loyalty import reconcile
from loyalty.reconcile import Drift
from models.clinics import Clinic
from runtime.clock import Clock
from runtime.context import Runtime


def commands(runtime: Runtime) -> AppGroup:
    group = AppGroup("points", help="The ledger of points.")

    @group.command("reconcile")
    @click.argument("clinic")
    @click.option("--repair", is_flag=True, help="Set cached sums to what entries and lots both say.")
    def reconcile_command(clinic: str, repair: bool) -> None:
        """Compare every profile of a clinic with its entries and lots. Fails while any disagrees."""
        if not reconcile_clinic(runtime.sessions, runtime.clock, clinic, repair=repair):
            raise click.exceptions.Exit(1)

    return group


def reconcile_clinic(sessions: sessionmaker[Session], clock: Clock, slug: str, *, repair: bool = False) -> bool:
    """Tell each drift, repair it in a transaction of its own if asked to. True when nothing is left to look at."""
    with sessions() as session:
        clinic = session.scalars(select(Clinic).where(Clinic.slug == slug)).one_or_none()
        if clinic is None:
            click.echo(f"There is no clinic {slug!r}.", err=True)
            return False
        drifts = reconcile.check(session, clinic)
    left = 0
    for drift in drifts:
        repaired = False
        if repair:
            with sessions.begin() as session:
                repaired = reconcile.repair(session, session.get_one(Clinic, clinic.id), drift, clock.now(session))
        left += not repaired
        click.echo(f"{slug}: {_told(drift)}: {'repaired' if repaired else _advice(drift)}")
    click.echo(f"{slug}: {f'{left} profiles disagree' if left else 'every profile agrees with its entries and lots'}")
    return not left


def _told(drift: Drift) -> str:
    return (
        f"{drift.customer_id} available {drift.available} (entries {drift.entries}, lots {drift.lots}), "
        f"total {drift.total} (entries {drift.counted}), debt {drift.debt} (lots {drift.owed})"
    )


def _advice(drift: Drift) -> str:
    if drift.repairable:
        return "--repair sets it to the entries"
    return "left alone, as entries and lots disagree: find out which of them is wrong"
