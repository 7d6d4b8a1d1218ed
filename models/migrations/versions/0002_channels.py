"""channels: a clinic's own providers of SMS and mail, and when a message has arrived"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("clinics", sa.Column("sms_key_sealed", sa.LargeBinary(), nullable=True))
    op.add_column("clinics", sa.Column("email_password_sealed", sa.LargeBinary(), nullable=True))
    op.add_column("sends", sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_sends_reported", "sends", ["clinic_id", "request_id"],
        postgresql_where=sa.text("request_id IS NOT NULL AND channel <> 'line'"),
    )  # fmt: skip


def downgrade() -> None:
    op.drop_index("ix_sends_reported", table_name="sends")
    op.drop_column("sends", "delivered_at")
    op.drop_column("clinics", "email_password_sealed")
    op.drop_column("clinics", "sms_key_sealed")
