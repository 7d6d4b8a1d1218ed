"""`flask keys`: making keys, and changing those that wrap the data keys. `flask privacy`: what is asked of a clinic.
`flask pauses` and `flask suppressions`: to whom offers rest, and where nothing is sent."""

import sys
from uuid import UUID

import click
from flask.cli import AppGroup

from customers import pauses
from customers.clinics import by_slug
from models.customers import Customer
from privacy import requests, suppressions
from privacy.rotation import rotate, tables, wrapped_by
from runtime.actors import STAFF
from runtime.context import Runtime
from runtime.keys import new_key

_MOST = 1_000
"""Pauses that are listed at once."""


def commands(runtime: Runtime) -> tuple[AppGroup, ...]:
    return _keys(runtime), _requests(runtime), _pauses(runtime), _suppressions(runtime)


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


def _pauses(runtime: Runtime) -> AppGroup:
    group = AppGroup("pauses", help="Customers of a clinic to whom offers rest.")

    @group.command("list")
    @click.argument("slug")
    def waiting(slug: str) -> None:
        """List to whom offers of the clinic SLUG rest, since when and why, the oldest first."""
        with runtime.sessions() as session:
            clinic, now = by_slug(session, slug), runtime.clock.now(session)
            zone = clinic.settings.voice.zone
            found = pauses.of_clinic(session, clinic, now, _MOST)
            for one in found:
                until = f"until {one.until.astimezone(zone):%Y-%m-%d}" if one.until else "until somebody ends it"
                since = f"{one.since.astimezone(zone):%Y-%m-%d}"
                click.echo(f"{pauses.short_of(one)}: customer {one.customer_id}, {one.reason}, since {since}, {until}")
        click.echo(f"{len(found)} rest.")

    @group.command("set")
    @click.argument("slug")
    @click.argument("customer", type=click.UUID)
    @click.argument("reason", type=click.Choice(pauses.BY_STAFF))
    def rest(slug: str, customer: UUID, reason: pauses.Reason) -> None:
        """Let the offers of the clinic SLUG to a CUSTOMER rest until somebody ends that."""
        with runtime.sessions.begin() as session:
            clinic, now = by_slug(session, slug), runtime.clock.now(session)
            person = session.get(Customer, (customer, clinic.id))
            if person is None:
                raise click.ClickException(f"The clinic has no customer {customer}.")
            code = pauses.short_of(pauses.pause(session, person, reason, now, by=STAFF))
        click.echo(f"{code}: offers rest.")

    @group.command("end")
    @click.argument("slug")
    @click.argument("code")
    def go_on(slug: str, code: str) -> None:
        """End the pause CODE of a customer of the clinic SLUG."""
        with runtime.sessions.begin() as session:
            clinic, now = by_slug(session, slug), runtime.clock.now(session)
            found = pauses.by_code(session, clinic, code, now)
            if found is None or not pauses.end(session, found, now, by=STAFF):
                raise click.ClickException(f"No pause {code!r} is open.")
        click.echo("Offers may go on.")

    return group


def _suppressions(runtime: Runtime) -> AppGroup:
    group = AppGroup("suppressions", help="Phones and mail addresses to which a clinic sends nothing.")

    @group.command("add")
    @click.argument("slug")
    @click.argument("kind", type=click.Choice(["phone", "email"]))
    def add(slug: str, kind: suppressions.Contact) -> None:
        """Send nothing of the clinic SLUG to the phone or e-mail on standard input, whoever has it."""
        value = sys.stdin.readline().strip()
        if not value:
            raise click.UsageError("Write the phone or the address on standard input.")
        with runtime.sessions.begin() as session:
            clinic = by_slug(session, slug)
            suppressions.add(session, clinic, kind, value, "unsubscribed", runtime.clock.now(session))
        click.echo("Nothing is sent there any more.")

    @group.command("lift")
    @click.argument("slug")
    @click.argument("kind", type=click.Choice(["phone", "email"]))
    def lift(slug: str, kind: suppressions.Contact) -> None:
        """Send again to the phone or e-mail on standard input: its owner wants it."""
        value = sys.stdin.readline().strip()
        with runtime.sessions.begin() as session:
            if not suppressions.lift(session, by_slug(session, slug), kind, value):
                raise click.ClickException("It was not on the list.")
        click.echo("It may be written to again.")

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
