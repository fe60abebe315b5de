"""Sealing over a database: how long a reply takes while very many entries are sealed in one tick, against without.

**A reply** is a member's `/help`, from `Conversation.receive` to its return: decided, and on disk with what goes out.
One begins every so many milliseconds whether or not those before are done, each from another member than the last, and
is timed from when it should have begun, so that waiting for the event loop counts. Sending isn't in it.

**Sealing** is `SqlLedger.seal` with everything that waits, in the same process and over the same database, as in
`folkmoot serve`. The entries are recorded before either is timed.
"""

import asyncio
from collections.abc import Awaitable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from statistics import median
from time import perf_counter

from bench.measuring import Ratio, Result, Span, Target, Wrong, milliseconds, p95
from bench.stories import Told, fill, ideas_of
from core.conversation import Conversation
from core.inbound import Commanded, Inbound
from core.members import Address
from core.places import Place
from core.texts import load_texts
from folkmoot.clockwork import SecretMint, SystemClock
from storage.database import Database
from storage.ledger import SqlLedger
from storage.store import SqlStore

EVERY = 0.05
"""Seconds between replies: twenty a second."""

PEOPLE = 50
TARGET = Target(most=3.0)


@dataclass(frozen=True, slots=True)
class Block:
    quiet: Sequence[float]
    meanwhile: Sequence[float]
    sealing: float


class Town:
    """In which people ask for help, one after the other."""

    def __init__(self, database: Database) -> None:
        self._clock = SystemClock()
        self._conversation = Conversation(SqlStore(database), self._clock, SecretMint(), load_texts())
        self._numbers = count(1)

    async def meet(self) -> None:
        for _ in range(PEOPLE):
            await self._reply(perf_counter())

    async def replies(self, until: Awaitable[None]) -> list[float]:
        """Begun one after the other, in time, until that is over."""
        over, begun, due = asyncio.ensure_future(until), [], perf_counter()
        while not over.done():
            begun.append(asyncio.create_task(self._reply(due)))
            due += EVERY
            await asyncio.sleep(due - perf_counter())
        await over
        return list(await asyncio.gather(*begun))

    async def _reply(self, due: float) -> float:
        number = next(self._numbers)
        who = Address("telegram:1", str(number % PEOPLE))
        deed = Commanded("help")
        turn = await self._conversation.receive(
            Inbound(f"bench-{number}", who, Place.private_to(who), self._clock.now(), deed)
        )
        if turn is None or not turn.says:
            raise Wrong("a reply said nothing")
        return perf_counter() - due


async def measure(
    database: Database, entries: int = 100_000, blocks: int = 3, rest: float = 10.0, told: Told = lambda *_: None
) -> list[Result]:
    """In each block so many entries are sealed in one tick, and replies are timed meanwhile, and for so many seconds
    before and after."""
    town, ledger, measured = Town(database), SqlLedger(database), []
    await town.meet()
    for block in range(blocks):
        await fill(database, entries, block * ideas_of(entries), told)
        measured.append(await _block(town, ledger, entries, (block + 1) * entries, rest))
        told("sealed", (block + 1) * entries)
    return list(_results("SQLite" if database.is_sqlite else "PostgreSQL", entries, measured))


async def _block(town: Town, ledger: SqlLedger, entries: int, size: int, rest: float) -> Block:
    sealing = Span()

    async def seal() -> None:
        with sealing:
            made = await ledger.seal(SystemClock().now(), entries)
        if made is None or made.size != size:
            raise Wrong("not everything that waited was sealed")

    before = await town.replies(asyncio.sleep(rest))
    meanwhile = await town.replies(seal())
    after = await town.replies(asyncio.sleep(rest))
    return Block(before + after, meanwhile, sealing.seconds)


def _results(where: str, entries: int, blocks: Sequence[Block]) -> Iterator[Result]:
    quiet = [one for block in blocks for one in block.quiet]
    meanwhile = [one for block in blocks for one in block.meanwhile]
    speed = entries / median(block.sealing for block in blocks)
    how = f"{milliseconds(meanwhile)}, of {len(meanwhile)}"
    without = f"when nothing is sealed ({milliseconds(quiet)})"
    for what, of, goal in (("median", median, None), ("p95", p95, TARGET)):
        ratio = Ratio.of([of(block.meanwhile) for block in blocks], [of(block.quiet) for block in blocks])
        name = f"{what} of a reply while {entries:,} entries are sealed"
        yield Result(name, of(meanwhile) * 1000, "ms", of(quiet) * 1000, without, ratio, goal, where, how)
    yield Result("entries sealed meanwhile", speed, "a second", database=where)
