"""What organisers note about ideas, the words by which they are found, and conversations that people stepped into.
Only adds tables and indexes."""

from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

from core.inbox import words_in

revision: str = "0011"
down_revision: str | None = "0010"
branch_labels: None = None
depends_on: None = None

INSTANT = sa.DateTime(timezone=True)
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
SPELT = sa.Text(collation="C").with_variant(sa.Text(), "sqlite")

GOING_ON = sa.text("ended_at IS NULL")
INDEXES: dict[tuple[str, str], tuple[list[str], str | None]] = {
    ("story", "ix_story_body"): (["body", "idea"], None),
    ("story", "ix_story_next_body"): (["next_body", "idea"], None),
    ("story", "ix_story_asked"): (["kind", "idea"], "kind IN ('asked', 'replied')"),
    ("referral", "ix_referral_body"): (["body", "idea"], None),
    ("referral", "ix_referral_due"): (
        ["body", "days", "since", "idea"],
        "ended_at IS NULL AND silent_at IS NULL",
    ),
    ("referral", "ix_referral_late"): (["body", "idea"], "ended_at IS NULL AND silent_at IS NOT NULL"),
    ("referral", "ix_referral_appeal"): (["body", "about", "idea"], "ended_at IS NULL AND is_appeal"),
    ("idea", "ix_idea_moved"): (["stage_at", "id"], None),
}

PAGE = 500
REWORDS = ("said", "edited", "composed", "redacted")

_idea = sa.table("idea", sa.column("id"), sa.column("code"), sa.column("is_hidden"), sa.column("stage"))
_story = sa.table("story", sa.column("id"), sa.column("idea"), sa.column("kind"), sa.column("text"))


def upgrade() -> None:
    op.create_table(
        "idea_topic",
        sa.Column("idea", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["idea"], ["idea.code"], name=op.f("fk_idea_topic_idea")),
        sa.PrimaryKeyConstraint("idea", "topic", name=op.f("pk_idea_topic")),
    )
    op.create_index("ix_idea_topic_topic", "idea_topic", ["topic", "idea"])
    word = op.create_table(
        "idea_word",
        sa.Column("word", SPELT, nullable=False),
        sa.Column("idea", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["idea"], ["idea.code"], name=op.f("fk_idea_word_idea")),
        sa.PrimaryKeyConstraint("word", "idea", name=op.f("pk_idea_word")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_idea_word_idea"), "idea_word", ["idea"])
    op.create_table(
        "handover",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("idea", sa.Text(), nullable=False),
        sa.Column("member_id", NUMBER, nullable=False),
        sa.Column("officer_id", NUMBER, nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("by_role", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("chat", sa.Text(), nullable=False),
        sa.Column("since", INSTANT, nullable=False),
        sa.Column("heard_at", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["idea"], ["idea.code"], name=op.f("fk_handover_idea")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_handover_member_id")),
        sa.ForeignKeyConstraint(["officer_id"], ["member.id"], name=op.f("fk_handover_officer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handover")),
    )
    for column in ("idea", "member_id", "officer_id"):
        op.create_index(op.f(f"ix_handover_{column}"), "handover", [column])
    op.create_index(
        "ix_handover_open", "handover", ["member_id"], unique=True, sqlite_where=GOING_ON, postgresql_where=GOING_ON
    )
    op.create_table(
        "handover_word",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("handover_id", NUMBER, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("by_officer", sa.Boolean(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["handover_id"], ["handover.id"], name=op.f("fk_handover_word_handover_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handover_word")),
    )
    op.create_index(op.f("ix_handover_word_handover_id"), "handover_word", ["handover_id"])
    for (table, name), (columns, where) in INDEXES.items():
        only = sa.text(where) if where else None
        op.create_index(name, table, columns, sqlite_where=only, postgresql_where=only)
    for rows in _words(op.get_bind()):
        op.bulk_insert(word, rows)


def _words(connection: sa.Connection) -> Iterator[list[dict[str, str]]]:
    """Of the ideas that there are, as they read now; page by page."""
    last = 0
    readable = sa.select(_idea.c.id, _idea.c.code).where(_idea.c.is_hidden.is_(sa.false()), _idea.c.stage != "erased")
    while page := connection.execute(readable.where(_idea.c.id > last).order_by(_idea.c.id).limit(PAGE)).all():
        last = page[-1].id
        theirs = _story.c.idea.in_([row.code for row in page])
        said = sa.select(_story.c.idea, _story.c.text).where(
            theirs, _story.c.kind.in_(REWORDS), _story.c.text.is_not(None)
        )
        reads = {row.idea: row.text for row in connection.execute(said.order_by(_story.c.id))}
        rows = [{"idea": code, "word": word} for code, reading in reads.items() for word in sorted(words_in(reading))]
        if rows:
            yield rows


def downgrade() -> None:
    for table, name in INDEXES:
        op.drop_index(name, table)
    for table in ("handover_word", "handover", "idea_word", "idea_topic"):
        op.drop_table(table)
