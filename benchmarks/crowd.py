"""A clinic with any number of customers, made by a few statements, with something due for each daily job.

Of all customers four fifths are members; half of these have earned a higher tier in the last twelve months. They have
one entry and one lot each; for one in forty it has expired, for one in four hundred points mature. One in three has a
visit and a payment, one in twenty brought a friend. What came in and went out lies two months back for one in a
hundred. Their ids are in the order of time.
"""

from typing import Any
from uuid import UUID

import psycopg

_AGO = "make_interval(secs => (400 * 86400 * (1 - n / %(people)s::float))::int)"
"""How long ago the customer `n` came: over the last 400 days."""

STATEMENTS = (
    f"""
    INSERT INTO customers (id, clinic_id, data_key, language_chosen, birth_month_day, joined_at, created_at)
    SELECT uuidv7(-{_AGO}), %(clinic)s, '\\x00', false,
           CASE WHEN n %% 5 > 0 THEN to_char(%(day)s::date + n %% 365, 'MM-DD') END,
           CASE WHEN n %% 5 > 0 THEN %(now)s - {_AGO} END, %(now)s - {_AGO}
    FROM generate_series(1, %(people)s) n
    """,
    """
    CREATE TEMPORARY TABLE member AS
    SELECT id, row_number() OVER (ORDER BY id) AS n, joined_at FROM customers
    WHERE clinic_id = %(clinic)s AND joined_at IS NOT NULL AND data_key = '\\x00'
    """,
    """
    INSERT INTO loyalty_profiles (customer_id, clinic_id, total_points, available_points, current_tier, tier_progress,
                                  total_spent, total_visits, referral_code, due_at, created_at)
    SELECT id, %(clinic)s, CASE WHEN n %% 2 = 0 THEN 1200 ELSE 100 END, CASE WHEN n %% 2 = 0 THEN 1200 ELSE 100 END,
           CASE WHEN n %% 2 = 0 THEN 'silver' ELSE 'bronze' END, 0, 0, 0, 'N' || n,
           CASE WHEN n %% 40 = 1 THEN %(now)s - interval '1 hour'
                ELSE date_trunc('month', %(now)s) + make_interval(months => (n %% 12 + 1)::int) END, joined_at
    FROM member
    """,
    """
    INSERT INTO point_transactions (id, customer_id, clinic_id, type, amount, counted, counts_at, occurred_at,
                                    source, actor, created_at, expires_at)
    SELECT uuidv7(), id, %(clinic)s, 'earned', points, points, at, at, 'treatment', 'bench', at,
           CASE WHEN n %% 40 = 3 THEN %(now)s - interval '1 hour'
                ELSE date_trunc('month', %(now)s) + make_interval(months => (n %% 12 + 1)::int) END
    FROM (SELECT id, n, CASE WHEN n %% 2 = 0 THEN 1200 ELSE 100 END AS points,
                 %(day)s::date - make_interval(days => (n * 7919 %% 364)::int) AS at FROM member) m
    """,
    """
    INSERT INTO point_lots (id, clinic_id, customer_id, transaction_id, remaining, expires_at, created_at)
    SELECT uuidv7(), clinic_id, customer_id, id, amount, expires_at, created_at
    FROM point_transactions WHERE clinic_id = %(clinic)s AND actor = 'bench'
    """,
    """
    UPDATE loyalty_profiles p SET due_at = l.expires_at FROM point_lots l
    WHERE l.customer_id = p.customer_id AND p.clinic_id = %(clinic)s AND l.expires_at < %(now)s
    """,
    """
    INSERT INTO pending_points (id, clinic_id, customer_id, amount, source, idempotency_key, matures_at, state,
                                created_at)
    SELECT uuidv7(), %(clinic)s, id, 10, 'survey', 'pending:' || id, %(now)s - interval '1 hour', 'pending', %(now)s
    FROM member WHERE n %% 400 = 1
    """,
    """
    INSERT INTO visits (id, clinic_id, customer_id, visited_at, created_at)
    SELECT uuidv7(), %(clinic)s, id, joined_at, joined_at FROM member WHERE n %% 3 = 0
    """,
    """
    INSERT INTO payments (id, clinic_id, customer_id, source, external_id, amount, refunded, points, clawed_back,
                          paid_at, created_at)
    SELECT uuidv7(), %(clinic)s, id, 'till', 'p' || n, 1000, 0, 100, 0, joined_at, joined_at
    FROM member WHERE n %% 3 = 0
    """,
    """
    INSERT INTO referrals (id, clinic_id, referrer_id, friend_id, state, bound_at, payment_id, pays_at)
    SELECT uuidv7(), %(clinic)s, r.id, f.id, CASE WHEN f.n %% 1000 = 500 THEN 'qualified' ELSE 'paid' END, f.joined_at,
           NULL, %(now)s - interval '1 hour'
    FROM member f JOIN member r ON r.n = f.n - 1 WHERE f.n %% 20 = 0
    """,
    """
    INSERT INTO inbox (id, clinic_id, source, event_key, actor_index, type, occurred_at, received_at, customer_id,
                       state, due_at, holds, attempts)
    SELECT uuidv7(at - now()), %(clinic)s, 'line', id::text, uuid_send(id), 'message', at, at, id, 'done', at, true, 1
    FROM (SELECT id, now() - CASE WHEN n %% 100 = 0 THEN interval '60 days' ELSE interval '3 days' END
                     - n * interval '1 second' / 1000 AS at
          FROM member WHERE n %% 2 = 0) m
    """,
    """
    INSERT INTO sends (id, clinic_id, customer_id, channel, recipient_sealed, body_sealed, reason, state, due_at,
                       attempts, created_at)
    SELECT uuidv7(at - now()), %(clinic)s, id, 'line', '\\x00', '\\x00', 'notification', 'sent', at, 1, at
    FROM (SELECT id, now() - CASE WHEN n %% 100 = 0 THEN interval '60 days' ELSE interval '3 days' END
                     - n * interval '1 second' / 1000 AS at
          FROM member WHERE n %% 3 = 0 OR n %% 100 = 0) m
    """,
    """
    INSERT INTO notifications (id, clinic_id, customer_id, kind, purpose, data, due_at, state, send_id, created_at)
    SELECT uuidv7(), %(clinic)s, customer_id, 'points_earned', 'transactional', '{}', created_at, 'sent', id, created_at
    FROM sends WHERE clinic_id = %(clinic)s
    """,
    "UPDATE rewards SET refund_unused = false WHERE clinic_id = %(clinic)s",
    "ANALYZE member, point_transactions",
    """
    INSERT INTO redemptions (id, clinic_id, customer_id, reward_id, transaction_id, code, points, state, issued_at,
                             expires_at)
    SELECT uuidv7(), %(clinic)s, t.customer_id, (SELECT id FROM rewards WHERE clinic_id = %(clinic)s LIMIT 1), t.id,
           'R' || n, 100, 'issued', %(now)s - interval '40 days', %(now)s - interval '1 hour'
    FROM member JOIN point_transactions t ON t.customer_id = member.id AND t.actor = 'bench' WHERE n %% 500 = 7
    """,
    "DROP TABLE member",
)


def fill(database: psycopg.Connection[Any], clinic: UUID, people: int, now: Any, day: Any) -> None:
    given = {"clinic": clinic, "people": people, "now": now, "day": day}
    with database.transaction():
        database.execute("SET LOCAL session_replication_role = replica")  # what is made here points where it should
        for statement in STATEMENTS:
            database.execute(statement.encode(), given if "%(" in statement else None)
    database.execute("VACUUM ANALYZE")
