"""Statements of which every turn has need: written out once for each kind of database, then given to its driver as they
are. What SQLAlchemy does anew for each execution is most of what such a statement costs.

On SQLite they run where they are called: a look-up by key is over sooner than another thread would have begun it. So
nothing is prepared that may read or change many rows.
"""

import re
import sqlite3
from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import asyncpg  # type: ignore[import-untyped]  # it ships no types
from sqlalchemy import BindParameter, CompoundSelect, Dialect, Insert, Select, Update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.schema import ScalarElementColumnDefault

Statement = Select[Any] | CompoundSelect[Any] | Insert | Update
Values = Mapping[str, Any]
Process = Callable[[Any], Any] | None

_DRIVERS_FAULTS = (sqlite3.Error, asyncpg.PostgresError, asyncpg.InterfaceError, OSError)
_GIVEN = object()
_SLOT = re.compile(r"\$(\d+)")


class Slot(NamedTuple):
    """A place for a value in the text: what becomes of the value on its way, and what stands there if none is given."""

    name: str
    process: Process
    otherwise: Any


class Written(NamedTuple):
    """A statement in the words of one kind of database."""

    text: str
    slots: tuple[Slot, ...]
    columns: tuple[Process, ...]

    def fill(self, values: Values) -> list[Any]:
        given = (values[name] if by is _GIVEN else values.get(name, by) for name, _, by in self.slots)
        return [process(one) if process else one for one, (_, process, _) in zip(given, self.slots, strict=True)]


class Prepared:
    """A statement, or one for each kind of database (`insert_once` makes such). `given`: of an insert, the columns that
    are given; the others have their defaults."""

    def __init__(self, statement: Statement | Mapping[str, Statement], *given: str) -> None:
        self._statement, self._given = statement, given
        self._written: dict[str, Written] = {}
        self._row: Any = None

    async def rows(self, connection: AsyncConnection, values: Values) -> Sequence[Any]:
        """Each with its columns as attributes."""
        driver = await _driver(connection)
        if driver is None:
            return (await connection.execute(self._of(connection.dialect), values)).all()
        written = self._write(connection.dialect)
        try:
            if connection.dialect.name == "sqlite":
                found = driver.run(written.text, written.fill(values)).fetchall()
            else:
                found = await driver.fetch(written.text, *written.fill(values))
        except _DRIVERS_FAULTS as error:
            raise await _fault(connection, written.text, error) from error
        return [self._read(row, written.columns) for row in found]

    async def row(self, connection: AsyncConnection, values: Values) -> Any:
        """The only one, or None."""
        found = await self.rows(connection, values)
        return found[0] if found else None

    async def run(self, connection: AsyncConnection, values: Values) -> bool:
        """Whether any row was written or changed."""
        driver = await _driver(connection)
        if driver is None:
            return bool((await connection.execute(self._of(connection.dialect), values)).rowcount)
        written = self._write(connection.dialect)
        try:
            if connection.dialect.name == "sqlite":
                return bool(driver.run(written.text, written.fill(values)).rowcount)
            done: str = await driver.execute(written.text, *written.fill(values))
        except _DRIVERS_FAULTS as error:
            raise await _fault(connection, written.text, error) from error
        return not done.endswith(" 0")

    def _read(self, row: Sequence[Any], columns: Sequence[Process]) -> Any:
        return self._row._make([process(one) if process else one for one, process in zip(row, columns, strict=True)])

    def _of(self, dialect: Dialect) -> Statement:
        return self._statement[dialect.name] if isinstance(self._statement, Mapping) else self._statement

    def _write(self, dialect: Dialect) -> Written:
        if dialect.name not in self._written:
            statement = self._of(dialect)
            returned = list(
                statement.selected_columns
                if isinstance(statement, Select | CompoundSelect)
                else statement.exported_columns
            )
            names = [str(column.key) for column in returned]
            self._row = namedtuple("Row", names)  # type: ignore[misc]  # its fields are the statement's
            self._written[dialect.name] = _write(statement, self._given, returned, dialect)
        return self._written[dialect.name]


Write = tuple[Prepared, Values]
"""To be run, sooner or later."""


async def run_together(connection: AsyncConnection, writes: Sequence[Write]) -> bool:
    """Writes, at least one, that have nothing to do with each other, in whichever order. PostgreSQL is asked once for
    all of them. Whether the last of them wrote or changed any row."""
    driver = await _driver(connection)
    if driver is None or connection.dialect.name == "sqlite" or len(writes) == 1:
        return [await prepared.run(connection, values) for prepared, values in writes][-1]
    pieces = [prepared._write(connection.dialect) for prepared, _ in writes]
    text = _together(tuple(piece.text for piece in pieces), tuple(len(piece.slots) for piece in pieces))
    filled = [one for piece, (_, values) in zip(pieces, writes, strict=True) for one in piece.fill(values)]
    try:
        done: str = await driver.execute(text, *filled)
    except _DRIVERS_FAULTS as error:
        raise await _fault(connection, text, error) from error
    return not done.endswith(" 0")


@lru_cache(maxsize=256)
def _together(texts: tuple[str, ...], slots: tuple[int, ...]) -> str:
    """The slots of each are numbered on from those before it."""
    numbered = []
    for place, text in enumerate(texts):
        before = sum(slots[:place])
        numbered.append(_SLOT.sub(lambda slot: f"${int(slot[1]) + before}", text))  # noqa: B023  # called at once
    *first, last = numbered
    named = ", ".join(f"w{place} AS ({text})" for place, text in enumerate(first))
    return f"WITH {named} {last}"


def _write(statement: Statement, given: Sequence[str], returned: Sequence[Any], dialect: Dialect) -> Written:
    compiled: Any = statement.compile(dialect=dialect, column_keys=list(given) or None)
    return Written(
        compiled.string,
        tuple(_slot(name, compiled.binds[name], statement, given, dialect) for name in compiled.positiontup),
        tuple(one.type.dialect_impl(dialect).result_processor(dialect, None) for one in returned),
    )


def _slot(name: str, bind: BindParameter[Any], statement: Statement, given: Sequence[str], dialect: Dialect) -> Slot:
    otherwise: Any = _GIVEN if bind.required else bind.value
    if isinstance(statement, Insert) and name not in given:
        default = statement.table.columns[name].default
        otherwise = default.arg if isinstance(default, ScalarElementColumnDefault) else None
    return Slot(name, bind.type.dialect_impl(dialect).bind_processor(dialect), otherwise)


async def _driver(connection: AsyncConnection) -> Any:
    """The driver's own connection, a transaction begun on it. None where SQLAlchemy has to begin that, on SQLite."""
    assert connection.sync_connection is not None  # noqa: S101  # it is open as long as its block lasts
    pooled = connection.sync_connection.connection
    driver: Any = pooled.driver_connection
    if connection.dialect.name == "sqlite":
        return driver if driver.in_transaction else None
    if not driver.is_in_transaction():
        adapter: Any = pooled.dbapi_connection
        try:
            await adapter._start_transaction()  # its private way, which it goes before its first statement
        except Exception as error:  # its own exceptions, which have no name that may be known
            raise await _fault(connection, "BEGIN", error) from error
    return driver


async def _fault(connection: AsyncConnection, text: str, error: Exception) -> DBAPIError:
    """As SQLAlchemy tells of it. A connection that is lost never comes back into the pool."""
    is_lost = False
    if connection.dialect.name == "postgresql" and not connection.invalidated:
        assert connection.sync_connection is not None  # noqa: S101  # as above
        driver: Any = connection.sync_connection.connection.driver_connection
        if is_lost := driver is None or driver.is_closed():
            await connection.invalidate()
    told = DBAPIError.instance(text, None, error, Exception, hide_parameters=True, connection_invalidated=is_lost)
    assert isinstance(told, DBAPIError)  # noqa: S101  # of whatever class of exception it is
    return told
