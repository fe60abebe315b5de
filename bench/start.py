"""A cold start: from the start of the process until it serves, against the smallest FastAPI app there is.

**Ours** is `folkmoot web` over a database that is up to date, until the first 200 of `/healthz`. **The floor** is
`bare` over uvicorn in the same Python, until the same. Which starts first changes each time; what both read from the
disk was read before.
"""

from statistics import median
from time import perf_counter

from bench.databases import Ground
from bench.measuring import Ratio, Result, Target, turns
from bench.processes import Program, answering, house

TARGET = Target(most=3.0)
HEALTH = "/healthz"
SETTINGS = {"SECRET_KEY": "the same each time"}


async def measure(ground: Ground, times: int = 5) -> list[Result]:
    url = await ground.url()
    took: dict[str, list[float]] = {"ours": [], "floor": []}
    for number in range(-1, times):  # the first time both find their files cold
        for who in turns(number, *took):
            seconds = await (_ours(ground, url) if who == "ours" else _bare())
            if number >= 0:
                took[who].append(seconds)
    ours, bare = took["ours"], took["floor"]
    return [
        Result(
            "from its start until it serves", median(ours), "s", median(bare), "bare FastAPI over uvicorn",
            Ratio.of(ours, bare), TARGET, ground.kind.written,
        )
    ]  # fmt: skip


async def _bare() -> float:
    begun = perf_counter()
    program = Program("bench.bare")
    try:
        await answering(program.port, program.process, HEALTH)
        return perf_counter() - begun
    finally:
        program.end()


async def _ours(ground: Ground, url: str) -> float:
    async with house(ground.folder(), DATABASE_URL=url, **SETTINGS) as built:
        begun = perf_counter()
        await answering(built.port, built.start("web"), HEALTH)
        return perf_counter() - begun
