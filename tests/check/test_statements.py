"""The judge of statements knows those that once read whole tables, and lets those pass that read a few rows."""

import pytest

from tests.fixtures.plans import Plans

QUALIFY = """
    SELECT referrals.* FROM referrals JOIN customers ON customers.id = referrals.friend_id
    WHERE customers.id = $1::UUID OR customers.merged_into = $2::UUID
    ORDER BY referrals.bound_at, referrals.id FOR UPDATE OF referrals
    """
"""`loyalty.referrals.qualify` as it was: at every payment."""
BIRTHDAY_DUE = """
    SELECT customers.* FROM customers JOIN loyalty_profiles ON loyalty_profiles.customer_id = customers.id
    WHERE customers.clinic_id = $1::UUID AND customers.birth_month_day BETWEEN $2::VARCHAR AND $3::VARCHAR
      AND customers.joined_at IS NOT NULL AND customers.merged_into IS NULL AND customers.data_key IS NOT NULL
      AND NOT (EXISTS (SELECT * FROM point_transactions
        WHERE point_transactions.clinic_id = $4::UUID AND point_transactions.idempotency_key IN (
          SELECT concat($5::VARCHAR, customers_1.id, $6::VARCHAR) FROM customers AS customers_1
          WHERE customers_1.clinic_id = $7::UUID
            AND (customers_1.id = customers.id OR customers_1.merged_into = customers.id))))
      AND customers.id > $8::UUID AND (customers.id NOT IN (NULL) OR (1 = 1))
    ORDER BY customers.id LIMIT $9::INTEGER
    """
"""`loyalty.birthdays.reward_due` as it was: every day."""
DUE_FOR_EACH_BATCH = """
    WITH due AS MATERIALIZED (
        SELECT id FROM customers WHERE clinic_id = $1::UUID AND birth_month = $2 AND birthday_year < $3
        AND joined_at IS NOT NULL AND merged_into IS NULL AND data_key IS NOT NULL)
    SELECT id FROM due WHERE id > $4 ORDER BY id LIMIT $5
    """
"""`loyalty.birthdays.reward_due` as it was after that: all that was due, for each batch."""
EARNED = """
    SELECT coalesce(sum(t.counted), 0) FROM point_transactions t
    WHERE t.customer_id IN (SELECT c.id FROM customers c WHERE c.id = $1 OR c.merged_into = $1) AND t.counts_at > $2
    """
"""`loyalty.rolling.earned` as it was: at every entry where the tier follows the last twelve months."""


@pytest.mark.parametrize(
    ("statement", "reads"),
    [
        (BIRTHDAY_DUE, "customers"),
        ("SELECT count(*) FROM visits", "visits"),
        ("SELECT id FROM inbox WHERE clinic_id = $1", "inbox"),
        ("SELECT id FROM sends WHERE state = $1", "sends"),
        ("SELECT id FROM inbox WHERE clinic_id = $1 AND state IN ('done', 'ignored') AND received_at < $2", "inbox"),
        ("SELECT customer_id FROM loyalty_profiles WHERE clinic_id = $1 AND night = $2", "loyalty_profiles"),
        (DUE_FOR_EACH_BATCH, "customers"),
        ("SELECT id FROM payments WHERE clinic_id = $1 AND source = 'till'", "payments"),
        ("SELECT id FROM customers WHERE clinic_id = $1 AND id > $2 ORDER BY created_at LIMIT 9", "customers"),
        ("DELETE FROM payments WHERE amount = $1", "payments"),
    ],
)
def test_a_statement_that_reads_a_whole_table_is_found(judge: Plans, statement: str, reads: str) -> None:
    assert any(reads in one for one in judge.unbound(statement)), judge.unbound(statement)


@pytest.mark.parametrize("statement", [QUALIFY, EARNED])
def test_two_ways_to_a_record_want_an_index_each(judge: Plans, statement: str) -> None:
    with judge.without("ix_customers_merged_into"):
        assert any("customers" in one for one in judge.unbound(statement))


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM customers WHERE id = $1 AND clinic_id = $2",
        "SELECT id FROM sends WHERE state = 'queued'",
        "SELECT id FROM customers WHERE clinic_id = $1 AND id > $2 ORDER BY id LIMIT 9",
        "SELECT id FROM point_transactions WHERE customer_id = $1 ORDER BY occurred_at DESC LIMIT 9",
        (
            "SELECT received_at, id FROM inbox WHERE clinic_id = $1 AND state IN ('done', 'ignored') "
            "AND received_at < $2 ORDER BY received_at, id LIMIT 9"
        ),
        (
            "SELECT birthday_year, id FROM customers WHERE clinic_id = $1 AND birth_month = $2 AND birthday_year < $3 "
            "AND (birthday_year, id) > ($4, $5::UUID) AND joined_at IS NOT NULL AND merged_into IS NULL "
            "AND data_key IS NOT NULL ORDER BY birthday_year, id LIMIT 9"
        ),
        (
            "SELECT DISTINCT expires_at, customer_id FROM point_lots WHERE clinic_id = $1 AND remaining > 0 "
            "AND expires_at >= $2 ORDER BY expires_at, customer_id LIMIT 9"
        ),
        "SELECT code FROM rewards",
    ],
)
def test_a_statement_that_reads_a_few_rows_passes(judge: Plans, statement: str) -> None:
    assert judge.unbound(statement) == []
