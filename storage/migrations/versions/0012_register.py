"""The register of members: who is verified, the roll, what is declared by hand or known beforehand, imports, groups.
Only widens."""

import sqlalchemy as sa
from alembic import op

revision: str = "0012"
down_revision: str | None = "0011"
branch_labels: None = None
depends_on: None = None

INSTANT = sa.DateTime(timezone=True)
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("member", sa.Column("verified_at", INSTANT))
    op.add_column("declared", sa.Column("by_hand", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        "expected",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("topics", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("account", "user_id", name=op.f("pk_expected")),
    )
    op.create_table(
        "roll",
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("proof", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=True),
        sa.Column("offices", sa.Text(), nullable=False),
        sa.Column("added_at", INSTANT, nullable=False),
        sa.Column("claimed_by", NUMBER, nullable=True),
        sa.Column("claimed_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["claimed_by"], ["member.id"], name=op.f("fk_roll_claimed_by")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_roll")),
    )
    op.create_index(op.f("ix_roll_body"), "roll", ["body"])
    op.create_index(op.f("ix_roll_claimed_by"), "roll", ["claimed_by"])
    op.create_table(
        "roll_clash",
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("member_id", NUMBER, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["number"], ["roll.number"], name=op.f("fk_roll_clash_number")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_roll_clash_member_id")),
        sa.PrimaryKeyConstraint("number", "member_id", name=op.f("pk_roll_clash")),
    )
    op.create_index(op.f("ix_roll_clash_member_id"), "roll_clash", ["member_id"])
    op.create_table(
        "roll_try",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("member_id", NUMBER, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_roll_try_member_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roll_try")),
    )
    op.create_index("ix_roll_try_whose", "roll_try", ["member_id", "at"])
    op.create_table(
        "saved_group",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("member_id", NUMBER, nullable=True),
        sa.Column("scope", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("filter", sa.Text(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_saved_group_member_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_group")),
    )
    op.create_index(op.f("ix_saved_group_member_id"), "saved_group", ["member_id"])
    op.create_table(
        "member_import",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("member_id", NUMBER, nullable=True),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("layout", sa.Text(), nullable=False),
        sa.Column("mapping", sa.Text(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("reached", sa.Integer(), nullable=False),
        sa.Column("counts", sa.Text(), nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("touched_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_member_import_member_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_member_import")),
    )
    op.create_index(op.f("ix_member_import_member_id"), "member_import", ["member_id"])


def downgrade() -> None:
    for table in ("member_import", "saved_group", "roll_try", "roll_clash", "roll", "expected"):
        op.drop_table(table)
    op.drop_column("declared", "by_hand")
    op.drop_column("member", "verified_at")
