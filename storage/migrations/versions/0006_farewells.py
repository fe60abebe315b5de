"""Where those were reached who were forgotten a moment ago."""

import sqlalchemy as sa
from alembic import op

revision: str = "0006"
down_revision: str | None = "0005"
branch_labels: None = None
depends_on: None = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "farewell",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("member_id", NUMBER, nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_farewell")),
    )


def downgrade() -> None:
    op.drop_table("farewell")
