"""Expiry and maturity as daily work: in batches, by what is due, and the notices before it."""

from datetime import date, datetime, time, timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

from loyalty import achievements, ledger
from models.clinics import Clinic
from models.loyalty import LoyaltyProfile
from runtime import wake

BATCH = 1_000
WARN_DAYS = (30, 7, 1)
WARN_AT = time(10, 0)
WARN_FOR = timedelta(hours=11)
"""Till nine in the evening; the next day other numbers are true."""

_DUE = text(
    """
    SELECT p.customer_id, EXISTS (
        SELECT 1 FROM pending_points w
        WHERE w.customer_id = p.customer_id AND w.state = 'pending' AND w.matures_at <= :now
    ) FROM loyalty_profiles p
    WHERE p.clinic_id = :clinic AND p.due_at <= :now
    ORDER BY p.customer_id LIMIT :limit FOR UPDATE OF p SKIP LOCKED
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
            (id, customer_id, clinic_id, type, amount, source, idempotency_key, actor, created_at, expires_at)
        SELECT gen_random_uuid(), customer_id, clinic_id, 'expired', -remaining, 'expiry', key, 'system', :now,
               expires_at FROM lot
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
_WARN = text(
    """
    INSERT INTO notifications
        (id, clinic_id, customer_id, kind, key, purpose, data, due_at, not_after, state, created_at)
    SELECT gen_random_uuid(), c.clinic_id, c.id, 'points_expiring', 'points_expiring:' || c.id || :suffix,
           'transactional', jsonb_build_object('points', sum(l.remaining), 'on', CAST(:on AS text)),
           :due_at, :not_after, 'open', :due_at
    FROM point_lots l JOIN customers c ON c.clinic_id = l.clinic_id AND c.id = l.customer_id
    WHERE l.clinic_id = :clinic AND l.remaining > 0 AND l.expires_at >= :begins AND l.expires_at < :ends
      AND c.joined_at IS NOT NULL AND c.data_key IS NOT NULL
    GROUP BY c.clinic_id, c.id
    ON CONFLICT DO NOTHING
    """
)


def post_due(session: Session, clinic: Clinic, now: datetime, limit: int = BATCH) -> int:
    """Post maturities and expiries of one batch of profiles; how many profiles it was, 0 when nothing is due.

    Who only has expiries is done in one statement for all; a maturity may change tiers and unlock, so it is done alone.
    """
    due = session.execute(_DUE, {"clinic": clinic.id, "now": now, "limit": limit}).all()
    maturing = [customer_id for customer_id, matures in due if matures]
    for customer_id in maturing:
        profile = session.get_one(LoyaltyProfile, (customer_id, clinic.id), populate_existing=True)
        ledger.post_due(session, profile, now)
        achievements.check(session, profile, now)
    session.flush()
    expiring = [customer_id for customer_id, matures in due if not matures]
    if expiring:
        session.execute(_EXPIRE, {"customers": expiring, "now": now})
    return len(due)


def warn(session: Session, clinic: Clinic, day: date) -> None:
    """Write the notices of points that expire in 30, 7 and 1 days, due at ten, once: lots of one day are one notice."""
    zone = clinic.settings.voice.zone
    due_at = datetime.combine(day, WARN_AT, zone)
    for days in WARN_DAYS:
        begins, ends = (datetime.combine(day + timedelta(days=ahead), time(), zone) for ahead in (days, days + 1))
        session.execute(
            _WARN,
            {
                "clinic": clinic.id,
                "begins": begins,
                "ends": ends,
                "on": begins.isoformat(),
                "suffix": f":{begins.date()}:{days}",
                "due_at": due_at,
                "not_after": due_at + WARN_FOR,
            },
        )
    wake.after(session, "send")
