"""What the organisation has arranged, kept in memory: consultations, bodies, topics. Every turn has need of some of it,
and it seldom changes.

Triggers in the database count its changes, whichever process makes them. A turn reads that number with its member, and
what was read at another number is read again.
"""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from core.bodies import Bodies, Topic
from core.consultations import Consultation
from storage import bodies, consultations
from storage.tables import arrangement

NUMBERED = select(arrangement.c.number)
NUMBER = NUMBERED.scalar_subquery()


class Arranged:
    """As of one number; each part is read when it is first asked for."""

    def __init__(self, number: int | None) -> None:
        self.number = number
        self._consultations: Mapping[str, Consultation] | None = None
        self._bodies: dict[str, Bodies] = {}
        self._topics: tuple[Topic, ...] | None = None

    async def consultations(self, connection: AsyncConnection) -> Mapping[str, Consultation]:
        """By short name."""
        if self._consultations is None:
            found = await consultations.all_consultations(connection)
            self._consultations = {one.slug: one for one in found}
        return self._consultations

    async def open_consultations(self, connection: AsyncConnection, now: datetime) -> tuple[Consultation, ...]:
        """By closing time, then short name."""
        is_open = [one for one in (await self.consultations(connection)).values() if one.is_open(now)]
        return tuple(sorted(is_open, key=lambda one: (one.closes_at is None, one.closes_at or now, one.slug)))

    async def bodies(self, connection: AsyncConnection, timezone: str) -> Bodies:
        if timezone not in self._bodies:
            self._bodies[timezone] = await bodies.all_bodies(connection, timezone)
        return self._bodies[timezone]

    async def topics(self, connection: AsyncConnection) -> tuple[Topic, ...]:
        if self._topics is None:
            self._topics = await bodies.all_topics(connection)
        return self._topics


class Arrangements:
    """One for each store."""

    def __init__(self) -> None:
        self._latest = Arranged(0)

    def at(self, number: int | None) -> Arranged:
        if number != self._latest.number:
            self._latest = Arranged(number)
        return self._latest
