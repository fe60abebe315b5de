"""What the desk holds back of a broadcast, and sends again. Only widens."""

import sqlalchemy as sa
from alembic import op

revision: str = "0009"
down_revision: str | None = "0008"
branch_labels: None = None
depends_on: None = None

INSTANT = sa.DateTime(timezone=True)
ADDED = (("broadcast", "held_at"), ("broadcast", "resent_at"), ("delivery", "resent_at"))


def upgrade() -> None:
    for table, name in ADDED:
        op.add_column(table, sa.Column(name, INSTANT))


def downgrade() -> None:
    for table, name in reversed(ADDED):
        op.drop_column(table, name)
