"""What takes long to count is counted once a minute at the most, and what doesn't is never old."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event

from core.deliveries import DeliveryState
from storage.database import Database
from storage.health import KEPT, TAKES_LONG, Counts, Watch
from tests.contracts.rooms import ADA, NOON, over, reply

SECOND = timedelta(seconds=1)
COUNTED = Counts(NOON, {DeliveryState.SENT: 1}, {}, took=TAKES_LONG * 2)


@pytest.mark.parametrize("passed", [timedelta(), KEPT - SECOND, SECOND - KEPT])
def test_a_count_that_took_long_is_good_for_a_minute(passed: timedelta) -> None:
    assert COUNTED.are_good(NOON + passed)


@pytest.mark.parametrize("passed", [KEPT, -KEPT, timedelta(days=1)])
def test_no_count_is_good_for_longer_also_where_the_clock_went_back(passed: timedelta) -> None:
    assert not COUNTED.are_good(NOON + passed)


def test_a_quick_count_is_made_anew_each_time() -> None:
    assert not replace(COUNTED, took=TAKES_LONG / 2).are_good(NOON)


async def test_what_is_read_on_sqlite_goes_along_the_indexes_that_are_meant(sqlite_database: Database) -> None:
    """Not so, a look would take seconds where there are a million deliveries; with a handful nobody notices."""
    rooms = over(sqlite_database)
    await rooms.turn(ADA, posts=[reply(ADA)])
    plans: list[str] = []
    async with sqlite_database.reading() as connection:
        seen: list[tuple[str, Any]] = []
        sync = connection.sync_connection
        assert sync is not None
        event.listen(sync, "before_cursor_execute", lambda *given: seen.append((given[2], given[3])))
        await Watch().health(connection, NOON)
        for statement, values in list(seen):
            if statement.startswith("SELECT") and "FROM delivery" in statement:
                rows = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
                plans += [row[-1] for row in rows]
    assert plans
    assert not [plan for plan in plans if plan.startswith("SCAN delivery") and "INDEX" not in plan]
    assert any("ix_delivery_spent" in plan for plan in plans)
    assert not [plan for plan in plans if "sqlite_autoindex_delivery" in plan]
