"""A record that the clinic has of somebody, and who they are in LINE: found to be one person."""

from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from customers import families, journey, ties
from customers.people import identify
from customers.ties import State
from facts import merged
from loyalty import ledger, notifications
from loyalty.errors import LimitReached
from loyalty.merge import CannotMerge
from models.customers import Customer, JourneyData
from models.ties import CardTie


class CannotTie(Exception):
    """Nothing was changed. `why`: another_friend, limit_reached, cannot_merge, taken_apart (by a manager: the
    staff alone make them one again)."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def ask(session: Session, member: Customer, kind: str, value: str, now: datetime, *, actor: str) -> CardTie:
    """Have the member asked whether the till's id is theirs. Raises `TieRefused`."""
    tie, new = ties.ask(session, member, kind, value, now, actor=actor)
    if new:
        notifications.write(
            session, member, "tie_asked", now, data={"tie": str(tie.id)}, key=ties.key_of(tie), due_at=now,
            not_after=tie.until,
        )  # fmt: skip
    return tie


def answered(session: Session, tie: CardTie, member: Customer, now: datetime, *, yes: bool) -> State:
    """Where the question stands after the member's answer; it takes one, and the first one holds."""
    ledger.open_profile(session, member, now)
    session.refresh(tie, with_for_update=True)
    stands = ties.state_of(session, tie, now)
    if stands not in ("asked", "untold"):
        return stands
    if yes:
        try:
            other = ties.whose(session, member.clinic, tie.kind, tie.value or "")
            if other is not None and other is not member and families.are_apart(session, other, member):
                raise CannotTie("taken_apart")
            tie_to(session, member, tie.kind, tie.value or "", now, actor=tie.asked_by)
            tie.state = "tied"
        except CannotTie as refused:
            tie.state, tie.reason = "refused", refused.why
    else:
        tie.state = "declined"
    tie.answered_at = now
    session.flush()
    return tie.state


def tie_to(session: Session, member: Customer, kind: str, value: str, now: datetime, *, actor: str) -> None:
    """From here on the id of this kind is the member's, with all that its record has. The caller holds the lock of the
    member's profile. Raises `CannotTie`."""
    other = ties.whose(session, member.clinic, kind, value)
    if other is None:
        try:
            with session.begin_nested():
                identify(session, member, kind, value, now)
                session.flush()
        except IntegrityError:  # the till has told of this customer in the very moment
            other = ties.whose(session, member.clinic, kind, value)
    if other is not None and other is not member:
        join(session, other, member, now, actor=actor)
    data: JourneyData = {"by": actor}
    journey.write(session, member, "tied", now, data=data)


def join(session: Session, other: Customer, member: Customer, now: datetime, *, actor: str) -> None:
    """Make a record that nobody can speak for one with the member's. Raises `CannotTie`."""
    if ties.has_line(session, other):
        raise CannotTie("another_friend")
    try:
        with session.begin_nested():  # what is refused half-way leaves nothing
            merged.merge(session, other, member, now, actor=actor)
    except LimitReached as refused:
        raise CannotTie("limit_reached") from refused
    except CannotMerge as refused:
        raise CannotTie("cannot_merge") from refused
