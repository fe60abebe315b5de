"""A script is made from its seed alone, and its clock shows the same to everybody."""

import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.chaos.clock import Hands, ShiftedClock
from tests.chaos.script import OF_POSTGRES, OF_SQLITE, PLATFORM, Blow, Deed, write_script
from tests.house.processes import ROOT

SEEDS = range(1, 41)


@pytest.mark.parametrize("database", ["sqlite", "postgres"])
def test_the_same_seed_gives_the_same_script_in_another_process_too(database: str) -> None:
    scripts = [write_script(seed, database) for seed in SEEDS]
    assert scripts == [write_script(seed, database) for seed in SEEDS]
    assert len({script.lines().__next__() + repr(script) for script in scripts}) == len(SEEDS)
    told = f"from tests.chaos.script import write_script\nprint('\\n'.join(write_script(7, '{database}').lines()))"
    other = subprocess.run([sys.executable, "-c", told], cwd=ROOT, capture_output=True, text=True, check=True)
    assert other.stdout.splitlines() == list(write_script(7, database).lines())


def test_over_a_few_seeds_everything_that_can_happen_does() -> None:
    for database, own in (("sqlite", OF_SQLITE), ("postgres", OF_POSTGRES)):
        scripts = [write_script(seed, database) for seed in SEEDS]
        assert {one.blow for script in scripts for one in script.calamities} == {*own, *PLATFORM, Blow.CLOCK}
        assert {act.deed for script in scripts for part in script.parts for act in part.acts} == set(Deed)
        assert any(one.by < 0 for script in scripts for one in script.calamities), "a clock put right"


def test_whatever_is_done_is_done_in_order_and_within_the_time() -> None:
    for seed in SEEDS:
        script = write_script(seed, "sqlite")
        for part in script.parts:
            times = [act.at for act in part.acts]
            assert times == sorted(times)
            assert part.early or part.acts[0].deed is Deed.JOIN
        assert all(0 <= one.at <= script.lasts + 3 for one in script.calamities)


def test_every_process_reads_the_clock_that_the_driver_moves(tmp_path: Path) -> None:
    hands = Hands(tmp_path / "clock.txt", begins := datetime(2027, 3, 27, 20, 59, tzinfo=UTC))
    clock = ShiftedClock(hands.file)
    assert timedelta() <= clock.now() - begins < timedelta(minutes=1)
    hands.move(-3600)
    assert timedelta(hours=-1) <= clock.now() - begins < timedelta(minutes=-59)
    hands.move_to(later := datetime(2027, 3, 28, 8, tzinfo=UTC))
    assert timedelta() <= clock.now() - later < timedelta(minutes=1)
    assert hands.shown(time.time(), within=60.0)[0] < begins < later <= hands.shown(time.time(), within=60.0)[-1]
    assert len(hands.shown(time.time(), within=0.0)) == 1
