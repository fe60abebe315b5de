"""Databases to measure over: files of SQLite's, and the tests' PostgreSQL, but writing to disk in earnest."""

import asyncio
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from storage.database import Database
from storage.migrations import migrate

Fresh = Callable[[], Database]
"""A new database, migrated, with nothing in it."""

_IN_EARNEST = ("fsync", "synchronous_commit", "full_page_writes", "autovacuum")
"""What the tests switch off. On a server of our own it goes back to what PostgreSQL comes with."""


@contextmanager
def sqlite() -> Iterator[Fresh]:
    numbers = count(1)
    with TemporaryDirectory(prefix="folkmoot-bench-", ignore_cleanup_errors=True) as folder:
        yield lambda: _migrated(f"sqlite:///{Path(folder) / f'{next(numbers)}.db'}")


@contextmanager
def postgres() -> Iterator[Fresh]:
    """Raises ImportError where what is installed is only for running."""
    from tests.contracts.postgres import running

    made: list[str] = []
    with running() as server:
        if "TEST_DATABASE_URL" not in os.environ:
            resets = (f"ALTER SYSTEM RESET {name}" for name in _IN_EARNEST)
            asyncio.run(server.run(*resets, "SELECT pg_reload_conf()"))

        def fresh() -> Database:
            made.append(asyncio.run(server.empty()))
            return _migrated(made[-1])

        try:
            yield fresh
        finally:
            for url in made:
                asyncio.run(server.drop(url))


def _migrated(url: str) -> Database:
    async def bring_up() -> None:
        async with Database(url) as database:
            await migrate(database)

    asyncio.run(bring_up())
    return Database(url)
