"""How often each number of the membership roll was tried in vain, by whomever. Only adds a table."""

import sqlalchemy as sa
from alembic import op

revision: str = "0016"
down_revision: str | None = "0015"
branch_labels: None = None
depends_on: None = None


def upgrade() -> None:
    op.create_table(
        "roll_guess",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roll_guess")),
    )
    op.create_index("ix_roll_guess_which", "roll_guess", ["number", "at"])


def downgrade() -> None:
    op.drop_table("roll_guess")
