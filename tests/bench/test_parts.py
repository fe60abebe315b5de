"""Each part of the benchmark in a size that is over in seconds: it runs, checks its own work, and reports; how quick
anything is, is not asked here. Real processes are started where the part starts them."""

from pathlib import Path

import pytest

from bench import lanes, memory, pace, planning, replies, sends, start, turns
from bench.databases import Ground, Kind
from bench.growth import points
from bench.growth import results as of_growth
from bench.measuring import Result
from tests.contracts.postgres import Postgres

MANY = 2_000


@pytest.fixture
def on_sqlite(tmp_path: Path) -> Ground:
    return Ground(Kind.SQLITE, tmp_path)


@pytest.fixture
def on_postgres(tmp_path: Path, postgres: Postgres) -> Ground:
    return Ground(Kind.POSTGRES, tmp_path, postgres)


@pytest.fixture(params=list(Kind))
def ground(request: pytest.FixtureRequest) -> Ground:
    found: Ground = request.getfixturevalue(f"on_{request.param.value}")
    return found


def are_told(results: list[Result], where: str) -> bool:
    return all(one.name and one.value >= 0 and one.database == where for one in results)


async def test_turns_are_counted_on_both_sides_and_forged_calls_are_refused(on_sqlite: Ground) -> None:
    results = await turns.measure(on_sqlite, blocks=1, seconds=0.4, members=400)
    ours, together, forged = results
    assert are_told(results, "SQLite")
    assert ours.value > 0
    assert ours.ratio is not None
    assert together.value > 0
    assert forged.ratio is not None


async def test_planning_leaves_a_planned_database_with_which_memory_and_growth_go_on(ground: Ground) -> None:
    [planned] = await planning.measure(ground, MANY, page=100)
    assert are_told([planned], ground.kind.written)
    assert ground.planned is not None
    assert ground.planned.members == MANY
    found = await points(ground, (1_000, MANY), times=10)
    assert ground.planned is None, "it is used up"
    assert len(found) == 8
    assert all(point.cost > 0 for point in found)
    grown = of_growth(found)
    assert [one.name.partition(",")[0] for one in grown] == [
        "planning a member", "claiming a delivery", "a turn", "finding a story",
    ]  # fmt: skip


async def test_a_workers_memory_is_read_while_it_sends(on_sqlite: Ground) -> None:
    results = await memory.measure(on_sqlite, MANY, few=300, seconds=1.0)
    assert are_told(results, "SQLite")
    assert results[0].value > 10


async def test_sends_are_recorded_and_taken(ground: Ground) -> None:
    ours, speed = await sends.measure(ground, blocks=1, seconds=0.4, members=MANY)
    assert are_told([ours, speed], ground.kind.written)
    assert ours.ratio is not None
    assert ours.value == speed.value > 0


async def test_the_pace_is_measured_where_it_is_kept(on_sqlite: Ground) -> None:
    achieved, refused = await pace.measure(on_sqlite, seconds=1.0)
    assert 0 < achieved.value <= 30
    assert refused.value == 0


async def test_replies_are_timed_until_they_arrive(on_sqlite: Ground) -> None:
    reply, invitations = await replies.measure(on_sqlite, members=1_000, seconds=5.0, rate=3.0, least=0.1)
    assert reply.value > 0
    assert reply.against is not None
    assert invitations.value > 0


async def test_the_lanes_of_a_killed_worker_come_back_and_the_account_is_settled(on_postgres: Ground) -> None:
    back, lost, doubled = await lanes.measure(on_postgres, lanes=3, before=0.0)
    assert back.value > 0
    assert (lost.value, doubled.value) == (0, 0)


async def test_there_is_nobody_to_take_over_lanes_on_sqlite(on_sqlite: Ground) -> None:
    assert await lanes.measure(on_sqlite) == []


async def test_a_start_is_timed_until_it_serves(on_sqlite: Ground) -> None:
    results = await start.measure(on_sqlite, times=1)
    assert are_told(results, "SQLite")
