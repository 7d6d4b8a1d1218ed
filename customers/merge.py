"""Two records of one person: whatever pointed at the duplicate points at the survivor, as each table declares.

A second merge leaves nothing behind that points at a record between: `merged_into` is such a column too.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Column,
    ColumnElement,
    Select,
    Table,
    UniqueConstraint,
    and_,
    delete,
    exists,
    literal,
    not_,
    select,
    true,
    update,
)
from sqlalchemy.orm import Session

from models.base import Base
from models.customers import Customer
from models.joined_records import Before, JoinedRecord
from models.lifecycle import Merge


def references() -> Iterator[tuple[type[Any], Column[Any], Merge]]:
    """Every column that names a customer, with its table's class and what it declares; what others point at first."""
    models = {mapper.local_table: mapper.class_ for mapper in Base.registry.mappers}
    for table in Base.metadata.sorted_tables:
        for column in table.columns:
            if column.info.get("of") == Customer.__tablename__:
                yield models[table], column, column.info["merge"]


def hand_over(session: Session, joined: JoinedRecord, now: datetime) -> None:
    """What is the duplicate's becomes the survivor's, who also takes over what they do not say about themselves; which
    that was is noted.

    The profiles are locked by the caller. What this session has loaded is read anew afterwards.
    """
    duplicate, survivor = joined.duplicate, joined.survivor
    # The customer before identities and links: the order in which a conversation's flush locks them.
    joined.before = _take_over(session, duplicate, survivor)
    duplicate.merged_into, duplicate.merged_at = survivor.id, now
    session.flush()
    rows, twice = dict(joined.rows), dict[str, list[str]]()
    for model, column, rule in references():
        if rule.how not in ("move", "reseal"):
            continue
        theirs = and_(model.__table__.c.clinic_id == duplicate.clinic_id, column == duplicate.id)
        if rule.twice is not None:
            had = _had(model.__table__, column, survivor)
            if rule.twice == "goes":
                twice[str(column)] = _likes(session, model.__table__, column, duplicate, survivor)
                session.execute(delete(model.__table__).where(theirs, exists(had)))
            theirs = and_(theirs, not_(exists(had)))
        rows[str(column)] = rows.get(str(column), []) + hand(session, model, column, rule, theirs, survivor)
    joined.rows = {name: keys for name, keys in rows.items() if keys}
    joined.twice = {name: keys for name, keys in twice.items() if keys}
    session.flush()
    session.expire_all()


def hand(
    session: Session, model: type[Any], column: Column[Any], rule: Merge, which: ColumnElement[bool], to: Customer
) -> list[str]:
    """Have the column name this customer in those rows; their keys."""
    table: Table = model.__table__
    key = key_of(table)
    if rule.how == "move":
        moved = session.execute(update(table).where(which).values({column: to.id}).returning(key))
        return [_written(one) for one in moved.scalars()]
    rows = session.scalars(
        select(model)
        .where(which)
        .order_by(*table.primary_key)
        .with_for_update()
        # Workers write these rows without the profile's lock: what this session has read before may be old.
        .execution_options(populate_existing=True)
    ).all()
    for row in rows:
        # A sealed value opens with its owner's key only: it is read before the owner changes, and sealed anew after.
        plain = {name: getattr(row, name) for name in model.sealed}
        row.customer_id, row.customer = to.id, to
        for name, value in plain.items():
            setattr(row, name, value)
    session.flush()
    return [_written(getattr(row, key.name)) for row in rows]


def key_of(table: Table) -> Column[Any]:
    """What names a row among those of its clinic."""
    return next(column for column in table.primary_key if column.name != "clinic_id")


def _written(key: UUID | bytes) -> str:
    return key.hex() if isinstance(key, bytes) else str(key)


def _take_over(session: Session, duplicate: Customer, survivor: Customer) -> Before:
    before = Before()
    if survivor.display_name is None and duplicate.display_name is not None:
        survivor.display_name, before["display_name"] = duplicate.display_name, None
    if survivor.language is None:
        before["language"], before["language_chosen"] = survivor.language, survivor.language_chosen
        survivor.language, survivor.language_chosen = duplicate.language, duplicate.language_chosen
    if survivor.birth_month_day is None:
        survivor.birth_month_day, before["birth_month_day"] = duplicate.birth_month_day, None
    if survivor.adult is None or duplicate.adult is False:
        # Who once said that they are under age is, until they say otherwise anew.
        survivor.adult, before["adult"] = duplicate.adult, survivor.adult
    if survivor.birthday_year < duplicate.birthday_year:
        survivor.birthday_year, before["birthday_year"] = duplicate.birthday_year, survivor.birthday_year
    if survivor.joined_at is None or (duplicate.joined_at is not None and duplicate.joined_at < survivor.joined_at):
        before["joined_at"] = survivor.joined_at.isoformat() if survivor.joined_at else None
        survivor.joined_at = duplicate.joined_at
    if survivor.member_number is None and duplicate.member_number is not None:
        # First the one, then the other: it is unique. Where both have one, each leads to the survivor.
        number, duplicate.member_number = duplicate.member_number, None
        session.flush()
        survivor.member_number, before["member_number"] = number, None
    return before


def _likes(session: Session, table: Table, column: Column[Any], duplicate: Customer, survivor: Customer) -> list[str]:
    """Those of the survivor's rows whose like the duplicate has."""
    theirs = table.c.clinic_id == survivor.clinic_id, column == survivor.id
    found = select(key_of(table)).where(*theirs, exists(_had(table, column, duplicate)))
    return [_written(one) for one in session.scalars(found)]


def _had(table: Table, column: Column[Any], other_one: Customer) -> Select[Any]:
    """Such a row of the other one, by a unique key in which the column stands."""
    other = table.alias()
    unique = (one for one in table.constraints if isinstance(one, UniqueConstraint) and column.name in one.columns)
    rest = [one for key in unique for one in key.columns if one.name not in (column.name, "clinic_id")]
    same = and_(true(), *(other.c[one.name] == one for one in rest))
    theirs = other.c.clinic_id == other_one.clinic_id, other.c[column.name] == other_one.id
    return select(literal(1)).select_from(other).where(*theirs, same)
