"""The lookout: one look at a thing, shared by all in this process who watch it, and none sooner than looks cost."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import Generic, TypeVar

EVERY = 1.0
"""Seconds between two looks, at the least …"""

SPARINGLY = 20
"""… and looking takes no more than this part of the time."""

MOST_KEPT = 500

Seen = TypeVar("Seen")


class Lookout(Generic[Seen]):
    """`look` is asked once, however many wait for the answer, which is good until the next look is due."""

    def __init__(self, look: Callable[[str], Awaitable[Seen]], seconds: Callable[[], float] = monotonic) -> None:
        self._look, self._seconds = look, seconds
        self._seen: dict[str, tuple[Seen, float]] = {}
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._changes = 0

    async def at(self, name: str) -> Seen:
        async with self._locks[name]:
            kept = self._seen.get(name)
            if kept is not None and self._seconds() < kept[1]:
                return kept[0]
            began, changes = self._seconds(), self._changes
            seen = await self._look(name)
            took = self._seconds() - began
            if changes == self._changes:
                self._keep(name, seen, self._seconds() + max(EVERY, took * SPARINGLY))
            return seen

    def due_in(self, name: str) -> float:
        """Seconds until there can be anything new."""
        _, until = self._seen.get(name, (None, 0.0))
        return max(0.0, until - self._seconds())

    def forget(self, name: str) -> None:
        """Something was just changed: whoever looks next sees it."""
        self._changes += 1
        self._seen.pop(name, None)

    def _keep(self, name: str, seen: Seen, until: float) -> None:
        self._seen.pop(name, None)
        self._seen[name] = seen, until
        while len(self._seen) > MOST_KEPT:
            oldest = next(iter(self._seen))
            del self._seen[oldest]
            if not self._locks[oldest].locked():
                del self._locks[oldest]
