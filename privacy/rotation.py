"""Re-wrapping the data keys of clinics and customers under the newest key of the ring.

What data keys seal is not touched, so this costs little, may be stopped at any time and begun again, and goes on while
customers write: rows are taken in small transactions, and one that somebody holds is asked again at the end.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import Table, func, select, tuple_, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session, sessionmaker

from models.base import Base
from runtime.database import transient
from runtime.keys import MARK, CannotOpen, Vault

BATCH = 200
Key = tuple[Any, ...]


@dataclass
class Rotated:
    """What became of the data keys of one table so far."""

    table: str
    total: int
    seen: int = 0
    rewrapped: int = 0
    unopened: list[UUID] = field(default_factory=list)
    """Rows whose data key no key of the ring opens: what it seals cannot be read by anybody."""
    held: list[Key] = field(default_factory=list)
    """Rows that somebody else holds, by their keys."""


def tables() -> list[Table]:
    """The tables whose rows have a data key."""
    return [table for table in Base.metadata.sorted_tables if "data_key" in table.columns]


def rotate(sessions: sessionmaker[Session], vault: Vault, table: Table) -> Iterator[Rotated]:
    """Re-wrap what is not under the newest key yet, a batch a transaction; yields after each of them."""
    id_ = tuple_(*table.primary_key)
    with sessions() as session:
        total = session.scalar(select(func.count()).select_from(table).where(table.c.data_key.is_not(None)))
    done, last = Rotated(table.name, total or 0), None
    while True:
        with sessions.begin() as session:
            query = select(*table.primary_key, table.c.data_key).where(table.c.data_key.is_not(None))
            rows = session.execute(
                (query if last is None else query.where(id_ > last)).order_by(id_).limit(BATCH)
            ).all()
            _batch(session, vault, table, [(tuple(row[:-1]), row[-1]) for row in rows], done)
        yield done
        if len(rows) < BATCH:
            break  # who comes from now on is wrapped by the newest key
        last = tuple(rows[-1][:-1])
    asked, done.held = done.held, []
    for key in asked:
        try:
            with sessions.begin() as session:
                done.rewrapped += _rewrap(session, vault, table, [key], skip_locked=False)[0]
        except OperationalError as error:
            if not transient(error):
                raise
            done.held.append(key)
    yield done


def wrapped_by(session: Session, vault: Vault) -> dict[int | None, int]:
    """How many data keys each key of the ring has wrapped, by its place in it; under None those of no key of it."""
    found: dict[int | None, int] = {}
    for table in tables():
        mark = func.substr(table.c.data_key, 1, MARK)
        for wrapped, count in session.execute(
            select(mark, func.count()).where(table.c.data_key.is_not(None)).group_by(mark)
        ):
            place = vault.wrapped_by(bytes(wrapped))
            found[place] = found.get(place, 0) + count
    return found


def _batch(session: Session, vault: Vault, table: Table, rows: list[tuple[Key, bytes]], done: Rotated) -> None:
    old: list[Key] = []
    for key, wrapped in rows:
        id_ = key[list(table.primary_key).index(table.c.id)]
        try:
            vault.data_key(wrapped, key)
        except CannotOpen:
            done.unopened.append(id_)
            continue
        if vault.wrapped_by(wrapped) != 0:
            old.append(key)
    done.seen += len(rows)
    rewrapped, held = _rewrap(session, vault, table, old, skip_locked=True)
    done.rewrapped += rewrapped
    done.held += held


def _rewrap(
    session: Session, vault: Vault, table: Table, keys: list[Key], *, skip_locked: bool
) -> tuple[int, list[Key]]:
    """Of these rows, how many were re-wrapped, and which are held by somebody else. One erased meanwhile stays so."""
    id_ = tuple_(*table.primary_key)
    # NO KEY UPDATE does not wait for those who only point at the row, as every message of a customer does.
    locked = session.execute(
        select(*table.primary_key, table.c.data_key)
        .where(id_.in_(keys))
        .order_by(id_)
        .with_for_update(skip_locked=skip_locked, key_share=True)
    ).all()
    found = {tuple(row[:-1]): row[-1] for row in locked}
    for key, wrapped in found.items():
        if wrapped is not None:
            session.execute(update(table).where(id_ == key).values(data_key=vault.rewrap(bytes(wrapped), key)))
    return sum(wrapped is not None for wrapped in found.values()), [key for key in keys if key not in found]
