"""The floor of a turn: reads the update with the library, commits one row, answers. `python -m bench.plain PORT URL`.

FastAPI over uvicorn as we run it, `Update.de_json`, and one row committed through SQLAlchemy in the plainest way that
holds: on SQLite over one connection (more would wait for each other in its busy handler, which is slower), with the log
written as safely as ours.
"""

import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import telegram
import uvicorn
from fastapi import FastAPI, Request, Response
from sqlalchemy import BigInteger, Column, DateTime, Integer, MetaData, Table, Text, event, func, insert, make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

metadata = MetaData()
update = Table(
    "plain_update",
    metadata,
    Column("id", BigInteger().with_variant(Integer(), "sqlite"), primary_key=True, autoincrement=False),
    Column("sender", BigInteger, nullable=False),
    Column("words", Text),
    Column("at", DateTime(timezone=True), nullable=False, server_default=func.now()),
)


def engine_for(address: str) -> AsyncEngine:
    url = make_url(address)
    if url.get_backend_name() != "sqlite":
        return create_async_engine(url.set(drivername="postgresql+asyncpg"), pool_size=20)
    engine = create_async_engine(url.set(drivername="sqlite+aiosqlite"), pool_size=1, max_overflow=0)

    @event.listens_for(engine.sync_engine, "connect")
    def set_up(connection: Any, _: object) -> None:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")

    return engine


def app_over(engine: AsyncEngine) -> FastAPI:
    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with engine.begin() as connection:
            await connection.run_sync(metadata.create_all)
        yield
        await engine.dispose()

    app = FastAPI(lifespan=lifespan, openapi_url=None)

    @app.post("/telegram/webhook")
    async def take(request: Request) -> Response:
        read = telegram.Update.de_json(json.loads(await request.body()), None)
        sender, message = read.effective_user, read.effective_message
        row = {"id": read.update_id, "sender": sender.id if sender else 0, "words": message.text if message else None}
        async with engine.begin() as connection:
            await connection.execute(insert(update), row)
        return Response()

    return app


if __name__ == "__main__":
    app = app_over(engine_for(sys.argv[2]))
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="warning", access_log=False)
