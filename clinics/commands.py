"""`flask clinics`: a clinic as a file, and its secrets."""

import re
import sys
from collections.abc import Callable, Container
from typing import BinaryIO, get_args

import click
from flask.cli import AppGroup
from sqlalchemy import exists, select
from sqlalchemy.orm import Session, sessionmaker

from channels.email.resend import SECRET as REPORTS
from clinics.apply import apply, create
from clinics.check import Checked, check
from clinics.contents import BookingSource, ClinicFile
from clinics.current import as_text, current
from clinics.difference import Difference, difference, refused
from clinics.reading import LARGEST, Problem
from customers.clinics import by_slug
from loyalty import terms
from models.clinics import Clinic
from models.secrets import ClinicSecret
from runtime.clock import Clock
from runtime.context import Runtime
from runtime.work import Batch

SECRETS = {
    "line.channel_secret": "line_channel_secret",
    "line.access_token": "line_bot_token",
    "sms.key": "sms_key",
    "email.password": "email_password",
}
"""What is called so in a command → the clinic's attribute."""
VARIABLES = {
    "line.channel_secret": "LINE_CHANNEL_SECRET",
    "line.access_token": "LINE_CHANNEL_SECRET",
    "sms.key": "SMS_PROVIDER",
    "email.password": "SMTP_HOST",
}
"""By which the environment says the account of each."""
SHARED = (*(f"booking.{system}" for system in get_args(BookingSource)), REPORTS, "login.secret")
"""What the clinic shares with a booking system, who reports of its mail, or LINE Login; each is a row of its own."""
Menus = Callable[[Clinic], object]
"""What the menus show of a clinic: where it becomes another, LINE's are to be brought to it."""
_CHANNEL_SECRET = re.compile("[0-9a-f]{32}")
"""As LINE makes them."""
_PRINTED = re.compile(r"[!-~]{1,1000}")
_file = click.argument("file", type=click.File("rb"))


class Refused(click.ClickException):
    """Nothing was changed."""

    def show(self, file: object = None) -> None:  # noqa: ARG002 - click's
        click.echo(self.message, err=True)


def commands(runtime: Runtime, menus: Menus, in_environment: Container[tuple[str, str]] = ()) -> AppGroup:
    """`in_environment`: slugs of the clinics, each with the name of a secret that the environment says."""
    group = AppGroup("clinics", help="Clinics: each one a file, and its secrets.")
    sessions, clock, defaults = runtime.sessions, runtime.clock, runtime.settings.clinic_defaults

    @group.command("create")
    @click.argument("slug")
    @_file
    def create_(slug: str, file: BinaryIO) -> None:
        """Make the clinic SLUG of FILE (- is standard input)."""
        wanted = _right(check(_read(file), defaults))
        with sessions.begin() as session:
            if session.scalar(select(exists().where(Clinic.slug == slug))):
                raise Refused(f"There is a clinic {slug} already: `apply` changes it.")
            try:
                create(session, slug, wanted, clock.now(session))
            except ValueError as error:
                raise Refused(str(error)) from None
        click.echo(f"{slug}: made. Next: `flask clinics secret {slug} line.channel_secret`, `flask richmenus sync`.")

    @group.command("export")
    @click.argument("slug")
    def export(slug: str) -> None:
        """Print the clinic SLUG as a file."""
        with sessions() as session:
            clinic = by_slug(session, slug)
            text = as_text(current(session, clinic), clinic)
        click.echo(text.encode(), nl=False)

    @group.command("check")
    @click.argument("slug")
    @_file
    def check_(slug: str, file: BinaryIO) -> None:
        """Say everything that is wrong with FILE for the clinic SLUG, by line. Status 1 when something is."""
        checked = check(_read(file), defaults)
        with sessions() as session:
            clinic = by_slug(session, slug)
            wanted = _right(_held_against(session, clinic, checked))
            changes = len(difference(session, clinic, wanted, clock.now(session)).changes)
        click.echo(f"Nothing is wrong. Applying it changes {f'{changes} things' if changes != 1 else '1 thing'}.")

    @group.command("apply")
    @click.argument("slug")
    @_file
    @click.option("--yes", is_flag=True, help="Do not ask.")
    def apply_(slug: str, file: BinaryIO, yes: bool) -> None:
        """Show what FILE changes of the clinic SLUG, ask, and change it: all of it or nothing."""
        checked = check(_read(file), defaults)
        with sessions() as session:
            clinic, now = by_slug(session, slug), clock.now(session)
            wanted = _right(_held_against(session, clinic, checked))
            seen = difference(session, clinic, wanted, now)
        if not seen.changes:
            click.echo("Nothing changes.")
            return
        click.echo(str(seen))
        _ask(yes)
        drawn = apply_file(sessions, clock, slug, checked, seen, menus)
        click.echo(f"{slug}: applied.{' Now run `flask richmenus sync`: the menus show some of it.' if drawn else ''}")

    @group.command("secret")
    @click.argument("slug")
    @click.argument("name", type=click.Choice([*sorted(SECRETS), *SHARED]))
    def secret(slug: str, name: str) -> None:
        """Keep a secret of the clinic SLUG, read from standard input, under the clinic's key. It is never shown."""
        value = _secret()
        _plausible(name, value)
        with sessions.begin() as session:
            _keep(session, by_slug(session, slug, alone=True), name, value)
        click.echo(f"{slug}: {name} is kept.")
        if (slug, name) in in_environment:
            click.echo(f"It is not used as long as {VARIABLES[name]} is set: the environment goes before.", err=True)

    return group


def apply_file(
    sessions: sessionmaker[Session], clock: Clock, slug: str, checked: Checked, seen: Difference, menus: Menus
) -> bool:
    """Apply a file in one transaction, then work out everybody's tier where tiers have changed. Whether the menus are
    now others.

    Raises `Refused` where that is not what was `seen`, or where something speaks against it now.
    """
    with sessions.begin() as session:
        clinic, now = by_slug(session, slug, alone=True), clock.now(session)
        wanted = _right(_held_against(session, clinic, checked))
        if difference(session, clinic, wanted, now) != seen:
            raise Refused("The clinic has changed while you looked at this. Nothing was applied: run it again.")
        before = menus(clinic)
        apply(session, clinic, wanted, now)
        clinic_id, drawn = clinic.id, menus(clinic) != before
    batch = Batch(terms.BATCH)
    while True:
        with sessions.begin() as session:
            clinic = session.get_one(Clinic, clinic_id)
            if not clinic.tiers_due or not terms.settle(session, clinic, clock.now(session), batch):
                return drawn
            batch = Batch(terms.BATCH, after=batch.last)


def _read(file: BinaryIO) -> bytes:
    return file.read(LARGEST + 1)


def _held_against(session: Session, clinic: Clinic, checked: Checked) -> Checked:
    """With what speaks against it as the clinic is now."""
    if checked.file is None:
        return checked
    found = [Problem(checked.written.line(path), says) for path, says in refused(session, clinic, checked.file)]
    return Checked(tuple(sorted(found)), None if found else checked.file, checked.written)


def _right(checked: Checked) -> ClinicFile:
    """Raises `Refused` with all that is wrong, a line each."""
    if checked.file is None:
        raise Refused("\n".join(map(str, checked.problems)))
    return checked.file


def _ask(yes: bool) -> None:
    if yes:
        return
    if not _on_a_terminal():
        raise Refused("Nothing was applied: say --yes where nobody can be asked.")
    if not click.confirm("Apply this?"):
        raise Refused("Nothing was applied.")


def _keep(session: Session, clinic: Clinic, name: str, value: str) -> None:
    if name in SECRETS:
        setattr(clinic, SECRETS[name], value)
        return
    kept = session.get(ClinicSecret, (clinic.id, name))
    if kept is None:
        session.add(ClinicSecret(clinic_id=clinic.id, name=name, clinic=clinic, value=value))
    else:
        kept.value = value


def _secret() -> str:
    given = click.prompt("Value", hide_input=True) if _on_a_terminal() else sys.stdin.read(2_000)
    value = str(given).strip()
    if not _PRINTED.fullmatch(value) or value[0] in "'\"":
        raise Refused("A secret is one word of letters, digits and signs, without quotation marks.")
    return value


def _plausible(name: str, value: str) -> None:
    """What LINE shows side by side is easily taken for one another, and only shows where nobody is answered.

    Raises `Refused`.
    """
    if name == "line.channel_secret" and not _CHANNEL_SECRET.fullmatch(value):
        raise Refused(
            f"Not kept: LINE's channel secret is 32 signs, 0-9 and a-f, and this is {len(value)} signs. Copy it anew "
            "from the LINE Developers Console: the channel, Basic settings, Channel secret. It is neither the channel "
            "ID, which is digits alone, nor the channel access token, which is much longer."
        )
    if name == "line.access_token" and (value.isdigit() or _CHANNEL_SECRET.fullmatch(value)):
        what = "ID" if value.isdigit() else "secret"
        raise Refused(
            f"Not kept: this is LINE's channel {what}, and no access token. Copy that from the LINE Developers "
            "Console: the channel, Messaging API, Channel access token (long-lived). Without one short tokens are "
            "fetched by the channel's ID and secret."
        )


def _on_a_terminal() -> bool:
    return sys.stdin.isatty()
