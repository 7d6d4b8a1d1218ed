"""`flask keys`: making keys for SECRET_KEYS and INDEX_KEY, and changing those that wrap the data keys."""

import click
from flask.cli import AppGroup

from privacy.rotation import rotate, tables, wrapped_by
from runtime.context import Runtime
from runtime.keys import new_key


def commands(runtime: Runtime) -> AppGroup:
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
