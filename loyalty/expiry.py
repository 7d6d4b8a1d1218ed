"""Expiry and maturity as daily work: in batches, by what is due, and the notices before it."""

from datetime import date, datetime, time, timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

from loyalty import achievements, ledger
from models.clinics import Clinic
from models.loyalty import LoyaltyProfile
from runtime import wake
from runtime.work import Batch

BATCH = 1_000
MATURING = 50
"""Of a batch: they are done one by one, and hold up who writes meanwhile for a tenth of a second or so."""
WARN_DAYS = (30, 7, 1)
WARN_AT = time(10, 0)
WARN_FOR = timedelta(hours=11)
"""Till nine in the evening; the next day other numbers are true."""

_DUE = text(
    """
    WITH due AS MATERIALIZED (
        SELECT customer_id FROM loyalty_profiles WHERE clinic_id = :clinic AND due_at <= :now
    )
    SELECT customer_id FROM due WHERE customer_id > :after AND customer_id <> ALL(CAST(:skip AS uuid[]))
    ORDER BY customer_id LIMIT :limit
    """
)
_HELD = text(
    """
    SELECT customer_id FROM loyalty_profiles
    WHERE clinic_id = :clinic AND customer_id = ANY(:customers) AND due_at <= :now
    ORDER BY customer_id FOR UPDATE SKIP LOCKED
    """
)
_MATURING = text(
    """
    SELECT DISTINCT customer_id FROM pending_points
    WHERE clinic_id = :clinic AND customer_id = ANY(:customers) AND state = 'pending' AND matures_at <= :now
    ORDER BY customer_id
    """
)
# The same entries, keys and sums as `ledger.post_due` writes, for many profiles whose locks are held.
_EXPIRE = text(
    """
    WITH lot AS (
        SELECT id, clinic_id, customer_id, remaining, expires_at,
               'expiry:' || id || ':' || floor(extract(epoch FROM expires_at))::bigint AS key
        FROM point_lots WHERE customer_id = ANY(:customers) AND remaining > 0 AND expires_at <= :now
    ), entry AS (
        INSERT INTO point_transactions
            (id, customer_id, clinic_id, type, amount, counted, counts_at, occurred_at, source, idempotency_key,
             actor, created_at, expires_at)
        SELECT gen_random_uuid(), customer_id, clinic_id, 'expired', -remaining, 0, expires_at, expires_at, 'expiry',
               key, 'system', :now, expires_at FROM lot
        RETURNING id, idempotency_key
    ), taken AS (
        INSERT INTO point_allocations (id, clinic_id, transaction_id, lot_id, amount)
        SELECT gen_random_uuid(), lot.clinic_id, entry.id, lot.id, lot.remaining
        FROM lot JOIN entry ON entry.idempotency_key = lot.key
    ), emptied AS (
        UPDATE point_lots SET remaining = 0 FROM lot WHERE point_lots.id = lot.id
    )
    UPDATE loyalty_profiles p SET
        available_points = p.available_points - coalesce(gone.points, 0),
        due_at = least(
            (SELECT min(l.expires_at) FROM point_lots l
             WHERE l.customer_id = p.customer_id AND l.remaining > 0 AND l.expires_at > :now),
            (SELECT min(w.matures_at) FROM pending_points w
             WHERE w.customer_id = p.customer_id AND w.state = 'pending'))
    FROM unnest(CAST(:customers AS uuid[])) customer
    LEFT JOIN (SELECT customer_id, sum(remaining) AS points FROM lot GROUP BY customer_id) gone
        ON gone.customer_id = customer
    WHERE p.customer_id = customer
    """
)
_ENDING = text(
    """
    WITH ending AS MATERIALIZED (
        SELECT l.customer_id FROM point_lots l
        JOIN unnest(CAST(:begins AS timestamptz[]), CAST(:ends AS timestamptz[])) AS day (begins, ends)
            ON l.expires_at >= day.begins AND l.expires_at < day.ends
        WHERE l.clinic_id = :clinic AND l.remaining > 0
    )
    SELECT DISTINCT customer_id FROM ending
    WHERE customer_id > :after AND customer_id <> ALL(CAST(:skip AS uuid[]))
    ORDER BY customer_id LIMIT :limit
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

    Who only has expiries is done in one statement for all; a maturity may change tiers and unlock, so it is done alone.
    """
    batch = batch or Batch(BATCH)
    clinic_now = {"clinic": clinic.id, "now": now}
    customers = batch.take(session.scalars(_DUE, {**clinic_now, **batch.bounds}))
    found = session.execute(_MATURING, {**clinic_now, "customers": customers}).scalars().all()
    if len(found) > MATURING:
        customers = batch.take(customers[: customers.index(found[MATURING])])
    held = session.scalars(_HELD, {**clinic_now, "customers": customers}).all()
    # Asked again under the locks: somebody may have promised or posted since.
    maturing = set(session.scalars(_MATURING, {**clinic_now, "customers": held}))
    for customer_id in sorted(maturing):
        profile = session.get_one(LoyaltyProfile, (customer_id, clinic.id), populate_existing=True)
        ledger.post_due(session, profile, now)
        achievements.check(session, profile, now, changed=())
    session.flush()
    expiring = [customer_id for customer_id in held if customer_id not in maturing]
    if expiring:
        session.execute(_EXPIRE, {"customers": expiring, "now": now})
    return len(held)


def warn(session: Session, clinic: Clinic, day: date, batch: Batch | None = None) -> int:
    """Write the notices of points that expire in 30, 7 and 1 days, due at ten, once: lots of one day are one notice.

    For one batch of those who have such points; how many they are.
    """
    batch = batch or Batch(BATCH)
    zone = clinic.settings.voice.zone
    begins, ends = (
        [datetime.combine(day + timedelta(days=days + more), time(), zone) for days in WARN_DAYS] for more in (0, 1)
    )
    customers = batch.take(
        session.scalars(_ENDING, {"clinic": clinic.id, "begins": begins, "ends": ends, **batch.bounds})
    )
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
                "not_after": due_at + WARN_FOR,
            },
        )
    wake.after(session, "send")
    return len(customers)
