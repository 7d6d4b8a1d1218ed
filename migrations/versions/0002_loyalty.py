"""loyalty"""

from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('achievements',
    sa.Column('clinic_id', sa.Uuid(), nullable=False),
    sa.Column('code', sa.Text(), nullable=False),
    sa.Column('name', sa.String(length=255), nullable=False),
    sa.Column('texts', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('category', sa.String(length=20), nullable=False),
    sa.Column('conditions', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('points_reward', sa.Integer(), nullable=False),
    sa.Column('badge_icon', sa.String(length=10), nullable=True),
    sa.Column('secret', sa.Boolean(), nullable=False),
    sa.Column('active', sa.Boolean(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.ForeignKeyConstraint(['clinic_id'], ['clinics.id'], name=op.f('fk_achievements_clinic_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_achievements')),
    sa.UniqueConstraint('clinic_id', 'code', name=op.f('uq_achievements_clinic_id_code'))
    )
    op.create_table('api_keys',
    sa.Column('clinic_id', sa.Uuid(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('key_hash', sa.LargeBinary(), nullable=False),
    sa.Column('scopes', postgresql.ARRAY(sa.Text()), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('revoked_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.ForeignKeyConstraint(['clinic_id'], ['clinics.id'], name=op.f('fk_api_keys_clinic_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_api_keys')),
    sa.UniqueConstraint('key_hash', name=op.f('uq_api_keys_key_hash'))
    )
    op.create_index(op.f('ix_api_keys_clinic_id'), 'api_keys', ['clinic_id'], unique=False)
    op.create_table('rewards',
    sa.Column('clinic_id', sa.Uuid(), nullable=False),
    sa.Column('code', sa.Text(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('texts', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('points', sa.Integer(), nullable=False),
    sa.Column('value', sa.Integer(), nullable=True),
    sa.Column('stock', sa.Integer(), nullable=True),
    sa.Column('per_customer', sa.Integer(), nullable=True),
    sa.Column('valid_from', sa.DateTime(timezone=True), nullable=True),
    sa.Column('valid_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('least_tier', sa.Text(), nullable=True),
    sa.Column('code_days', sa.Integer(), nullable=False),
    sa.Column('refund_unused', sa.Boolean(), nullable=False),
    sa.Column('active', sa.Boolean(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.ForeignKeyConstraint(['clinic_id'], ['clinics.id'], name=op.f('fk_rewards_clinic_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_rewards')),
    sa.UniqueConstraint('clinic_id', 'code', name=op.f('uq_rewards_clinic_id_code'))
    )
    op.create_table('staff_groups',
    sa.Column('clinic_id', sa.Uuid(), nullable=False),
    sa.Column('code_hash', sa.LargeBinary(), nullable=True),
    sa.Column('code_expires_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('group_index', sa.LargeBinary(), nullable=True),
    sa.Column('group_id_sealed', sa.LargeBinary(), nullable=True),
    sa.Column('bound_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.ForeignKeyConstraint(['clinic_id'], ['clinics.id'], name=op.f('fk_staff_groups_clinic_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_staff_groups'))
    )
    op.create_index(op.f('ix_staff_groups_clinic_id'), 'staff_groups', ['clinic_id'], unique=False)
    op.create_table('api_requests',
    sa.Column('clinic_id', sa.Uuid(), nullable=False),
    sa.Column('api_key_id', sa.Uuid(), nullable=False),
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('body_hash', sa.LargeBinary(), nullable=False),
    sa.Column('status', sa.Integer(), nullable=True),
    sa.Column('body', sa.Text(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['api_key_id'], ['api_keys.id'], name=op.f('fk_api_requests_api_key_id')),
    sa.ForeignKeyConstraint(['clinic_id'], ['clinics.id'], name=op.f('fk_api_requests_clinic_id')),
    sa.PrimaryKeyConstraint('api_key_id', 'key', name=op.f('pk_api_requests'))
    )
    op.create_index(op.f('ix_api_requests_created_at'), 'api_requests', ['created_at'], unique=False)
    op.create_table('visits',
    sa.Column('clinic_id', sa.Uuid(), nullable=False),
    sa.Column('customer_id', sa.Uuid(), nullable=False),
    sa.Column('source', sa.Text(), nullable=False),
    sa.Column('external_id', sa.Text(), nullable=False),
    sa.Column('visited_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('service_code', sa.Text(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.ForeignKeyConstraint(['clinic_id'], ['clinics.id'], name=op.f('fk_visits_clinic_id')),
    sa.ForeignKeyConstraint(['customer_id'], ['customers.id'], name=op.f('fk_visits_customer_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_visits')),
    sa.UniqueConstraint('clinic_id', 'source', 'external_id', name=op.f('uq_visits_clinic_id_source_external_id'))
    )
    op.create_index('ix_visits_customer', 'visits', ['customer_id', 'visited_at'], unique=False)
    op.create_table('achievement_unlocks',
    sa.Column('clinic_id', sa.Uuid(), nullable=False),
    sa.Column('customer_id', sa.Uuid(), nullable=False),
    sa.Column('achievement_id', sa.Uuid(), nullable=False),
    sa.Column('transaction_id', sa.Uuid(), nullable=True),
    sa.Column('unlocked_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.ForeignKeyConstraint(['achievement_id'], ['achievements.id'], name=op.f('fk_achievement_unlocks_achievement_id')),
    sa.ForeignKeyConstraint(['clinic_id'], ['clinics.id'], name=op.f('fk_achievement_unlocks_clinic_id')),
    sa.ForeignKeyConstraint(['customer_id'], ['customers.id'], name=op.f('fk_achievement_unlocks_customer_id')),
    sa.ForeignKeyConstraint(['transaction_id'], ['point_transactions.id'], name=op.f('fk_achievement_unlocks_transaction_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_achievement_unlocks')),
    sa.UniqueConstraint('customer_id', 'achievement_id', name=op.f('uq_achievement_unlocks_customer_id_achievement_id'))
    )
    op.create_index(op.f('ix_achievement_unlocks_achievement_id'), 'achievement_unlocks', ['achievement_id'], unique=False)
    op.create_table('payments',
    sa.Column('clinic_id', sa.Uuid(), nullable=False),
    sa.Column('customer_id', sa.Uuid(), nullable=False),
    sa.Column('source', sa.Text(), nullable=False),
    sa.Column('external_id', sa.Text(), nullable=False),
    sa.Column('amount', sa.Numeric(precision=12, scale=2), nullable=False),
    sa.Column('refunded', sa.Numeric(precision=12, scale=2), nullable=False),
    sa.Column('points', sa.Integer(), nullable=False),
    sa.Column('clawed_back', sa.Integer(), nullable=False),
    sa.Column('paid_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('service_code', sa.Text(), nullable=True),
    sa.Column('transaction_id', sa.Uuid(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.ForeignKeyConstraint(['clinic_id'], ['clinics.id'], name=op.f('fk_payments_clinic_id')),
    sa.ForeignKeyConstraint(['customer_id'], ['customers.id'], name=op.f('fk_payments_customer_id')),
    sa.ForeignKeyConstraint(['transaction_id'], ['point_transactions.id'], name=op.f('fk_payments_transaction_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_payments')),
    sa.UniqueConstraint('clinic_id', 'source', 'external_id', name=op.f('uq_payments_clinic_id_source_external_id'))
    )
    op.create_index('ix_payments_customer', 'payments', ['customer_id', 'paid_at'], unique=False)
    op.create_table('redemptions',
    sa.Column('clinic_id', sa.Uuid(), nullable=False),
    sa.Column('customer_id', sa.Uuid(), nullable=False),
    sa.Column('reward_id', sa.Uuid(), nullable=False),
    sa.Column('transaction_id', sa.Uuid(), nullable=False),
    sa.Column('code', sa.String(length=12), nullable=False),
    sa.Column('points', sa.Integer(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('issued_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('settled_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('settled_by', sa.Text(), nullable=True),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.ForeignKeyConstraint(['clinic_id'], ['clinics.id'], name=op.f('fk_redemptions_clinic_id')),
    sa.ForeignKeyConstraint(['customer_id'], ['customers.id'], name=op.f('fk_redemptions_customer_id')),
    sa.ForeignKeyConstraint(['reward_id'], ['rewards.id'], name=op.f('fk_redemptions_reward_id')),
    sa.ForeignKeyConstraint(['transaction_id'], ['point_transactions.id'], name=op.f('fk_redemptions_transaction_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_redemptions')),
    sa.UniqueConstraint('clinic_id', 'code', name=op.f('uq_redemptions_clinic_id_code')),
    sa.UniqueConstraint('transaction_id', name=op.f('uq_redemptions_transaction_id'))
    )
    op.create_index('ix_redemptions_customer', 'redemptions', ['customer_id', 'issued_at'], unique=False)
    op.create_index('ix_redemptions_open', 'redemptions', ['expires_at'], unique=False, postgresql_where=sa.text("state = 'issued'"))
    op.create_index(op.f('ix_redemptions_reward_id'), 'redemptions', ['reward_id'], unique=False)
    op.create_table('reviews',
    sa.Column('clinic_id', sa.Uuid(), nullable=False),
    sa.Column('customer_id', sa.Uuid(), nullable=False),
    sa.Column('visit_id', sa.Uuid(), nullable=False),
    sa.Column('rating', sa.Integer(), nullable=False),
    sa.Column('comment_sealed', sa.LargeBinary(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.ForeignKeyConstraint(['clinic_id'], ['clinics.id'], name=op.f('fk_reviews_clinic_id')),
    sa.ForeignKeyConstraint(['customer_id'], ['customers.id'], name=op.f('fk_reviews_customer_id')),
    sa.ForeignKeyConstraint(['visit_id'], ['visits.id'], name=op.f('fk_reviews_visit_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_reviews')),
    sa.UniqueConstraint('visit_id', name=op.f('uq_reviews_visit_id'))
    )
    op.create_index(op.f('ix_reviews_customer_id'), 'reviews', ['customer_id'], unique=False)
    op.create_table('referrals',
    sa.Column('clinic_id', sa.Uuid(), nullable=False),
    sa.Column('referrer_id', sa.Uuid(), nullable=False),
    sa.Column('friend_id', sa.Uuid(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=True),
    sa.Column('bound_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('payment_id', sa.Uuid(), nullable=True),
    sa.Column('pays_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('settled_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('decided_by', sa.Text(), nullable=True),
    sa.Column('transaction_id', sa.Uuid(), nullable=True),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.ForeignKeyConstraint(['clinic_id'], ['clinics.id'], name=op.f('fk_referrals_clinic_id')),
    sa.ForeignKeyConstraint(['friend_id'], ['customers.id'], name=op.f('fk_referrals_friend_id')),
    sa.ForeignKeyConstraint(['payment_id'], ['payments.id'], name=op.f('fk_referrals_payment_id')),
    sa.ForeignKeyConstraint(['referrer_id'], ['customers.id'], name=op.f('fk_referrals_referrer_id')),
    sa.ForeignKeyConstraint(['transaction_id'], ['point_transactions.id'], name=op.f('fk_referrals_transaction_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_referrals')),
    sa.UniqueConstraint('friend_id', name=op.f('uq_referrals_friend_id'))
    )
    op.create_index('ix_referrals_due', 'referrals', ['pays_at'], unique=False, postgresql_where=sa.text("state = 'qualified'"))
    op.create_index('ix_referrals_referrer', 'referrals', ['referrer_id', 'bound_at'], unique=False)
    op.create_table('refunds',
    sa.Column('clinic_id', sa.Uuid(), nullable=False),
    sa.Column('payment_id', sa.Uuid(), nullable=False),
    sa.Column('external_id', sa.Text(), nullable=False),
    sa.Column('amount', sa.Numeric(precision=12, scale=2), nullable=False),
    sa.Column('refunded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('transaction_id', sa.Uuid(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.ForeignKeyConstraint(['clinic_id'], ['clinics.id'], name=op.f('fk_refunds_clinic_id')),
    sa.ForeignKeyConstraint(['payment_id'], ['payments.id'], name=op.f('fk_refunds_payment_id')),
    sa.ForeignKeyConstraint(['transaction_id'], ['point_transactions.id'], name=op.f('fk_refunds_transaction_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_refunds')),
    sa.UniqueConstraint('clinic_id', 'payment_id', 'external_id', name=op.f('uq_refunds_clinic_id_payment_id_external_id'))
    )
    op.create_index(op.f('ix_refunds_payment_id'), 'refunds', ['payment_id'], unique=False)
    op.add_column('loyalty_profiles', sa.Column('debt', sa.Integer(), server_default='0', nullable=False))
    op.add_column('loyalty_profiles', sa.Column('due_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column('loyalty_profiles', sa.Column('merged_into', sa.Uuid(), nullable=True))
    op.create_foreign_key(op.f('fk_loyalty_profiles_merged_into'), 'loyalty_profiles', 'customers', ['merged_into'], ['id'])
    op.create_index('ix_loyalty_profiles_due', 'loyalty_profiles', ['clinic_id', 'due_at'], unique=False, postgresql_where=sa.text('due_at IS NOT NULL'))
    # Profiles from before learn when their next points expire.
    op.execute(
        'UPDATE loyalty_profiles p SET due_at = '
        '(SELECT min(expires_at) FROM point_lots l WHERE l.customer_id = p.customer_id AND l.remaining > 0)'
    )
    op.add_column('notifications', sa.Column('key', sa.Text(), nullable=True))
    op.create_unique_constraint(op.f('uq_notifications_clinic_id_key'), 'notifications', ['clinic_id', 'key'])
    op.add_column('pending_points', sa.Column('description_sealed', sa.LargeBinary(), nullable=True))
    op.add_column('pending_points', sa.Column('breakdown', postgresql.JSONB(astext_type=sa.Text()), nullable=True))
    op.add_column('pending_points', sa.Column('reason', sa.Text(), nullable=True))
    op.add_column('pending_points', sa.Column('transaction_id', sa.Uuid(), nullable=True))
    op.create_index('ix_pending_points_due', 'pending_points', ['matures_at'], unique=False, postgresql_where=sa.text("state = 'pending'"))
    op.create_foreign_key(op.f('fk_pending_points_transaction_id'), 'pending_points', 'point_transactions', ['transaction_id'], ['id'])


def downgrade() -> None:
    op.drop_index('ix_loyalty_profiles_due', table_name='loyalty_profiles')
    op.drop_constraint(op.f('fk_loyalty_profiles_merged_into'), 'loyalty_profiles', type_='foreignkey')
    op.drop_column('loyalty_profiles', 'merged_into')
    op.drop_column('loyalty_profiles', 'due_at')
    op.drop_column('loyalty_profiles', 'debt')
    op.drop_constraint(op.f('fk_pending_points_transaction_id'), 'pending_points', type_='foreignkey')
    op.drop_index('ix_pending_points_due', table_name='pending_points', postgresql_where=sa.text("state = 'pending'"))
    op.drop_column('pending_points', 'transaction_id')
    op.drop_column('pending_points', 'reason')
    op.drop_column('pending_points', 'breakdown')
    op.drop_column('pending_points', 'description_sealed')
    op.drop_constraint(op.f('uq_notifications_clinic_id_key'), 'notifications', type_='unique')
    op.drop_column('notifications', 'key')
    op.drop_index(op.f('ix_refunds_payment_id'), table_name='refunds')
    op.drop_table('refunds')
    op.drop_index('ix_referrals_referrer', table_name='referrals')
    op.drop_index('ix_referrals_due', table_name='referrals', postgresql_where=sa.text("state = 'qualified'"))
    op.drop_table('referrals')
    op.drop_index(op.f('ix_reviews_customer_id'), table_name='reviews')
    op.drop_table('reviews')
    op.drop_index(op.f('ix_redemptions_reward_id'), table_name='redemptions')
    op.drop_index('ix_redemptions_open', table_name='redemptions', postgresql_where=sa.text("state = 'issued'"))
    op.drop_index('ix_redemptions_customer', table_name='redemptions')
    op.drop_table('redemptions')
    op.drop_index('ix_payments_customer', table_name='payments')
    op.drop_table('payments')
    op.drop_index(op.f('ix_achievement_unlocks_achievement_id'), table_name='achievement_unlocks')
    op.drop_table('achievement_unlocks')
    op.drop_index('ix_visits_customer', table_name='visits')
    op.drop_table('visits')
    op.drop_index(op.f('ix_api_requests_created_at'), table_name='api_requests')
    op.drop_table('api_requests')
    op.drop_index(op.f('ix_staff_groups_clinic_id'), table_name='staff_groups')
    op.drop_table('staff_groups')
    op.drop_table('rewards')
    op.drop_index(op.f('ix_api_keys_clinic_id'), table_name='api_keys')
    op.drop_table('api_keys')
    op.drop_table('achievements')
