"""What was collected in a consultation and may be read by anybody: its ideas, in pages, and how many stand where."""

from collections.abc import Mapping

from sqlalchemy import ColumnElement, func, select

from core.ideas import Idea
from core.standings import Stage
from storage.database import Database
from storage.ideas import read_ideas
from storage.tables import idea

_NOT_PUBLIC = (Stage.BEGUN, Stage.WITHDRAWN, Stage.UNDONE, Stage.ERASED)
"""Not put forward, or taken back, or its words are gone."""


class SqlCollected:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def ideas(self, consultation: str, limit: int, before: str = "") -> tuple[Idea, ...]:
        """The newest first; `before`: only those said before the idea with that code."""
        chosen = _readable(consultation)
        if before:
            chosen &= idea.c.id < select(idea.c.id).where(idea.c.code == before).scalar_subquery()
        async with self._database.reading() as connection:
            page = select(idea.c.id).where(chosen).order_by(idea.c.id.desc()).limit(limit)
            numbers = (await connection.scalars(page)).all()
            return await read_ideas(connection, idea.c.id.in_(numbers)) if numbers else ()

    async def stages(self, consultation: str) -> Mapping[Stage, int]:
        """How many of its ideas stand where, hidden ones among them."""
        counted = (
            select(idea.c.stage, func.count())
            .where((idea.c.consultation == consultation) & idea.c.stage.not_in([one.value for one in _NOT_PUBLIC]))
            .group_by(idea.c.stage)
        )
        async with self._database.reading() as connection:
            return {Stage(stage): count for stage, count in await connection.execute(counted)}


def _readable(consultation: str) -> ColumnElement[bool]:
    return (
        (idea.c.consultation == consultation)
        & idea.c.stage.not_in([one.value for one in _NOT_PUBLIC])
        & idea.c.is_hidden.is_(False)
    )
