"""counted twice: of which other payment one may be the same purchase"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

DOUBTED = "uncounted = 'possible_duplicate'"
IN_DOUBT = "uncounted = 'possible_duplicate' OR uncounted IS NULL AND like_id IS NOT NULL"


def upgrade() -> None:
    op.add_column("payments", sa.Column("like_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(None, "payments", "payments", ["clinic_id", "like_id"], ["clinic_id", "id"])
    op.drop_index("ix_payments_doubted", table_name="payments", postgresql_where=sa.text(DOUBTED))
    op.create_index(
        "ix_payments_in_doubt", "payments", ["clinic_id", "paid_at"], unique=False, postgresql_where=sa.text(IN_DOUBT)
    )
    op.create_index(
        "ix_payments_like_id", "payments", ["like_id"], unique=False, postgresql_where=sa.text("like_id IS NOT NULL")
    )


def downgrade() -> None:
    op.drop_index("ix_payments_in_doubt", table_name="payments", postgresql_where=sa.text(IN_DOUBT))
    op.create_index(
        "ix_payments_doubted", "payments", ["clinic_id", "paid_at"], unique=False, postgresql_where=sa.text(DOUBTED)
    )
    op.drop_index("ix_payments_like_id", table_name="payments", postgresql_where=sa.text("like_id IS NOT NULL"))
    op.drop_column("payments", "like_id")
