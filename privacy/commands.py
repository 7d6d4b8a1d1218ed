"""`flask keys`: making keys, and changing those that wrap the data keys. `flask privacy`: what is asked of a clinic."""

import click
from flask.cli import AppGroup

from customers.clinics import by_slug
from privacy import requests
from privacy.rotation import rotate, tables, wrapped_by
from runtime.actors import STAFF
from runtime.context import Runtime
from runtime.keys import new_key


def commands(runtime: Runtime) -> tuple[AppGroup, ...]:
    return _keys(runtime), _requests(runtime)


def _requests(runtime: Runtime) -> AppGroup:
    group = AppGroup("privacy", help="What customers ask of a clinic about their data.")

    @group.command("requests")
    @click.argument("slug")
    def waiting(slug: str) -> None:
        """List what the clinic SLUG has still to answer, the most urgent first."""
        with runtime.sessions() as session:
            clinic, now = by_slug(session, slug), runtime.clock.now(session)
            found, zone = requests.waiting(session, clinic), clinic.settings.voice.zone
            for one in found:
                late = " (late)" if one.due_at < now else ""
                asked, due = (f"{at.astimezone(zone):%Y-%m-%d}" for at in (one.asked_at, one.due_at))
                code = requests.code_of(one)
                click.echo(f"{one.kind}: {code}, customer {one.customer_id}, asked {asked}, answer by {due}{late}")
        click.echo(f"{len(found)} to answer.")

    @group.command("close")
    @click.argument("slug")
    @click.argument("code")
    @click.argument("outcome", type=click.Choice(["done", "refused"]))
    @click.option("--why", default="", help="What was done, or why it was refused; kept encrypted.")
    def close(slug: str, code: str, outcome: requests.Outcome, why: str) -> None:
        """Note that the request CODE of a customer of the clinic SLUG was answered, after that was done."""
        if outcome == "refused" and not why:
            raise click.UsageError("Of a refusal say why: --why TEXT.")
        with runtime.sessions.begin() as session:
            clinic, now = by_slug(session, slug), runtime.clock.now(session)
            request = requests.by_code(session, clinic, code)
            if request is None:
                raise click.ClickException(f"No request {code!r} waits for an answer.")
            requests.close(session, request, outcome, why, now, actor=STAFF)
        click.echo(f"{request.kind}: {outcome}.")

    return group


def _keys(runtime: Runtime) -> AppGroup:
    group = AppGroup("keys", help="Keys for SECRET_KEYS and INDEX_KEY.")

    @group.command("new")
    def new() -> None:
        """Print a fresh key."""
        click.echo(new_key())

    @group.command("rotate")
    def rotate_() -> None:
        """Wrap every data key under the first key of SECRET_KEYS, and say which others may be dropped.

        It may be stopped and run again, and runs while customers write. Status 1 while something is left to do.
        """
        left = False
        for table in tables():
            for done in rotate(runtime.sessions, runtime.vault, table):
                click.echo(f"{done.table}: {done.seen:,} of {done.total:,}, {done.rewrapped:,} re-wrapped", err=True)
            for id_ in done.unopened:
                click.echo(f"{done.table} {id_}: no key of SECRET_KEYS opens it", err=True)
            if done.held:
                click.echo(f"{done.table}: {len(done.held):,} are held by somebody else; run it again", err=True)
            left = left or bool(done.unopened or done.held)
        _tell_what_may_go(runtime)
        raise SystemExit(int(left))

    return group


def _tell_what_may_go(runtime: Runtime) -> None:
    with runtime.sessions() as session:
        counts = wrapped_by(session, runtime.vault)
    for place in range(1, len(runtime.settings.ring)):
        count = counts.get(place, 0)
        what = f"still wraps {count:,} data keys; keep it" if count else "wraps nothing any more and may be dropped"
        click.echo(f"Key {place + 1} of SECRET_KEYS {what}.")
    click.echo(f"Key 1 of SECRET_KEYS wraps {counts.get(0, 0):,} data keys.")
