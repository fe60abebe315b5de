"""A database in memory for what is tried out: as the real one in everything but that nothing of it stays."""

import asyncio
from collections.abc import Callable
from functools import cache
from typing import Any

from sqlalchemy import StaticPool, create_engine, event, make_url
from sqlalchemy.ext.asyncio import create_async_engine

from storage.database import Database, begin_sqlite
from storage.migrations import HEAD
from storage.sqlite import Connection, connect


class AtOnce(Connection):
    """In memory nothing is waited for, and going to another thread and back is most of what a statement would take."""

    async def _execute(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        return fn(*args, **kwargs)


def connect_at_once(file: str, **settings: Any) -> Connection:
    return connect(file, AtOnce, **settings)


class Scratch(Database):
    """One connection, for one after another. `begin_again` before each use."""

    def __init__(self) -> None:
        self.url, self.is_sqlite, self._one_writer = make_url("sqlite+aiosqlite://"), True, asyncio.Lock()
        settings = {"isolation_level": None, "async_creator_fn": connect_at_once}
        engine = create_async_engine(self.url, poolclass=StaticPool, connect_args=settings, hide_parameters=True)
        event.listen(engine.sync_engine, "begin", begin_sqlite)
        self._engine, self._writer = engine, engine.execution_options(writes=True)

    async def begin_again(self) -> None:
        """As new: brought up to date, and empty."""
        fresh = await asyncio.to_thread(_fresh)
        async with self._engine.connect() as connection:
            driver: Any = (await connection.get_raw_connection()).driver_connection
            driver.itself.deserialize(fresh)
            driver.run("PRAGMA foreign_keys = ON", ())


@cache
def _fresh() -> bytes:
    """What a database is after all migrations: found out once, for they take a second, and copied from then on."""
    from storage.migrations import steps  # loads Alembic, which nobody else needs who only serves pages

    engine = create_engine("sqlite://", poolclass=StaticPool)
    with engine.begin() as connection:
        steps.up(connection, HEAD)
    with engine.connect() as connection:
        driver: Any = connection.connection.driver_connection
        image: bytes = driver.serialize()
    engine.dispose()
    return image
