"""texts: short links, and codes by SMS"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("one_time_codes", sa.Column("send_id", sa.Uuid(), nullable=True))
    op.create_table(
        "short_links",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("execution_id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("number", sa.SmallInteger(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("leads_to", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id", "execution_id"],
            ["followup_executions.clinic_id", "followup_executions.id"],
            name=op.f("fk_short_links_clinic_id_execution_id"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "execution_id", "channel", "number", name=op.f("pk_short_links")),
        sa.UniqueConstraint("clinic_id", "code", name=op.f("uq_short_links_clinic_id_code")),
    )
    op.create_index("ix_short_links_over", "short_links", ["clinic_id", "created_at"])
    op.create_index("ix_short_links_execution_id", "short_links", ["execution_id"])


def downgrade() -> None:
    op.drop_table("short_links")
    op.drop_column("one_time_codes", "send_id")
