"""The tables of people, bodies and what they said. Those of what goes out are in `storage.outgoing`.

JSON is kept as text: the values of `core` are written and read by `storage.shapes`, and nothing queries inside them.
"""

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    and_,
    false,
    text,
)
from sqlalchemy.types import BigInteger

from storage.instants import Instant

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

Number = BigInteger().with_variant(Integer(), "sqlite")
"""SQLite numbers rows by itself only in a column of plain INTEGER, which is 64 bits wide there."""


def numbered() -> Column[int]:
    return Column("id", Number, primary_key=True, autoincrement=True)


# --- people
member = Table(
    "member",
    metadata,
    numbered(),
    Column("name", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("language_chosen", Boolean, nullable=False, default=False),
    Column("timezone", Text),
    Column("timezone_chosen", Boolean, nullable=False, default=False),
    Column("consented_at", Instant),
    Column("stopped_at", Instant),
    Column("organiser", Boolean, nullable=False, default=False),
    # Where what goes out unasked would reach them: a copy of one of their addresses, so that planning reads one table.
    Column("reach_account", Text),
    Column("reach_user", Text),
    Column("verified_at", Instant),
    sqlite_autoincrement=True,  # a number is never used again: keys of deliveries and planning go by it
)

address = Table(
    "address",
    metadata,
    numbered(),
    Column("account", Text, nullable=False),
    Column("user_id", Text, nullable=False),
    Column("member_id", Number, ForeignKey("member.id"), nullable=False, index=True),
    Column("session", Text, nullable=False, default=""),
    Column("seen_at", Instant, nullable=False),
    Column("gone_at", Instant),
    Column("gone_why", Text),
    UniqueConstraint("account", "user_id"),
)

inbound = Table(
    "inbound",
    metadata,
    Column("key", Text, primary_key=True),
    Column("at", Instant, nullable=False, index=True),
    sqlite_with_rowid=False,
)

follow = Table(
    "follow",
    metadata,
    Column("member_id", Number, ForeignKey("member.id"), primary_key=True),
    Column("topic", Text, primary_key=True, index=True),
)

link_offer = Table(
    "link_offer",
    metadata,
    Column("code", Text, primary_key=True),
    Column("member_id", Number, ForeignKey("member.id"), nullable=False, unique=True),
    Column("expires_at", Instant, nullable=False),
)

organiser_code = Table(
    "organiser_code",
    metadata,
    Column("code", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("expires_at", Instant, nullable=False),
)

# --- bodies
body = Table(
    "body",
    metadata,
    Column("slug", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("answer_days", Integer),
    Column("parent", Text),
    Column("appeals", Text),
    Column("remit", Text, nullable=False),
    Column("powers", Text, nullable=False),
    Column("recesses", Text, nullable=False),
    Column("position", Integer, nullable=False),
    Column("has_ended", Boolean, nullable=False),
)

# One row: what holds for all bodies.
organisation = Table(
    "organisation",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("holidays", Text, nullable=False),
    Column("deliveries_kept", Integer),  # days
)

# One row: how often consultations, bodies, channels or topics were changed. Triggers count.
arrangement = Table(
    "arrangement",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("number", Number, nullable=False),
)

topic = Table(
    "topic",
    metadata,
    Column("slug", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("position", Integer, nullable=False),
)

# By address, so that a person can be named before they first write; who is a member is read through `address`.
declared = Table(
    "declared",
    metadata,
    Column("body", Text, primary_key=True),
    Column("account", Text, primary_key=True),
    Column("user_id", Text, primary_key=True),
    Column("role", Text, primary_key=True),
    Column("position", Integer, nullable=False),
    Column("by_hand", Boolean, nullable=False, default=False, server_default=false()),  # at the desk, by import or roll
    Index("ix_declared_who", "account", "user_id", "role"),
)

IS_DECLARED = and_(declared.c.account == address.c.account, declared.c.user_id == address.c.user_id)
"""The office is that of whoever writes from the address."""

# What is known beforehand of whoever hasn't written yet; gone when they do.
expected = Table(
    "expected",
    metadata,
    Column("account", Text, primary_key=True),
    Column("user_id", Text, primary_key=True),
    Column("language", Text),
    Column("topics", Text, nullable=False),
)

channel = Table(
    "channel",
    metadata,
    Column("account", Text, primary_key=True),
    Column("chat", Text, primary_key=True),
    Column("body", Text, nullable=False, index=True),
    Column("by_hand", Boolean, nullable=False),
)

# --- consultations
consultation = Table(
    "consultation",
    metadata,
    Column("slug", Text, primary_key=True),
    Column("definition", Text, nullable=False),  # as it was loaded; what was set by hand since is in the columns
    Column("loaded_at", Instant, nullable=False),
    Column("opens_at", Instant, index=True),
    Column("closes_at", Instant),
    Column("outcome", Text),
    Column("outcome_at", Instant),
    Column("archived_at", Instant),
)

participation = Table(
    "participation",
    metadata,
    Column("member_id", Number, ForeignKey("member.id"), primary_key=True),
    Column("consultation", Text, primary_key=True, index=True),
    Column("begun_at", Instant),
    Column("finished_at", Instant),
)

# Earlier answers are kept; of a member's answers to a prompt one is the latest, which the index holds true.
answer = Table(
    "answer",
    metadata,
    numbered(),
    Column("member_id", Number, ForeignKey("member.id"), nullable=False),
    Column("consultation", Text, nullable=False),
    Column("prompt", Text, nullable=False),
    Column("value", Text),
    Column("at", Instant, nullable=False),
    Column("latest", Boolean, nullable=False),
    Index("ix_answer_whose", "member_id"),
)
LATEST = "latest"
"""Spelt out, so that either database sees that the index answers it."""
Index(
    "ix_answer_latest",
    answer.c.member_id,
    answer.c.consultation,
    answer.c.prompt,
    unique=True,
    sqlite_where=text(LATEST),
    postgresql_where=text(LATEST),
)

discussion = Table(
    "discussion",
    metadata,
    Column("account", Text, primary_key=True),
    Column("chat", Text, primary_key=True),
    Column("message", Text, primary_key=True),
    Column("thread", Text),
    Column("consultation", Text, nullable=False, index=True),
    Column("at", Instant, nullable=False),
)

# --- ideas
# `stage` and what follows it say where the idea stands after its story: a copy, kept with every entry.
idea = Table(
    "idea",
    metadata,
    numbered(),
    Column("code", Text, nullable=False, unique=True),
    Column("member_id", Number, ForeignKey("member.id"), index=True),
    Column("account", Text, nullable=False),
    Column("chat", Text, nullable=False),
    Column("message", Text, nullable=False),
    Column("consultation", Text, index=True),
    Column("prompt", Text),
    Column("attachments", Text, nullable=False),
    Column("said_at", Instant, nullable=False),
    Column("stage", Text, nullable=False),
    Column("stage_at", Instant),
    Column("entries", Integer, nullable=False),
    Column("is_hidden", Boolean, nullable=False),
    Column("part_of", Text, index=True),
    Index("ix_idea_source", "account", "chat", "message"),
    Index("ix_idea_stage", "stage", "stage_at"),
    Index("ix_idea_collected", "consultation", "stage"),
)

# Only ever added to, and the one place where an idea's words are.
story = Table(
    "story",
    metadata,
    numbered(),
    Column("idea", Text, ForeignKey("idea.code"), nullable=False, index=True),
    Column("kind", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("text", Text),
    Column("reason", Text),
    Column("body", Text),
    Column("by_role", Text),
    Column("next_body", Text),
    Column("days", Integer),
    Column("other", Text),
    Column("on_day", Date),
    Column("score", Integer),
    Column("rule", Text),
)
HEARD = "kind = 'heard'"
Index("ix_story_heard", story.c.body, story.c.id, sqlite_where=text(HEARD), postgresql_where=text(HEARD))
MODERATED = "kind IN ('hidden', 'redacted', 'contested')"
Index("ix_story_moderated", story.c.kind, story.c.rule, sqlite_where=text(MODERATED), postgresql_where=text(MODERATED))

# What is or was with a body: open until `ended_at`, and `answer` is the entry that ended it where that was an answer.
referral = Table(
    "referral",
    metadata,
    numbered(),
    Column("idea", Text, ForeignKey("idea.code"), nullable=False),
    Column("about", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("since", Instant, nullable=False),
    Column("days", Integer, nullable=False),
    Column("number", Integer, nullable=False),
    Column("is_appeal", Boolean, nullable=False),
    Column("seen", Boolean, nullable=False),
    Column("silent_at", Instant),
    Column("ended_at", Instant),
    Column("answer", Text),
)
OPEN = "ended_at IS NULL"
RUNNING = "ended_at IS NULL AND silent_at IS NULL"
Index(
    "ix_referral_open",
    referral.c.idea,
    referral.c.about,
    unique=True,
    sqlite_where=text(OPEN),
    postgresql_where=text(OPEN),
)
Index("ix_referral_queue", referral.c.body, referral.c.since, sqlite_where=text(OPEN), postgresql_where=text(OPEN))
Index(
    "ix_referral_running", referral.c.days, referral.c.since, sqlite_where=text(RUNNING), postgresql_where=text(RUNNING)
)
Index("ix_referral_tally", referral.c.about, referral.c.body, referral.c.answer)

support = Table(
    "support",
    metadata,
    Column("idea", Text, ForeignKey("idea.code"), primary_key=True),
    Column("member_id", Number, ForeignKey("member.id"), primary_key=True, index=True),
    Column("at", Instant, nullable=False),
)

# --- the ledger: triggers refuse to change or delete what is written here, and story entries
# An entry's salt is there from the moment it is recorded, until its author is forgotten; its number in its story and
# its position in the log are given at sealing, once.
leaf = Table(
    "leaf",
    metadata,
    Column("entry", Number, ForeignKey("story.id"), primary_key=True, autoincrement=False),
    Column("salt", LargeBinary),
    Column("number", Integer),
    Column("position", Number, unique=True),
)
UNPLACED = "position IS NULL"
Index("ix_leaf_unplaced", leaf.c.entry, sqlite_where=text(UNPLACED), postgresql_where=text(UNPLACED))

# Hashes of the log's complete subtrees, by their place as `core.ledger.tree` counts it.
node = Table(
    "node",
    metadata,
    Column("place", Number, primary_key=True, autoincrement=False),
    Column("hash", LargeBinary, nullable=False),
)

seal = Table(
    "seal",
    metadata,
    Column("size", Number, primary_key=True, autoincrement=False),
    Column("root", LargeBinary, nullable=False),
    Column("at", Instant, nullable=False),
)

capture = Table(
    "capture",
    metadata,
    Column("id", Text, primary_key=True),
    Column("author_account", Text, nullable=False),
    Column("author_user", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("said_at", Instant, nullable=False),
    Column("account", Text, nullable=False),
    Column("chat", Text, nullable=False),
    Column("message", Text, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("attachments", Text, nullable=False),
    Column("consultation", Text),
    Column("asked_by", Text),
    Index("ix_capture_source", "account", "chat", "message"),
)
