"""Whole stories: what entries say, where ideas stand, what is with a body who supports; bodies’ remits and calendars.
News goes out by reference."""

import sqlalchemy as sa
from alembic import op

revision: str = "0005"
down_revision: str | None = "0004"
branch_labels: None = None
depends_on: None = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

SAID = ("id", "idea", "kind", "at", "body", "by_role", "next_body", "days", "other", "on_day", "score", "rule")
WORDS = ("text", "reason")
ADDED: tuple[tuple[str, type[sa.Text] | type[sa.Integer] | type[sa.Date]], ...] = (
    ("reason", sa.Text), ("body", sa.Text), ("by_role", sa.Text), ("next_body", sa.Text), ("days", sa.Integer),
    ("other", sa.Text), ("on_day", sa.Date), ("score", sa.Integer), ("rule", sa.Text),
)  # fmt: skip
"""What a story's entry says beside its kind, its time and its text."""

STANDS = """
UPDATE idea SET
    entries = (SELECT count(*) FROM story WHERE story.idea = idea.code),
    stage = CASE
        WHEN EXISTS (SELECT 1 FROM story WHERE story.idea = idea.code AND story.kind = 'withdrawn') THEN 'withdrawn'
        WHEN EXISTS (SELECT 1 FROM story WHERE story.idea = idea.code AND story.kind = 'acknowledged') THEN 'received'
        ELSE 'begun'
    END,
    stage_at = (
        SELECT max(story.at) FROM story WHERE story.idea = idea.code AND story.kind IN ('acknowledged', 'withdrawn')
    )
"""
"""No story went further than that before this version."""

NO_REMIT = '{"topics":[],"consultations":[],"everything":false}'


def story_erases(same: str) -> str:
    """Words may go once their salt is gone: what erasure does, and nothing else. `same`: equal, or both nothing."""
    stays = [f"new.{name} {same} old.{name}" for name in SAID]
    goes = [f"(new.{name} IS NULL OR new.{name} {same} old.{name})" for name in WORDS]
    unsalted = "EXISTS (SELECT 1 FROM leaf WHERE leaf.entry = old.id AND leaf.salt IS NULL)"
    return " AND ".join([*stays, *goes, unsalted])


ERASES_IN_0004 = """new.id = old.id AND new.idea = old.idea AND new.kind = old.kind AND new.at = old.at
    AND new.text IS NULL AND EXISTS (SELECT 1 FROM leaf WHERE leaf.entry = old.id AND leaf.salt IS NULL)"""

NOT_CHANGED = "story rows are never changed"


def is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def story_stays(erases: str) -> None:
    """The trigger anew: an entry changes only by its words being erased."""
    if is_sqlite():
        op.execute(
            f"CREATE TRIGGER story_stays BEFORE UPDATE ON story WHEN NOT ({erases})"
            f" BEGIN SELECT RAISE(ABORT, '{NOT_CHANGED}'); END"
        )
        return
    op.execute(f"""
CREATE OR REPLACE FUNCTION story_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF {erases} THEN RETURN new; END IF;
    RAISE EXCEPTION '{NOT_CHANGED}';
END $$
""")


def upgrade() -> None:
    _widen_story()
    if is_sqlite():
        _make_idea_anew()
    else:
        op.alter_column("idea", "member_id", nullable=True)
        op.add_column("idea", sa.Column("stage", sa.Text(), nullable=False, server_default="begun"))
        op.add_column("idea", sa.Column("stage_at", sa.DateTime(timezone=True)))
        op.add_column("idea", sa.Column("entries", sa.Integer(), nullable=False, server_default="0"))
        op.add_column("idea", sa.Column("is_hidden", sa.Boolean(), nullable=False, server_default=sa.false()))
        op.add_column("idea", sa.Column("part_of", sa.Text()))
        for name in ("stage", "entries", "is_hidden"):
            op.alter_column("idea", name, server_default=None)
    op.execute(STANDS)
    op.create_index(op.f("ix_idea_part_of"), "idea", ["part_of"], unique=False)
    op.create_index("ix_idea_stage", "idea", ["stage", "stage_at"], unique=False)
    _make_referrals_and_supports()
    _widen_bodies()
    op.add_column("delivery", sa.Column("idea", sa.Text()))
    op.add_column("delivery", sa.Column("entry", sa.Integer()))
    op.add_column("delivery", sa.Column("to_author", sa.Boolean()))


def _widen_story() -> None:
    if is_sqlite():
        op.execute("DROP TRIGGER story_stays")
    for name, kind in ADDED:
        op.add_column("story", sa.Column(name, kind()))
    story_stays(story_erases("IS" if is_sqlite() else "IS NOT DISTINCT FROM"))
    _partial("ix_story_heard", "story", ["body", "id"], "kind = 'heard'")
    _partial("ix_story_moderated", "story", ["kind", "rule"], "kind IN ('hidden', 'redacted', 'contested')")


def _partial(name: str, table: str, columns: list[str], where: str, *, unique: bool = False) -> None:
    op.create_index(name, table, columns, unique=unique, sqlite_where=sa.text(where), postgresql_where=sa.text(where))


def _make_idea_anew() -> None:
    """SQLite changes no column in place. Entries refer to ideas all the while: the check of that waits, and finds every
    idea there again. No row of a story is touched, and its triggers stay."""
    old = "id, code, member_id, account, chat, message, consultation, prompt, attachments, said_at"
    op.execute("PRAGMA defer_foreign_keys = ON")
    op.execute(f"CREATE TABLE idea_before AS SELECT {old} FROM idea")  # noqa: S608  # names of ours, here and below
    op.drop_table("idea")
    op.create_table(
        "idea",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("member_id", NUMBER, nullable=True),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("chat", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("consultation", sa.Text(), nullable=True),
        sa.Column("prompt", sa.Text(), nullable=True),
        sa.Column("attachments", sa.Text(), nullable=False),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("stage_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("is_hidden", sa.Boolean(), nullable=False),
        sa.Column("part_of", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_idea_member_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_idea")),
        sa.UniqueConstraint("code", name=op.f("uq_idea_code")),
    )
    op.execute(
        f"INSERT INTO idea ({old}, stage, entries, is_hidden)"  # noqa: S608
        f" SELECT {old}, 'begun', 0, false FROM idea_before"
    )
    op.drop_table("idea_before")
    op.create_index(op.f("ix_idea_consultation"), "idea", ["consultation"], unique=False)
    op.create_index(op.f("ix_idea_member_id"), "idea", ["member_id"], unique=False)
    op.create_index("ix_idea_source", "idea", ["account", "chat", "message"], unique=False)


def _make_referrals_and_supports() -> None:
    op.create_table(
        "referral",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("idea", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("is_appeal", sa.Boolean(), nullable=False),
        sa.Column("seen", sa.Boolean(), nullable=False),
        sa.Column("silent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["idea"], ["idea.code"], name=op.f("fk_referral_idea")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referral")),
    )
    _partial("ix_referral_open", "referral", ["idea", "about"], "ended_at IS NULL", unique=True)
    _partial("ix_referral_queue", "referral", ["body", "since"], "ended_at IS NULL")
    _partial("ix_referral_running", "referral", ["days", "since"], "ended_at IS NULL AND silent_at IS NULL")
    op.create_index("ix_referral_tally", "referral", ["about", "body", "answer"], unique=False)
    op.create_table(
        "support",
        sa.Column("idea", sa.Text(), nullable=False),
        sa.Column("member_id", NUMBER, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["idea"], ["idea.code"], name=op.f("fk_support_idea")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_support_member_id")),
        sa.PrimaryKeyConstraint("idea", "member_id", name=op.f("pk_support")),
    )
    op.create_index(op.f("ix_support_member_id"), "support", ["member_id"], unique=False)


def _widen_bodies() -> None:
    op.add_column("body", sa.Column("parent", sa.Text()))
    op.add_column("body", sa.Column("appeals", sa.Text()))
    op.add_column("body", sa.Column("remit", sa.Text(), nullable=False, server_default=NO_REMIT))
    op.add_column("body", sa.Column("powers", sa.Text(), nullable=False, server_default="[]"))
    op.add_column("body", sa.Column("recesses", sa.Text(), nullable=False, server_default="[]"))
    op.add_column("body", sa.Column("position", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("body", sa.Column("has_ended", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        "organisation",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("holidays", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation")),
    )


def downgrade() -> None:
    """Ideas without an author stay, so that no entry of the ledger loses its idea."""
    for name in ("to_author", "entry", "idea"):
        op.drop_column("delivery", name)
    op.drop_table("organisation")
    op.execute("DELETE FROM body WHERE has_ended")
    for name in ("has_ended", "position", "recesses", "powers", "remit", "appeals", "parent"):
        op.drop_column("body", name)
    op.drop_table("support")
    op.drop_table("referral")
    op.drop_index("ix_idea_stage", "idea")
    op.drop_index("ix_idea_part_of", "idea")
    for name in ("part_of", "is_hidden", "entries", "stage_at", "stage"):
        op.drop_column("idea", name)
    op.drop_index("ix_story_moderated", "story")
    op.drop_index("ix_story_heard", "story")
    if is_sqlite():
        op.execute("DROP TRIGGER story_stays")
    for name, _ in ADDED[::-1]:
        op.drop_column("story", name)
    story_stays(ERASES_IN_0004)
