"""Consultations, what was answered, and ideas with their stories."""

import sqlalchemy as sa
from alembic import op

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: None = None
depends_on: None = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "capture",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("author_account", sa.Text(), nullable=False),
        sa.Column("author_user", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("chat", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attachments", sa.Text(), nullable=False),
        sa.Column("consultation", sa.Text(), nullable=True),
        sa.Column("asked_by", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_capture")),
    )
    op.create_index("ix_capture_source", "capture", ["account", "chat", "message"], unique=False)
    op.create_table(
        "consultation",
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("definition", sa.Text(), nullable=False),
        sa.Column("loaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opens_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("outcome_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("slug", name=op.f("pk_consultation")),
    )
    op.create_index(op.f("ix_consultation_opens_at"), "consultation", ["opens_at"], unique=False)
    op.create_table(
        "discussion",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("chat", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("thread", sa.Text(), nullable=True),
        sa.Column("consultation", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("account", "chat", "message", name=op.f("pk_discussion")),
    )
    op.create_index(op.f("ix_discussion_consultation"), "discussion", ["consultation"], unique=False)
    op.create_table(
        "answer",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("member_id", NUMBER, nullable=False),
        sa.Column("consultation", sa.Text(), nullable=False),
        sa.Column("prompt", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("latest", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_answer_member_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answer")),
    )
    op.create_index(
        "ix_answer_latest",
        "answer",
        ["member_id", "consultation", "prompt"],
        unique=True,
        sqlite_where=sa.text("latest"),
        postgresql_where=sa.text("latest"),
    )
    op.create_index("ix_answer_whose", "answer", ["member_id"], unique=False)
    op.create_table(
        "idea",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("member_id", NUMBER, nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("chat", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("consultation", sa.Text(), nullable=True),
        sa.Column("prompt", sa.Text(), nullable=True),
        sa.Column("attachments", sa.Text(), nullable=False),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_idea_member_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_idea")),
        sa.UniqueConstraint("code", name=op.f("uq_idea_code")),
    )
    op.create_index(op.f("ix_idea_consultation"), "idea", ["consultation"], unique=False)
    op.create_index(op.f("ix_idea_member_id"), "idea", ["member_id"], unique=False)
    op.create_index("ix_idea_source", "idea", ["account", "chat", "message"], unique=False)
    op.create_table(
        "participation",
        sa.Column("member_id", NUMBER, nullable=False),
        sa.Column("consultation", sa.Text(), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_participation_member_id")),
        sa.PrimaryKeyConstraint("member_id", "consultation", name=op.f("pk_participation")),
    )
    op.create_index(op.f("ix_participation_consultation"), "participation", ["consultation"], unique=False)
    op.create_table(
        "story",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("idea", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["idea"], ["idea.code"], name=op.f("fk_story_idea")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_story")),
    )
    op.create_index(op.f("ix_story_idea"), "story", ["idea"], unique=False)


def downgrade() -> None:
    op.drop_table("story")
    op.drop_table("participation")
    op.drop_table("idea")
    op.drop_table("answer")
    op.drop_table("discussion")
    op.drop_table("consultation")
    op.drop_table("capture")
