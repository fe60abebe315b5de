"""Rehearsals: the real conversation, store, outbox, planning and judging, over a database in memory and a clock that
the script moves. What would be sent is listened to, and then everything is thrown away."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Self

from core.bodies import Bodies, Topic
from core.consultations import Consultation
from core.nudges import Manners
from core.ports import Store
from core.rehearsals import Rehearse, Rehearsed, Script
from core.texts import load_texts
from folkmoot.props import House
from storage.scratch import Scratch

AT_ONCE = 2
"""Rehearsals of one process at a time; others wait, for members are talking meanwhile."""


class Rehearsals:
    """Holds nothing of any rehearsal from one to the next; only the room that it is played in is kept."""

    def __init__(self, public_url: str, timezone: str, manners: Manners) -> None:
        self._house = House(load_texts(), manners, public_url, timezone)
        self._turns, self._free = asyncio.Semaphore(AT_ONCE), list[Scratch]()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        while self._free:
            await self._free.pop().close()

    def among(self, store: Store) -> Rehearse:
        """With the bodies and topics that this store has."""

        async def rehearse(consultation: Consultation, script: Script) -> Rehearsed:
            return await self.play(consultation, await store.bodies(), await store.topics(), script)

        return rehearse

    async def play(
        self, consultation: Consultation, bodies: Bodies, topics: Sequence[Topic], script: Script
    ) -> Rehearsed:
        from folkmoot.playing import Play  # and with it a scheduler, loaded once something is rehearsed

        async with self._room() as database:
            return await Play(self._house, database, consultation, script).play(bodies, topics)

    @asynccontextmanager
    async def _room(self) -> AsyncIterator[Scratch]:
        """Closed, and not used again, where anything goes wrong in it."""
        async with self._turns, AsyncExitStack() as broken:
            database = self._free.pop() if self._free else Scratch()
            broken.push_async_callback(database.close)
            await database.begin_again()
            yield database
            broken.pop_all()
            self._free.append(database)
