"""portal: who is signed in there, and which browser has shown which token"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "portal_sessions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("key_hash", sa.LargeBinary(), nullable=False),
        sa.Column("way", sa.Text(), nullable=False),
        sa.Column("device", sa.Text(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["clinic_id", "customer_id"], ["customers.clinic_id", "customers.id"]),
        sa.PrimaryKeyConstraint("id", "clinic_id", name=op.f("pk_portal_sessions")),
        sa.UniqueConstraint("clinic_id", "key_hash"),
    )
    op.create_index("ix_portal_sessions_customer", "portal_sessions", ["customer_id", "seen_at"])
    op.create_index("ix_portal_sessions_over", "portal_sessions", ["clinic_id", "until"])
    op.create_table(
        "portal_tokens",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("browser_hash", sa.LargeBinary(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinics.id"]),
        sa.PrimaryKeyConstraint("id", "clinic_id", name=op.f("pk_portal_tokens")),
        sa.UniqueConstraint("clinic_id", "token_hash"),
    )
    op.create_index("ix_portal_tokens_over", "portal_tokens", ["clinic_id", "until"])


def downgrade() -> None:
    op.drop_table("portal_tokens")
    op.drop_table("portal_sessions")
