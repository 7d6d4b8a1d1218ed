"""What the staff took down by mistake, taken back at once as if it had not been. Undo is not a refund.

Whatever only it brought goes with it: points, unlocks, the tier, the count of visits, what became of a referral, and
news that nobody has been told. The ledger shows it by entries of type `reversed`; the fact stays, and counts for
nothing.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from customers import journey, visits
from customers.staff_acts import DONE
from customers.staff_members import actor
from facts import came, days, group_acts, group_till, shared
from facts.paid import BROUGHT
from loyalty import achievements, entries, ledger, notifications, redemptions, referrals
from loyalty.entries import Cause
from loyalty.notifications import Kind
from loyalty.payments import void
from models.customers import Customer, JourneyData
from models.facts import Payment, Refund, Review, Visit
from models.rewards import Redemption
from models.staff import StaffAct, StaffMember
from models.visits import TellingKind

UNDO_WITHIN = timedelta(minutes=10)
"""After that it is a refund, or a correction by a manager."""
USED: tuple[Kind, ...] = ("redemption_used",)
"""News of what is taken back, beside what a payment brings."""


class NotUndone(Exception):
    """Nothing was changed. `why`: `not_done`, `undone` (before), `too_late`, `not_yours`, `for_good`, `said`,
    `referral_paid`, `refunded`, `reviewed`, `used`, `spent`; of what was spent, `bought` is what for."""

    def __init__(self, why: str, bought: Sequence[Redemption] = ()) -> None:
        super().__init__(why)
        self.why, self.bought = why, bought


def undo(session: Session, act: StaffAct, member: StaffMember, now: datetime) -> StaffAct:
    """Take back what a member did: they themselves, or a manager. Raises `NotUndone`, and `CustomerMerged`."""
    customer = act.customer
    if customer is None:
        raise NotUndone("not_done")
    if act.kind == "answer":
        raise NotUndone("said" if act.state == "done" else "not_done")
    ledger.open_profile(session, customer, now)
    session.refresh(act, with_for_update=True)
    manager, by = member.role == "manager", actor(member)
    if act.state != "done" or act.done_at is None or act.kind not in DONE:
        raise NotUndone("undone" if act.state == "undone" else "not_done")
    if act.kind == "tie":
        raise NotUndone("for_good")
    if now - act.done_at > UNDO_WITHIN:
        raise NotUndone("too_late")
    if not manager and by not in (act.done_by, act.asked_by):
        raise NotUndone("not_yours")
    _take_back(session, customer, act, now, by, force=manager)
    act.state, act.undone_by, act.undone_at = "undone", by, now
    session.flush()
    return act


def _take_back(session: Session, customer: Customer, act: StaffAct, now: datetime, by: str, *, force: bool) -> None:
    if act.kind == "use":
        _use(session, act, now, by)
    elif act.kind == "adjust":
        _adjustment(session, customer, act, now, by)
    elif act.kind == "share":
        if not shared.undo(session, act, now, by):
            raise NotUndone("used")
    elif act.kind in ("come", "no_show"):
        with session.begin_nested():
            _not_reviewed(session, came.undo(session, act, now, by))
    else:
        _fact(session, customer, act, now, by, force=force)


def _use(session: Session, act: StaffAct, now: datetime, by: str) -> None:
    redemption = session.get(Redemption, (act.redemption_id, act.clinic_id)) if act.redemption_id else None
    if redemption is None or not redemptions.unuse(session, redemption):
        raise NotUndone("not_done")
    told = notifications.withdraw(session, redemption.customer, USED, act.done_at or now)
    data: JourneyData = {"redemption": str(redemption.id), "by": by}
    journey.write(session, redemption.customer, "redemption_use_undone", now, data=data)
    if told:
        notifications.write(session, redemption.customer, "use_undone", now, data={"redemption": str(redemption.id)})


def _adjustment(session: Session, customer: Customer, act: StaffAct, now: datetime, by: str) -> None:
    """A manager's, taken back by a manager: what was spent of it meanwhile is owed then."""
    profile = ledger.open_profile(session, customer, now)
    entry = entries.by_key(session, profile, group_acts.key_of(act))
    if entry is None:
        raise NotUndone("not_done")
    if entry.amount < 0:
        ledger.reverse(session, profile, entry, "undo", now, actor=by)
    else:
        ledger.claw_back(session, profile, entry, entry.amount, Cause("undo", key=f"undo:{act.id}", actor=by), now)
    data: JourneyData = {"points": -entry.amount, "by": by}
    journey.write(session, customer, "adjustment_undone", now, data=data)


def _fact(session: Session, customer: Customer, act: StaffAct, now: datetime, by: str, *, force: bool) -> None:
    """`force`: also where points of it were spent; what is missing is owed then."""
    profile, since = ledger.open_profile(session, customer, now), act.done_at or now
    payment = session.get(Payment, (act.payment_id, act.clinic_id)) if act.payment_id else None
    kind: TellingKind = "payment" if payment is not None else "visit"
    telling = visits.telling(session, act.clinic_id, kind, group_till.SOURCE, str(act.id))
    if payment is not None and session.scalar(select(exists().where(Refund.payment_id == payment.id))):
        raise NotUndone("refunded")
    before = profile.available_points
    with session.begin_nested():
        if payment is not None:
            if not referrals.unqualify(session, payment):
                raise NotUndone("referral_paid")
            void(session, profile, payment, now, actor=by)
        # The visit stays where others have told of it too.
        gone = days.withdraw(session, telling, now, actor=by).gone if telling is not None else []
        _not_reviewed(session, gone)
        achievements.take_back(session, profile, since, now, actor=by)
        if not force and profile.available_points < 0 <= before:
            bought = select(Redemption).where(Redemption.customer_id == customer.id, Redemption.issued_at >= since)
            raise NotUndone("spent", session.scalars(bought.order_by(Redemption.issued_at)).all())
    if notifications.withdraw(session, customer, BROUGHT, since):
        notifications.withdraw(session, customer, days.TAKEN_BACK, now)  # one line says it
        if payment is not None:
            notifications.write(session, customer, "payment_undone", now)
        else:
            notifications.write(session, customer, "visit_undone", now)
    data: JourneyData = {"by": by}
    if payment is not None:
        journey.write(session, customer, "payment_undone", now, data=data | {"payment": str(payment.id)})


def _not_reviewed(session: Session, gone: Sequence[Visit]) -> None:
    reviewed = exists().where(Review.visit_id.in_([one.id for one in gone]))
    if gone and session.scalar(select(reviewed)):
        raise NotUndone("reviewed")
