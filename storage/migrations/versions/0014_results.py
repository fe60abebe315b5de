"""What results are read by. Only adds indexes: each latest answer is in two of them, which count without reading it."""

import sqlalchemy as sa
from alembic import op

revision: str = "0014"
down_revision: str | None = "0013"
branch_labels: None = None
depends_on: None = None

INDEXES = {
    "ix_answer_picked": (
        ["consultation", "prompt", "value", "member_id"],
        "latest AND (length(value) <= 32 OR substr(value, 1, 1) = '[')",
    ),
    "ix_answer_asked": (["consultation", "prompt", "id"], "latest"),
    "ix_answer_skipped": (["consultation", "prompt", "member_id"], "latest AND value IS NULL"),
}


def upgrade() -> None:
    for name, (columns, where) in INDEXES.items():
        op.create_index(name, "answer", columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))


def downgrade() -> None:
    for name in INDEXES:
        op.drop_index(name, "answer")
