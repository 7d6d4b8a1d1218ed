"""Two records that were made one, and are two again: each row that was handed over goes back to whose it was.

What the survivor has handed on meanwhile, or lost, stays where it is.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column, ColumnElement, LargeBinary, and_, select
from sqlalchemy.orm import Session

from customers.merge import hand, key_of, references
from models.base import new_id
from models.customers import Customer
from models.joined_records import JoinedRecord
from models.lifecycle import Merge


def last(session: Session, person: Customer) -> JoinedRecord | None:
    """The last merge of this person that stands, as far as it is known."""
    theirs = JoinedRecord.survivor_id == person.id, JoinedRecord.cut_at.is_(None)
    newest = JoinedRecord.joined_at.desc(), JoinedRecord.id.desc()
    found = select(JoinedRecord).where(JoinedRecord.clinic_id == person.clinic_id, *theirs)
    return session.scalars(found.order_by(*newest).limit(1)).one_or_none()


def part(session: Session, joined: JoinedRecord) -> None:
    """The caller holds the locks of both profiles. What this session has loaded is read anew afterwards."""
    duplicate, survivor = joined.duplicate, joined.survivor
    duplicate.merged_into = duplicate.merged_at = None
    _say_again(session, joined, duplicate, survivor)
    session.flush()
    for model, column, rule, which in handed_over(joined):
        hand(session, model, column, rule, and_(which, column == survivor.id), duplicate)
    for model, column, rule, which in _had_twice(joined):
        _copy(session, model, column, rule, which, duplicate)
    session.flush()
    session.expire_all()


def handed_over(joined: JoinedRecord) -> Iterator[tuple[type[Any], Column[Any], Merge, ColumnElement[bool]]]:
    """Each column that was, and in which rows."""
    return _noted(joined, joined.rows)


def _had_twice(joined: JoinedRecord) -> Iterator[tuple[type[Any], Column[Any], Merge, ColumnElement[bool]]]:
    return _noted(joined, joined.twice)


def _noted(
    joined: JoinedRecord, noted: dict[str, list[str]]
) -> Iterator[tuple[type[Any], Column[Any], Merge, ColumnElement[bool]]]:
    for model, column, rule in references():
        keys, key = noted.get(str(column), []), key_of(model.__table__)
        if keys:
            read = bytes.fromhex if isinstance(key.type, LargeBinary) else UUID
            ours = model.__table__.c.clinic_id == joined.clinic_id
            yield model, column, rule, and_(ours, key.in_([read(one) for one in keys]))


def _say_again(session: Session, joined: JoinedRecord, duplicate: Customer, survivor: Customer) -> None:
    """What the survivor took over goes, unless they have said something else since."""
    before = joined.before
    if "member_number" in before and duplicate.member_number is None:
        number, survivor.member_number = survivor.member_number, None
        session.flush()
        duplicate.member_number = number
    said: dict[str, Any] = {name: value for name, value in before.items() if name != "member_number"}
    if survivor.language != duplicate.language:  # chosen since
        said = {name: value for name, value in said.items() if not name.startswith("language")}
    if said.get("joined_at"):
        said["joined_at"] = datetime.fromisoformat(said["joined_at"])
    for name, value in said.items():
        if getattr(survivor, name) == getattr(duplicate, name):
            setattr(survivor, name, value)


def _copy(
    session: Session, model: type[Any], column: Column[Any], rule: Merge, which: ColumnElement[bool], to: Customer
) -> None:
    """What both had and went as a double is the other's again, too."""
    kept = [one.name for one in model.__table__.columns if one.name not in ("id", column.name)]
    for row in session.scalars(select(model).where(which)).all():
        plain = {name: getattr(row, name) for name in model.sealed} if rule.how == "reseal" else {}
        copy = model(id=new_id(), **{name: getattr(row, name) for name in kept if not name.endswith("_sealed")})
        copy.customer_id = to.id
        if plain:
            copy.customer = to
        for name, value in plain.items():
            setattr(copy, name, value)
        session.add(copy)
