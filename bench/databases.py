"""Databases to measure over: files of SQLite's, and the tests' PostgreSQL, but writing to disk in earnest."""

import asyncio
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from storage.database import Database
from storage.migrations import migrate
from tests.contracts.postgres import Postgres


class Kind(StrEnum):
    SQLITE = "sqlite"
    POSTGRES = "postgres"

    @property
    def written(self) -> str:
        return {"sqlite": "SQLite", "postgres": "PostgreSQL"}[self.value]


_IN_EARNEST = ("fsync", "synchronous_commit", "full_page_writes", "autovacuum")
"""What the tests switch off. On a server of our own it goes back to what PostgreSQL comes with."""


@dataclass(frozen=True, slots=True)
class Planned:
    """A database in which a broadcast was planned at some cost, so that another measure can go on with it."""

    url: str
    members: int
    seconds: float
    """Of planning one member."""


@dataclass
class Ground:
    """Where one kind of database is measured: new databases, and folders for processes to run in."""

    kind: Kind
    root: Path
    server: Postgres | None = None
    planned: Planned | None = None
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    async def address(self) -> str:
        """Of a new database with nothing in it, not even tables."""
        if self.server:
            return await self.server.empty()
        return f"sqlite:///{self.root / f'{next(self._numbers)}.db'}"

    async def url(self) -> str:
        """Of a new database, migrated."""
        address = await self.address()
        async with Database(address) as database:
            await migrate(database)
        return address

    async def database(self) -> Database:
        return Database(await self.url())

    def folder(self) -> Path:
        made = self.root / f"house-{next(self._numbers)}"
        made.mkdir()
        return made

    async def drop(self, url: str) -> None:
        """What is dropped needs no disk any more."""
        if self.server:
            await self.server.drop(url)
            return
        for left in self.root.glob(f"{Path(url).name}*"):
            left.unlink()


@contextmanager
def ground(kind: Kind) -> Iterator[Ground]:
    with TemporaryDirectory(prefix="folkmoot-bench-", ignore_cleanup_errors=True) as folder:
        if kind is Kind.SQLITE:
            yield Ground(kind, Path(folder))
            return
        with postgres() as server:
            yield Ground(kind, Path(folder), server)


@contextmanager
def postgres() -> Iterator[Postgres]:
    """Raises ImportError where what is installed is only for running."""
    from tests.contracts.postgres import running

    with running() as server:
        if "TEST_DATABASE_URL" not in os.environ:
            resets = (f"ALTER SYSTEM RESET {name}" for name in _IN_EARNEST)
            asyncio.run(server.run(*resets, "SELECT pg_reload_conf()"))
        yield server
