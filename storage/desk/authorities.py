"""What somebody may do as it stands now, for whoever acts at the desk or in whose name a program does."""

from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncConnection

from core.authority import Authority
from storage import bodies
from storage.arrangements import NUMBERED, Arrangements
from storage.senders import MEMBER, read_member
from storage.tables import member


class Authorities:
    """`timezone`: the organisation's own."""

    def __init__(self, timezone: str = "UTC") -> None:
        self._timezone, self._arrangements = timezone, Arrangements()

    async def of(self, connection: AsyncConnection, number: int) -> Authority:
        row = (await connection.execute(select(*MEMBER).where(member.c.id == number))).one()
        return await self.read(connection, row)

    async def read(self, connection: AsyncConnection, row: Row[*tuple[Any, ...]]) -> Authority:
        """Of the member whose columns stand in the row."""
        arranged = self._arrangements.at(await connection.scalar(NUMBERED))
        known = await arranged.bodies(connection, self._timezone)
        return Authority.of(read_member(row), await bodies.offices_of(connection, row.id), known)
