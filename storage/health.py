"""How the whole service is, read from what every process writes."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from core.health import Health, LaneHealth
from storage.outgoing import lane


async def health(connection: AsyncConnection, now: datetime) -> Health:
    rows = (await connection.execute(select(lane).order_by(lane.c.account))).all()
    lanes = (
        LaneHealth(
            row.account,
            row.owner,
            row.until,
            row.rate or 0.0,
            free_at=row.free_at,
            trouble=row.trouble or "",
            trouble_at=row.trouble_at,
        )
        for row in rows
    )
    return Health(tuple(lanes))
