"""Databases for tests: a migrated SQLite file, and a real PostgreSQL that lives as long as the run."""

import logging
import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from shutil import copy

import pytest
from hypothesis import settings

from storage.database import Database
from tests.contracts.postgres import Postgres, migrated, running

settings.register_profile("unhurried", deadline=None)  # nothing is timed in a test: a busy machine is no fault of ours
settings.load_profile("unhurried")


def pytest_xdist_auto_num_workers() -> int:
    """Half as many again as there are cores: tests with processes of their own wait for them much of the time."""
    return (os.cpu_count() or 1) * 3 // 2


HEAVY = {"bench", "browser", "chaos", "deploy", "house"}
"""Folders of tests that start processes or a browser."""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The heavy files come evenly among the others, so that they seldom want the same core at the same time."""
    files: dict[Path, list[pytest.Item]] = {}
    for item in items:
        files.setdefault(item.path, []).append(item)
    heavy = [file for file in files if file.parent.name in HEAVY]
    light = [file for file in files if file.parent.name not in HEAVY]
    turn = {file: place / len(some) for some in (heavy, light) for place, file in enumerate(some)}
    items[:] = [item for file in sorted(files, key=turn.__getitem__) for item in files[file]]


@pytest.fixture(autouse=True)
def our_log_is_heard() -> Iterator[None]:
    """A test that leaves our log deaf to warnings would be found out by another, in the same process, much later."""
    yield
    assert logging.getLogger("folkmoot").isEnabledFor(logging.WARNING)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """Stopped at the end of the run, and also where the run is killed."""
    with running() as server:
        yield server


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Copied rather than migrated anew for each test."""
    file = tmp_path_factory.mktemp("sqlite") / "migrated.db"
    migrated(f"sqlite:///{file}")
    return file


@pytest.fixture
def migrated_copy(tmp_path: Path, migrated_file: Path) -> Path:
    return Path(copy(migrated_file, tmp_path / "folkmoot.db"))


@pytest.fixture
async def sqlite_database(migrated_copy: Path) -> AsyncIterator[Database]:
    async with Database(f"sqlite:///{migrated_copy}") as database:
        yield database


@pytest.fixture
async def postgres_database(postgres: Postgres) -> AsyncIterator[Database]:
    url = await postgres.fresh()
    async with Database(url) as database:
        yield database


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest) -> Database:
    found: Database = request.getfixturevalue(f"{request.param}_database")
    return found
