"""The tables of what goes out: broadcasts, deliveries, lanes, the web chat's lines, farewells; and of secrets."""

from sqlalchemy import Boolean, Column, Float, Index, Integer, Table, Text, TextClause, UniqueConstraint, text
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.instants import Instant
from storage.tables import Number, metadata, numbered

broadcast = Table(
    "broadcast",
    metadata,
    numbered(),
    Column("code", Text, nullable=False, unique=True),
    Column("consultation", Text, nullable=False),
    Column("step", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("audience", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("confirmed", Boolean, nullable=False),
    Column("is_planned", Boolean, nullable=False, default=False),
    Column("planned", Integer, nullable=False, default=0),
    Column("planned_to", Number, nullable=False, default=0),  # the last member whose delivery is written
    Column("asked_once", Integer),  # members asked by it of whom no row tells any more
    Column("held_at", Instant),
    Column("resent_at", Instant),  # when what was uncertain of it was last planned again
    UniqueConstraint("consultation", "step"),
)

lane = Table(
    "lane",
    metadata,
    Column("account", Text, primary_key=True),
    Column("owner", Text),
    Column("epoch", Integer, nullable=False, default=0),
    Column("until", Instant),
    # What its owner last said of it, for whoever looks and for the next owner.
    Column("free_at", Instant),
    Column("rate", Float),
    Column("trouble", Text),
    Column("trouble_at", Instant),
)

# No foreign keys: a broadcast writes a million of these at a stretch.
delivery = Table(
    "delivery",
    metadata,
    numbered(),
    Column("account", Text, nullable=False),
    Column("chat", Text, nullable=False),
    Column("private", Boolean, nullable=False),
    Column("thread", Text),
    Column("priority", Text, nullable=False),
    Column("broadcast_id", Number),
    Column("consultation", Text),  # whose card it is, where it isn't a broadcast's
    Column("member_id", Number),
    Column("idea", Text),  # news: the idea, and the number of the entry that is told
    Column("entry", Integer),
    Column("to_author", Boolean),
    Column("key", Text, unique=True),
    Column("content", Text),  # a reply's words, until it is settled; a nudge's are its broadcast's
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False, default=0),
    Column("not_before", Instant, nullable=False),
    Column("expires_at", Instant),
    Column("asked_at", Instant),  # a reply: of the turn that it answers
    Column("at", Instant),  # of the last claim or mark
    Column("message", Text),
    Column("why", Text),
    Column("resent_at", Instant),  # it may have arrived, and was planned again: once, and never more
)

PLANNED = "state = 'planned'"
CLAIMED = "state = 'claimed'"
WORDED = "broadcast_id IS NULL"
BROADCAST = "broadcast_id IS NOT NULL"
"""Conditions spelt out rather than bound: only then does either database see that a partial index answers them."""


def partial(name: str, *columns: str, where: str) -> Index:
    return Index(
        name, *(delivery.c[column] for column in columns), sqlite_where=text(where), postgresql_where=text(where)
    )


partial("ix_delivery_worded", "account", "priority", "not_before", "id", where=f"{PLANNED} AND {WORDED}")
partial("ix_delivery_queue", "account", "broadcast_id", "not_before", "id", where=f"{PLANNED} AND {BROADCAST}")
partial("ix_delivery_claimed", "account", where=CLAIMED)
BACKLOG = "priority = 'reply' AND state IN ('planned', 'claimed')"
partial("ix_delivery_backlog", "account", "chat", where=BACKLOG)
CARD = "message IS NOT NULL AND (broadcast_id IS NOT NULL OR consultation IS NOT NULL)"
partial("ix_delivery_card", "account", "chat", "message", where=CARD)
SPENT = "broadcast_id IS NULL AND key IS NULL AND state NOT IN ('planned', 'claimed')"
partial("ix_delivery_spent", "at", where=SPENT)


def spent_by_time(connection: AsyncConnection) -> TextClause:
    """The table, to be read along the index of what is spent. SQLite has to be told, as it would rather go by the
    empty key, which so much has; of PostgreSQL's own choice it is the best."""
    return text("delivery INDEXED BY ix_delivery_spent" if connection.dialect.name == "sqlite" else "delivery")


def queue_by_time(connection: AsyncConnection) -> TextClause:
    """The table, to be read along the queue of broadcasts on a lane. SQLite has to be told, as above."""
    return text("delivery INDEXED BY ix_delivery_queue" if connection.dialect.name == "sqlite" else "delivery")


REASONED = "broadcast_id IS NOT NULL AND why <> ''"
partial("ix_delivery_why", "broadcast_id", "state", "why", where=REASONED)
Index("ix_delivery_broadcast", delivery.c.broadcast_id, delivery.c.state)
Index("ix_delivery_member", delivery.c.member_id)

# Finished deliveries whose rows are thrown away, counted. `broadcast_id` 0: those of none.
thinned = Table(
    "thinned",
    metadata,
    Column("broadcast_id", Number, primary_key=True, autoincrement=False),
    Column("state", Text, primary_key=True),
    Column("why", Text, primary_key=True),
    Column("count", Integer, nullable=False),
)

chat = Table(
    "chat",
    metadata,
    Column("user_id", Text, primary_key=True),
    Column("revision", Integer, nullable=False),
)

line = Table(
    "line",
    metadata,
    numbered(),
    Column("user_id", Text, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("ours", Boolean, nullable=False),
    Column("at", Instant, nullable=False),
    Column("message", Text, nullable=False),
    Column("key", Text),
    UniqueConstraint("user_id", "key"),
    Index("ix_line_revision", "user_id", "revision"),
)

# Where those were reached who were forgotten a moment ago, until their farewell is gone as well.
farewell = Table(
    "farewell",
    metadata,
    numbered(),
    Column("member_id", Number, nullable=False),
    Column("account", Text, nullable=False),
    Column("user_id", Text, nullable=False),
    Column("at", Instant, nullable=False),
)

secret = Table(
    "secret",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("sealed", Text, nullable=False),
)
