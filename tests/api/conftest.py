"""The stage of the desk, and programs that come to it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.desk.stage import Stage, staged


@pytest.fixture
async def stage(migrated_copy: Path) -> AsyncIterator[Stage]:
    async with staged(migrated_copy) as stage:
        yield stage
