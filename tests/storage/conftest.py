"""A database with nothing in it, not even a table, on either kind."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.contracts.postgres import Postgres


@pytest.fixture(params=["sqlite", "postgres"])
def server(request: pytest.FixtureRequest) -> Postgres | None:
    found: Postgres | None = request.getfixturevalue("postgres") if request.param == "postgres" else None
    return found


@pytest.fixture
async def empty(server: Postgres | None, tmp_path: Path) -> AsyncIterator[str]:
    if server is None:
        yield f"sqlite:///{tmp_path}/folkmoot.db"
        return
    url = await server.empty()
    yield url
    await server.drop(url)
