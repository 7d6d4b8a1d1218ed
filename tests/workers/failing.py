"""What RQ finds by its dotted name, and what fails with somebody's words in hand."""

import psycopg

from runtime.limits import SLOW

TYPED = "ploypailin.s@example.com"


def fails() -> None:
    raise ValueError(TYPED)


def waits(dsn: str) -> None:
    """Longer than any alarm, shorter than the limit of its statement."""
    with psycopg.connect(dsn, options=SLOW.options) as connection:
        connection.execute("SELECT pg_sleep(50)")
