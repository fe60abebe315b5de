"""Broadcasts, deliveries and lanes; the web chat's lines; secrets."""

import sqlalchemy as sa
from alembic import op

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: None = None
depends_on: None = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "broadcast",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("consultation", sa.Text(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("audience", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed", sa.Boolean(), nullable=False),
        sa.Column("is_planned", sa.Boolean(), nullable=False),
        sa.Column("planned", sa.Integer(), nullable=False),
        sa.Column("planned_to", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_broadcast")),
        sa.UniqueConstraint("code", name=op.f("uq_broadcast_code")),
        sa.UniqueConstraint("consultation", "step", name=op.f("uq_broadcast_consultation_step")),
    )
    op.create_table(
        "chat",
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_chat")),
    )
    op.create_table(
        "delivery",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("chat", sa.Text(), nullable=False),
        sa.Column("private", sa.Boolean(), nullable=False),
        sa.Column("thread", sa.Text(), nullable=True),
        sa.Column("priority", sa.Text(), nullable=False),
        sa.Column("broadcast_id", NUMBER, nullable=True),
        sa.Column("consultation", sa.Text(), nullable=True),
        sa.Column("member_id", NUMBER, nullable=True),
        sa.Column("key", sa.Text(), nullable=True),
        sa.Column("content", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("message", sa.Text(), nullable=True),
        sa.Column("why", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery")),
        sa.UniqueConstraint("key", name=op.f("uq_delivery_key")),
    )
    op.create_index(
        "ix_delivery_backlog",
        "delivery",
        ["account", "chat"],
        unique=False,
        sqlite_where=sa.text("priority = 'reply' AND state IN ('planned', 'claimed')"),
        postgresql_where=sa.text("priority = 'reply' AND state IN ('planned', 'claimed')"),
    )
    op.create_index("ix_delivery_broadcast", "delivery", ["broadcast_id", "state"], unique=False)
    op.create_index(
        "ix_delivery_card",
        "delivery",
        ["account", "chat", "message"],
        unique=False,
        sqlite_where=sa.text("message IS NOT NULL AND (broadcast_id IS NOT NULL OR consultation IS NOT NULL)"),
        postgresql_where=sa.text("message IS NOT NULL AND (broadcast_id IS NOT NULL OR consultation IS NOT NULL)"),
    )
    op.create_index(
        "ix_delivery_claimed",
        "delivery",
        ["account"],
        unique=False,
        sqlite_where=sa.text("state = 'claimed'"),
        postgresql_where=sa.text("state = 'claimed'"),
    )
    op.create_index("ix_delivery_member", "delivery", ["member_id"], unique=False)
    op.create_index(
        "ix_delivery_queue",
        "delivery",
        ["account", "broadcast_id", "not_before", "id"],
        unique=False,
        sqlite_where=sa.text("state = 'planned' AND broadcast_id IS NOT NULL"),
        postgresql_where=sa.text("state = 'planned' AND broadcast_id IS NOT NULL"),
    )
    op.create_index(
        "ix_delivery_spent",
        "delivery",
        ["at"],
        unique=False,
        sqlite_where=sa.text("broadcast_id IS NULL AND key IS NULL AND state NOT IN ('planned', 'claimed')"),
        postgresql_where=sa.text("broadcast_id IS NULL AND key IS NULL AND state NOT IN ('planned', 'claimed')"),
    )
    op.create_index(
        "ix_delivery_worded",
        "delivery",
        ["account", "priority", "not_before", "id"],
        unique=False,
        sqlite_where=sa.text("state = 'planned' AND broadcast_id IS NULL"),
        postgresql_where=sa.text("state = 'planned' AND broadcast_id IS NULL"),
    )
    op.create_table(
        "lane",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("account", name=op.f("pk_lane")),
    )
    op.create_table(
        "line",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("ours", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_line")),
        sa.UniqueConstraint("user_id", "key", name=op.f("uq_line_user_id_key")),
    )
    op.create_index("ix_line_revision", "line", ["user_id", "revision"], unique=False)
    op.create_table(
        "secret",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "name", name=op.f("pk_secret")),
    )


def downgrade() -> None:
    op.drop_table("secret")
    op.drop_table("line")
    op.drop_table("lane")
    op.drop_table("delivery")
    op.drop_table("chat")
    op.drop_table("broadcast")
