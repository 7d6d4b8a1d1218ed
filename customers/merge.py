"""Two records of one person: whatever pointed at the duplicate points at the survivor, as each table declares.

A second merge leaves nothing behind that points at a record between: `merged_into` is such a column too.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, Table, UniqueConstraint, and_, delete, exists, not_, select, true, update
from sqlalchemy.orm import Session

from models.base import Base
from models.customers import Customer
from models.lifecycle import Merge


def references() -> Iterator[tuple[type[Any], Column[Any], Merge]]:
    """Every column that names a customer, with its table's class and what it declares; what others point at first."""
    models = {mapper.local_table: mapper.class_ for mapper in Base.registry.mappers}
    for table in Base.metadata.sorted_tables:
        for column in table.columns:
            if column.info.get("of") == Customer.__tablename__:
                yield models[table], column, column.info["merge"]


def hand_over(session: Session, duplicate: Customer, survivor: Customer, now: datetime) -> None:
    """What is the duplicate's becomes the survivor's, who also takes over what they do not say about themselves.

    The profiles are locked by the caller. What this session has loaded is read anew afterwards.
    """
    # The customer before identities and links: the order in which a conversation's flush locks them.
    _take_over(session, duplicate, survivor)
    duplicate.merged_into, duplicate.merged_at = survivor.id, now
    session.flush()
    for model, column, rule in references():
        if rule.how in ("move", "reseal"):
            _hand_over(session, model, column, rule, duplicate, survivor)
    session.flush()
    session.expire_all()


def _take_over(session: Session, duplicate: Customer, survivor: Customer) -> None:
    if survivor.display_name is None:
        survivor.display_name = duplicate.display_name
    if survivor.language is None:
        survivor.language, survivor.language_chosen = duplicate.language, duplicate.language_chosen
    if survivor.birth_month_day is None:
        survivor.birth_month_day = duplicate.birth_month_day
    if survivor.adult is None or duplicate.adult is False:
        survivor.adult = duplicate.adult  # who once said that they are under age is, until they say otherwise anew
    survivor.birthday_year = max(survivor.birthday_year, duplicate.birthday_year)
    if survivor.joined_at is None or (duplicate.joined_at is not None and duplicate.joined_at < survivor.joined_at):
        survivor.joined_at = duplicate.joined_at
    if survivor.member_number is None and duplicate.member_number is not None:
        # First the one, then the other: it is unique. Where both have one, each leads to the survivor.
        number, duplicate.member_number = duplicate.member_number, None
        session.flush()
        survivor.member_number = number


def _hand_over(
    session: Session, model: type[Any], column: Column[Any], rule: Merge, duplicate: Customer, survivor: Customer
) -> None:
    table: Table = model.__table__
    theirs = and_(table.c.clinic_id == duplicate.clinic_id, column == duplicate.id)
    if rule.twice is not None:
        twice = _had(table, column, survivor)
        if rule.twice == "goes":
            session.execute(delete(table).where(theirs, twice))
        theirs = and_(theirs, not_(twice))
    if rule.how == "move":
        session.execute(update(table).where(theirs).values({column: survivor.id}))
        return
    rows = session.scalars(
        select(model)
        .where(theirs)
        .order_by(*table.primary_key)
        .with_for_update()
        # Workers write these rows without the profile's lock: what this session has read before may be old.
        .execution_options(populate_existing=True)
    )
    for row in rows.all():
        # A sealed value opens with its owner's key only: it is read before the owner changes, and sealed anew after.
        plain = {name: getattr(row, name) for name in model.sealed}
        row.customer_id, row.customer = survivor.id, survivor
        for name, value in plain.items():
            setattr(row, name, value)
    session.flush()


def _had(table: Table, column: Column[Any], survivor: Customer) -> ColumnElement[bool]:
    """Whether the survivor has such a row already, by a unique key in which the column stands."""
    other = table.alias()
    unique = (one for one in table.constraints if isinstance(one, UniqueConstraint) and column.name in one.columns)
    rest = [one for key in unique for one in key.columns if one.name not in (column.name, "clinic_id")]
    same = and_(true(), *(other.c[one.name] == one for one in rest))
    return exists().where(other.c.clinic_id == survivor.clinic_id, other.c[column.name] == survivor.id, same)
