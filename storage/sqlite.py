"""A connection to SQLite that goes to its thread once a statement.

The stock cursor goes there four times: to be made, to execute, to fetch and to be closed. That is most of what a short
statement costs.
"""

import sqlite3
from collections.abc import Callable, Sequence
from typing import Any, Self, cast

import aiosqlite


class Cursor:
    """As much of a cursor as SQLAlchemy asks of one. All rows are fetched at once, as SQLAlchemy would."""

    arraysize = 1

    def __init__(self, connection: "Connection") -> None:
        self._connection = connection
        self._rows: list[Any] = []
        self.description: Any = None
        self.rowcount = -1
        self.lastrowid: int | None = None

    async def __aenter__(self) -> Self:
        return self

    async def execute(self, statement: str, parameters: Sequence[Any] = ()) -> Self:
        return await self._run(lambda cursor: cursor.execute(statement, parameters))

    async def executemany(self, statement: str, parameters: Sequence[Sequence[Any]]) -> Self:
        return await self._run(lambda cursor: cursor.executemany(statement, parameters))

    async def _run(self, call: Callable[[sqlite3.Cursor], object]) -> Self:
        await self._connection.in_thread(self._execute, call)
        return self

    def _execute(self, call: Callable[[sqlite3.Cursor], object]) -> None:
        cursor = self._connection.itself.cursor()
        try:
            call(cursor)
            self.description, self.lastrowid = cursor.description, cursor.lastrowid
            self._rows = cursor.fetchall() if cursor.description else []
            self.rowcount = cursor.rowcount  # of an update that returns rows, known only when they were fetched
        finally:
            cursor.close()

    async def fetchall(self) -> list[Any]:
        return self._rows

    async def close(self) -> None:
        self._rows = []


class Connection(aiosqlite.Connection):
    @property
    def itself(self) -> sqlite3.Connection:
        return self._conn

    def run(self, statement: str, values: Sequence[Any]) -> sqlite3.Cursor:
        """Here and now, while nothing is under way in its thread."""
        return self.itself.execute(statement, values)

    async def in_thread(self, call: Callable[..., None], *arguments: object) -> None:
        await self._execute(call, *arguments)  # type: ignore[no-untyped-call]  # its own way to its thread

    def cursor(self) -> Cursor:  # type: ignore[override]  # SQLAlchemy alone asks for it
        return Cursor(self)


def connect(file: str, kind: type[Connection] = Connection, **settings: Any) -> Connection:
    """To be awaited."""
    # Used from its thread and from ours, never at once: whoever has it waits for each statement to end.
    settings["check_same_thread"] = False
    connection = kind(lambda: cast(sqlite3.Connection, sqlite3.connect(file, **settings)), iter_chunk_size=64)
    connection._thread.daemon = True  # a process that is ended doesn't wait for it
    return connection
