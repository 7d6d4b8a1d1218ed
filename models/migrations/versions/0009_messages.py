"""messages: those on the customer's own page are kept and known as read; and when a visit before was"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

OVER = "state IN ('sent', 'failed', 'unknown', 'dropped')"


def upgrade() -> None:
    op.add_column("sends", sa.Column("read_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index("ix_sends_in_app", "sends", ["customer_id", "id"], postgresql_where=sa.text("channel = 'in_app'"))
    _forgotten(f"{OVER} AND channel <> 'in_app'")
    op.add_column("portal_sessions", sa.Column("before_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("portal_sessions", "before_at")
    _forgotten(OVER)
    op.drop_index("ix_sends_in_app", "sends")
    op.drop_column("sends", "read_at")


def _forgotten(which: str) -> None:
    op.drop_index("ix_sends_over", "sends")
    op.create_index("ix_sends_over", "sends", ["clinic_id", "created_at"], postgresql_where=sa.text(which))
