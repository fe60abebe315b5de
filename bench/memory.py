"""The memory of a worker with very many rows in its lane, against one with a few.

Real `folkmoot worker` processes, each over a database of its own in which so many deliveries are planned on the one
lane, send to a server that takes everything (`quick`), at the pace that the platform allows. The resident set is
what the operating system says, at its highest within so many seconds after the first message.
"""

import asyncio
import json
from pathlib import Path

from sqlalchemy import func, select

from bench.crowds import TELEGRAM, Crowd, gather
from bench.databases import Ground
from bench.measuring import Ratio, Result, Target, Wrong
from bench.planning import plan
from bench.processes import PATIENCE, ask, house, running
from bench.turns import settings_for
from storage.database import Database
from storage.outgoing import delivery

TARGET = Target(most=1.2)
MEGABYTE = 1024 * 1024


async def measure(ground: Ground, members: int = 1_000_000, few: int = 1_000, seconds: float = 6.0) -> list[Result]:
    """Goes on with the database that planning left, where there is one."""
    many = ground.planned.url if ground.planned else await _planned(ground, members, varied=True)
    small = await _planned(ground, few)
    waiting, waiting_few = await _waiting(many), await _waiting(small)
    if waiting <= waiting_few:
        raise Wrong(f"{waiting} deliveries wait in the full lane, and {waiting_few} in the other")
    sizes = [await _resident(ground, url, seconds) for url in (small, many)]
    return [
        Result(
            f"memory of a worker with {waiting:,} deliveries waiting", sizes[1] / MEGABYTE, "MB", sizes[0] / MEGABYTE,
            f"with {waiting_few:,}", Ratio.of([sizes[1]], [sizes[0]]), TARGET, ground.kind.written,
        )
    ]  # fmt: skip


async def _planned(ground: Ground, members: int, varied: bool = False) -> str:
    url = await ground.url()
    async with Database(url) as database:
        await gather(database, Crowd(members, varied=varied))
        await plan(database)
    return url


async def _waiting(url: str) -> int:
    planned = select(func.count()).where(delivery.c.state == "planned", delivery.c.account == TELEGRAM)
    async with Database(url) as database, database.reading() as connection:
        return await connection.scalar(planned) or 0


async def _resident(ground: Ground, url: str, seconds: float) -> int:
    """Bytes."""
    async with running("bench.quick") as server, house(ground.folder(), **settings_for(url, server.url)) as built:
        worker = built.start("worker")
        loop = asyncio.get_running_loop()
        late, ends, most = loop.time() + PATIENCE, None, 0
        while ends is None or loop.time() < ends:
            taken = json.loads(await ask(server.port, "/taken"))["result"]["taken"]
            if taken and ends is None:
                ends = loop.time() + seconds
            if worker.poll() is not None or (not taken and loop.time() > late):
                raise Wrong(f"the worker sent nothing:\n{built.log()}")
            most = max(most, resident(worker.pid))
            await asyncio.sleep(0.2)
        if taken < seconds * 10:
            raise Wrong(f"the worker sent {taken} messages in {seconds:g} s")
    return most


def resident(process: int) -> int:
    """Bytes, as Linux tells it."""
    lines = Path(f"/proc/{process}/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmRSS:"))
