"""What a lane's owner says of it, when replies were asked for, and totals of what is thinned out. Only widens: workers
of the version before go on beside this one."""

import sqlalchemy as sa
from alembic import op

revision: str = "0007"
down_revision: str | None = "0006"
branch_labels: None = None
depends_on: None = None

INSTANT = sa.DateTime(timezone=True)
ADDED: tuple[tuple[str, str, sa.DateTime | sa.Float[float] | sa.Text | sa.Integer], ...] = (
    ("lane", "free_at", INSTANT),
    ("lane", "rate", sa.Float()),
    ("lane", "trouble", sa.Text()),
    ("lane", "trouble_at", INSTANT),
    ("delivery", "asked_at", INSTANT),
    ("broadcast", "asked_once", sa.Integer()),
    ("organisation", "deliveries_kept", sa.Integer()),
)  # fmt: skip


def upgrade() -> None:
    for table, name, kind in ADDED:
        op.add_column(table, sa.Column(name, kind))
    op.create_index(op.f("ix_inbound_at"), "inbound", ["at"], unique=False)
    op.create_table(
        "thinned",
        sa.Column("broadcast_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("broadcast_id", "state", "why", name=op.f("pk_thinned")),
    )


def downgrade() -> None:
    op.drop_table("thinned")
    op.drop_index(op.f("ix_inbound_at"), table_name="inbound")
    for table, name, _ in reversed(ADDED):
        op.drop_column(table, name)
