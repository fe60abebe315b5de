"""What a lane's owner says of it, when replies were asked for, totals of what is thinned out, and how often what was
arranged has changed. Only widens: workers of the version before go on beside this one."""

import sqlalchemy as sa
from alembic import op

revision: str = "0007"
down_revision: str | None = "0006"
branch_labels: None = None
depends_on: None = None

INSTANT = sa.DateTime(timezone=True)
ADDED: tuple[tuple[str, str, sa.DateTime | sa.Float[float] | sa.Text | sa.Integer], ...] = (
    ("lane", "free_at", INSTANT),
    ("lane", "rate", sa.Float()),
    ("lane", "trouble", sa.Text()),
    ("lane", "trouble_at", INSTANT),
    ("delivery", "asked_at", INSTANT),
    ("broadcast", "asked_once", sa.Integer()),
    ("organisation", "deliveries_kept", sa.Integer()),
)  # fmt: skip


ARRANGED = ("consultation", "body", "channel", "topic", "organisation")
"""Whatever process changes these, of whatever version, the number goes up with it."""

COUNT = """INSERT INTO arrangement (id, number) VALUES (1, 1)
    ON CONFLICT (id) DO UPDATE SET number = arrangement.number + 1"""

SQLITE = [
    f"CREATE TRIGGER {table}_is_arranged_{change.lower()} AFTER {change} ON {table} BEGIN {COUNT}; END"
    for table in ARRANGED
    for change in ("INSERT", "UPDATE", "DELETE")
]
POSTGRES = [
    f"CREATE FUNCTION is_arranged() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {COUNT}; RETURN NULL; END $$",
    *(
        f"CREATE TRIGGER {table}_is_arranged AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table}"
        " FOR EACH STATEMENT EXECUTE FUNCTION is_arranged()"
        for table in ARRANGED
    ),
]


REASONED = sa.text("broadcast_id IS NOT NULL AND why <> ''")


def is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def upgrade() -> None:
    for table, name, kind in ADDED:
        op.add_column(table, sa.Column(name, kind))
    op.create_index(op.f("ix_inbound_at"), "inbound", ["at"], unique=False)
    why = ["broadcast_id", "state", "why"]
    op.create_index("ix_delivery_why", "delivery", why, unique=False, sqlite_where=REASONED, postgresql_where=REASONED)
    op.create_table(
        "thinned",
        sa.Column("broadcast_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("broadcast_id", "state", "why", name=op.f("pk_thinned")),
    )
    op.create_table(
        "arrangement",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_arrangement")),
    )
    for statement in SQLITE if is_sqlite() else POSTGRES:
        op.execute(statement)
    op.execute("INSERT INTO arrangement (id, number) VALUES (1, 1)")


def downgrade() -> None:
    for table in ARRANGED:
        if is_sqlite():
            for change in ("insert", "update", "delete"):
                op.execute(f"DROP TRIGGER {table}_is_arranged_{change}")
        else:
            op.execute(f"DROP TRIGGER {table}_is_arranged ON {table}")
    if not is_sqlite():
        op.execute("DROP FUNCTION is_arranged()")
    op.drop_table("arrangement")
    op.drop_table("thinned")
    op.drop_index("ix_delivery_why", table_name="delivery")
    op.drop_index(op.f("ix_inbound_at"), table_name="inbound")
    for table, name, _ in reversed(ADDED):
        op.drop_column(table, name)
