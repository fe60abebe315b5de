"""Versions of the database only widen it, so that code of the version before goes on (docs/decisions/0009)."""

from dataclasses import dataclass, field
from typing import Any

import pytest
from alembic.script import Script, ScriptDirectory
from sqlalchemy import Connection, inspect

from storage.database import Database
from storage.migrations import migrate
from storage.migrations.steps import settings

SINCE = "0007"
"""Those before were never run beside one another."""

SCRIPTS = [one for one in ScriptDirectory.from_config(settings()).walk_revisions() if one.revision >= SINCE][::-1]
Column = tuple[str, str]


@dataclass(frozen=True)
class Shape:
    columns: dict[Column, str] = field(default_factory=dict)
    """By table and name: of what kind."""
    needed: frozenset[Column] = frozenset()
    """Columns that an insert must name."""
    indices: frozenset[tuple[object, ...]] = frozenset()
    unique: frozenset[tuple[object, ...]] = frozenset()


def shape(connection: Connection) -> Shape:
    looked: Any = inspect(connection)
    tables = looked.get_table_names()
    columns = {(table, one["name"]): one for table in tables for one in looked.get_columns(table)}
    keys = {(table, name) for table in tables for name in looked.get_pk_constraint(table)["constrained_columns"]}
    return Shape(
        {column: str(one["type"]) for column, one in columns.items()},
        frozenset(column for column, one in columns.items() if column not in keys and _is_needed(one)),
        frozenset((table, one["name"], *one["column_names"]) for table in tables for one in looked.get_indexes(table)),
        frozenset(
            (table, *one["column_names"])
            for table in tables
            for one in (*looked.get_indexes(table), *looked.get_unique_constraints(table))
            if one.get("unique", True)
        ),
    )


def _is_needed(column: Any) -> bool:
    return not column["nullable"] and column["default"] is None and column.get("autoincrement") is not True


def narrowed(before: Shape, after: Shape) -> list[str]:
    """What code of the version before would miss, or stumble over."""
    known = {table for table, _ in before.columns}
    return [
        *(f"{of} is gone or of another kind" for of, kind in before.columns.items() if after.columns.get(of) != kind),
        *(f"the index {one} is gone" for one in before.indices - after.indices),
        *(f"{one} has to be given" for one in after.needed - before.needed if one[0] in known),
        *(f"{one} must be the only one" for one in after.unique - before.unique if one[0] in known),
    ]


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda one: one.revision)
async def test_a_migration_only_widens_unless_it_says_that_it_contracts(script: Script, empty: str) -> None:
    async with Database(empty) as database:
        await migrate(database, str(script.down_revision))
        async with database.reading() as connection:
            before = await connection.run_sync(shape)
        await migrate(database, script.revision)
        async with database.reading() as connection:
            after = await connection.run_sync(shape)
    if not getattr(script.module, "is_contraction", False):
        assert narrowed(before, after) == []


def test_what_narrows_is_found() -> None:
    old = Shape({("lane", "owner"): "TEXT", ("lane", "epoch"): "INTEGER"}, indices=frozenset({("lane", "ix", "owner")}))
    wider = Shape(
        {**old.columns, ("lane", "rate"): "FLOAT", ("new", "x"): "TEXT"}, frozenset({("new", "x")}), old.indices
    )
    assert narrowed(old, wider) == []
    gone = Shape({("lane", "owner"): "TEXT"}, indices=old.indices)
    assert narrowed(old, gone) == ["('lane', 'epoch') is gone or of another kind"]
    strict = Shape({**old.columns, ("lane", "rate"): "FLOAT"}, frozenset({("lane", "rate")}), frozenset())
    assert narrowed(old, strict) == ["the index ('lane', 'ix', 'owner') is gone", "('lane', 'rate') has to be given"]
    assert narrowed(old, Shape(old.columns, indices=old.indices, unique=frozenset({("lane", "owner")}))) == [
        "('lane', 'owner') must be the only one"
    ]
