"""What one customer may for another was given, or has ended: both hear of it where they can be reached."""

from datetime import date, datetime

from sqlalchemy.orm import Session

from customers import grants, journey, one_time
from customers.grants import GrantRefused
from loyalty import notifications
from models.clinics import Clinic
from models.customers import Customer, JourneyData
from models.grants import Ending, Grant, Reason, What
from models.loyalty import NotificationData
from models.one_time import CodeState, OneTimeCode
from runtime.actors import CUSTOMER, SYSTEM
from runtime.work import Batch


def give(
    session: Session,
    owner: Customer,
    holder: Customer,
    what: What,
    now: datetime,
    *,
    by: str,
    reason: Reason = "own_word",
    until: date | None = None,
) -> Grant:
    """Raises `GrantRefused`."""
    grant, new = grants.give(session, owner, holder, what, now, by=by, reason=reason, until=until)
    if new:
        _write(session, grant, "grant_given", now, by)
        # Who has just typed the code knows; the other side hears.
        for one in (owner,) if reason == "own_word" else (owner, holder):
            _tell(session, grant, one, now, given=True)
    return grant


def accepted(session: Session, row: OneTimeCode, holder: Customer, now: datetime, *, yes: bool) -> CodeState:
    """The answer of who has typed a code by which somebody lets them do something; the first one holds."""
    owner = one_time.owner(session, row)
    session.refresh(row, with_for_update=True)
    if row.state != "entered" or row.taker_id != holder.id or row.until <= now:
        return row.state
    row.state, row.decided_by, row.decided_at = "declined", CUSTOMER, now
    if yes and owner is not None:
        try:
            give(session, owner, holder, grants.what_of(row), now, by=CUSTOMER)
            row.state = "done"
        except GrantRefused as refused:
            row.state, row.reason = "refused", refused.code
    session.flush()
    stands: CodeState = row.state
    return stands


def end(session: Session, grant: Grant, why: Ending, now: datetime, *, by: str) -> bool:
    """Whether it stood until now."""
    if not grants.end(session, grant, why, now, by=by):
        return False
    _write(session, grant, "grant_ended", now, by)
    if why != "owner":
        _tell(session, grant, grant.owner, now, given=False)
    if why != "holder":
        _tell(session, grant, grant.holder, now, given=False)
    return True


def end_due(session: Session, clinic: Clinic, day: date, now: datetime, batch: Batch) -> int:
    """End a batch of those whose end date has come; how many."""
    return sum(end(session, one, "end_date", now, by=SYSTEM) for one in grants.over(session, clinic, day, batch))


def _write(session: Session, grant: Grant, type_: str, now: datetime, by: str) -> None:
    data: JourneyData = {"by": by, "kind": grant.what}
    for one in (grant.owner, grant.holder):
        journey.write(session, one, type_, now, key=f"{type_}:{grant.id}:{one.id}", data=data)


def _tell(session: Session, grant: Grant, customer: Customer, now: datetime, *, given: bool) -> None:
    side = "owner" if customer is grant.owner else "holder"
    data: NotificationData = {"grant": str(grant.id), "side": side}
    if given:
        notifications.write(session, customer, "grant_given", now, key=f"grant_given:{grant.id}:{side}", data=data)
    else:
        notifications.write(session, customer, "grant_ended", now, key=f"grant_ended:{grant.id}:{side}", data=data)
