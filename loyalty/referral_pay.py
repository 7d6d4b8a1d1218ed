"""Paying for referrals, in batches: those that have earned it, when their days are over."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from loyalty import achievements, ledger
from loyalty.booking import News
from loyalty.earning import Earning, earn_all
from loyalty.entries import Cause
from loyalty.referrals import mark_final
from models.clinics import Clinic
from models.customers import Customer
from models.facts import Referral
from models.loyalty import LoyaltyProfile
from runtime.work import Batch

BATCH = 25
"""Referrers' profiles locked at once. What each of them has reached by it is asked for each."""


def pay_due(session: Session, clinic: Clinic, now: datetime, batch: Batch | None = None) -> int:
    """Pay a batch of referrals whose days are over; how many were settled, 0 when nothing is left.

    In a transaction of its own. All profiles that receive something are locked, in their order, before any referral is:
    a refund holds a friend's profile, who may be somebody's referrer, when it looks at the referral.
    """
    batch = batch or Batch(BATCH)
    over = select(Referral.pays_at, Referral.id).where(
        Referral.clinic_id == clinic.id, Referral.state == "qualified", Referral.pays_at <= now
    )
    ids = batch.take(session, over)
    sides = select(Referral.referrer_id, Referral.friend_id).where(
        Referral.clinic_id == clinic.id, Referral.id.in_(ids)
    )
    both = bool(clinic.settings.referral.points_friend)
    told = {id_ for side in session.execute(sides) for id_ in side[: 1 + both]}
    people = _people(session, clinic, told)
    profiles = ledger.open_all(session, clinic, {one.id for one in people.values() if one.data_key is not None}, now)
    referrals = session.scalars(
        select(Referral)
        .where(Referral.id.in_(ids), Referral.state == "qualified", Referral.pays_at <= now)
        .order_by(Referral.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    friends = _people(session, clinic, [one.friend_id for one in referrals])
    settled, earned = 0, []
    for referral in referrals:
        person = people.get(referral.referrer_id)
        friend = friends[referral.friend_id]
        receive = [person, friend] if both else [person]
        if person is None or any(one and one.data_key is not None and one.id not in profiles for one in receive):
            continue  # merged meanwhile, or somebody holds them: a later batch pays the record that goes on
        settled += 1
        if person.data_key is None:
            mark_final(referral, "void", "referrer_erased", now)
        elif person.id == friend.id:
            mark_final(referral, "void", "same_person", now)
        else:
            earned.append((referral, profiles[person.id], profiles.get(friend.id)))
    _pay(session, clinic, earned, now)
    return settled


def _people(session: Session, clinic: Clinic, ids: Collection[UUID]) -> dict[UUID, Customer]:
    """By each of these ids the record that stands for the person today."""
    these = select(Customer).where(Customer.clinic_id == clinic.id).execution_options(populate_existing=True)
    found = session.scalars(these.where(Customer.id.in_(ids))).all()
    into = [one.merged_into for one in found if one.merged_into is not None]
    stays = {one.id: one for one in session.scalars(these.where(Customer.id.in_(into)))} if into else {}
    return {one.id: stays[one.merged_into] if one.merged_into is not None else one for one in found}


def _pay(
    session: Session,
    clinic: Clinic,
    earned: Sequence[tuple[Referral, LoyaltyProfile, LoyaltyProfile | None]],
    now: datetime,
) -> None:
    """Each with the profile of who brought, and that of who was brought, where they have something too; not of one who
    was erased."""
    terms, brought = clinic.settings.referral, []
    if points := terms.points_referrer:
        earnings = []
        for referral, profile, _ in earned:
            cause = Cause("referral", key=f"referral:{referral.id}", reference=str(referral.id))
            earnings.append(Earning(profile, points, cause, now, News("referral_paid", {"points": points})))
        for (referral, *_), entry in zip(earned, earn_all(session, clinic, earnings), strict=True):
            referral.transaction_id = entry.id
    if points := terms.points_friend:
        for referral, _, friend in earned:
            if friend is not None:
                cause = Cause("brought", key=f"brought:{referral.id}", reference=str(referral.id))
                news = News("points_earned", {"points": points, "source": "brought"})
                brought.append(Earning(friend, points, cause, now, news))
        earn_all(session, clinic, brought)
    for referral, profile, _ in earned:
        # A referrer merged with another record goes on as that one.
        referral.referrer_id = profile.customer_id
        mark_final(referral, "paid", None, now)
    session.flush()
    for profile in {profile.customer_id: profile for _, profile, _ in earned}.values():
        achievements.check(session, profile, now, changed={"referrals"})
