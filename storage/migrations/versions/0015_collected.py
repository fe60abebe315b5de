"""How many ideas of a consultation stand where, counted without reading them. Only adds an index."""

from alembic import op

revision: str = "0015"
down_revision: str | None = "0014"
branch_labels: None = None
depends_on: None = None


def upgrade() -> None:
    op.create_index("ix_idea_collected", "idea", ["consultation", "stage"])


def downgrade() -> None:
    op.drop_index("ix_idea_collected", "idea")
