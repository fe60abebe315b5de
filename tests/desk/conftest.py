"""The stage of the desk, for each test anew."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.desk.stage import Stage, staged


@pytest.fixture
async def stage(migrated_copy: Path) -> AsyncIterator[Stage]:
    async with staged(migrated_copy) as stage:
        yield stage
