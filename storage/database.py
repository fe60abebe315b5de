"""The database: how its address is written, its connections set up, a transaction begun and ended."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, Self

from sqlalchemy import URL, Connection, Table, event, make_url
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import ArgumentError, DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from core.ports import StoreUnavailable
from storage.sqlite import connect

BUSY_SECONDS = 30
"""How long a statement on SQLite waits for another process that writes."""

CHECKPOINT_MILLISECONDS = 200
"""How long emptying SQLite's log waits for readers, and keeps writers waiting, before it is put off."""

_DRIVERS = {
    "sqlite": "sqlite+aiosqlite", "sqlite+aiosqlite": "sqlite+aiosqlite",
    "postgres": "postgresql+asyncpg", "postgresql": "postgresql+asyncpg", "postgresql+asyncpg": "postgresql+asyncpg",
}  # fmt: skip


_PASSING = ("08", "25006", "40", "53", "55P03", "57")
"""PostgreSQL's classes of faults that aren't the statement's: connection, read only, deadlock, resources, shutdown."""


class UnusableUrl(ValueError):
    def __init__(self, why: str) -> None:
        super().__init__(
            f"the database address can't be used: {why}. "
            "Write it as sqlite:///folder/file.db or postgresql://user:password@host/name"
        )


def read_url(written: str) -> URL:
    """The address with the driver that we use, from any of the ways that people and hosts write it."""
    try:
        url = make_url(written)
    except (ArgumentError, ValueError) as error:  # a port that is no number is a ValueError
        raise UnusableUrl("it isn't a URL") from error
    if url.drivername not in _DRIVERS:
        raise UnusableUrl(f"{url.drivername} is no database that we know")
    url = url.set(drivername=_DRIVERS[url.drivername])
    if url.get_backend_name() == "sqlite":
        if url.database in (None, "", ":memory:"):
            raise UnusableUrl("SQLite needs a file")
        return url
    if "sslmode" in url.query:  # libpq's word for what asyncpg calls `ssl`
        url = url.update_query_dict({"ssl": url.query["sslmode"]}).difference_update_query(["sslmode"])
    return url


class Fault(Exception):
    """A statement that the database refused: a mistake of ours. It says which and why in kind, never with which
    values, for those may be what a member said."""

    def __init__(self, error: DBAPIError) -> None:
        state = getattr(error.orig, "sqlstate", None) or getattr(error.orig, "sqlite_errorname", None) or "no code"
        super().__init__(f"{_name(error)} ({state}) at: {error.statement}")


class Database:
    """One SQLite file or PostgreSQL database. Connections are made as they are needed."""

    def __init__(self, url: str, *, connections: int = 20) -> None:
        self.url = read_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self._one_writer = asyncio.Lock() if self.is_sqlite else None
        self._engine = self._sqlite(connections) if self.is_sqlite else self._postgres(connections)
        self._writer = self._engine.execution_options(writes=True)

    def _sqlite(self, connections: int) -> AsyncEngine:
        Path(self.url.database or "").expanduser().parent.mkdir(parents=True, exist_ok=True)
        settings = {"timeout": BUSY_SECONDS, "isolation_level": None, "async_creator_fn": connect}
        engine = create_async_engine(self.url, pool_size=connections, connect_args=settings, hide_parameters=True)
        event.listen(engine.sync_engine, "connect", _set_up_sqlite)
        event.listen(engine.sync_engine, "begin", begin_sqlite)
        return engine

    def _postgres(self, connections: int) -> AsyncEngine:
        settings = {"application_name": "folkmoot", "timezone": "UTC", "jit": "off"}
        return create_async_engine(
            self.url,
            pool_size=connections,
            max_overflow=0,  # a connection beyond those would be closed after each use, and one is slow to make
            connect_args={"server_settings": settings},
            hide_parameters=True,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        await self._engine.dispose()

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncConnection]:
        """A transaction: committed when the block ends well, rolled back when anything is raised in it. Raises
        StoreUnavailable where the database can't be reached or gives up, on a deadlock say; then it was undone."""
        with self._faults():
            if self._one_writer is None:
                async with self._engine.begin() as connection:
                    yield connection
            else:
                async with self._one_writer, self._writer.begin() as connection:
                    yield connection

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """One view of what was committed, to read from only; it waits for no writer."""
        with self._faults():
            async with self._engine.connect() as connection:
                yield connection

    async def checkpoint(self) -> bool:
        """Moves SQLite's write-ahead log into the file and empties it, so that what was deleted is nowhere any more.
        False where somebody still reads what was before: to be tried again."""
        if not self.is_sqlite:
            return True
        with self._faults():
            async with self._engine.connect() as connection:
                await connection.execution_options(checkpoints=True)
                await connection.exec_driver_sql(f"PRAGMA busy_timeout = {CHECKPOINT_MILLISECONDS}")
                try:
                    found = await connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
                    return bool(found.one()[0] == 0)
                finally:
                    await connection.exec_driver_sql(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")

    @contextmanager
    def _faults(self) -> Iterator[None]:
        try:
            yield
        except StoreUnavailable:
            raise
        except (DBAPIError, PoolTimeout, OSError) as error:
            if isinstance(error, DBAPIError) and not _may_be_tried_again(error):
                raise Fault(error) from None
            raise StoreUnavailable(f"the database {self.shown} can't be used now ({_name(error)})") from error

    @property
    def shown(self) -> str:
        """The address without its password."""
        return self.url.render_as_string(hide_password=True)


def _may_be_tried_again(error: DBAPIError) -> bool:
    if isinstance(error, OperationalError | InterfaceError) or error.connection_invalidated:
        return True
    return (getattr(error.orig, "sqlstate", None) or "").startswith(_PASSING)


def _name(error: Exception) -> str:
    """What kind of fault it was; its text may hold what somebody said."""
    return type(error.orig or error).__name__ if isinstance(error, DBAPIError) else type(error).__name__


Insert = postgresql.Insert | sqlite.Insert


def insert(connection: AsyncConnection, table: Table) -> Insert:
    """An insert of this database's kind, for the sake of its ON CONFLICT."""
    return sqlite.insert(table) if connection.dialect.name == "sqlite" else postgresql.insert(table)


def insert_once(table: Table, *unique: str) -> Mapping[str, Insert]:
    """An insert that leaves a row with the same `unique` columns as it is, by the kind of database: made once, as
    every turn has need of it."""
    return {kind: made.inline().on_conflict_do_nothing(index_elements=unique) for kind, made in inserts(table).items()}


def inserts(table: Table) -> Mapping[str, Insert]:
    """By the kind of database."""
    return {"sqlite": sqlite.insert(table), "postgresql": postgresql.insert(table)}


def _set_up_sqlite(connection: Any, _: object) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = FULL")  # what we acknowledge survives a power cut
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute("PRAGMA temp_store = MEMORY")
    cursor.execute("PRAGMA secure_delete = ON")  # what is deleted is overwritten with zeros in the file
    cursor.close()


def begin_sqlite(connection: Connection) -> None:
    """The driver's own handling of transactions loses writes under concurrency, so we begin them ourselves."""
    options = connection.get_execution_options()
    if options.get("checkpoints"):
        return  # there is none within a transaction
    writes = options.get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
