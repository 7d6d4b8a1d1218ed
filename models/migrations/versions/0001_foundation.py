"""foundation"""

from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

revision = '0001'
down_revision = None
branch_labels = None
depends_on = None


APPEND_ONLY = ("point_transactions", "consents", "notices")


def upgrade() -> None:
    op.create_table('business_clock',
    sa.Column('id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('offset_seconds', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_business_clock'))
    )
    op.create_table('clinics',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('slug', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('data_key', sa.LargeBinary(), nullable=False),
    sa.Column('settings', postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
    sa.Column('settings_version', sa.Text(), sa.Computed('md5(settings::text)', persisted=True), nullable=False),
    sa.Column('next_tiers', postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
    sa.Column('next_tiers_on', sa.Date(), nullable=True),
    sa.Column('tiers_due', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('goals', sa.Integer(), server_default='0', nullable=False),
    sa.Column('line_channel_id', sa.Text(), nullable=True),
    sa.Column('line_basic_id', sa.Text(), nullable=True),
    sa.Column('line_channel_secret_sealed', sa.LargeBinary(), nullable=True),
    sa.Column('line_bot_token_sealed', sa.LargeBinary(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('aside_reason', sa.Text(), nullable=True),
    sa.Column('aside_since', sa.DateTime(timezone=True), nullable=True),
    sa.Column('aside_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('aside_looks', sa.Integer(), nullable=False),
    sa.CheckConstraint("slug ~ '^[a-z0-9][a-z0-9-]{0,39}$'", name=op.f('ck_clinics_slug')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_clinics')),
    sa.UniqueConstraint('slug', name=op.f('uq_clinics_slug'))
    )
    op.create_table('installation',
    sa.Column('id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('database', sa.Text(), nullable=False),
    sa.Column('allowed_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_installation'))
    )
    op.create_table('achievements',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('clinic_id', sa.Uuid(), nullable=False),
    sa.Column('code', sa.Text(), nullable=False),
    sa.Column('name', sa.String(length=255), nullable=False),
    sa.Column('texts', postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
    sa.Column('category', sa.String(length=20), nullable=False),
    sa.Column('conditions', postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
    sa.Column('points_reward', sa.Integer(), nullable=False),
    sa.Column('badge_icon', sa.String(length=10), nullable=True),
    sa.Column('secret', sa.Boolean(), nullable=False),
    sa.Column('active', sa.Boolean(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['clinic_id'], ['clinics.id'], name=op.f('fk_achievements_clinic_id')),
    sa.PrimaryKeyConstraint('id', 'clinic_id', name=op.f('pk_achievements')),
    sa.UniqueConstraint('clinic_id', 'code', name=op.f('uq_achievements_clinic_id_code'))
    )
    op.create_table('api_keys',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('clinic_id', sa.Uuid(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('key_hash', sa.LargeBinary(), nullable=False),
    sa.Column('scopes', postgresql.ARRAY(sa.Text()), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('revoked_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['clinic_id'], ['clinics.id'], name=op.f('fk_api_keys_clinic_id')),
    sa.PrimaryKeyConstraint('id', 'clinic_id', name=op.f('pk_api_keys')),
    sa.UniqueConstraint('clinic_id', 'key_hash', name=op.f('uq_api_keys_clinic_id_key_hash'))
    )
    op.create_table('branches',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('clinic_id', sa.Uuid(), nullable=False),
    sa.Column('code', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('names', postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
    sa.Column('phone', sa.Text(), nullable=True),
    sa.Column('address', postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
    sa.Column('map_url', sa.Text(), nullable=True),
    sa.Column('hours', postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
    sa.Column('holidays', postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
    sa.Column('staff_group', sa.Text(), nullable=True),
    sa.Column('duty_contact', postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
    sa.Column('booked_as', postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
    sa.Column('active', sa.Boolean(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['clinic_id'], ['clinics.id'], name=op.f('fk_branches_clinic_id')),
    sa.PrimaryKeyConstraint('id', 'clinic_id', name=op.f('pk_branches')),
    sa.UniqueConstraint('clinic_id', 'code', name=op.f('uq_branches_clinic_id_code'))
    )
    op.create_table('calendar_failures',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('clinic_id', sa.Uuid(), nullable=False),
    sa.Column('job', sa.Text(), nullable=False),
    sa.Column('local_date', sa.Date(), nullable=False),
    sa.Column('target', sa.Text(), nullable=True),
    sa.Column('error', sa.Text(), nullable=False),
    sa.Column('tries', sa.Integer(), nullable=False),
    sa.Column('failed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('next_try_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('reason', sa.Text(), nullable=True),
    sa.ForeignKeyConstraint(['clinic_id'], ['clinics.id'], name=op.f('fk_calendar_failures_clinic_id')),
    sa.PrimaryKeyConstraint('id', 'clinic_id', name=op.f('pk_calendar_failures')),
    sa.UniqueConstraint('clinic_id', 'job', 'local_date', 'target', name=op.f('uq_calendar_failures_clinic_id_job_local_date_target'), postgresql_nulls_not_distinct=True)
    )
    op.create_table('calendar_runs',
    sa.Column('clinic_id', sa.Uuid(), nullable=False),
    sa.Column('job', sa.Text(), nullable=False),
    sa.Column('local_date', sa.Date(), nullable=False),
    sa.Column('finished_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['clinic_id'], ['clinics.id'], name=op.f('fk_calendar_runs_clinic_id')),
    sa.PrimaryKeyConstraint('clinic_id', 'job', 'local_date', name=op.f('pk_calendar_runs'))
    )
    op.create_table('clinic_secrets',
    sa.Column('clinic_id', sa.Uuid(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('value_sealed', sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(['clinic_id'], ['clinics.id'], name=op.f('fk_clinic_secrets_clinic_id')),
    sa.PrimaryKeyConstraint('clinic_id', 'name', name=op.f('pk_clinic_secrets'))
    )
    op.create_table('customers',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('clinic_id', sa.Uuid(), nullable=False),
    sa.Column('data_key', sa.LargeBinary(), nullable=True),
    sa.Column('display_name_sealed', sa.LargeBinary(), nullable=True),
    sa.Column('language', sa.Text(), nullable=True),
    sa.Column('language_chosen', sa.Boolean(), nullable=False),
    sa.Column('birth_month_day', sa.Text(), nullable=True),
    sa.Column('birth_month', sa.Text(), sa.Computed('left(birth_month_day, 2)', persisted=True), nullable=True),
    sa.Column('adult', sa.Boolean(), nullable=True),
    sa.Column('birthday_year', sa.Integer(), server_default='0', nullable=False),
    sa.Column('joined_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('member_number', sa.Text(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('erased_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('merged_into', sa.Uuid(), nullable=True),
    sa.Column('merged_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['clinic_id', 'merged_into'], ['customers.clinic_id', 'customers.id'], name=op.f('fk_customers_clinic_id_merged_into')),
    sa.ForeignKeyConstraint(['clinic_id'], ['clinics.id'], name=op.f('fk_customers_clinic_id')),
    sa.PrimaryKeyConstraint('id', 'clinic_id', name=op.f('pk_customers'))
    )
    op.create_index('ix_customers_birth_month_day', 'customers', ['clinic_id', 'birth_month_day', 'id'], unique=False, postgresql_where=sa.text('joined_at IS NOT NULL AND merged_into IS NULL AND data_key IS NOT NULL'))
    op.create_index('ix_customers_birthday', 'customers', ['clinic_id', 'birth_month', 'birthday_year', 'id'], unique=False, postgresql_where=sa.text('joined_at IS NOT NULL AND merged_into IS NULL AND data_key IS NOT NULL'))
    op.create_index('ix_customers_merged_into', 'customers', ['merged_into'], unique=False, postgresql_where=sa.text('merged_into IS NOT NULL'))
    op.create_index('uq_customers_member_number', 'customers', ['clinic_id', 'member_number'], unique=True, postgresql_where=sa.text('member_number IS NOT NULL'))
    op.create_table('followup_templates',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('clinic_id', sa.Uuid(), nullable=False),
    sa.Column('first_id', sa.Uuid(), nullable=True),
    sa.Column('name', sa.Text(), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('type', sa.Text(), nullable=False),
    sa.Column('texts', postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
    sa.Column('fallbacks', postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['clinic_id', 'first_id'], ['followup_templates.clinic_id', 'followup_templates.id'], name=op.f('fk_followup_templates_clinic_id_first_id')),
    sa.ForeignKeyConstraint(['clinic_id'], ['clinics.id'], name=op.f('fk_followup_templates_clinic_id')),
    sa.PrimaryKeyConstraint('id', 'clinic_id', name=op.f('pk_followup_templates')),
    sa.UniqueConstraint('clinic_id', 'first_id', 'version', name=op.f('uq_followup_templates_clinic_id_first_id_version'))
    )
    op.create_index('ix_followup_templates_name', 'followup_templates', ['clinic_id', 'name'], unique=True, postgresql_where=sa.text('version = 1 AND ended_at IS NULL'))
    op.create_table('line_meters',
    sa.Column('clinic_id', sa.Uuid(), nullable=False),
    sa.Column('month', sa.Date(), nullable=False),
    sa.Column('allowed', sa.Integer(), nullable=True),
    sa.Column('used', sa.Integer(), nullable=False),
    sa.Column('staff', sa.Integer(), nullable=False),
    sa.Column('before', sa.Integer(), nullable=False),
    sa.Column('read_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('refused_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ask_due_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ask_attempts', sa.Integer(), nullable=False),
    sa.Column('ask_error', sa.Text(), nullable=True),
    sa.ForeignKeyConstraint(['clinic_id'], ['clinics.id'], name=op.f('fk_line_meters_clinic_id')),
    sa.PrimaryKeyConstraint('clinic_id', name=op.f('pk_line_meters'))
    )
    op.create_index('ix_line_meters_asked', 'line_meters', ['clinic_id', 'ask_due_at'], unique=False, postgresql_where=sa.text('ask_due_at IS NOT NULL'))
    op.create_table('rewards',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('clinic_id', sa.Uuid(), nullable=False),
    sa.Column('code', sa.Text(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('texts', postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
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
    sa.ForeignKeyConstraint(['clinic_id'], ['clinics.id'], name=op.f('fk_rewards_clinic_id')),
    sa.PrimaryKeyConstraint('id', 'clinic_id', name=op.f('pk_rewards')),
    sa.UniqueConstraint('clinic_id', 'code', name=op.f('uq_rewards_clinic_id_code'))
    )
    op.create_table('rich_menus',
    sa.Column('clinic_id', sa.Uuid(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('rich_menu_id', sa.Text(), nullable=False),
    sa.Column('content_hash', sa.Text(), nullable=False),
    sa.Column('synced_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['clinic_id'], ['clinics.id'], name=op.f('fk_rich_menus_clinic_id')),
    sa.PrimaryKeyConstraint('clinic_id', 'name', name=op.f('pk_rich_menus'))
    )
    op.create_table('services',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('clinic_id', sa.Uuid(), nullable=False),
    sa.Column('code', sa.Text(), nullable=False),
    sa.Column('names', postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
    sa.Column('category', sa.Text(), nullable=True),
    sa.Column('minutes', sa.Integer(), nullable=True),
    sa.Column('price', postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
    sa.Column('usual_interval_days', sa.Integer(), nullable=True),
    sa.Column('aftercare', postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
    sa.Column('not_after', postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
    sa.Column('medical', sa.Boolean(), nullable=False),
    sa.Column('booked_as', postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
    sa.Column('active', sa.Boolean(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['clinic_id'], ['clinics.id'], name=op.f('fk_services_clinic_id')),
    sa.PrimaryKeyConstraint('id', 'clinic_id', name=op.f('pk_services')),
    sa.UniqueConstraint('clinic_id', 'code', name=op.f('uq_services_clinic_id_code'))
    )
    op.create_table('suppressions',
    sa.Column('clinic_id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('value_index', sa.LargeBinary(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['clinic_id'], ['clinics.id'], name=op.f('fk_suppressions_clinic_id')),
    sa.PrimaryKeyConstraint('clinic_id', 'kind', 'value_index', name=op.f('pk_suppressions'))
    )
    op.create_table('api_requests',
    sa.Column('clinic_id', sa.Uuid(), nullable=False),
    sa.Column('api_key_id', sa.Uuid(), nullable=False),
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('body_hash', sa.LargeBinary(), nullable=False),
    sa.Column('status', sa.Integer(), nullable=True),
    sa.Column('body', sa.Text(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['clinic_id', 'api_key_id'], ['api_keys.clinic_id', 'api_keys.id'], name=op.f('fk_api_requests_clinic_id_api_key_id')),
    sa.PrimaryKeyConstraint('clinic_id', 'api_key_id', 'key', name=op.f('pk_api_requests'))
    )
    op.create_index('ix_api_requests_over', 'api_requests', ['clinic_id', 'created_at'], unique=False)
    op.create_table('appointments',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('clinic_id', sa.Uuid(), nullable=False),
    sa.Column('customer_id', sa.Uuid(), nullable=False),
    sa.Column('branch_id', sa.Uuid(), nullable=True),
    sa.Column('source', sa.Text(), nullable=False),
    sa.Column('external_id', sa.Text(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('told_state', sa.Text(), nullable=False),
    sa.Column('starts_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ends_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('service_code', sa.Text(), nullable=True),
    sa.Column('service_sealed', sa.LargeBinary(), nullable=True),
    sa.Column('about_sealed', sa.LargeBinary(), nullable=True),
    sa.Column('attendee_index', sa.LargeBinary(), nullable=True),
    sa.Column('by_link', sa.Boolean(), nullable=False),
    sa.Column('replaces', sa.Text(), nullable=True),
    sa.Column('state_order', sa.BigInteger(), nullable=False),
    sa.Column('person_order', sa.BigInteger(), nullable=True),
    sa.Column('details_order', sa.BigInteger(), nullable=False),
    sa.Column('told_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('outcome', sa.Text(), nullable=True),
    sa.Column('outcome_by', sa.Text(), nullable=True),
    sa.Column('staff_said', sa.Text(), nullable=True),
    sa.Column('staff_said_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('staff_said_by', sa.Text(), nullable=True),
    sa.Column('staff_said_for', sa.DateTime(timezone=True), nullable=True),
    sa.Column('clocked_for', sa.DateTime(timezone=True), nullable=True),
    sa.Column('look_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('look_error', sa.Text(), nullable=True),
    sa.Column('look_failing_since', sa.DateTime(timezone=True), nullable=True),
    sa.Column('look_again_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('known_start', sa.DateTime(timezone=True), nullable=True),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('moved_by_customer', sa.Boolean(), nullable=False),
    sa.Column('listed_as', sa.Integer(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['clinic_id', 'branch_id'], ['branches.clinic_id', 'branches.id'], name=op.f('fk_appointments_clinic_id_branch_id')),
    sa.ForeignKeyConstraint(['clinic_id', 'customer_id'], ['customers.clinic_id', 'customers.id'], name=op.f('fk_appointments_clinic_id_customer_id')),
    sa.PrimaryKeyConstraint('id', 'clinic_id', name=op.f('pk_appointments')),
    sa.UniqueConstraint('clinic_id', 'source', 'external_id', name=op.f('uq_appointments_clinic_id_source_external_id'))
    )
    op.create_index('ix_appointments_ahead', 'appointments', ['customer_id', 'starts_at'], unique=False, postgresql_where=sa.text("state IN ('requested', 'booked', 'confirmed')"))
    op.create_index('ix_appointments_customer_id', 'appointments', ['customer_id', 'starts_at'], unique=False)
    op.create_index('ix_appointments_day', 'appointments', ['clinic_id', 'starts_at'], unique=False)
    op.create_index('ix_appointments_failing', 'appointments', ['clinic_id'], unique=False, postgresql_where=sa.text('look_failing_since IS NOT NULL'))
    op.create_index('ix_appointments_over', 'appointments', ['look_at', 'clinic_id'], unique=False, postgresql_where=sa.text('look_at IS NOT NULL'))
    op.create_index('ix_appointments_replaces', 'appointments', ['clinic_id', 'source', 'replaces'], unique=False, postgresql_where=sa.text('replaces IS NOT NULL'))
    op.create_table('card_codes',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('clinic_id', sa.Uuid(), nullable=False),
    sa.Column('customer_id', sa.Uuid(), nullable=False),
    sa.Column('code_index', sa.LargeBinary(), nullable=False),
    sa.Column('until', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['clinic_id', 'customer_id'], ['customers.clinic_id', 'customers.id'], name=op.f('fk_card_codes_clinic_id_customer_id')),
    sa.PrimaryKeyConstraint('id', 'clinic_id', name=op.f('pk_card_codes')),
    sa.UniqueConstraint('clinic_id', 'code_index', 'customer_id', name=op.f('uq_card_codes_clinic_id_code_index_customer_id'))
    )
    op.create_index(op.f('ix_card_codes_customer_id'), 'card_codes', ['customer_id'], unique=False)
    op.create_index('ix_card_codes_over', 'card_codes', ['clinic_id', 'created_at'], unique=False)
    op.create_table('card_ties',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('clinic_id', sa.Uuid(), nullable=False),
    sa.Column('customer_id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('value_sealed', sa.LargeBinary(), nullable=False),
    sa.Column('value_index', sa.LargeBinary(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=True),
    sa.Column('asked_by', sa.Text(), nullable=False),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('until', sa.DateTime(timezone=True), nullable=False),
    sa.Column('answered_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['clinic_id', 'customer_id'], ['customers.clinic_id', 'customers.id'], name=op.f('fk_card_ties_clinic_id_customer_id')),
    sa.PrimaryKeyConstraint('id', 'clinic_id', name=op.f('pk_card_ties'))
    )
    op.create_index('ix_card_ties_asked_at', 'card_ties', ['clinic_id', 'asked_at'], unique=False)
    op.create_index(op.f('ix_card_ties_customer_id'), 'card_ties', ['customer_id'], unique=False)
    op.create_index('uq_card_ties_asked', 'card_ties', ['clinic_id', 'value_index'], unique=True, postgresql_where=sa.text("state = 'asked'"))
    op.create_table('consents',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('clinic_id', sa.Uuid(), nullable=False),
    sa.Column('customer_id', sa.Uuid(), nullable=False),
    sa.Column('purpose', sa.Text(), nullable=False),
    sa.Column('channel', sa.Text(), nullable=False),
    sa.Column('granted', sa.Boolean(), nullable=False),
    sa.Column('policy_version', sa.Text(), nullable=False),
    sa.Column('text_hash', sa.Text(), nullable=False),
    sa.Column('source', sa.Text(), nullable=False),
    sa.Column('actor', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('evidence_sealed', sa.LargeBinary(), nullable=True),
    sa.Column('key', sa.Text(), nullable=True),
    sa.ForeignKeyConstraint(['clinic_id', 'customer_id'], ['customers.clinic_id', 'customers.id'], name=op.f('fk_consents_clinic_id_customer_id')),
    sa.PrimaryKeyConstraint('id', 'clinic_id', name=op.f('pk_consents')),
    sa.UniqueConstraint('clinic_id', 'key', name=op.f('uq_consents_clinic_id_key'))
    )
    op.create_index('ix_consents_customer', 'consents', ['customer_id', 'purpose', 'channel', 'created_at'], unique=False)
    op.create_table('courses',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('clinic_id', sa.Uuid(), nullable=False),
    sa.Column('customer_id', sa.Uuid(), nullable=False),
    sa.Column('from_id', sa.Uuid(), nullable=True),
    sa.Column('source', sa.Text(), nullable=False),
    sa.Column('external_id', sa.Text(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('told_state', sa.Text(), nullable=False),
    sa.Column('name_sealed', sa.LargeBinary(), nullable=True),
    sa.Column('contract_sealed', sa.LargeBinary(), nullable=True),
    sa.Column('service_code', sa.Text(), nullable=True),
    sa.Column('price', sa.Numeric(precision=12, scale=2), nullable=True),
    sa.Column('sold_on', sa.Date(), nullable=False),
    sa.Column('ends_on', sa.Date(), nullable=True),
    sa.Column('controlled', sa.Boolean(), nullable=True),
    sa.Column('bought', sa.Integer(), nullable=False),
    sa.Column('shared_in', sa.Integer(), nullable=False),
    sa.Column('used', sa.Integer(), nullable=False),
    sa.Column('given_back', sa.Integer(), nullable=False),
    sa.Column('shared_out', sa.Integer(), nullable=False),
    sa.Column('state_order', sa.BigInteger(), nullable=False),
    sa.Column('details_order', sa.BigInteger(), nullable=False),
    sa.Column('ends_order', sa.BigInteger(), nullable=False),
    sa.Column('extended_order', sa.BigInteger(), nullable=False),
    sa.Column('shared_order', sa.BigInteger(), nullable=False),
    sa.Column('told_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['clinic_id', 'customer_id'], ['customers.clinic_id', 'customers.id'], name=op.f('fk_courses_clinic_id_customer_id')),
    sa.ForeignKeyConstraint(['clinic_id', 'from_id'], ['courses.clinic_id', 'courses.id'], name=op.f('fk_courses_clinic_id_from_id')),
    sa.PrimaryKeyConstraint('id', 'clinic_id', name=op.f('pk_courses')),
    sa.UniqueConstraint('clinic_id', 'source', 'external_id', name=op.f('uq_courses_clinic_id_source_external_id'))
    )
    op.create_index('ix_courses_customer_id', 'courses', ['customer_id', 'ends_on'], unique=False)
    op.create_index(op.f('ix_courses_from_id'), 'courses', ['from_id'], unique=False)
    op.create_table('customer_contacts',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('clinic_id', sa.Uuid(), nullable=False),
    sa.Column('customer_id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('value_sealed', sa.LargeBinary(), nullable=False),
    sa.Column('value_index', sa.LargeBinary(), nullable=False),
    sa.Column('source', sa.Text(), nullable=False),
    sa.Column('told_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['clinic_id', 'customer_id'], ['customers.clinic_id', 'customers.id'], name=op.f('fk_customer_contacts_clinic_id_customer_id')),
    sa.PrimaryKeyConstraint('id', 'clinic_id', name=op.f('pk_customer_contacts')),
    sa.UniqueConstraint('clinic_id', 'kind', 'value_index', 'customer_id', name=op.f('uq_customer_contacts_clinic_id_kind_value_index_customer_id'))
    )
    op.create_index(op.f('ix_customer_contacts_customer_id'), 'customer_contacts', ['customer_id'], unique=False)
    op.create_table('customer_identities',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('clinic_id', sa.Uuid(), nullable=False),
    sa.Column('customer_id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('value_sealed', sa.LargeBinary(), nullable=False),
    sa.Column('value_index', sa.LargeBinary(), nullable=False),
    sa.Column('verified_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['clinic_id', 'customer_id'], ['customers.clinic_id', 'customers.id'], name=op.f('fk_customer_identities_clinic_id_customer_id')),
    sa.PrimaryKeyConstraint('id', 'clinic_id', name=op.f('pk_customer_identities')),
    sa.UniqueConstraint('clinic_id', 'kind', 'value_index', name=op.f('uq_customer_identities_clinic_id_kind_value_index'))
    )
    op.create_index(op.f('ix_customer_identities_customer_id'), 'customer_identities', ['customer_id'], unique=False)
    op.create_table('customer_journey_events',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('clinic_id', sa.Uuid(), nullable=False),
    sa.Column('customer_id', sa.Uuid(), nullable=False),
    sa.Column('branch_id', sa.Uuid(), nullable=True),
    sa.Column('type', sa.Text(), nullable=False),
    sa.Column('key', sa.Text(), nullable=True),
    sa.Column('occurred_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('data', postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
    sa.Column('unplanned', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('plan_error', sa.Text(), nullable=True),
    sa.ForeignKeyConstraint(['clinic_id', 'branch_id'], ['branches.clinic_id', 'branches.id'], name=op.f('fk_customer_journey_events_clinic_id_branch_id')),
    sa.ForeignKeyConstraint(['clinic_id', 'customer_id'], ['customers.clinic_id', 'customers.id'], name=op.f('fk_customer_journey_events_clinic_id_customer_id')),
    sa.PrimaryKeyConstraint('id', 'clinic_id', name=op.f('pk_customer_journey_events')),
    sa.UniqueConstraint('clinic_id', 'key', name=op.f('uq_customer_journey_events_clinic_id_key'))
    )
    op.create_index('ix_customer_journey_events_broken', 'customer_journey_events', ['clinic_id', 'id'], unique=False, postgresql_where=sa.text('plan_error IS NOT NULL'))
    op.create_index('ix_customer_journey_events_customer', 'customer_journey_events', ['customer_id', 'occurred_at'], unique=False)
    op.create_index('ix_customer_journey_events_unplanned', 'customer_journey_events', ['clinic_id', 'id'], unique=False, postgresql_where=sa.text('unplanned'))
    op.create_table('customer_names',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('clinic_id', sa.Uuid(), nullable=False),
    sa.Column('customer_id', sa.Uuid(), nullable=False),
    sa.Column('word_index', sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(['clinic_id', 'customer_id'], ['customers.clinic_id', 'customers.id'], name=op.f('fk_customer_names_clinic_id_customer_id')),
    sa.PrimaryKeyConstraint('id', 'clinic_id', name=op.f('pk_customer_names')),
    sa.UniqueConstraint('clinic_id', 'word_index', 'customer_id', name=op.f('uq_customer_names_clinic_id_word_index_customer_id'))
    )
    op.create_index(op.f('ix_customer_names_customer_id'), 'customer_names', ['customer_id'], unique=False)
    op.create_table('customer_preferences',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('clinic_id', sa.Uuid(), nullable=False),
    sa.Column('customer_id', sa.Uuid(), nullable=False),
    sa.Column('channels', postgresql.ARRAY(sa.Text()), nullable=False),
    sa.Column('quiet_from', sa.Time(), nullable=True),
    sa.Column('quiet_until', sa.Time(), nullable=True),
    sa.Column('no_upsell_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['clinic_id', 'customer_id'], ['customers.clinic_id', 'customers.id'], name=op.f('fk_customer_preferences_clinic_id_customer_id')),
    sa.PrimaryKeyConstraint('id', 'clinic_id', name=op.f('pk_customer_preferences')),
    sa.UniqueConstraint('customer_id', 'clinic_id', name=op.f('uq_customer_preferences_customer_id_clinic_id'))
    )
    op.create_table('followup_rules',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('clinic_id', sa.Uuid(), nullable=False),
    sa.Column('code', sa.Text(), nullable=True),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('type', sa.Text(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('conditions', postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
    sa.Column('channels', postgresql.ARRAY(sa.Text()), nullable=False),
    sa.Column('delivery', sa.Text(), nullable=False),
    sa.Column('reentry', postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
    sa.Column('priority', sa.Text(), nullable=False),
    sa.Column('active', sa.Boolean(), nullable=False),
    sa.Column('active_since', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ai_personalization', sa.Boolean(), nullable=False),
    sa.Column('template_id', sa.Uuid(), nullable=True),
    sa.Column('to_plan', sa.Boolean(), nullable=False),
    sa.Column('parts', sa.Integer(), nullable=True),
    sa.Column('part', sa.Integer(), server_default='0', nullable=False),
    sa.Column('plan_error', sa.Text(), nullable=True),
    sa.Column('workflow_id', sa.Text(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['clinic_id', 'template_id'], ['followup_templates.clinic_id', 'followup_templates.id'], name=op.f('fk_followup_rules_clinic_id_template_id')),
    sa.ForeignKeyConstraint(['clinic_id'], ['clinics.id'], name=op.f('fk_followup_rules_clinic_id')),
    sa.PrimaryKeyConstraint('id', 'clinic_id', name=op.f('pk_followup_rules'))
    )
    op.create_index('ix_followup_rules_code', 'followup_rules', ['clinic_id', 'code'], unique=True, postgresql_where=sa.text('ended_at IS NULL'))
    op.create_index('ix_followup_rules_kind', 'followup_rules', ['clinic_id', 'type'], unique=False, postgresql_where=sa.text('ended_at IS NULL'))
    op.create_index('ix_followup_rules_to_plan', 'followup_rules', ['clinic_id', 'id'], unique=False, postgresql_where=sa.text('to_plan'))
    op.create_table('grants',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('clinic_id', sa.Uuid(), nullable=False),
    sa.Column('owner_id', sa.Uuid(), nullable=False),
    sa.Column('holder_id', sa.Uuid(), nullable=False),
    sa.Column('what', sa.Text(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('until', sa.Date(), nullable=True),
    sa.Column('given_by', sa.Text(), nullable=False),
    sa.Column('given_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ended_by', sa.Text(), nullable=True),
    sa.Column('ended_why', sa.Text(), nullable=True),
    sa.ForeignKeyConstraint(['clinic_id', 'holder_id'], ['customers.clinic_id', 'customers.id'], name=op.f('fk_grants_clinic_id_holder_id')),
    sa.ForeignKeyConstraint(['clinic_id', 'owner_id'], ['customers.clinic_id', 'customers.id'], name=op.f('fk_grants_clinic_id_owner_id')),
    sa.PrimaryKeyConstraint('id', 'clinic_id', name=op.f('pk_grants'))
    )
    op.create_index('ix_grants_ending', 'grants', ['clinic_id', 'until', 'id'], unique=False, postgresql_where=sa.text('ended_at IS NULL AND until IS NOT NULL'))
    op.create_index('ix_grants_given_at', 'grants', ['clinic_id', 'given_at'], unique=False)
    op.create_index('ix_grants_holder', 'grants', ['holder_id', 'what'], unique=False)
    op.create_index('ix_grants_owner', 'grants', ['owner_id', 'what'], unique=False)
    op.create_table('guardian_consents',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('clinic_id', sa.Uuid(), nullable=False),
    sa.Column('customer_id', sa.Uuid(), nullable=False),
    sa.Column('guardian_sealed', sa.LargeBinary(), nullable=True),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('evidence_sealed', sa.LargeBinary(), nullable=True),
    sa.Column('until', sa.Date(), nullable=False),
    sa.Column('recorded_by', sa.Text(), nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ended_by', sa.Text(), nullable=True),
    sa.ForeignKeyConstraint(['clinic_id', 'customer_id'], ['customers.clinic_id', 'customers.id'], name=op.f('fk_guardian_consents_clinic_id_customer_id')),
    sa.PrimaryKeyConstraint('id', 'clinic_id', name=op.f('pk_guardian_consents'))
    )
    op.create_index('ix_guardian_consents_customer', 'guardian_consents', ['customer_id', 'until'], unique=False)
    op.create_table('inbox',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('clinic_id', sa.Uuid(), nullable=False),
    sa.Column('source', sa.Text(), nullable=False),
    sa.Column('event_key', sa.Text(), nullable=False),
    sa.Column('actor_index', sa.LargeBinary(), nullable=False),
    sa.Column('arrival', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('type', sa.Text(), nullable=False),
    sa.Column('message_id', sa.Text(), nullable=True),
    sa.Column('takes_back', sa.Text(), nullable=True),
    sa.Column('occurred_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('signed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('received_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('raw_sealed', sa.LargeBinary(), nullable=True),
    sa.Column('customer_id', sa.Uuid(), nullable=True),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('holds', sa.Boolean(), nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=True),
    sa.Column('handled_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['clinic_id', 'customer_id'], ['customers.clinic_id', 'customers.id'], name=op.f('fk_inbox_clinic_id_customer_id')),
    sa.ForeignKeyConstraint(['clinic_id'], ['clinics.id'], name=op.f('fk_inbox_clinic_id')),
    sa.PrimaryKeyConstraint('id', 'clinic_id', name=op.f('pk_inbox')),
    sa.UniqueConstraint('clinic_id', 'source', 'event_key', name=op.f('uq_inbox_clinic_id_source_event_key'))
    )
    op.create_index('ix_inbox_customer_id', 'inbox', ['customer_id'], unique=False, postgresql_where=sa.text('customer_id IS NOT NULL'))
    op.create_index('ix_inbox_dead', 'inbox', ['clinic_id'], unique=False, postgresql_where=sa.text("state = 'dead'"))
    op.create_index('ix_inbox_message', 'inbox', ['message_id'], unique=False, postgresql_where=sa.text('message_id IS NOT NULL'))
    op.create_index('ix_inbox_open', 'inbox', ['clinic_id', 'occurred_at', 'arrival'], unique=False, postgresql_where=sa.text("state = 'new'"))
    op.create_index('ix_inbox_open_actor', 'inbox', ['clinic_id', 'actor_index', 'occurred_at', 'arrival'], unique=False, postgresql_where=sa.text("state = 'new'"))
    op.create_index('ix_inbox_over', 'inbox', ['clinic_id', 'received_at'], unique=False, postgresql_where=sa.text("state IN ('done', 'ignored')"))
    op.create_index('ix_inbox_takes_back', 'inbox', ['clinic_id', 'takes_back'], unique=False, postgresql_where=sa.text('takes_back IS NOT NULL'))
    op.create_table('invoices',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('clinic_id', sa.Uuid(), nullable=False),
    sa.Column('customer_id', sa.Uuid(), nullable=False),
    sa.Column('source', sa.Text(), nullable=False),
    sa.Column('external_id', sa.Text(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('told_state', sa.Text(), nullable=False),
    sa.Column('amount', sa.Numeric(precision=12, scale=2), nullable=False),
    sa.Column('due_on', sa.Date(), nullable=True),
    sa.Column('service_code', sa.Text(), nullable=True),
    sa.Column('told_paid', sa.Numeric(precision=12, scale=2), nullable=False),
    sa.Column('paid', sa.Numeric(precision=12, scale=2), nullable=False),
    sa.Column('refunded', sa.Numeric(precision=12, scale=2), nullable=False),
    sa.Column('paid_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('state_order', sa.BigInteger(), nullable=False),
    sa.Column('amount_order', sa.BigInteger(), nullable=False),
    sa.Column('due_order', sa.BigInteger(), nullable=False),
    sa.Column('service_order', sa.BigInteger(), nullable=False),
    sa.Column('told_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['clinic_id', 'customer_id'], ['customers.clinic_id', 'customers.id'], name=op.f('fk_invoices_clinic_id_customer_id')),
    sa.PrimaryKeyConstraint('id', 'clinic_id', name=op.f('pk_invoices')),
    sa.UniqueConstraint('clinic_id', 'source', 'external_id', name=op.f('uq_invoices_clinic_id_source_external_id'))
    )
    op.create_index('ix_invoices_customer_id', 'invoices', ['customer_id', 'due_on'], unique=False)
    op.create_table('joined_records',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('clinic_id', sa.Uuid(), nullable=False),
    sa.Column('duplicate_id', sa.Uuid(), nullable=False),
    sa.Column('survivor_id', sa.Uuid(), nullable=False),
    sa.Column('rows', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('twice', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('before', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('joined_by', sa.Text(), nullable=False),
    sa.Column('joined_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('cut_by', sa.Text(), nullable=True),
    sa.Column('cut_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['clinic_id', 'duplicate_id'], ['customers.clinic_id', 'customers.id'], name=op.f('fk_joined_records_clinic_id_duplicate_id')),
    sa.ForeignKeyConstraint(['clinic_id', 'survivor_id'], ['customers.clinic_id', 'customers.id'], name=op.f('fk_joined_records_clinic_id_survivor_id')),
    sa.PrimaryKeyConstraint('id', 'clinic_id', name=op.f('pk_joined_records'))
    )
    op.create_index(op.f('ix_joined_records_duplicate_id'), 'joined_records', ['duplicate_id'], unique=False)
    op.create_index('ix_joined_records_over', 'joined_records', ['clinic_id', 'created_at'], unique=False)
    op.create_index(op.f('ix_joined_records_survivor_id'), 'joined_records', ['survivor_id'], unique=False)
    op.create_table('line_links',
    sa.Column('clinic_id', sa.Uuid(), nullable=False),
    sa.Column('user_index', sa.LargeBinary(), nullable=False),
    sa.Column('customer_id', sa.Uuid(), nullable=False),
    sa.Column('user_id_sealed', sa.LargeBinary(), nullable=False),
    sa.Column('heard_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('followed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('unfollowed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('linked_menu', sa.Text(), nullable=True),
    sa.Column('menu_due_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('menu_attempts', sa.Integer(), nullable=False),
    sa.Column('menu_error', sa.Text(), nullable=True),
    sa.Column('profile_due_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('profile_attempts', sa.Integer(), nullable=False),
    sa.Column('profile_asked_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('profile_error', sa.Text(), nullable=True),
    sa.ForeignKeyConstraint(['clinic_id', 'customer_id'], ['customers.clinic_id', 'customers.id'], name=op.f('fk_line_links_clinic_id_customer_id')),
    sa.PrimaryKeyConstraint('clinic_id', 'user_index', name=op.f('pk_line_links'))
    )
    op.create_index(op.f('ix_line_links_customer_id'), 'line_links', ['customer_id'], unique=False)
    op.create_index('ix_line_links_menu_due', 'line_links', ['clinic_id', 'menu_due_at'], unique=False, postgresql_where=sa.text('menu_due_at IS NOT NULL'))
    op.create_index('ix_line_links_menu_error', 'line_links', ['clinic_id'], unique=False, postgresql_where=sa.text('menu_due_at IS NULL AND menu_error IS NOT NULL'))
    op.create_index('ix_line_links_profile_due', 'line_links', ['clinic_id', 'profile_due_at'], unique=False, postgresql_where=sa.text('profile_due_at IS NOT NULL'))
    op.create_index('ix_line_links_profile_error', 'line_links', ['clinic_id'], unique=False, postgresql_where=sa.text('profile_due_at IS NULL AND profile_error IS NOT NULL'))
    op.create_table('loyalty_profiles',
    sa.Column('customer_id', sa.Uuid(), nullable=False),
    sa.Column('clinic_id', sa.Uuid(), nullable=False),
    sa.Column('total_points', sa.BigInteger(), nullable=False),
    sa.Column('available_points', sa.BigInteger(), nullable=False),
    sa.Column('current_tier', sa.String(length=20), nullable=False),
    sa.Column('tier_progress', sa.Numeric(precision=5, scale=2), nullable=False),
    sa.Column('tier_asked', sa.BigInteger(), server_default='0', nullable=False),
    sa.Column('tier_rests_on', sa.DateTime(timezone=True), server_default=sa.text("'epoch'"), nullable=False),
    sa.Column('total_spent', sa.Numeric(precision=12, scale=2), nullable=False),
    sa.Column('total_visits', sa.Integer(), nullable=False),
    sa.Column('referral_code', sa.String(length=10), nullable=False),
    sa.Column('debt', sa.BigInteger(), server_default='0', nullable=False),
    sa.Column('goals', sa.Integer(), server_default='0', nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('night', sa.SmallInteger(), sa.Computed('mod(get_byte(uuid_send(customer_id), 15), 30)', persisted=True), nullable=False),
    sa.Column('merged_into', sa.Uuid(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['clinic_id', 'customer_id'], ['customers.clinic_id', 'customers.id'], name=op.f('fk_loyalty_profiles_clinic_id_customer_id')),
    sa.ForeignKeyConstraint(['clinic_id', 'merged_into'], ['customers.clinic_id', 'customers.id'], name=op.f('fk_loyalty_profiles_clinic_id_merged_into')),
    sa.PrimaryKeyConstraint('customer_id', 'clinic_id', name=op.f('pk_loyalty_profiles')),
    sa.UniqueConstraint('clinic_id', 'referral_code', name=op.f('uq_loyalty_profiles_clinic_id_referral_code'))
    )
    op.create_index('ix_loyalty_profiles_due', 'loyalty_profiles', ['clinic_id', 'due_at', 'customer_id'], unique=False, postgresql_where=sa.text('due_at IS NOT NULL'))
    op.create_index('ix_loyalty_profiles_merged_into', 'loyalty_profiles', ['merged_into'], unique=False, postgresql_where=sa.text('merged_into IS NOT NULL'))
    op.create_index('ix_loyalty_profiles_night', 'loyalty_profiles', ['clinic_id', 'night', 'customer_id'], unique=False)
    op.create_index('ix_loyalty_profiles_tier', 'loyalty_profiles', ['clinic_id', 'current_tier', 'tier_asked', 'tier_rests_on', 'customer_id'], unique=False)
    op.create_table('notices',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('clinic_id', sa.Uuid(), nullable=False),
    sa.Column('customer_id', sa.Uuid(), nullable=False),
    sa.Column('policy_version', sa.Text(), nullable=False),
    sa.Column('text_hash', sa.Text(), nullable=False),
    sa.Column('language', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['clinic_id', 'customer_id'], ['customers.clinic_id', 'customers.id'], name=op.f('fk_notices_clinic_id_customer_id')),
    sa.PrimaryKeyConstraint('id', 'clinic_id', name=op.f('pk_notices'))
    )
    op.create_index('ix_notices_customer', 'notices', ['customer_id'], unique=False)
    op.create_table('one_time_codes',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('clinic_id', sa.Uuid(), nullable=False),
    sa.Column('purpose', sa.Text(), nullable=False),
    sa.Column('customer_id', sa.Uuid(), nullable=True),
    sa.Column('taker_id', sa.Uuid(), nullable=True),
    sa.Column('what', sa.Text(), nullable=True),
    sa.Column('phone_index', sa.LargeBinary(), nullable=True),
    sa.Column('code_hash', sa.LargeBinary(), nullable=True),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=True),
    sa.Column('asked_by', sa.Text(), nullable=False),
    sa.Column('decided_by', sa.Text(), nullable=True),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('until', sa.DateTime(timezone=True), nullable=False),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['clinic_id', 'customer_id'], ['customers.clinic_id', 'customers.id'], name=op.f('fk_one_time_codes_clinic_id_customer_id')),
    sa.ForeignKeyConstraint(['clinic_id', 'taker_id'], ['customers.clinic_id', 'customers.id'], name=op.f('fk_one_time_codes_clinic_id_taker_id')),
    sa.ForeignKeyConstraint(['clinic_id'], ['clinics.id'], name=op.f('fk_one_time_codes_clinic_id')),
    sa.PrimaryKeyConstraint('id', 'clinic_id', name=op.f('pk_one_time_codes'))
    )
    op.create_index('ix_one_time_codes_asked_at', 'one_time_codes', ['clinic_id', 'asked_at'], unique=False)
    op.create_index('ix_one_time_codes_customer', 'one_time_codes', ['customer_id', 'asked_at'], unique=False, postgresql_where=sa.text('customer_id IS NOT NULL'))
    op.create_index('ix_one_time_codes_open', 'one_time_codes', ['clinic_id', 'until'], unique=False, postgresql_where=sa.text("state = 'open'"))
    op.create_index('ix_one_time_codes_over', 'one_time_codes', ['clinic_id', 'created_at'], unique=False)
    op.create_index('ix_one_time_codes_phone', 'one_time_codes', ['clinic_id', 'phone_index'], unique=False, postgresql_where=sa.text('phone_index IS NOT NULL'))
    op.create_index('ix_one_time_codes_taker', 'one_time_codes', ['taker_id', 'asked_at'], unique=False, postgresql_where=sa.text('taker_id IS NOT NULL'))
    op.create_table('pauses',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('clinic_id', sa.Uuid(), nullable=False),
    sa.Column('customer_id', sa.Uuid(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('since', sa.DateTime(timezone=True), nullable=False),
    sa.Column('until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('set_by', sa.Text(), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ended_by', sa.Text(), nullable=True),
    sa.ForeignKeyConstraint(['clinic_id', 'customer_id'], ['customers.clinic_id', 'customers.id'], name=op.f('fk_pauses_clinic_id_customer_id')),
    sa.PrimaryKeyConstraint('id', 'clinic_id', name=op.f('pk_pauses'))
    )
    op.create_index('ix_pauses_customer_id', 'pauses', ['customer_id'], unique=False)
    op.create_index('ix_pauses_open', 'pauses', ['clinic_id', 'customer_id'], unique=False, postgresql_where=sa.text('ended_at IS NULL'))
    op.create_table('point_transactions',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('clinic_id', sa.Uuid(), nullable=False),
    sa.Column('customer_id', sa.Uuid(), nullable=False),
    sa.Column('type', sa.String(length=20), nullable=False),
    sa.Column('amount', sa.BigInteger(), nullable=False),
    sa.Column('counted', sa.BigInteger(), nullable=False),
    sa.Column('counts_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('occurred_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('description_sealed', sa.LargeBinary(), nullable=True),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('source', sa.Text(), nullable=False),
    sa.Column('reference', sa.Text(), nullable=True),
    sa.Column('idempotency_key', sa.Text(), nullable=True),
    sa.Column('reverses_id', sa.Uuid(), nullable=True),
    sa.Column('breakdown', postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
    sa.Column('actor', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('amount BETWEEN -10000000 AND 10000000', name=op.f('ck_point_transactions_amount')),
    sa.ForeignKeyConstraint(['clinic_id', 'customer_id'], ['customers.clinic_id', 'customers.id'], name=op.f('fk_point_transactions_clinic_id_customer_id')),
    sa.ForeignKeyConstraint(['clinic_id', 'reverses_id'], ['point_transactions.clinic_id', 'point_transactions.id'], name=op.f('fk_point_transactions_clinic_id_reverses_id')),
    sa.PrimaryKeyConstraint('id', 'clinic_id', name=op.f('pk_point_transactions')),
    sa.UniqueConstraint('clinic_id', 'idempotency_key', name=op.f('uq_point_transactions_clinic_id_idempotency_key'))
    )
    op.create_index('ix_point_transactions_history', 'point_transactions', ['customer_id', 'occurred_at', 'id'], unique=False)
    op.create_index('ix_point_transactions_reverses', 'point_transactions', ['reverses_id'], unique=False, postgresql_where=sa.text('reverses_id IS NOT NULL'))
    op.create_index('ix_point_transactions_written', 'point_transactions', ['clinic_id', 'created_at', 'customer_id'], unique=False)
    op.create_table('privacy_requests',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('clinic_id', sa.Uuid(), nullable=False),
    sa.Column('customer_id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('source', sa.Text(), nullable=False),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('closed_by', sa.Text(), nullable=True),
    sa.Column('words_sealed', sa.LargeBinary(), nullable=True),
    sa.ForeignKeyConstraint(['clinic_id', 'customer_id'], ['customers.clinic_id', 'customers.id'], name=op.f('fk_privacy_requests_clinic_id_customer_id')),
    sa.PrimaryKeyConstraint('id', 'clinic_id', name=op.f('pk_privacy_requests'))
    )
    op.create_index(op.f('ix_privacy_requests_customer_id'), 'privacy_requests', ['customer_id'], unique=False)
    op.create_index('ix_privacy_requests_open', 'privacy_requests', ['clinic_id', 'due_at'], unique=False, postgresql_where=sa.text("state = 'open'"))
    op.create_table('sends',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('clinic_id', sa.Uuid(), nullable=False),
    sa.Column('customer_id', sa.Uuid(), nullable=True),
    sa.Column('channel', sa.Text(), nullable=False),
    sa.Column('recipient_sealed', sa.LargeBinary(), nullable=False),
    sa.Column('body_sealed', sa.LargeBinary(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('unit', sa.Text(), nullable=True),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('not_after', sa.DateTime(timezone=True), nullable=True),
    sa.Column('lease_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('first_tried_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('error', sa.Text(), nullable=True),
    sa.Column('request_id', sa.Text(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['clinic_id', 'customer_id'], ['customers.clinic_id', 'customers.id'], name=op.f('fk_sends_clinic_id_customer_id')),
    sa.ForeignKeyConstraint(['clinic_id'], ['clinics.id'], name=op.f('fk_sends_clinic_id')),
    sa.PrimaryKeyConstraint('id', 'clinic_id', name=op.f('pk_sends'))
    )
    op.create_index('ix_sends_customer_id', 'sends', ['customer_id'], unique=False, postgresql_where=sa.text('customer_id IS NOT NULL'))
    op.create_index('ix_sends_open', 'sends', ['clinic_id', 'due_at'], unique=False, postgresql_where=sa.text("state = 'queued'"))
    op.create_index('ix_sends_open_customer', 'sends', ['clinic_id', 'customer_id'], unique=False, postgresql_where=sa.text("state = 'queued'"))
    op.create_index('ix_sends_over', 'sends', ['clinic_id', 'created_at'], unique=False, postgresql_where=sa.text("state IN ('sent', 'failed', 'unknown', 'dropped')"))
    op.create_index('ix_sends_stuck', 'sends', ['clinic_id'], unique=False, postgresql_where=sa.text("state IN ('failed', 'unknown')"))
    op.create_table('shared_contacts',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('clinic_id', sa.Uuid(), nullable=False),
    sa.Column('first_id', sa.Uuid(), nullable=False),
    sa.Column('second_id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('source', sa.Text(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('decided_by', sa.Text(), nullable=True),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['clinic_id', 'first_id'], ['customers.clinic_id', 'customers.id'], name=op.f('fk_shared_contacts_clinic_id_first_id')),
    sa.ForeignKeyConstraint(['clinic_id', 'second_id'], ['customers.clinic_id', 'customers.id'], name=op.f('fk_shared_contacts_clinic_id_second_id')),
    sa.PrimaryKeyConstraint('id', 'clinic_id', name=op.f('pk_shared_contacts')),
    sa.UniqueConstraint('clinic_id', 'first_id', 'second_id', name=op.f('uq_shared_contacts_clinic_id_first_id_second_id'))
    )
    op.create_index('ix_shared_contacts_families', 'shared_contacts', ['clinic_id', 'decided_at', 'id'], unique=False, postgresql_where=sa.text("state = 'family'"))
    op.create_index(op.f('ix_shared_contacts_first_id'), 'shared_contacts', ['first_id'], unique=False)
    op.create_index('ix_shared_contacts_open', 'shared_contacts', ['clinic_id', 'asked_at'], unique=False, postgresql_where=sa.text("state IN ('open', 'later')"))
    op.create_index('ix_shared_contacts_second', 'shared_contacts', ['second_id'], unique=False)
    op.create_table('staff_groups',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('clinic_id', sa.Uuid(), nullable=False),
    sa.Column('branch_id', sa.Uuid(), nullable=True),
    sa.Column('code_hash', sa.LargeBinary(), nullable=True),
    sa.Column('code_expires_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('group_index', sa.LargeBinary(), nullable=True),
    sa.Column('group_id_sealed', sa.LargeBinary(), nullable=True),
    sa.Column('bound_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('members', sa.Integer(), nullable=True),
    sa.Column('left_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['clinic_id', 'branch_id'], ['branches.clinic_id', 'branches.id'], name=op.f('fk_staff_groups_clinic_id_branch_id')),
    sa.ForeignKeyConstraint(['clinic_id'], ['clinics.id'], name=op.f('fk_staff_groups_clinic_id')),
    sa.PrimaryKeyConstraint('id', 'clinic_id', name=op.f('pk_staff_groups'))
    )
    op.create_table('visits',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('clinic_id', sa.Uuid(), nullable=False),
    sa.Column('customer_id', sa.Uuid(), nullable=False),
    sa.Column('branch_id', sa.Uuid(), nullable=True),
    sa.Column('visited_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('uncounted', sa.Text(), nullable=True),
    sa.Column('service_code', sa.Text(), nullable=True),
    sa.Column('ask_on', sa.Date(), nullable=True),
    sa.Column('feedback', sa.Text(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['clinic_id', 'branch_id'], ['branches.clinic_id', 'branches.id'], name=op.f('fk_visits_clinic_id_branch_id')),
    sa.ForeignKeyConstraint(['clinic_id', 'customer_id'], ['customers.clinic_id', 'customers.id'], name=op.f('fk_visits_clinic_id_customer_id')),
    sa.PrimaryKeyConstraint('id', 'clinic_id', name=op.f('pk_visits'))
    )
    op.create_index('ix_visits_customer', 'visits', ['customer_id', 'visited_at'], unique=False)
    op.create_index('ix_visits_to_ask', 'visits', ['clinic_id', 'ask_on', 'id'], unique=False, postgresql_where=sa.text('ask_on IS NOT NULL'))
    op.create_table('achievement_unlocks',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('clinic_id', sa.Uuid(), nullable=False),
    sa.Column('customer_id', sa.Uuid(), nullable=False),
    sa.Column('achievement_id', sa.Uuid(), nullable=False),
    sa.Column('transaction_id', sa.Uuid(), nullable=True),
    sa.Column('unlocked_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['clinic_id', 'achievement_id'], ['achievements.clinic_id', 'achievements.id'], name=op.f('fk_achievement_unlocks_clinic_id_achievement_id')),
    sa.ForeignKeyConstraint(['clinic_id', 'customer_id'], ['customers.clinic_id', 'customers.id'], name=op.f('fk_achievement_unlocks_clinic_id_customer_id')),
    sa.ForeignKeyConstraint(['clinic_id', 'transaction_id'], ['point_transactions.clinic_id', 'point_transactions.id'], name=op.f('fk_achievement_unlocks_clinic_id_transaction_id')),
    sa.PrimaryKeyConstraint('id', 'clinic_id', name=op.f('pk_achievement_unlocks')),
    sa.UniqueConstraint('clinic_id', 'customer_id', 'achievement_id', name=op.f('uq_achievement_unlocks_clinic_id_customer_id_achievement_id'))
    )
    op.create_index(op.f('ix_achievement_unlocks_achievement_id'), 'achievement_unlocks', ['achievement_id'], unique=False)
    op.create_table('conversation_states',
    sa.Column('clinic_id', sa.Uuid(), nullable=False),
    sa.Column('user_index', sa.LargeBinary(), nullable=False),
    sa.Column('step', sa.Text(), nullable=True),
    sa.Column('data', postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('unknown_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('people_until', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['clinic_id', 'user_index'], ['line_links.clinic_id', 'line_links.user_index'], name=op.f('fk_conversation_states_clinic_id_user_index')),
    sa.PrimaryKeyConstraint('clinic_id', 'user_index', name=op.f('pk_conversation_states'))
    )
    op.create_index('ix_conversation_states_people', 'conversation_states', ['clinic_id', 'people_until'], unique=False, postgresql_where=sa.text('people_until IS NOT NULL'))
    op.create_table('course_sessions',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('clinic_id', sa.Uuid(), nullable=False),
    sa.Column('course_id', sa.Uuid(), nullable=False),
    sa.Column('external_id', sa.Text(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('appointment', sa.Text(), nullable=True),
    sa.Column('told_order', sa.BigInteger(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['clinic_id', 'course_id'], ['courses.clinic_id', 'courses.id'], name=op.f('fk_course_sessions_clinic_id_course_id')),
    sa.PrimaryKeyConstraint('id', 'clinic_id', name=op.f('pk_course_sessions')),
    sa.UniqueConstraint('clinic_id', 'course_id', 'external_id', name=op.f('uq_course_sessions_clinic_id_course_id_external_id'))
    )
    op.create_index(op.f('ix_course_sessions_course_id'), 'course_sessions', ['course_id'], unique=False)
    op.create_table('followup_executions',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('clinic_id', sa.Uuid(), nullable=False),
    sa.Column('rule_id', sa.Uuid(), nullable=False),
    sa.Column('rule_version', sa.Integer(), nullable=False),
    sa.Column('customer_id', sa.Uuid(), nullable=False),
    sa.Column('anchor', sa.Text(), nullable=False),
    sa.Column('about_id', sa.Uuid(), nullable=False),
    sa.Column('purpose', sa.Text(), nullable=False),
    sa.Column('step', sa.SmallInteger(), nullable=False),
    sa.Column('status', sa.Text(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=True),
    sa.Column('template_id', sa.Uuid(), nullable=True),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('not_after', sa.DateTime(timezone=True), nullable=False),
    sa.Column('held', sa.SmallInteger(), nullable=False),
    sa.Column('said_index', sa.LargeBinary(), nullable=True),
    sa.Column('failing_since', sa.DateTime(timezone=True), nullable=True),
    sa.Column('workflow_id', sa.Text(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('settled_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('opened_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('clicked_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('responded_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('response', postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
    sa.ForeignKeyConstraint(['clinic_id', 'customer_id'], ['customers.clinic_id', 'customers.id'], name=op.f('fk_followup_executions_clinic_id_customer_id')),
    sa.ForeignKeyConstraint(['clinic_id', 'rule_id'], ['followup_rules.clinic_id', 'followup_rules.id'], name=op.f('fk_followup_executions_clinic_id_rule_id')),
    sa.ForeignKeyConstraint(['clinic_id', 'template_id'], ['followup_templates.clinic_id', 'followup_templates.id'], name=op.f('fk_followup_executions_clinic_id_template_id')),
    sa.PrimaryKeyConstraint('id', 'clinic_id', name=op.f('pk_followup_executions')),
    sa.UniqueConstraint('clinic_id', 'rule_id', 'anchor', 'customer_id', 'step', name='uq_followup_executions_once')
    )
    op.create_index('ix_followup_executions_about', 'followup_executions', ['clinic_id', 'about_id'], unique=False)
    op.create_index('ix_followup_executions_ahead', 'followup_executions', ['rule_id', 'status', 'rule_version'], unique=False)
    op.create_index('ix_followup_executions_broken', 'followup_executions', ['clinic_id', 'id'], unique=False, postgresql_where=sa.text("status = 'failed' AND failing_since IS NOT NULL"))
    op.create_index('ix_followup_executions_customer', 'followup_executions', ['customer_id', 'created_at'], unique=False)
    op.create_index('ix_followup_executions_due', 'followup_executions', ['clinic_id', 'due_at'], unique=False, postgresql_where=sa.text("status = 'planned'"))
    op.create_index('ix_followup_executions_newest', 'followup_executions', ['clinic_id', 'created_at', 'id'], unique=False)
    op.create_index('ix_followup_executions_reason', 'followup_executions', ['clinic_id', 'status', 'reason', 'created_at', 'id'], unique=False, postgresql_where=sa.text('reason IS NOT NULL'))
    op.create_index('ix_followup_executions_rule', 'followup_executions', ['rule_id', 'created_at', 'id'], unique=False)
    op.create_index('ix_followup_executions_said', 'followup_executions', ['rule_id', 'customer_id', 'settled_at'], unique=False, postgresql_where=sa.text("status IN ('sent', 'unknown')"))
    op.create_index('ix_followup_executions_status', 'followup_executions', ['clinic_id', 'status', 'created_at', 'id'], unique=False)
    op.create_index('ix_followup_executions_waiting', 'followup_executions', ['due_at', 'clinic_id'], unique=False, postgresql_where=sa.text("status = 'planned'"))
    op.create_index('ix_followup_executions_workflow', 'followup_executions', ['clinic_id', 'workflow_id', 'created_at', 'id'], unique=False, postgresql_where=sa.text('workflow_id IS NOT NULL'))
    op.create_table('notifications',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('clinic_id', sa.Uuid(), nullable=False),
    sa.Column('customer_id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('key', sa.Text(), nullable=True),
    sa.Column('purpose', sa.Text(), nullable=False),
    sa.Column('data', postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('not_after', sa.DateTime(timezone=True), nullable=True),
    sa.Column('failing_since', sa.DateTime(timezone=True), nullable=True),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=True),
    sa.Column('send_id', sa.Uuid(), nullable=True),
    sa.Column('inbox_id', sa.Uuid(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['clinic_id', 'customer_id'], ['customers.clinic_id', 'customers.id'], name=op.f('fk_notifications_clinic_id_customer_id')),
    sa.ForeignKeyConstraint(['clinic_id', 'inbox_id'], ['inbox.clinic_id', 'inbox.id'], name=op.f('fk_notifications_clinic_id_inbox_id')),
    sa.ForeignKeyConstraint(['clinic_id', 'send_id'], ['sends.clinic_id', 'sends.id'], name=op.f('fk_notifications_clinic_id_send_id')),
    sa.PrimaryKeyConstraint('id', 'clinic_id', name=op.f('pk_notifications')),
    sa.UniqueConstraint('clinic_id', 'key', name=op.f('uq_notifications_clinic_id_key'))
    )
    op.create_index(op.f('ix_notifications_customer_id'), 'notifications', ['customer_id'], unique=False)
    op.create_index('ix_notifications_dead', 'notifications', ['clinic_id'], unique=False, postgresql_where=sa.text("state = 'dead'"))
    op.create_index('ix_notifications_inbox', 'notifications', ['clinic_id', 'inbox_id'], unique=False, postgresql_where=sa.text('inbox_id IS NOT NULL'))
    op.create_index('ix_notifications_open', 'notifications', ['clinic_id', 'due_at'], unique=False, postgresql_where=sa.text("state = 'open'"))
    op.create_index('ix_notifications_send', 'notifications', ['clinic_id', 'send_id'], unique=False, postgresql_where=sa.text('send_id IS NOT NULL'))
    op.create_table('payments',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('clinic_id', sa.Uuid(), nullable=False),
    sa.Column('customer_id', sa.Uuid(), nullable=False),
    sa.Column('branch_id', sa.Uuid(), nullable=True),
    sa.Column('source', sa.Text(), nullable=False),
    sa.Column('external_id', sa.Text(), nullable=False),
    sa.Column('amount', sa.Numeric(precision=12, scale=2), nullable=False),
    sa.Column('refunded', sa.Numeric(precision=12, scale=2), nullable=False),
    sa.Column('points', sa.BigInteger(), nullable=False),
    sa.Column('clawed_back', sa.BigInteger(), nullable=False),
    sa.Column('paid_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('uncounted', sa.Text(), nullable=True),
    sa.Column('service_code', sa.Text(), nullable=True),
    sa.Column('of_invoice', sa.Text(), nullable=True),
    sa.Column('workflow_id', sa.Text(), nullable=True),
    sa.Column('transaction_id', sa.Uuid(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['clinic_id', 'branch_id'], ['branches.clinic_id', 'branches.id'], name=op.f('fk_payments_clinic_id_branch_id')),
    sa.ForeignKeyConstraint(['clinic_id', 'customer_id'], ['customers.clinic_id', 'customers.id'], name=op.f('fk_payments_clinic_id_customer_id')),
    sa.ForeignKeyConstraint(['clinic_id', 'transaction_id'], ['point_transactions.clinic_id', 'point_transactions.id'], name=op.f('fk_payments_clinic_id_transaction_id')),
    sa.PrimaryKeyConstraint('id', 'clinic_id', name=op.f('pk_payments')),
    sa.UniqueConstraint('clinic_id', 'source', 'external_id', name=op.f('uq_payments_clinic_id_source_external_id'))
    )
    op.create_index('ix_payments_customer', 'payments', ['customer_id', 'paid_at'], unique=False)
    op.create_index('ix_payments_doubted', 'payments', ['clinic_id', 'paid_at'], unique=False, postgresql_where=sa.text("uncounted = 'possible_duplicate'"))
    op.create_index('ix_payments_of_invoice', 'payments', ['clinic_id', 'of_invoice'], unique=False, postgresql_where=sa.text('of_invoice IS NOT NULL'))
    op.create_table('pending_points',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('clinic_id', sa.Uuid(), nullable=False),
    sa.Column('customer_id', sa.Uuid(), nullable=False),
    sa.Column('amount', sa.BigInteger(), nullable=False),
    sa.Column('source', sa.Text(), nullable=False),
    sa.Column('reference', sa.Text(), nullable=True),
    sa.Column('idempotency_key', sa.Text(), nullable=False),
    sa.Column('description_sealed', sa.LargeBinary(), nullable=True),
    sa.Column('breakdown', postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
    sa.Column('matures_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=True),
    sa.Column('transaction_id', sa.Uuid(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['clinic_id', 'customer_id'], ['customers.clinic_id', 'customers.id'], name=op.f('fk_pending_points_clinic_id_customer_id')),
    sa.ForeignKeyConstraint(['clinic_id', 'transaction_id'], ['point_transactions.clinic_id', 'point_transactions.id'], name=op.f('fk_pending_points_clinic_id_transaction_id')),
    sa.PrimaryKeyConstraint('id', 'clinic_id', name=op.f('pk_pending_points')),
    sa.UniqueConstraint('clinic_id', 'idempotency_key', name=op.f('uq_pending_points_clinic_id_idempotency_key'))
    )
    op.create_index(op.f('ix_pending_points_customer_id'), 'pending_points', ['customer_id'], unique=False)
    op.create_index('ix_pending_points_due', 'pending_points', ['customer_id', 'matures_at'], unique=False, postgresql_where=sa.text("state = 'pending'"))
    op.create_table('point_lots',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('clinic_id', sa.Uuid(), nullable=False),
    sa.Column('customer_id', sa.Uuid(), nullable=False),
    sa.Column('transaction_id', sa.Uuid(), nullable=False),
    sa.Column('remaining', sa.BigInteger(), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('graced', sa.Boolean(), server_default='false', nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['clinic_id', 'customer_id'], ['customers.clinic_id', 'customers.id'], name=op.f('fk_point_lots_clinic_id_customer_id')),
    sa.ForeignKeyConstraint(['clinic_id', 'transaction_id'], ['point_transactions.clinic_id', 'point_transactions.id'], name=op.f('fk_point_lots_clinic_id_transaction_id')),
    sa.PrimaryKeyConstraint('id', 'clinic_id', name=op.f('pk_point_lots')),
    sa.UniqueConstraint('transaction_id', 'clinic_id', name=op.f('uq_point_lots_transaction_id_clinic_id'))
    )
    op.create_index(op.f('ix_point_lots_customer_id'), 'point_lots', ['customer_id'], unique=False)
    op.create_index('ix_point_lots_ending', 'point_lots', ['clinic_id', 'expires_at', 'customer_id'], unique=False, postgresql_where=sa.text('remaining > 0'))
    op.create_index('ix_point_lots_open', 'point_lots', ['customer_id', 'expires_at'], unique=False, postgresql_where=sa.text('remaining <> 0'))
    op.create_table('redemptions',
    sa.Column('id', sa.Uuid(), nullable=False),
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
    sa.ForeignKeyConstraint(['clinic_id', 'customer_id'], ['customers.clinic_id', 'customers.id'], name=op.f('fk_redemptions_clinic_id_customer_id')),
    sa.ForeignKeyConstraint(['clinic_id', 'reward_id'], ['rewards.clinic_id', 'rewards.id'], name=op.f('fk_redemptions_clinic_id_reward_id')),
    sa.ForeignKeyConstraint(['clinic_id', 'transaction_id'], ['point_transactions.clinic_id', 'point_transactions.id'], name=op.f('fk_redemptions_clinic_id_transaction_id')),
    sa.PrimaryKeyConstraint('id', 'clinic_id', name=op.f('pk_redemptions')),
    sa.UniqueConstraint('clinic_id', 'code', name=op.f('uq_redemptions_clinic_id_code')),
    sa.UniqueConstraint('transaction_id', 'clinic_id', name=op.f('uq_redemptions_transaction_id_clinic_id'))
    )
    op.create_index('ix_redemptions_customer', 'redemptions', ['customer_id', 'issued_at'], unique=False)
    op.create_index('ix_redemptions_open', 'redemptions', ['clinic_id', 'expires_at', 'id'], unique=False, postgresql_where=sa.text("state = 'issued'"))
    op.create_index(op.f('ix_redemptions_reward_id'), 'redemptions', ['reward_id'], unique=False)
    op.create_table('replies',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('clinic_id', sa.Uuid(), nullable=False),
    sa.Column('customer_id', sa.Uuid(), nullable=True),
    sa.Column('inbox_id', sa.Uuid(), nullable=False),
    sa.Column('body_sealed', sa.LargeBinary(), nullable=False),
    sa.Column('token_sealed', sa.LargeBinary(), nullable=False),
    sa.Column('recipient_sealed', sa.LargeBinary(), nullable=True),
    sa.Column('received_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('lease_until', sa.DateTime(timezone=True), nullable=False),
    sa.Column('error', sa.Text(), nullable=True),
    sa.Column('request_id', sa.Text(), nullable=True),
    sa.ForeignKeyConstraint(['clinic_id', 'customer_id'], ['customers.clinic_id', 'customers.id'], name=op.f('fk_replies_clinic_id_customer_id')),
    sa.ForeignKeyConstraint(['clinic_id', 'inbox_id'], ['inbox.clinic_id', 'inbox.id'], name=op.f('fk_replies_clinic_id_inbox_id')),
    sa.PrimaryKeyConstraint('id', 'clinic_id', name=op.f('pk_replies')),
    sa.UniqueConstraint('inbox_id', 'clinic_id', name=op.f('uq_replies_inbox_id_clinic_id'))
    )
    op.create_index('ix_replies_customer_id', 'replies', ['customer_id'], unique=False, postgresql_where=sa.text('customer_id IS NOT NULL'))
    op.create_index('ix_replies_failed', 'replies', ['clinic_id'], unique=False, postgresql_where=sa.text("state = 'failed'"))
    op.create_index('ix_replies_open', 'replies', ['clinic_id', 'lease_until'], unique=False, postgresql_where=sa.text("state = 'open'"))
    op.create_index('ix_replies_open_customer', 'replies', ['clinic_id', 'customer_id'], unique=False, postgresql_where=sa.text("state = 'open'"))
    op.create_table('reviews',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('clinic_id', sa.Uuid(), nullable=False),
    sa.Column('customer_id', sa.Uuid(), nullable=False),
    sa.Column('visit_id', sa.Uuid(), nullable=False),
    sa.Column('rating', sa.Integer(), nullable=False),
    sa.Column('comment_sealed', sa.LargeBinary(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['clinic_id', 'customer_id'], ['customers.clinic_id', 'customers.id'], name=op.f('fk_reviews_clinic_id_customer_id')),
    sa.ForeignKeyConstraint(['clinic_id', 'visit_id'], ['visits.clinic_id', 'visits.id'], name=op.f('fk_reviews_clinic_id_visit_id')),
    sa.PrimaryKeyConstraint('id', 'clinic_id', name=op.f('pk_reviews')),
    sa.UniqueConstraint('visit_id', 'clinic_id', name=op.f('uq_reviews_visit_id_clinic_id'))
    )
    op.create_index(op.f('ix_reviews_customer_id'), 'reviews', ['customer_id'], unique=False)
    op.create_table('staff_members',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('clinic_id', sa.Uuid(), nullable=False),
    sa.Column('group_id', sa.Uuid(), nullable=False),
    sa.Column('member_index', sa.LargeBinary(), nullable=False),
    sa.Column('user_id_sealed', sa.LargeBinary(), nullable=True),
    sa.Column('name_sealed', sa.LargeBinary(), nullable=True),
    sa.Column('role', sa.Text(), nullable=False),
    sa.Column('code', sa.Text(), nullable=True),
    sa.Column('allowed_by', sa.Text(), nullable=True),
    sa.Column('allowed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ended_why', sa.Enum('left', 'removed', 'gone', 'group_left', native_enum=False), nullable=True),
    sa.Column('ended_by', sa.Text(), nullable=True),
    sa.Column('ask_due_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ask_attempts', sa.Integer(), nullable=False),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ask_error', sa.Text(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['clinic_id', 'group_id'], ['staff_groups.clinic_id', 'staff_groups.id'], name=op.f('fk_staff_members_clinic_id_group_id')),
    sa.PrimaryKeyConstraint('id', 'clinic_id', name=op.f('pk_staff_members'))
    )
    op.create_index('ix_staff_members_asked', 'staff_members', ['clinic_id', 'ask_due_at'], unique=False, postgresql_where=sa.text('ask_due_at IS NOT NULL'))
    op.create_index('ix_staff_members_present', 'staff_members', ['clinic_id', 'group_id', 'member_index'], unique=True, postgresql_where=sa.text('ended_at IS NULL'))
    op.create_table('staff_notices',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('clinic_id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('customer_id', sa.Uuid(), nullable=True),
    sa.Column('branch_id', sa.Uuid(), nullable=True),
    sa.Column('data', postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('push_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('until', sa.DateTime(timezone=True), nullable=False),
    sa.Column('failing_since', sa.DateTime(timezone=True), nullable=True),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=True),
    sa.Column('group_id', sa.Uuid(), nullable=True),
    sa.Column('send_id', sa.Uuid(), nullable=True),
    sa.Column('inbox_id', sa.Uuid(), nullable=True),
    sa.Column('code', sa.Text(), nullable=True),
    sa.Column('message_id', sa.Text(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['clinic_id', 'branch_id'], ['branches.clinic_id', 'branches.id'], name=op.f('fk_staff_notices_clinic_id_branch_id')),
    sa.ForeignKeyConstraint(['clinic_id', 'customer_id'], ['customers.clinic_id', 'customers.id'], name=op.f('fk_staff_notices_clinic_id_customer_id')),
    sa.ForeignKeyConstraint(['clinic_id', 'group_id'], ['staff_groups.clinic_id', 'staff_groups.id'], name=op.f('fk_staff_notices_clinic_id_group_id')),
    sa.ForeignKeyConstraint(['clinic_id', 'inbox_id'], ['inbox.clinic_id', 'inbox.id'], name=op.f('fk_staff_notices_clinic_id_inbox_id')),
    sa.ForeignKeyConstraint(['clinic_id', 'send_id'], ['sends.clinic_id', 'sends.id'], name=op.f('fk_staff_notices_clinic_id_send_id')),
    sa.ForeignKeyConstraint(['clinic_id'], ['clinics.id'], name=op.f('fk_staff_notices_clinic_id')),
    sa.PrimaryKeyConstraint('id', 'clinic_id', name=op.f('pk_staff_notices')),
    sa.UniqueConstraint('clinic_id', 'key', name=op.f('uq_staff_notices_clinic_id_key'))
    )
    op.create_index('ix_staff_notices_code', 'staff_notices', ['clinic_id', 'code'], unique=False, postgresql_where=sa.text('code IS NOT NULL'))
    op.create_index('ix_staff_notices_customer', 'staff_notices', ['customer_id'], unique=False, postgresql_where=sa.text('customer_id IS NOT NULL'))
    op.create_index('ix_staff_notices_dead', 'staff_notices', ['clinic_id'], unique=False, postgresql_where=sa.text("state = 'dead'"))
    op.create_index('ix_staff_notices_inbox', 'staff_notices', ['clinic_id', 'inbox_id'], unique=False, postgresql_where=sa.text('inbox_id IS NOT NULL'))
    op.create_index('ix_staff_notices_message', 'staff_notices', ['clinic_id', 'message_id'], unique=False, postgresql_where=sa.text('message_id IS NOT NULL'))
    op.create_index('ix_staff_notices_nameless', 'staff_notices', ['clinic_id', 'group_id'], unique=False, postgresql_where=sa.text("state = 'sent' AND message_id IS NULL"))
    op.create_index('ix_staff_notices_open', 'staff_notices', ['clinic_id', 'push_at'], unique=False, postgresql_where=sa.text("state = 'open'"))
    op.create_index('ix_staff_notices_over', 'staff_notices', ['clinic_id', 'created_at'], unique=False, postgresql_where=sa.text("state IN ('sent', 'skipped')"))
    op.create_index('ix_staff_notices_send', 'staff_notices', ['clinic_id', 'send_id'], unique=False, postgresql_where=sa.text('send_id IS NOT NULL'))
    op.create_table('treatments',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('clinic_id', sa.Uuid(), nullable=False),
    sa.Column('customer_id', sa.Uuid(), nullable=False),
    sa.Column('branch_id', sa.Uuid(), nullable=True),
    sa.Column('visit_id', sa.Uuid(), nullable=True),
    sa.Column('source', sa.Text(), nullable=False),
    sa.Column('external_id', sa.Text(), nullable=True),
    sa.Column('appointment_id', sa.Uuid(), nullable=True),
    sa.Column('of_appointment', sa.Text(), nullable=True),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('performed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('service_code', sa.Text(), nullable=True),
    sa.Column('service_sealed', sa.LargeBinary(), nullable=True),
    sa.Column('staff_sealed', sa.LargeBinary(), nullable=True),
    sa.Column('about_sealed', sa.LargeBinary(), nullable=True),
    sa.Column('workflow_id', sa.Text(), nullable=True),
    sa.Column('state_order', sa.BigInteger(), nullable=False),
    sa.Column('details_order', sa.BigInteger(), nullable=False),
    sa.Column('told_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['clinic_id', 'appointment_id'], ['appointments.clinic_id', 'appointments.id'], name=op.f('fk_treatments_clinic_id_appointment_id')),
    sa.ForeignKeyConstraint(['clinic_id', 'branch_id'], ['branches.clinic_id', 'branches.id'], name=op.f('fk_treatments_clinic_id_branch_id')),
    sa.ForeignKeyConstraint(['clinic_id', 'customer_id'], ['customers.clinic_id', 'customers.id'], name=op.f('fk_treatments_clinic_id_customer_id')),
    sa.ForeignKeyConstraint(['clinic_id', 'visit_id'], ['visits.clinic_id', 'visits.id'], name=op.f('fk_treatments_clinic_id_visit_id')),
    sa.PrimaryKeyConstraint('id', 'clinic_id', name=op.f('pk_treatments')),
    sa.UniqueConstraint('clinic_id', 'appointment_id', name=op.f('uq_treatments_clinic_id_appointment_id')),
    sa.UniqueConstraint('clinic_id', 'source', 'external_id', name=op.f('uq_treatments_clinic_id_source_external_id'))
    )
    op.create_index('ix_treatments_customer_id', 'treatments', ['customer_id', 'performed_at'], unique=False)
    op.create_index('ix_treatments_of_appointment', 'treatments', ['clinic_id', 'source', 'of_appointment'], unique=False, postgresql_where=sa.text('of_appointment IS NOT NULL'))
    op.create_index(op.f('ix_treatments_visit_id'), 'treatments', ['visit_id'], unique=False)
    op.create_table('visit_tellings',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('clinic_id', sa.Uuid(), nullable=False),
    sa.Column('customer_id', sa.Uuid(), nullable=False),
    sa.Column('visit_id', sa.Uuid(), nullable=True),
    sa.Column('branch_id', sa.Uuid(), nullable=True),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('source', sa.Text(), nullable=False),
    sa.Column('external_id', sa.Text(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('service_code', sa.Text(), nullable=True),
    sa.Column('by', sa.Text(), nullable=False),
    sa.Column('withdrawn_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['clinic_id', 'branch_id'], ['branches.clinic_id', 'branches.id'], name=op.f('fk_visit_tellings_clinic_id_branch_id')),
    sa.ForeignKeyConstraint(['clinic_id', 'customer_id'], ['customers.clinic_id', 'customers.id'], name=op.f('fk_visit_tellings_clinic_id_customer_id')),
    sa.ForeignKeyConstraint(['clinic_id', 'visit_id'], ['visits.clinic_id', 'visits.id'], name=op.f('fk_visit_tellings_clinic_id_visit_id')),
    sa.PrimaryKeyConstraint('id', 'clinic_id', name=op.f('pk_visit_tellings')),
    sa.UniqueConstraint('clinic_id', 'kind', 'source', 'external_id', name=op.f('uq_visit_tellings_clinic_id_kind_source_external_id'))
    )
    op.create_index('ix_visit_tellings_customer', 'visit_tellings', ['customer_id', 'at'], unique=False)
    op.create_index(op.f('ix_visit_tellings_visit_id'), 'visit_tellings', ['visit_id'], unique=False)
    op.create_table('deliveries',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('clinic_id', sa.Uuid(), nullable=False),
    sa.Column('execution_id', sa.Uuid(), nullable=False),
    sa.Column('channel', sa.Text(), nullable=False),
    sa.Column('send_id', sa.Uuid(), nullable=True),
    sa.Column('unit', sa.Text(), nullable=True),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('settled_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('clicked_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('clicks', sa.Integer(), server_default='0', nullable=False),
    sa.Column('machine_clicks', sa.Integer(), server_default='0', nullable=False),
    sa.Column('last_link', sa.SmallInteger(), nullable=True),
    sa.Column('last_click_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['clinic_id', 'execution_id'], ['followup_executions.clinic_id', 'followup_executions.id'], name=op.f('fk_deliveries_clinic_id_execution_id')),
    sa.PrimaryKeyConstraint('id', 'clinic_id', name=op.f('pk_deliveries')),
    sa.UniqueConstraint('clinic_id', 'execution_id', 'channel', name=op.f('uq_deliveries_clinic_id_execution_id_channel'))
    )
    op.create_index('ix_deliveries_send_id', 'deliveries', ['send_id'], unique=False, postgresql_where=sa.text('send_id IS NOT NULL'))
    op.create_index('ix_deliveries_unit', 'deliveries', ['clinic_id', 'unit'], unique=False, postgresql_where=sa.text('unit IS NOT NULL'))
    op.create_table('point_allocations',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('clinic_id', sa.Uuid(), nullable=False),
    sa.Column('transaction_id', sa.Uuid(), nullable=False),
    sa.Column('lot_id', sa.Uuid(), nullable=False),
    sa.Column('amount', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['clinic_id', 'lot_id'], ['point_lots.clinic_id', 'point_lots.id'], name=op.f('fk_point_allocations_clinic_id_lot_id')),
    sa.ForeignKeyConstraint(['clinic_id', 'transaction_id'], ['point_transactions.clinic_id', 'point_transactions.id'], name=op.f('fk_point_allocations_clinic_id_transaction_id')),
    sa.PrimaryKeyConstraint('id', 'clinic_id', name=op.f('pk_point_allocations'))
    )
    op.create_index(op.f('ix_point_allocations_lot_id'), 'point_allocations', ['lot_id'], unique=False)
    op.create_index(op.f('ix_point_allocations_transaction_id'), 'point_allocations', ['transaction_id'], unique=False)
    op.create_table('referrals',
    sa.Column('id', sa.Uuid(), nullable=False),
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
    sa.ForeignKeyConstraint(['clinic_id', 'friend_id'], ['customers.clinic_id', 'customers.id'], name=op.f('fk_referrals_clinic_id_friend_id')),
    sa.ForeignKeyConstraint(['clinic_id', 'payment_id'], ['payments.clinic_id', 'payments.id'], name=op.f('fk_referrals_clinic_id_payment_id')),
    sa.ForeignKeyConstraint(['clinic_id', 'referrer_id'], ['customers.clinic_id', 'customers.id'], name=op.f('fk_referrals_clinic_id_referrer_id')),
    sa.ForeignKeyConstraint(['clinic_id', 'transaction_id'], ['point_transactions.clinic_id', 'point_transactions.id'], name=op.f('fk_referrals_clinic_id_transaction_id')),
    sa.PrimaryKeyConstraint('id', 'clinic_id', name=op.f('pk_referrals')),
    sa.UniqueConstraint('friend_id', 'clinic_id', name=op.f('uq_referrals_friend_id_clinic_id'))
    )
    op.create_index('ix_referrals_due', 'referrals', ['clinic_id', 'pays_at', 'id'], unique=False, postgresql_where=sa.text("state = 'qualified'"))
    op.create_index('ix_referrals_payment_id', 'referrals', ['payment_id'], unique=False, postgresql_where=sa.text('payment_id IS NOT NULL'))
    op.create_index('ix_referrals_referrer', 'referrals', ['referrer_id', 'bound_at'], unique=False)
    op.create_index('ix_referrals_review', 'referrals', ['clinic_id', 'bound_at'], unique=False, postgresql_where=sa.text("state = 'review'"))
    op.create_table('refunds',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('clinic_id', sa.Uuid(), nullable=False),
    sa.Column('payment_id', sa.Uuid(), nullable=False),
    sa.Column('external_id', sa.Text(), nullable=False),
    sa.Column('amount', sa.Numeric(precision=12, scale=2), nullable=False),
    sa.Column('refunded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('transaction_id', sa.Uuid(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['clinic_id', 'payment_id'], ['payments.clinic_id', 'payments.id'], name=op.f('fk_refunds_clinic_id_payment_id')),
    sa.ForeignKeyConstraint(['clinic_id', 'transaction_id'], ['point_transactions.clinic_id', 'point_transactions.id'], name=op.f('fk_refunds_clinic_id_transaction_id')),
    sa.PrimaryKeyConstraint('id', 'clinic_id', name=op.f('pk_refunds')),
    sa.UniqueConstraint('clinic_id', 'payment_id', 'external_id', name=op.f('uq_refunds_clinic_id_payment_id_external_id'))
    )
    op.create_index(op.f('ix_refunds_payment_id'), 'refunds', ['payment_id'], unique=False)
    op.create_table('staff_acts',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('clinic_id', sa.Uuid(), nullable=False),
    sa.Column('group_id', sa.Uuid(), nullable=False),
    sa.Column('code', sa.Text(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=True),
    sa.Column('customer_id', sa.Uuid(), nullable=True),
    sa.Column('other_id', sa.Uuid(), nullable=True),
    sa.Column('amount', sa.Numeric(precision=12, scale=2), nullable=True),
    sa.Column('course_id', sa.Uuid(), nullable=True),
    sa.Column('sessions', sa.Integer(), nullable=True),
    sa.Column('points', sa.BigInteger(), nullable=True),
    sa.Column('words_sealed', sa.LargeBinary(), nullable=True),
    sa.Column('payment_id', sa.Uuid(), nullable=True),
    sa.Column('visit_id', sa.Uuid(), nullable=True),
    sa.Column('appointment_id', sa.Uuid(), nullable=True),
    sa.Column('redemption_id', sa.Uuid(), nullable=True),
    sa.Column('notice_id', sa.Uuid(), nullable=True),
    sa.Column('inbox_id', sa.Uuid(), nullable=True),
    sa.Column('decided_id', sa.Uuid(), nullable=True),
    sa.Column('message_id', sa.Text(), nullable=True),
    sa.Column('answers_id', sa.Uuid(), nullable=True),
    sa.Column('send_id', sa.Uuid(), nullable=True),
    sa.Column('asked_by', sa.Text(), nullable=False),
    sa.Column('done_by', sa.Text(), nullable=True),
    sa.Column('done_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('undone_by', sa.Text(), nullable=True),
    sa.Column('undone_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['clinic_id', 'answers_id'], ['inbox.clinic_id', 'inbox.id'], name=op.f('fk_staff_acts_clinic_id_answers_id')),
    sa.ForeignKeyConstraint(['clinic_id', 'appointment_id'], ['appointments.clinic_id', 'appointments.id'], name=op.f('fk_staff_acts_clinic_id_appointment_id')),
    sa.ForeignKeyConstraint(['clinic_id', 'course_id'], ['courses.clinic_id', 'courses.id'], name=op.f('fk_staff_acts_clinic_id_course_id')),
    sa.ForeignKeyConstraint(['clinic_id', 'customer_id'], ['customers.clinic_id', 'customers.id'], name=op.f('fk_staff_acts_clinic_id_customer_id')),
    sa.ForeignKeyConstraint(['clinic_id', 'decided_id'], ['inbox.clinic_id', 'inbox.id'], name=op.f('fk_staff_acts_clinic_id_decided_id')),
    sa.ForeignKeyConstraint(['clinic_id', 'group_id'], ['staff_groups.clinic_id', 'staff_groups.id'], name=op.f('fk_staff_acts_clinic_id_group_id')),
    sa.ForeignKeyConstraint(['clinic_id', 'inbox_id'], ['inbox.clinic_id', 'inbox.id'], name=op.f('fk_staff_acts_clinic_id_inbox_id')),
    sa.ForeignKeyConstraint(['clinic_id', 'notice_id'], ['staff_notices.clinic_id', 'staff_notices.id'], name=op.f('fk_staff_acts_clinic_id_notice_id')),
    sa.ForeignKeyConstraint(['clinic_id', 'other_id'], ['customers.clinic_id', 'customers.id'], name=op.f('fk_staff_acts_clinic_id_other_id')),
    sa.ForeignKeyConstraint(['clinic_id', 'payment_id'], ['payments.clinic_id', 'payments.id'], name=op.f('fk_staff_acts_clinic_id_payment_id')),
    sa.ForeignKeyConstraint(['clinic_id', 'redemption_id'], ['redemptions.clinic_id', 'redemptions.id'], name=op.f('fk_staff_acts_clinic_id_redemption_id')),
    sa.ForeignKeyConstraint(['clinic_id', 'send_id'], ['sends.clinic_id', 'sends.id'], name=op.f('fk_staff_acts_clinic_id_send_id')),
    sa.ForeignKeyConstraint(['clinic_id', 'visit_id'], ['visits.clinic_id', 'visits.id'], name=op.f('fk_staff_acts_clinic_id_visit_id')),
    sa.PrimaryKeyConstraint('id', 'clinic_id', name=op.f('pk_staff_acts'))
    )
    op.create_index(op.f('ix_staff_acts_answers_id'), 'staff_acts', ['answers_id'], unique=False)
    op.create_index(op.f('ix_staff_acts_appointment_id'), 'staff_acts', ['appointment_id'], unique=False)
    op.create_index('ix_staff_acts_by', 'staff_acts', ['clinic_id', 'asked_by', 'created_at'], unique=False)
    op.create_index('ix_staff_acts_code', 'staff_acts', ['clinic_id', 'code', 'created_at'], unique=False)
    op.create_index(op.f('ix_staff_acts_course_id'), 'staff_acts', ['course_id'], unique=False)
    op.create_index('ix_staff_acts_customer', 'staff_acts', ['customer_id', 'created_at'], unique=False)
    op.create_index(op.f('ix_staff_acts_decided_id'), 'staff_acts', ['decided_id'], unique=False)
    op.create_index('ix_staff_acts_group', 'staff_acts', ['group_id', 'created_at'], unique=False)
    op.create_index(op.f('ix_staff_acts_inbox_id'), 'staff_acts', ['inbox_id'], unique=False)
    op.create_index('ix_staff_acts_message', 'staff_acts', ['clinic_id', 'message_id'], unique=False, postgresql_where=sa.text('message_id IS NOT NULL'))
    op.create_index(op.f('ix_staff_acts_notice_id'), 'staff_acts', ['notice_id'], unique=False)
    op.create_index(op.f('ix_staff_acts_payment_id'), 'staff_acts', ['payment_id'], unique=False)
    op.create_index(op.f('ix_staff_acts_redemption_id'), 'staff_acts', ['redemption_id'], unique=False)
    op.create_index(op.f('ix_staff_acts_send_id'), 'staff_acts', ['send_id'], unique=False)
    op.create_index(op.f('ix_staff_acts_visit_id'), 'staff_acts', ['visit_id'], unique=False)
    op.create_table('tasks',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('clinic_id', sa.Uuid(), nullable=False),
    sa.Column('customer_id', sa.Uuid(), nullable=False),
    sa.Column('execution_id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('priority', sa.Text(), nullable=False),
    sa.Column('code', sa.Text(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('until', sa.DateTime(timezone=True), nullable=False),
    sa.Column('done_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('done_by', sa.Text(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['clinic_id', 'customer_id'], ['customers.clinic_id', 'customers.id'], name=op.f('fk_tasks_clinic_id_customer_id')),
    sa.ForeignKeyConstraint(['clinic_id', 'execution_id'], ['followup_executions.clinic_id', 'followup_executions.id'], name=op.f('fk_tasks_clinic_id_execution_id')),
    sa.PrimaryKeyConstraint('id', 'clinic_id', name=op.f('pk_tasks')),
    sa.UniqueConstraint('clinic_id', 'execution_id', name=op.f('uq_tasks_clinic_id_execution_id'))
    )
    op.create_index('ix_tasks_code', 'tasks', ['clinic_id', 'code', 'created_at'], unique=False)
    op.create_index('ix_tasks_customer_id', 'tasks', ['customer_id'], unique=False)
    op.create_index('ix_tasks_open', 'tasks', ['clinic_id', 'until'], unique=False, postgresql_where=sa.text("state = 'open'"))
    op.execute(
        """
        CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION '% is append-only: write a new entry that corrects the old one', TG_TABLE_NAME
                USING ERRCODE = 'restrict_violation';
        END $$
        """
    )
    for table in APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )


def downgrade() -> None:
    op.drop_index('ix_tasks_open', table_name='tasks', postgresql_where=sa.text("state = 'open'"))
    op.drop_index('ix_tasks_customer_id', table_name='tasks')
    op.drop_index('ix_tasks_code', table_name='tasks')
    op.drop_table('tasks')
    op.drop_index(op.f('ix_staff_acts_visit_id'), table_name='staff_acts')
    op.drop_index(op.f('ix_staff_acts_send_id'), table_name='staff_acts')
    op.drop_index(op.f('ix_staff_acts_redemption_id'), table_name='staff_acts')
    op.drop_index(op.f('ix_staff_acts_payment_id'), table_name='staff_acts')
    op.drop_index(op.f('ix_staff_acts_notice_id'), table_name='staff_acts')
    op.drop_index('ix_staff_acts_message', table_name='staff_acts', postgresql_where=sa.text('message_id IS NOT NULL'))
    op.drop_index(op.f('ix_staff_acts_inbox_id'), table_name='staff_acts')
    op.drop_index('ix_staff_acts_group', table_name='staff_acts')
    op.drop_index(op.f('ix_staff_acts_decided_id'), table_name='staff_acts')
    op.drop_index('ix_staff_acts_customer', table_name='staff_acts')
    op.drop_index(op.f('ix_staff_acts_course_id'), table_name='staff_acts')
    op.drop_index('ix_staff_acts_code', table_name='staff_acts')
    op.drop_index('ix_staff_acts_by', table_name='staff_acts')
    op.drop_index(op.f('ix_staff_acts_appointment_id'), table_name='staff_acts')
    op.drop_index(op.f('ix_staff_acts_answers_id'), table_name='staff_acts')
    op.drop_table('staff_acts')
    op.drop_index(op.f('ix_refunds_payment_id'), table_name='refunds')
    op.drop_table('refunds')
    op.drop_index('ix_referrals_review', table_name='referrals', postgresql_where=sa.text("state = 'review'"))
    op.drop_index('ix_referrals_referrer', table_name='referrals')
    op.drop_index('ix_referrals_payment_id', table_name='referrals', postgresql_where=sa.text('payment_id IS NOT NULL'))
    op.drop_index('ix_referrals_due', table_name='referrals', postgresql_where=sa.text("state = 'qualified'"))
    op.drop_table('referrals')
    op.drop_index(op.f('ix_point_allocations_transaction_id'), table_name='point_allocations')
    op.drop_index(op.f('ix_point_allocations_lot_id'), table_name='point_allocations')
    op.drop_table('point_allocations')
    op.drop_index('ix_deliveries_unit', table_name='deliveries', postgresql_where=sa.text('unit IS NOT NULL'))
    op.drop_index('ix_deliveries_send_id', table_name='deliveries', postgresql_where=sa.text('send_id IS NOT NULL'))
    op.drop_table('deliveries')
    op.drop_index(op.f('ix_visit_tellings_visit_id'), table_name='visit_tellings')
    op.drop_index('ix_visit_tellings_customer', table_name='visit_tellings')
    op.drop_table('visit_tellings')
    op.drop_index(op.f('ix_treatments_visit_id'), table_name='treatments')
    op.drop_index('ix_treatments_of_appointment', table_name='treatments', postgresql_where=sa.text('of_appointment IS NOT NULL'))
    op.drop_index('ix_treatments_customer_id', table_name='treatments')
    op.drop_table('treatments')
    op.drop_index('ix_staff_notices_send', table_name='staff_notices', postgresql_where=sa.text('send_id IS NOT NULL'))
    op.drop_index('ix_staff_notices_over', table_name='staff_notices', postgresql_where=sa.text("state IN ('sent', 'skipped')"))
    op.drop_index('ix_staff_notices_open', table_name='staff_notices', postgresql_where=sa.text("state = 'open'"))
    op.drop_index('ix_staff_notices_nameless', table_name='staff_notices', postgresql_where=sa.text("state = 'sent' AND message_id IS NULL"))
    op.drop_index('ix_staff_notices_message', table_name='staff_notices', postgresql_where=sa.text('message_id IS NOT NULL'))
    op.drop_index('ix_staff_notices_inbox', table_name='staff_notices', postgresql_where=sa.text('inbox_id IS NOT NULL'))
    op.drop_index('ix_staff_notices_dead', table_name='staff_notices', postgresql_where=sa.text("state = 'dead'"))
    op.drop_index('ix_staff_notices_customer', table_name='staff_notices', postgresql_where=sa.text('customer_id IS NOT NULL'))
    op.drop_index('ix_staff_notices_code', table_name='staff_notices', postgresql_where=sa.text('code IS NOT NULL'))
    op.drop_table('staff_notices')
    op.drop_index('ix_staff_members_present', table_name='staff_members', postgresql_where=sa.text('ended_at IS NULL'))
    op.drop_index('ix_staff_members_asked', table_name='staff_members', postgresql_where=sa.text('ask_due_at IS NOT NULL'))
    op.drop_table('staff_members')
    op.drop_index(op.f('ix_reviews_customer_id'), table_name='reviews')
    op.drop_table('reviews')
    op.drop_index('ix_replies_open_customer', table_name='replies', postgresql_where=sa.text("state = 'open'"))
    op.drop_index('ix_replies_open', table_name='replies', postgresql_where=sa.text("state = 'open'"))
    op.drop_index('ix_replies_failed', table_name='replies', postgresql_where=sa.text("state = 'failed'"))
    op.drop_index('ix_replies_customer_id', table_name='replies', postgresql_where=sa.text('customer_id IS NOT NULL'))
    op.drop_table('replies')
    op.drop_index(op.f('ix_redemptions_reward_id'), table_name='redemptions')
    op.drop_index('ix_redemptions_open', table_name='redemptions', postgresql_where=sa.text("state = 'issued'"))
    op.drop_index('ix_redemptions_customer', table_name='redemptions')
    op.drop_table('redemptions')
    op.drop_index('ix_point_lots_open', table_name='point_lots', postgresql_where=sa.text('remaining <> 0'))
    op.drop_index('ix_point_lots_ending', table_name='point_lots', postgresql_where=sa.text('remaining > 0'))
    op.drop_index(op.f('ix_point_lots_customer_id'), table_name='point_lots')
    op.drop_table('point_lots')
    op.drop_index('ix_pending_points_due', table_name='pending_points', postgresql_where=sa.text("state = 'pending'"))
    op.drop_index(op.f('ix_pending_points_customer_id'), table_name='pending_points')
    op.drop_table('pending_points')
    op.drop_index('ix_payments_of_invoice', table_name='payments', postgresql_where=sa.text('of_invoice IS NOT NULL'))
    op.drop_index('ix_payments_doubted', table_name='payments', postgresql_where=sa.text("uncounted = 'possible_duplicate'"))
    op.drop_index('ix_payments_customer', table_name='payments')
    op.drop_table('payments')
    op.drop_index('ix_notifications_send', table_name='notifications', postgresql_where=sa.text('send_id IS NOT NULL'))
    op.drop_index('ix_notifications_open', table_name='notifications', postgresql_where=sa.text("state = 'open'"))
    op.drop_index('ix_notifications_inbox', table_name='notifications', postgresql_where=sa.text('inbox_id IS NOT NULL'))
    op.drop_index('ix_notifications_dead', table_name='notifications', postgresql_where=sa.text("state = 'dead'"))
    op.drop_index(op.f('ix_notifications_customer_id'), table_name='notifications')
    op.drop_table('notifications')
    op.drop_index('ix_followup_executions_workflow', table_name='followup_executions', postgresql_where=sa.text('workflow_id IS NOT NULL'))
    op.drop_index('ix_followup_executions_waiting', table_name='followup_executions', postgresql_where=sa.text("status = 'planned'"))
    op.drop_index('ix_followup_executions_status', table_name='followup_executions')
    op.drop_index('ix_followup_executions_said', table_name='followup_executions', postgresql_where=sa.text("status IN ('sent', 'unknown')"))
    op.drop_index('ix_followup_executions_rule', table_name='followup_executions')
    op.drop_index('ix_followup_executions_reason', table_name='followup_executions', postgresql_where=sa.text('reason IS NOT NULL'))
    op.drop_index('ix_followup_executions_newest', table_name='followup_executions')
    op.drop_index('ix_followup_executions_due', table_name='followup_executions', postgresql_where=sa.text("status = 'planned'"))
    op.drop_index('ix_followup_executions_customer', table_name='followup_executions')
    op.drop_index('ix_followup_executions_broken', table_name='followup_executions', postgresql_where=sa.text("status = 'failed' AND failing_since IS NOT NULL"))
    op.drop_index('ix_followup_executions_ahead', table_name='followup_executions')
    op.drop_index('ix_followup_executions_about', table_name='followup_executions')
    op.drop_table('followup_executions')
    op.drop_index(op.f('ix_course_sessions_course_id'), table_name='course_sessions')
    op.drop_table('course_sessions')
    op.drop_index('ix_conversation_states_people', table_name='conversation_states', postgresql_where=sa.text('people_until IS NOT NULL'))
    op.drop_table('conversation_states')
    op.drop_index(op.f('ix_achievement_unlocks_achievement_id'), table_name='achievement_unlocks')
    op.drop_table('achievement_unlocks')
    op.drop_index('ix_visits_to_ask', table_name='visits', postgresql_where=sa.text('ask_on IS NOT NULL'))
    op.drop_index('ix_visits_customer', table_name='visits')
    op.drop_table('visits')
    op.drop_table('staff_groups')
    op.drop_index('ix_shared_contacts_second', table_name='shared_contacts')
    op.drop_index('ix_shared_contacts_open', table_name='shared_contacts', postgresql_where=sa.text("state IN ('open', 'later')"))
    op.drop_index(op.f('ix_shared_contacts_first_id'), table_name='shared_contacts')
    op.drop_index('ix_shared_contacts_families', table_name='shared_contacts', postgresql_where=sa.text("state = 'family'"))
    op.drop_table('shared_contacts')
    op.drop_index('ix_sends_stuck', table_name='sends', postgresql_where=sa.text("state IN ('failed', 'unknown')"))
    op.drop_index('ix_sends_over', table_name='sends', postgresql_where=sa.text("state IN ('sent', 'failed', 'unknown', 'dropped')"))
    op.drop_index('ix_sends_open_customer', table_name='sends', postgresql_where=sa.text("state = 'queued'"))
    op.drop_index('ix_sends_open', table_name='sends', postgresql_where=sa.text("state = 'queued'"))
    op.drop_index('ix_sends_customer_id', table_name='sends', postgresql_where=sa.text('customer_id IS NOT NULL'))
    op.drop_table('sends')
    op.drop_index('ix_privacy_requests_open', table_name='privacy_requests', postgresql_where=sa.text("state = 'open'"))
    op.drop_index(op.f('ix_privacy_requests_customer_id'), table_name='privacy_requests')
    op.drop_table('privacy_requests')
    op.drop_index('ix_point_transactions_written', table_name='point_transactions')
    op.drop_index('ix_point_transactions_reverses', table_name='point_transactions', postgresql_where=sa.text('reverses_id IS NOT NULL'))
    op.drop_index('ix_point_transactions_history', table_name='point_transactions')
    op.drop_table('point_transactions')
    op.drop_index('ix_pauses_open', table_name='pauses', postgresql_where=sa.text('ended_at IS NULL'))
    op.drop_index('ix_pauses_customer_id', table_name='pauses')
    op.drop_table('pauses')
    op.drop_index('ix_one_time_codes_taker', table_name='one_time_codes', postgresql_where=sa.text('taker_id IS NOT NULL'))
    op.drop_index('ix_one_time_codes_phone', table_name='one_time_codes', postgresql_where=sa.text('phone_index IS NOT NULL'))
    op.drop_index('ix_one_time_codes_over', table_name='one_time_codes')
    op.drop_index('ix_one_time_codes_open', table_name='one_time_codes', postgresql_where=sa.text("state = 'open'"))
    op.drop_index('ix_one_time_codes_customer', table_name='one_time_codes', postgresql_where=sa.text('customer_id IS NOT NULL'))
    op.drop_index('ix_one_time_codes_asked_at', table_name='one_time_codes')
    op.drop_table('one_time_codes')
    op.drop_index('ix_notices_customer', table_name='notices')
    op.drop_table('notices')
    op.drop_index('ix_loyalty_profiles_tier', table_name='loyalty_profiles')
    op.drop_index('ix_loyalty_profiles_night', table_name='loyalty_profiles')
    op.drop_index('ix_loyalty_profiles_merged_into', table_name='loyalty_profiles', postgresql_where=sa.text('merged_into IS NOT NULL'))
    op.drop_index('ix_loyalty_profiles_due', table_name='loyalty_profiles', postgresql_where=sa.text('due_at IS NOT NULL'))
    op.drop_table('loyalty_profiles')
    op.drop_index('ix_line_links_profile_error', table_name='line_links', postgresql_where=sa.text('profile_due_at IS NULL AND profile_error IS NOT NULL'))
    op.drop_index('ix_line_links_profile_due', table_name='line_links', postgresql_where=sa.text('profile_due_at IS NOT NULL'))
    op.drop_index('ix_line_links_menu_error', table_name='line_links', postgresql_where=sa.text('menu_due_at IS NULL AND menu_error IS NOT NULL'))
    op.drop_index('ix_line_links_menu_due', table_name='line_links', postgresql_where=sa.text('menu_due_at IS NOT NULL'))
    op.drop_index(op.f('ix_line_links_customer_id'), table_name='line_links')
    op.drop_table('line_links')
    op.drop_index(op.f('ix_joined_records_survivor_id'), table_name='joined_records')
    op.drop_index('ix_joined_records_over', table_name='joined_records')
    op.drop_index(op.f('ix_joined_records_duplicate_id'), table_name='joined_records')
    op.drop_table('joined_records')
    op.drop_index('ix_invoices_customer_id', table_name='invoices')
    op.drop_table('invoices')
    op.drop_index('ix_inbox_takes_back', table_name='inbox', postgresql_where=sa.text('takes_back IS NOT NULL'))
    op.drop_index('ix_inbox_over', table_name='inbox', postgresql_where=sa.text("state IN ('done', 'ignored')"))
    op.drop_index('ix_inbox_open_actor', table_name='inbox', postgresql_where=sa.text("state = 'new'"))
    op.drop_index('ix_inbox_open', table_name='inbox', postgresql_where=sa.text("state = 'new'"))
    op.drop_index('ix_inbox_message', table_name='inbox', postgresql_where=sa.text('message_id IS NOT NULL'))
    op.drop_index('ix_inbox_dead', table_name='inbox', postgresql_where=sa.text("state = 'dead'"))
    op.drop_index('ix_inbox_customer_id', table_name='inbox', postgresql_where=sa.text('customer_id IS NOT NULL'))
    op.drop_table('inbox')
    op.drop_index('ix_guardian_consents_customer', table_name='guardian_consents')
    op.drop_table('guardian_consents')
    op.drop_index('ix_grants_owner', table_name='grants')
    op.drop_index('ix_grants_holder', table_name='grants')
    op.drop_index('ix_grants_given_at', table_name='grants')
    op.drop_index('ix_grants_ending', table_name='grants', postgresql_where=sa.text('ended_at IS NULL AND until IS NOT NULL'))
    op.drop_table('grants')
    op.drop_index('ix_followup_rules_to_plan', table_name='followup_rules', postgresql_where=sa.text('to_plan'))
    op.drop_index('ix_followup_rules_kind', table_name='followup_rules', postgresql_where=sa.text('ended_at IS NULL'))
    op.drop_index('ix_followup_rules_code', table_name='followup_rules', postgresql_where=sa.text('ended_at IS NULL'))
    op.drop_table('followup_rules')
    op.drop_table('customer_preferences')
    op.drop_index(op.f('ix_customer_names_customer_id'), table_name='customer_names')
    op.drop_table('customer_names')
    op.drop_index('ix_customer_journey_events_unplanned', table_name='customer_journey_events', postgresql_where=sa.text('unplanned'))
    op.drop_index('ix_customer_journey_events_customer', table_name='customer_journey_events')
    op.drop_index('ix_customer_journey_events_broken', table_name='customer_journey_events', postgresql_where=sa.text('plan_error IS NOT NULL'))
    op.drop_table('customer_journey_events')
    op.drop_index(op.f('ix_customer_identities_customer_id'), table_name='customer_identities')
    op.drop_table('customer_identities')
    op.drop_index(op.f('ix_customer_contacts_customer_id'), table_name='customer_contacts')
    op.drop_table('customer_contacts')
    op.drop_index(op.f('ix_courses_from_id'), table_name='courses')
    op.drop_index('ix_courses_customer_id', table_name='courses')
    op.drop_table('courses')
    op.drop_index('ix_consents_customer', table_name='consents')
    op.drop_table('consents')
    op.drop_index('uq_card_ties_asked', table_name='card_ties', postgresql_where=sa.text("state = 'asked'"))
    op.drop_index(op.f('ix_card_ties_customer_id'), table_name='card_ties')
    op.drop_index('ix_card_ties_asked_at', table_name='card_ties')
    op.drop_table('card_ties')
    op.drop_index('ix_card_codes_over', table_name='card_codes')
    op.drop_index(op.f('ix_card_codes_customer_id'), table_name='card_codes')
    op.drop_table('card_codes')
    op.drop_index('ix_appointments_replaces', table_name='appointments', postgresql_where=sa.text('replaces IS NOT NULL'))
    op.drop_index('ix_appointments_over', table_name='appointments', postgresql_where=sa.text('look_at IS NOT NULL'))
    op.drop_index('ix_appointments_failing', table_name='appointments', postgresql_where=sa.text('look_failing_since IS NOT NULL'))
    op.drop_index('ix_appointments_day', table_name='appointments')
    op.drop_index('ix_appointments_customer_id', table_name='appointments')
    op.drop_index('ix_appointments_ahead', table_name='appointments', postgresql_where=sa.text("state IN ('requested', 'booked', 'confirmed')"))
    op.drop_table('appointments')
    op.drop_index('ix_api_requests_over', table_name='api_requests')
    op.drop_table('api_requests')
    op.drop_table('suppressions')
    op.drop_table('services')
    op.drop_table('rich_menus')
    op.drop_table('rewards')
    op.drop_index('ix_line_meters_asked', table_name='line_meters', postgresql_where=sa.text('ask_due_at IS NOT NULL'))
    op.drop_table('line_meters')
    op.drop_index('ix_followup_templates_name', table_name='followup_templates', postgresql_where=sa.text('version = 1 AND ended_at IS NULL'))
    op.drop_table('followup_templates')
    op.drop_index('uq_customers_member_number', table_name='customers', postgresql_where=sa.text('member_number IS NOT NULL'))
    op.drop_index('ix_customers_merged_into', table_name='customers', postgresql_where=sa.text('merged_into IS NOT NULL'))
    op.drop_index('ix_customers_birthday', table_name='customers', postgresql_where=sa.text('joined_at IS NOT NULL AND merged_into IS NULL AND data_key IS NOT NULL'))
    op.drop_index('ix_customers_birth_month_day', table_name='customers', postgresql_where=sa.text('joined_at IS NOT NULL AND merged_into IS NULL AND data_key IS NOT NULL'))
    op.drop_table('customers')
    op.drop_table('clinic_secrets')
    op.drop_table('calendar_runs')
    op.drop_table('calendar_failures')
    op.drop_table('branches')
    op.drop_table('api_keys')
    op.drop_table('achievements')
    op.drop_table('installation')
    op.drop_table('clinics')
    op.drop_table('business_clock')
    op.execute("DROP FUNCTION refuse_change()")
