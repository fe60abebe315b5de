"""Story lookup: how long an idea and its receipt take to be found among very many entries, against among a few.

**A lookup** is `SqlStore.idea(code)`, the idea with its whole story, or `SqlLedger.receipt(code)`, the story with the
proof of each entry under the latest seal: from the call to the value, over a warm connection. Codes are drawn by lot
out of all that there are. Both databases are of one kind and on one machine; everything is sealed. The entries of one
story lie far apart in the table and in the log, as they do in life. They take turns every few lookups, and a
ratio is of the p95 of a block in each. The first block warms them up and doesn't count.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from random import Random
from time import perf_counter

from sqlalchemy import text

from bench.measuring import Ratio, Result, Target, Wrong, milliseconds, p95, turns
from bench.stories import SINCE, Told, fill
from storage.database import Database
from storage.ledger import SqlLedger
from storage.store import SqlStore

TARGET = Target(most=1.5)
PAGE = 5_000
"""Entries sealed in one transaction while the databases are filled; nobody waits."""

AT_A_TIME = 25

Lookup = Callable[[str], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Record:
    """A database with so many entries, all sealed."""

    database: Database
    codes: Sequence[str]

    @property
    def lookups(self) -> dict[str, Lookup]:
        return {"an idea": SqlStore(self.database).idea, "a receipt": SqlLedger(self.database).receipt}


async def measure(
    few: Database,
    many: Database,
    entries: tuple[int, int] = (1_000, 100_000),
    blocks: int = 10,
    lookups: int = 500,
    told: Told = lambda *_: None,
) -> list[Result]:
    records = {"few": await _record(few, entries[0], told), "many": await _record(many, entries[1], told)}
    dice = Random(1)  # noqa: S311  # codes drawn by lot, the same in every run
    results: list[Result] = []
    for what in records["few"].lookups:
        timed = [await _block(what, records, dice, lookups) for _ in range(1 + blocks)][1:]
        few_s, many_s = ([block[who] for block in timed] for who in ("few", "many"))
        results.append(_results(what, "SQLite" if few.is_sqlite else "PostgreSQL", entries, few_s, many_s))
    return results


async def _block(what: str, records: dict[str, Record], dice: Random, lookups: int) -> dict[str, list[float]]:
    """So many lookups in each, a few at a time: a moment in which the machine is busy shall meet both."""
    seconds: dict[str, list[float]] = {who: [] for who in records}
    for turn in range(-(-lookups // AT_A_TIME)):
        for who in turns(turn, *records):
            codes = dice.choices(records[who].codes, k=min(AT_A_TIME, lookups))
            seconds[who] += await _timed(records[who].lookups[what], codes)
    return seconds


async def _record(database: Database, entries: int, told: Told) -> Record:
    codes = await fill(database, entries, told=told)
    ledger, size = SqlLedger(database, PAGE, rests=0), 0
    while size < entries:
        seal = await ledger.seal(SINCE, 10 * PAGE)
        if seal is None:
            raise Wrong("not everything that waited was sealed")
        size = seal.size
        told("sealed", size)
    async with database.writing() as connection:
        await connection.execute(text("ANALYZE"))  # PostgreSQL would in a minute by itself
    return Record(database, codes)


async def _timed(lookup: Lookup, codes: Sequence[str]) -> list[float]:
    seconds = []
    for code in codes:
        begun = perf_counter()
        found = await lookup(code)
        seconds.append(perf_counter() - begun)
        if found is None:
            raise Wrong(f"nothing was found under {code}")
    return seconds


def _results(
    what: str, where: str, entries: tuple[int, int], few: Sequence[Sequence[float]], many: Sequence[Sequence[float]]
) -> Result:
    ratio = Ratio.of([p95(block) for block in many], [p95(block) for block in few])
    ours, against = ([one for block in blocks for one in block] for blocks in (many, few))
    name, among = f"finding {what} among {entries[1]:,} entries", f"among {entries[0]:,} ({milliseconds(against)})"
    return Result(name, p95(ours) * 1000, "ms", p95(against) * 1000, among, ratio, TARGET, where, milliseconds(ours))
