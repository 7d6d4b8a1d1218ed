"""tier seen: a tier that somebody has reached is celebrated once"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("loyalty_profiles", sa.Column("tier_seen", sa.String(length=20), nullable=True))


def downgrade() -> None:
    op.drop_column("loyalty_profiles", "tier_seen")
