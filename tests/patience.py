"""How long tests wait for what surely comes. Nothing is timed by it: a busy machine may take its time."""

import asyncio
from collections.abc import Callable

PATIENCE = 60.0
"""Seconds."""


async def until(holds: Callable[[], object], what: str = "it never came about", every: float = 0.02) -> None:
    """Looks again `every` so many seconds, until something holds; fails the test where it never does."""
    ends = asyncio.get_running_loop().time() + PATIENCE
    while not holds():
        assert asyncio.get_running_loop().time() < ends, f"waited {PATIENCE:.0f} s in vain: {what}"
        await asyncio.sleep(every)
