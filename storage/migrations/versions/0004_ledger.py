"""The ledger: salts and positions of story entries, the log's nodes, seals; and triggers, so that it only grows."""

import secrets
from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels: None = None
depends_on: None = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
SALT_BYTES = 32
PAGE = 5_000

STORY_ERASES = """new.id = old.id AND new.idea = old.idea AND new.kind = old.kind AND new.at = old.at
    AND new.text IS NULL AND EXISTS (SELECT 1 FROM leaf WHERE leaf.entry = old.id AND leaf.salt IS NULL)"""
"""Words may go once their salt is gone: what erasure does, and nothing else."""

SQLITE_LEAF_STAYS = """new.entry = old.entry AND (new.salt IS old.salt OR new.salt IS NULL)
    AND (old.position IS NULL OR (new.position IS old.position AND new.number IS old.number))"""
POSTGRES_LEAF_STAYS = """new.entry = old.entry AND (new.salt IS NOT DISTINCT FROM old.salt OR new.salt IS NULL)
    AND (old.position IS NULL OR (new.position IS NOT DISTINCT FROM old.position
    AND new.number IS NOT DISTINCT FROM old.number))"""

SQLITE = [
    *(
        f"CREATE TRIGGER {table}_is_kept BEFORE DELETE ON {table}"
        f" BEGIN SELECT RAISE(ABORT, '{table} rows are never deleted'); END"
        for table in ("story", "leaf", "node", "seal")
    ),
    *(
        f"CREATE TRIGGER {table}_stays BEFORE UPDATE ON {table}{when}"
        f" BEGIN SELECT RAISE(ABORT, '{table} rows are never changed'); END"
        for table, when in (
            ("story", f" WHEN NOT ({STORY_ERASES})"),
            ("leaf", f" WHEN NOT ({SQLITE_LEAF_STAYS})"),
            ("node", ""),
            ("seal", ""),
        )
    ),
    # INSERT OR REPLACE deletes without asking the triggers above.
    *(
        f"CREATE TRIGGER {table}_is_not_replaced BEFORE INSERT ON {table}"  # noqa: S608  # names of ours
        f" WHEN EXISTS (SELECT 1 FROM {table} WHERE {key} = new.{key})"
        f" BEGIN SELECT RAISE(ABORT, '{table} rows are never replaced'); END"
        for table, key in (("story", "id"), ("leaf", "entry"), ("node", "place"), ("seal", "size"))
    ),
]

REFUSE = """
CREATE FUNCTION ledger_refuses() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% rows are never changed or deleted', TG_TABLE_NAME;
END $$
"""
STORY_STAYS = f"""
CREATE FUNCTION story_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF {STORY_ERASES} THEN RETURN new; END IF;
    RAISE EXCEPTION 'story rows are never changed';
END $$
"""
POSTGRES = [
    REFUSE,
    STORY_STAYS,
    "CREATE TRIGGER story_stays BEFORE UPDATE ON story FOR EACH ROW EXECUTE FUNCTION story_stays()",
    "CREATE TRIGGER leaf_stays BEFORE UPDATE ON leaf FOR EACH ROW"
    f" WHEN (NOT ({POSTGRES_LEAF_STAYS})) EXECUTE FUNCTION ledger_refuses()",
    *(
        f"CREATE TRIGGER {table}_stays BEFORE UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION ledger_refuses()"
        for table in ("node", "seal")
    ),
    *(
        f"CREATE TRIGGER {table}_is_kept BEFORE DELETE OR TRUNCATE ON {table}"
        " FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuses()"
        for table in ("story", "leaf", "node", "seal")
    ),
]

story = sa.table("story", sa.column("id", NUMBER))
leaf = sa.table("leaf", sa.column("entry", NUMBER), sa.column("salt", sa.LargeBinary))


def upgrade() -> None:
    op.create_table(
        "leaf",
        sa.Column("entry", NUMBER, autoincrement=False, nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=True),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("position", NUMBER, nullable=True),
        sa.ForeignKeyConstraint(["entry"], ["story.id"], name=op.f("fk_leaf_entry")),
        sa.PrimaryKeyConstraint("entry", name=op.f("pk_leaf")),
        sa.UniqueConstraint("position", name=op.f("uq_leaf_position")),
    )
    op.create_index(
        "ix_leaf_unplaced",
        "leaf",
        ["entry"],
        unique=False,
        sqlite_where=sa.text("position IS NULL"),
        postgresql_where=sa.text("position IS NULL"),
    )
    op.create_table(
        "node",
        sa.Column("place", NUMBER, autoincrement=False, nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("place", name=op.f("pk_node")),
    )
    op.create_table(
        "seal",
        sa.Column("size", NUMBER, autoincrement=False, nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("size", name=op.f("pk_seal")),
    )
    _salt_what_is_there()
    for statement in _triggers():
        op.execute(statement)


def _salt_what_is_there() -> None:
    """Entries from before the ledger are sealed at its first seal."""
    connection, last = op.get_bind(), 0
    while True:
        page = sa.select(story.c.id).where(story.c.id > last).order_by(story.c.id).limit(PAGE)
        numbers = connection.scalars(page).all()
        if not numbers:
            return
        rows = [{"entry": number, "salt": secrets.token_bytes(SALT_BYTES)} for number in numbers]
        connection.execute(sa.insert(leaf), rows)
        last = numbers[-1]


def _triggers() -> Sequence[str]:
    return SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRES


def downgrade() -> None:
    op.drop_table("seal")
    op.drop_table("node")
    if op.get_bind().dialect.name == "sqlite":
        for name in ("story_is_kept", "story_stays", "story_is_not_replaced"):
            op.execute(f"DROP TRIGGER {name}")
        op.drop_table("leaf")
    else:
        op.drop_table("leaf")
        op.execute("DROP FUNCTION story_stays() CASCADE")
        op.execute("DROP FUNCTION ledger_refuses() CASCADE")
