"""What rides in an answer: the event that is answered, and what waits for one customer"""

from alembic import op
import sqlalchemy as sa

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('deliveries', sa.Column('inbox_id', sa.Uuid(), nullable=True))
    op.create_index('ix_deliveries_inbox_id', 'deliveries', ['inbox_id'], unique=False, postgresql_where=sa.text('inbox_id IS NOT NULL'))
    op.create_index('ix_followup_executions_open_customer', 'followup_executions', ['clinic_id', 'customer_id'], unique=False, postgresql_where=sa.text("status = 'planned'"))
    op.create_index('ix_notifications_open_customer', 'notifications', ['clinic_id', 'customer_id'], unique=False, postgresql_where=sa.text("state = 'open'"))


def downgrade() -> None:
    op.drop_index('ix_notifications_open_customer', table_name='notifications', postgresql_where=sa.text("state = 'open'"))
    op.drop_index('ix_followup_executions_open_customer', table_name='followup_executions', postgresql_where=sa.text("status = 'planned'"))
    op.drop_index('ix_deliveries_inbox_id', table_name='deliveries', postgresql_where=sa.text('inbox_id IS NOT NULL'))
    op.drop_column('deliveries', 'inbox_id')
