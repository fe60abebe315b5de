"""The same promises, asked of every store: memory, SQLite and PostgreSQL."""

import pytest

from tests.contracts.rooms import Rooms, in_memory, over


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def rooms(request: pytest.FixtureRequest) -> Rooms:
    if request.param == "memory":
        return in_memory()
    return over(request.getfixturevalue(f"{request.param}_database"))
