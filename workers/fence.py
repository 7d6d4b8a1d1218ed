"""`flask fence`: whether a restored database may send to customers."""

from datetime import datetime

import click
import structlog
from flask.cli import AppGroup
from prometheus_client import Gauge
from sqlalchemy.orm import Session

from channels import fence
from followups import restored
from runtime import wake
from runtime.context import Runtime

SAYS = "this is another database than that from which was sent: nothing leaves to customers"
CURE = (
    "a copy to try something out: leave it so. Else say when the other one was at work last: "
    "`flask --app app fence lift --said-until 2026-11-30T10:15+0700`, or `--nothing-said`"
)

log = structlog.get_logger(__name__)
_fenced = Gauge("aura_fenced", "1 while a restored database waits for a word before it sends to customers")


def stands(runtime: Runtime) -> bool:
    """Asked before anything is sent; logged each time that it is so."""
    with runtime.sessions.begin() as session:
        found = fence.stands(session)
    _fenced.set(found)
    if found:
        log.error("fenced", says=SAYS)
    return found


def commands(runtime: Runtime) -> AppGroup:
    group = AppGroup("fence", help="Whether a restored database may send to customers.")

    @group.command("show")
    def show() -> None:
        """Say whether it stands, and what to do."""
        with runtime.sessions.begin() as session:
            click.echo(f"{SAYS}\n{CURE}" if fence.stands(session) else "messages to customers may leave from here")

    @group.command("lift")
    @click.option("--said-until", type=click.DateTime(["%Y-%m-%dT%H:%M%z"]), help="When the other was at work last.")
    @click.option("--nothing-said", is_flag=True, help="Nothing was sent since the backup.")
    def lift(said_until: datetime | None, nothing_said: bool) -> None:
        """Let messages to customers leave from here. What was due until then may have been said: it is left to you."""
        if (said_until is None) != nothing_said:
            raise click.UsageError("either --said-until TIME or --nothing-said")
        with runtime.sessions.begin() as session:
            if said_until is not None:
                click.echo(_left(runtime, session, said_until))
            fence.lift(session)
            wake.after(session, "send")
        click.echo("messages to customers leave from here")

    return group


def _left(runtime: Runtime, session: Session, until: datetime) -> str:
    found = restored.may_have_been_said(session, until, until + runtime.clock.offset(session))
    return (
        f"{found.executions} follow-ups and {found.notifications} notifications may have been said and are left to you "
        f"(`restored`); {found.sends} requests are repeated with their keys, or left as unknown"
    )
