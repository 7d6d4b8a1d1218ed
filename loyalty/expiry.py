"""Expiry and maturity as daily work: in batches, by what is due, and the notices before it."""

from datetime import date, datetime, time, timedelta

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from loyalty import achievements, endings, ledger
from models.clinics import Clinic
from models.customers import Customer
from models.loyalty import LoyaltyProfile, PointLot, PointTransaction
from runtime import wake
from runtime.work import Batch

BATCH = 1_000
MATURING = 100
"""Of a batch: each of them is an entry that is sealed, and a look at the tier."""
WARN_DAYS = (30, 7, 1)
WARN_AT = time(10, 0)

_HELD = text(
    """
    SELECT customer_id FROM loyalty_profiles WHERE clinic_id = :clinic AND customer_id = ANY(:customers)
    ORDER BY customer_id FOR UPDATE SKIP LOCKED
    """
)
_MATURING = text(
    """
    SELECT customer_id FROM pending_points
    WHERE clinic_id = :clinic AND customer_id = ANY(:customers) AND state = 'pending' AND matures_at <= :now
    """
)
_WARN = text(
    """
    INSERT INTO notifications
        (id, clinic_id, customer_id, kind, key, purpose, data, due_at, not_after, state, created_at)
    SELECT gen_random_uuid(), c.clinic_id, c.id, 'points_expiring', 'points_expiring:' || c.id || :suffix,
           'transactional', jsonb_build_object('points', sum(l.remaining), 'on', CAST(:on AS text)),
           :due_at, :not_after, 'open', :due_at
    FROM point_lots l JOIN customers c ON c.clinic_id = l.clinic_id AND c.id = l.customer_id
    WHERE l.clinic_id = :clinic AND l.remaining > 0 AND l.expires_at >= :begins AND l.expires_at < :ends
      AND l.customer_id = ANY(:customers) AND c.joined_at IS NOT NULL AND c.data_key IS NOT NULL
    GROUP BY c.clinic_id, c.id
    ON CONFLICT DO NOTHING
    """
)


def post_due(session: Session, clinic: Clinic, now: datetime, batch: Batch | None = None) -> int:
    """Post maturities and expiries of one batch of profiles; of how many, without those that somebody holds.

    Who only has expiries is not even loaded; a maturity may change the tier and unlock.
    """
    batch = batch or Batch(BATCH)
    about = {"clinic": clinic.id, "now": now}
    customers = batch.take(
        session,
        select(LoyaltyProfile.due_at, LoyaltyProfile.customer_id).where(
            LoyaltyProfile.clinic_id == clinic.id, LoyaltyProfile.due_at <= now
        ),
    )
    found = set(session.scalars(_MATURING, {**about, "customers": customers}))
    places = [place for place, customer_id in enumerate(customers) if customer_id in found]
    if len(places) > MATURING:
        customers = batch.shorten(places[MATURING])
    held = session.scalars(_HELD, {**about, "customers": customers}).all()
    # Asked again under the locks: somebody may have promised or posted since.
    maturing = set(session.scalars(_MATURING, {**about, "customers": held}))
    profiles = ledger.lock_all(session, clinic, maturing) if maturing else ()
    ledger.post_due(session, profiles, now)
    for profile in profiles:
        achievements.check(session, profile, now, changed=())
    endings.end_unseen(session, [customer_id for customer_id in held if customer_id not in maturing], now)
    return len(held)


def expired(session: Session, customer: Customer, at: datetime) -> int:
    """How many points of this person's have expired, or are about to be posted as expired, at that very instant."""
    theirs = PointTransaction.clinic_id == customer.clinic_id, PointTransaction.customer_id == customer.id
    posted = select(func.coalesce(-func.sum(PointTransaction.amount), 0)).where(
        *theirs, PointTransaction.type == "expired", PointTransaction.occurred_at == at
    )
    left = select(func.coalesce(func.sum(PointLot.remaining), 0)).where(
        PointLot.clinic_id == customer.clinic_id, PointLot.customer_id == customer.id, PointLot.expires_at == at
    )
    return int(session.scalars(select(posted.scalar_subquery() + left.scalar_subquery())).one())


def ending(session: Session, customer: Customer, begins: datetime, ends: datetime) -> int:
    """How many points this person has that expire from the one moment on, before the other."""
    lot = PointLot
    left = select(func.coalesce(func.sum(lot.remaining), 0)).where(
        lot.clinic_id == customer.clinic_id, lot.customer_id == customer.id, lot.expires_at >= begins,
        lot.expires_at < ends,
    )  # fmt: skip
    return int(session.scalars(left).one())


def warn(session: Session, clinic: Clinic, day: date, batch: Batch | None = None) -> int:
    """Write the notices of points that expire in 30, 7 and 1 days, due at ten, once: lots of one day are one notice.

    One that is late is worth saying as long as the points live. For one batch of those who have such points; how many
    they are.
    """
    batch = batch or Batch(BATCH)
    zone = clinic.settings.voice.zone
    begins, ends = (
        [datetime.combine(day + timedelta(days=days + more), time(), zone) for days in WARN_DAYS] for more in (0, 1)
    )
    lot = PointLot
    ending = (
        select(lot.expires_at, lot.customer_id)
        .where(lot.clinic_id == clinic.id, lot.remaining > 0, lot.expires_at >= first, lot.expires_at < end)
        .distinct()
        for first, end in zip(begins, ends, strict=True)
    )
    customers = batch.take(session, *ending)
    if not customers:
        return 0
    due_at = datetime.combine(day, WARN_AT, zone)
    for days, first, end in zip(WARN_DAYS, begins, ends, strict=True):
        session.execute(
            _WARN,
            {
                "clinic": clinic.id,
                "customers": customers,
                "begins": first,
                "ends": end,
                "on": first.isoformat(),
                "suffix": f":{first.date()}:{days}",
                "due_at": due_at,
                "not_after": first,
            },
        )
    wake.after(session, "send")
    return len(customers)
