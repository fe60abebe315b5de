"""What there is to be measured, in which order, and in what sizes: those of a run that is over in ten minutes."""

from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

from bench import desk, growth, lanes, ledger, memory, pace, planning, replies, sealing, sends, start, story, turns
from bench.databases import Ground
from bench.growth import Point
from bench.measuring import Result


@dataclass(frozen=True, slots=True)
class Sizes:
    """`broadcast`: members of the one that is planned and waits in a lane; `meanwhile`: of the one that goes out while
    replies are timed; `entries`: of the ledger and of what is sealed and looked up in it; `answers`: to one
    consultation, while pages are timed."""

    broadcast: int = 1_000_000
    meanwhile: int = 100_000
    entries: int = 12_000
    answers: int = 100_000
    seconds: float = 1.0
    """By which every span of time is stretched."""

    @property
    def grown(self) -> Sequence[int]:
        """Up to the broadcast, for growth goes on with it."""
        return *(size for size in growth.SIZES if size < self.broadcast), self.broadcast


@dataclass
class Measured:
    results: list[Result] = field(default_factory=list)
    points: list[Point] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)


Part = Callable[[Ground, Sizes, Measured], Coroutine[None, None, None]]


def _part(measure: Callable[[Ground, Sizes], Coroutine[None, None, list[Result]]]) -> Part:
    async def run(ground: Ground, sizes: Sizes, measured: Measured) -> None:
        measured.results += await measure(ground, sizes)

    return run


async def _grow(ground: Ground, sizes: Sizes, measured: Measured) -> None:
    points = await growth.points(ground, sizes.grown)
    measured.points += points
    measured.results += growth.results(points)


async def _seal(ground: Ground, sizes: Sizes) -> list[Result]:
    async with await ground.database() as database:
        return await sealing.measure(database, sizes.entries, blocks=1, rest=5.0 * sizes.seconds)


async def _look_up(ground: Ground, sizes: Sizes) -> list[Result]:
    async with AsyncExitStack() as stack:
        few, many = [await stack.enter_async_context(await ground.database()) for _ in range(2)]
        return await story.measure(few, many, (max(sizes.entries // 100, 20), sizes.entries), blocks=6, lookups=200)


PARTS: Mapping[str, Part] = {
    "start": _part(lambda ground, _: start.measure(ground)),
    "turns": _part(lambda ground, sizes: turns.measure(ground, seconds=1.5 * sizes.seconds)),
    "sends": _part(lambda ground, sizes: sends.measure(ground, seconds=1.5 * sizes.seconds)),
    "pace": _part(lambda ground, sizes: pace.measure(ground, 10.0 * sizes.seconds)),
    "replies": _part(lambda ground, sizes: replies.measure(ground, sizes.meanwhile, 15.0 * sizes.seconds)),
    "lanes": _part(lambda ground, _: lanes.measure(ground)),
    "planning": _part(lambda ground, sizes: planning.measure(ground, sizes.broadcast)),
    "memory": _part(lambda ground, sizes: memory.measure(ground, sizes.broadcast, seconds=6.0 * sizes.seconds)),
    "growth": _grow,
    "sealing": _part(_seal),
    "story": _part(_look_up),
    "desk": _part(lambda ground, sizes: desk.measure(ground, sizes.answers)),
}
"""Those that need a database. Memory and growth go on with what planning left."""
ALONE = ("desk",)
"""Those that take a minute or two, and are for whoever asks for them by name."""


def in_memory(sizes: Sizes) -> list[Result]:
    """What needs no database: the ledger's own work."""
    return ledger.measure(sizes.entries, blocks=5)
