"""Redemptions: what customers have bought, used once, given back before that, or let lapse.

Locks as in `loyalty/rewards.py`: profiles ascending by customer id, rewards ascending, redemptions ascending.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, select, tuple_
from sqlalchemy.orm import Session, joinedload

from customers import journey
from loyalty import entries, ledger, notifications, rewards
from loyalty.errors import RedemptionRefused
from models.clinics import Clinic
from models.customers import Customer
from models.loyalty import LoyaltyProfile, NotificationData, PointTransaction
from models.rewards import Redemption, RedemptionState
from runtime.actors import SYSTEM
from runtime.codes import read
from runtime.work import Batch

BATCH = 200
"""Profiles locked at once."""


def state_of(redemption: Redemption, now: datetime) -> RedemptionState:
    """The state a person would name: a code past its time has expired, also before the nightly work has said so."""
    if redemption.state == "issued" and redemption.expires_at <= now:
        return "expired"
    return redemption.state


def mine(
    session: Session, customer: Customer, *, before: UUID | None = None, limit: int = 8
) -> tuple[Sequence[Redemption], UUID | None]:
    """The customer's redemptions, newest first, and the id to continue `before`; None when there is nothing older.

    An id of another customer's redemption is no place in this list: it starts at the beginning.
    """
    newest_first = (Redemption.issued_at, Redemption.id)
    return _listed(session, customer, newest_first, lambda mark: (mark.issued_at, mark.id), before, limit)


def good_first(
    session: Session, customer: Customer, now: datetime, *, before: UUID | None = None, limit: int = 20
) -> tuple[Sequence[Redemption], UUID | None]:
    """The same, those that can be used before all others."""
    good = and_(Redemption.state == "issued", Redemption.expires_at > now)
    order = (good, Redemption.issued_at, Redemption.id)
    return _listed(
        session, customer, order, lambda mark: (state_of(mark, now) == "issued", mark.issued_at, mark.id), before, limit
    )


def _listed(
    session: Session,
    customer: Customer,
    order: Sequence[Any],
    place: Callable[[Redemption], tuple[Any, ...]],
    before: UUID | None,
    limit: int,
) -> tuple[Sequence[Redemption], UUID | None]:
    """A page, the greatest by `order` first; `place` is where one of them stands in it."""
    query = select(Redemption).options(joinedload(Redemption.reward)).where(Redemption.customer_id == customer.id)
    mark = own(session, customer, before) if before is not None else None
    if mark is not None:
        query = query.where(tuple_(*order) < place(mark))
    found = session.scalars(query.order_by(*(one.desc() for one in order)).limit(limit + 1)).all()
    return found[:limit], found[limit - 1].id if len(found) > limit else None


def own(session: Session, customer: Customer, redemption_id: UUID) -> Redemption | None:
    """The redemption, if it is this customer's."""
    redemption = session.get(Redemption, (redemption_id, customer.clinic_id))
    return redemption if redemption is not None and redemption.customer_id == customer.id else None


def own_among(session: Session, customer: Customer, codes: Iterable[str]) -> Sequence[Redemption]:
    """Those of this customer's redemptions that have one of these codes, newest first."""
    given = list(codes)
    if not given:
        return ()
    return session.scalars(
        select(Redemption)
        .options(joinedload(Redemption.reward))
        .where(Redemption.clinic_id == customer.clinic_id, Redemption.code.in_(given))
        .where(Redemption.customer_id == customer.id)
        .order_by(Redemption.issued_at.desc(), Redemption.id.desc())
    ).all()


def cancel(session: Session, redemption: Redemption, now: datetime, *, actor: str) -> int:
    """Before use: the points go back to the lots they came from, the reward to its stock.

    Returns how many points are the customer's again: none of those whose lot has had its last day, or is another's by
    now, who was taken apart from them. Raises `RedemptionRefused` (used, cancelled, expired).
    """
    profile = ledger.open_owners(session, redemption.customer, redemption.transaction_id, now)
    reward = rewards.lock(session, redemption.clinic_id, redemption.reward_id)
    redemption = _locked(session, [redemption.id])[0]
    _still_good(redemption, now)
    _mark_final(redemption, "cancelled", now, actor)
    if reward is not None and reward.stock is not None:
        reward.stock += 1
    journey.write(session, redemption.customer, "redemption_cancelled", now, data={"redemption": str(redemption.id)})
    return _return_points(session, profile, redemption, now, actor)


def all_elsewhere(session: Session, redemption: Redemption) -> bool:
    """Whether all that it cost came from lots that are another's by now."""
    return redemption.customer_id not in entries.owners(session, [redemption.transaction_id])[redemption.transaction_id]


def known(session: Session, clinic: Clinic, codes: Iterable[str]) -> list[str]:
    """Those that are codes of this clinic, whatever has become of them, in the given order."""
    given = list(codes)
    if not given:
        return []
    found = set(
        session.scalars(select(Redemption.code).where(Redemption.clinic_id == clinic.id, Redemption.code.in_(given)))
    )
    return [code for code in given if code in found]


def by_code(session: Session, clinic: Clinic, code: str) -> Redemption | None:
    """What a code, as it is kept, stands for, whatever has become of it. Nothing is locked."""
    return session.scalars(
        select(Redemption).where(Redemption.clinic_id == clinic.id, Redemption.code == code)
    ).one_or_none()


def good(session: Session, clinic: Clinic, code: str, now: datetime) -> Redemption:
    """What a code, as it is kept, would be used for now. Nothing is locked. Raises `RedemptionRefused`."""
    found = by_code(session, clinic, code)
    if found is None:
        raise RedemptionRefused("unknown")
    _still_good(found, now)
    return found


def confirm(session: Session, clinic: Clinic, code: str, now: datetime, *, actor: str) -> Redemption:
    """Use a code, once; `code` as a person typed it. Raises `RedemptionRefused` (unknown, used, cancelled, expired)."""
    # Nothing is joined: a join whose other side changed while the lock was waited for would find no row at all.
    found = session.scalars(
        select(Redemption)
        .where(Redemption.clinic_id == clinic.id, Redemption.code == read(code))
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if found is None:
        raise RedemptionRefused("unknown")
    _still_good(found, now)
    _mark_final(found, "used", now, actor)
    news: NotificationData = {"redemption": str(found.id), "here": True}
    notifications.write(session, found.customer, "redemption_used", now, data=news, key=f"redemption_used:{found.id}")
    journey.write(session, found.customer, "redemption_used", now, data={"redemption": str(found.id), "by": actor})
    return found


def unuse(session: Session, redemption: Redemption) -> bool:
    """A use that was a mistake: the code is good again, as long as it was before. False when it is not used."""
    redemption = _locked(session, [redemption.id])[0]
    if redemption.state != "used":
        return False
    redemption.state, redemption.settled_at, redemption.settled_by = "issued", None, None
    session.flush()
    return True


def expire_due(session: Session, clinic: Clinic, now: datetime, batch: Batch | None = None) -> int:
    """Let one batch of the clinic's due codes lapse in this transaction; how many there were.

    The reward goes back to its stock; the points go back where the reward says so.
    """
    batch = batch or Batch(BATCH)
    lapsed = select(Redemption.expires_at, Redemption.id).where(
        Redemption.clinic_id == clinic.id, Redemption.state == "issued", Redemption.expires_at <= now
    )
    ids = batch.take(session, lapsed)
    due = session.execute(
        select(Redemption.customer_id, Redemption.reward_id, Redemption.transaction_id).where(
            Redemption.clinic_id == clinic.id, Redemption.id.in_(ids)
        )
    ).all()
    spent = {row.transaction_id for row in due}
    owners = set[UUID]().union(*entries.owners(session, spent).values())
    profiles = ledger.open_all(session, clinic, {row.customer_id for row in due} | owners, now)
    on_offer = rewards.lock_all(session, clinic.id, {row.reward_id for row in due})
    # Read again under the locks: meanwhile one may have been used or cancelled, or have become another's.
    theirs = entries.owners(session, spent)
    lapsing = [
        one
        for one in _locked(session, ids)
        if one.state == "issued" and {one.customer_id, *theirs[one.transaction_id]} <= profiles.keys()
    ]
    refunded = []
    for redemption in lapsing:
        reward = on_offer[redemption.reward_id]
        _mark_final(redemption, "expired", now, SYSTEM)
        if reward.stock is not None:
            reward.stock += 1
        if reward.refund_unused:
            refunded.append(redemption)
    back = _return_all(session, clinic, profiles, refunded, now)
    news = [
        notifications.News(
            one.customer_id,
            {"redemption": str(one.id), "points": back.get(one.transaction_id, 0)},
            f"redemption_expired:{one.id}",
        )
        for one in lapsing
    ]
    notifications.write_all(session, clinic, "redemption_expired", now, news)
    return len(lapsing)


def _return_all(
    session: Session,
    clinic: Clinic,
    profiles: Mapping[UUID, LoyaltyProfile],
    redemptions: Collection[Redemption],
    now: datetime,
) -> dict[UUID, int]:
    """How many points are the customers' again, by the entry that had spent them."""
    whose = {one.transaction_id: profiles[one.customer_id] for one in redemptions}
    spent = session.scalars(
        select(PointTransaction)
        .where(PointTransaction.clinic_id == clinic.id, PointTransaction.id.in_(whose))
        .order_by(PointTransaction.id)
    ).all()
    return ledger.reverse_all(session, [(whose[one.id], one) for one in spent], "reward_cancelled", now, actor=SYSTEM)


def _locked(session: Session, ids: list[UUID]) -> Sequence[Redemption]:
    session.flush()
    return session.scalars(
        select(Redemption)
        .where(Redemption.id.in_(ids))
        .order_by(Redemption.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()


def _still_good(redemption: Redemption, now: datetime) -> None:
    state = state_of(redemption, now)
    if state != "issued":
        raise RedemptionRefused(state, redemption.expires_at if state == "expired" else redemption.settled_at)


def _mark_final(redemption: Redemption, state: RedemptionState, now: datetime, actor: str) -> None:
    redemption.state, redemption.settled_at, redemption.settled_by = state, now, actor


def _return_points(session: Session, profile: LoyaltyProfile, redemption: Redemption, now: datetime, actor: str) -> int:
    """How many are the customer's again."""
    spent = session.get_one(PointTransaction, (redemption.transaction_id, redemption.clinic_id))
    return ledger.reverse(session, profile, spent, "reward_cancelled", now, actor=actor)
